//! What a call carries about the sidecars it passed, on each leg (metadata map rules; external URL).

use daptop_mesh::SidecarSettings;

use crate::support::{App, Ask, Bed, Message, Pair, Script, TOLD_ADDRESS, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";
/// What a call to another app adds.
const INTRODUCTION: [&str; 6] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "forwarded",
    "dapr-caller-namespace",
    "dapr-caller-app-id",
    "dapr-callee-app-id",
];

fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn introduction(seen: &Message) -> Vec<(&'static str, Vec<&str>)> {
    INTRODUCTION.iter().map(|name| (*name, seen.all(name))).collect()
}

#[tokio::test]
async fn a_call_to_another_app_introduces_its_caller() {
    let pair = Pair::start().await;
    pair.checkout.ask(Ask::get(ORDERS)).await;
    let seen = pair.app.seen().await;
    let host = hostname();
    let forwarded = format!("for={TOLD_ADDRESS};by={TOLD_ADDRESS};host={host}");
    let want = ["192.0.2.7", &host, &forwarded, "default", "checkout", "order-processor"];
    let want: Vec<_> = INTRODUCTION.into_iter().zip(want.map(|value| vec![value])).collect();
    assert_eq!(introduction(&seen), want);
    assert_eq!(seen.header("destination-app-id"), None, "it is for the sidecars alone");
}

#[tokio::test]
async fn what_others_forwarded_before_is_kept() {
    let pair = Pair::start().await;
    let asked = Ask::get(ORDERS)
        .header("X-Forwarded-For", "198.51.100.1")
        .header("X-Forwarded-Host", "shop.example")
        .header("Forwarded", "for=198.51.100.1");
    pair.checkout.ask(asked).await;
    let seen = pair.app.seen().await;
    let all = |name| seen.all(name).join(", ");
    assert_eq!(all("x-forwarded-for"), format!("198.51.100.1, {TOLD_ADDRESS}"));
    assert_eq!(all("x-forwarded-host"), format!("shop.example, {}", hostname()));
    assert!(all("forwarded").starts_with("for=198.51.100.1, for=192.0.2.7;by="), "{}", all("forwarded"));
}

#[tokio::test]
async fn an_address_of_ipv6_is_quoted_where_it_is_forwarded() {
    let app = App::start(Script::default()).await;
    let bed = Bed::new();
    let _processor = bed.start_ready(settings("order-processor", app.port)).await;
    let told = SidecarSettings { host_address: Some("2001:db8::1".to_owned()), ..settings("checkout", None) };
    bed.start_ready(told).await.ask(Ask::get(ORDERS)).await;
    let seen = app.seen().await;
    assert_eq!(seen.header("x-forwarded-for"), Some("2001:db8::1"));
    let want = format!(r#"for="[2001:db8::1]";by="[2001:db8::1]";host={}"#, hostname());
    assert_eq!(seen.header("forwarded"), Some(want.as_str()));
}

#[tokio::test]
async fn a_call_to_oneself_introduces_nobody() {
    let pair = Pair::start().await;
    pair.processor.ask(Ask::get(ORDERS)).await;
    let seen = pair.app.seen().await;
    assert!(introduction(&seen).iter().all(|(_, values)| values.is_empty()), "{:?}", seen.headers);
}

#[tokio::test]
async fn a_false_introduction_passes_as_measured_next_to_the_true_one_where_there_is_one() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        node.ask(Ask::get(ORDERS).header("Dapr-Caller-App-Id", "evil")).await;
        let seen = pair.app.seen().await;
        let mut callers = seen.all("dapr-caller-app-id");
        callers.sort_unstable();
        let want: &[&str] = if leg == "local" { &["evil"] } else { &["checkout", "evil"] };
        assert_eq!(callers, want, "{leg}");
    }
}

#[tokio::test]
async fn a_call_to_a_url_introduces_nobody_and_carries_the_apps_token() {
    let pair = Pair::with(|settings| settings.app_api_token = Some("for-the-app".to_owned())).await;
    let other = App::start(Script::default().header("X-From", "outside")).await;
    let rows = [
        ("literal", "http://127.0.0.1:PORT", "/a/b?c=d"),
        ("encoded", "http%3A%2F%2F127.0.0.1:PORT", "/a/b?c=d"),
        ("half encoded", "http%3A/%2F127.0.0.1:PORT", "/a/b?c=d"),
        ("with a path", "http%3A%2F%2F127.0.0.1:PORT%2Fbase", "/base/a/b?c=d"),
    ];
    for (form, url, path) in rows {
        let url = url.replace("PORT", &other.port.to_string());
        let target = format!("/v1.0/invoke/{url}/method/a/b?c=d");
        let answer = pair.checkout.ask(Ask::post(&target, "hello").header("Content-Type", "text/plain")).await;
        assert_eq!((answer.status(), answer.header("x-from")), (200, Some("outside")), "{form}");
        let seen = other.seen().await;
        assert_eq!((seen.method(), seen.target(), seen.text().as_str()), ("POST", path, "hello"), "{form}");
        assert!(introduction(&seen).iter().all(|(_, values)| values.is_empty()), "{form}: {:?}", seen.headers);
        assert_eq!(seen.header("dapr-api-token"), Some("for-the-app"), "{form}");
        assert_eq!(seen.header("host"), Some(format!("127.0.0.1:{}", other.port).as_str()), "{form}");
    }
}

#[tokio::test]
async fn a_url_that_redirects_is_not_followed() {
    let pair = Pair::start().await;
    let other = App::start(Script::bare(307).header("Location", "/elsewhere")).await;
    let answer = pair.checkout.ask(Ask::get(&format!("/v1.0/invoke/http://127.0.0.1:{}/method/a", other.port))).await;
    assert_eq!((answer.status(), answer.header("location")), (307, Some("/elsewhere")));
    assert_eq!(other.take_seen().len(), 1);
}
