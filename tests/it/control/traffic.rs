//! `calls`, `show` and `invoke` on a run with traffic.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use super::app::{Orders, post};
use super::user::{Running, User, until};

/// checkout and order-processor, and what is needed to send calls from the one to the other.
pub(super) struct Shop {
    pub(super) user: User,
    run: Running,
    checkout_port: u16,
}

impl Shop {
    pub(super) fn open() -> Self {
        let user = User::new();
        let port = Orders::serve().port;
        let file = format!(
            "version: 1\napps:\n  - appID: order-processor\n    appDirPath: .\n    appPort: {port}\n    command: [sleep, '600']\n  \
             - appID: checkout\n    appDirPath: .\n    command: [sleep, '600']\n"
        );
        std::fs::write(user.folder().join("dapr.yaml"), file).unwrap();
        let run = user.run(&["run", "-f", "."], &["order-processor", "checkout"]);
        let apps = user.apps();
        let checkout = apps.iter().find(|app| app["appId"] == "checkout").unwrap();
        let checkout_port = checkout["httpPort"].as_u64().unwrap() as u16;
        Self { user, run, checkout_port }
    }

    /// checkout orders; returns when the call is told as ended.
    pub(super) fn order(&self, method: &str, expected_status: &str) {
        let ended = || self.calls(&[]).iter().filter(|call| call["outcome"] == "answered").count();
        let before = ended();
        let path = format!("/v1.0/invoke/order-processor/method/{method}");
        let headers = "Content-Type: application/json\r\nAuthorization: Bearer secret\r\n";
        assert_eq!(post(self.checkout_port, &path, headers, "{\"orderId\": 1}"), expected_status);
        assert!(until(|| ended() > before), "{:?}", self.calls(&[]));
    }

    pub(super) fn calls(&self, filter: &[&str]) -> Vec<serde_json::Value> {
        let (code, out, err) = self.user.ask(&[&["calls", "-o", "json"], filter].concat());
        assert_eq!(code, 0, "{err}");
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn calls_are_listed_filtered_and_shown_whole() {
    let shop = Shop::open();
    shop.order("orders", "HTTP/1.1 200 OK");
    shop.order("nothing", "HTTP/1.1 404 Not Found");
    let calls = shop.calls(&[]);
    let seen: Vec<_> = calls.iter().map(|call| [&call["from"], &call["to"], &call["path"], &call["leg"]]).collect();
    assert_eq!(seen[0], ["checkout", "order-processor", "/orders", "in-process"]);
    assert_eq!(seen[1], ["checkout", "order-processor", "/nothing", "in-process"]);
    let (first, second) = (&calls[0], &calls[1]);
    assert_eq!((first["status"].as_u64(), second["status"].as_u64()), (Some(200), Some(404)));
    assert_eq!((first["requestBytes"].as_u64(), first["responseBytes"].as_u64()), (Some(14), Some(17)));
    assert_eq!(shop.calls(&["status:4xx"]).len(), 1, "a filter chooses");

    let (code, page, err) = shop.user.ask(&["show", &format!("#{}", first["id"])]);
    assert_eq!((code, err.as_str()), (0, ""));
    let trace = first["traceId"].as_str().unwrap();
    for part in [
        "checkout -> order-processor  POST /orders\n",
        "\n  answered 200 in ",
        "\nTiming\n  received ",
        "\n  request sent ",
        "\n  ended ",
        "\nRequest\n  POST /v1.0/invoke/order-processor/method/orders\n",
        "\nRequest body (14 bytes)\n  {\"orderId\": 1}\n",
        "\nResponse\n  200 OK\n",
        "\nResponse body (17 bytes)\n  {\"success\": true}\n",
        &format!("\nTrace {trace}\n  checkout client CallLocal/order-processor/orders "),
        "\n  `-- order-processor server CallLocal/order-processor/orders ",
    ] {
        assert!(page.contains(part), "{part:?} is not in:\n{page}");
    }
    assert!(page.to_lowercase().contains("\n  authorization: ***\n"), "{page}");
    assert!(!page.contains("Bearer"), "{page}");
    let (_, page, _) = shop.user.ask(&["show", "--no-redact", &first["id"].to_string()]);
    assert!(page.contains("Bearer secret"), "{page}");
}

#[test]
fn a_follower_sees_calls_as_they_end_and_the_end_of_the_run() {
    let shop = Shop::open();
    let mut follower = shop.user.spawn(&["calls", "-o", "json", "--follow"]);
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    shop.order("orders", "HTTP/1.1 200 OK");
    let call: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!((&call["to"], &call["outcome"]), (&"order-processor".into(), &"answered".into()));
    assert_eq!(shop.user.ask(&["stop", "-f", "."]).0, 0);
    assert!(lines.next().is_none());
    let ended = until(|| follower.try_wait().unwrap().is_some());
    assert!(ended, "the follower goes on after the end of the run");
    let ended = follower.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_follower_of_a_process_that_hangs_says_so() {
    let shop = Shop::open();
    let mut follower = shop.user.spawn(&["calls", "-o", "json", "--follow"]);
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    shop.order("orders", "HTTP/1.1 200 OK");
    assert!(lines.next().is_some(), "it follows");
    shop.run.suspend();
    assert!(until(|| follower.try_wait().unwrap().is_some()), "it waits for ever");
    let ended = follower.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(told.starts_with(&format!("❌  the daptop process {} does not answer", shop.run.pid())), "{told}");
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_follower_in_peace() {
    let shop = Shop::open();
    let mut follower = shop.user.spawn(&["calls", "--follow"]);
    drop(follower.stdout.take());
    // Each line that nobody reads can only be written once there is one.
    shop.order("orders", "HTTP/1.1 200 OK");
    assert!(until(|| follower.try_wait().unwrap().is_some()), "it did not end within {:?}", Duration::from_secs(30));
    let ended = follower.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn an_app_is_invoked_with_the_words_that_were_recorded() {
    let shop = Shop::open();
    shop.user.check_recording("invoke");
    shop.user.check_recording("invoke-404");
}
