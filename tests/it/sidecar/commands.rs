//! The commands of daptop find a sidecar as they find a run.

use super::bed::{RUNNING, http, start};
use crate::control::app::{Orders, post};
use crate::run::daptop::{World, wait_until};

fn daptop(world: &World, args: &[&str]) -> (Option<i32>, String, String) {
    let output = world.command(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_sidecar_is_listed_without_a_command_line_of_its_own_and_stopped() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one"]);
    let (_, out, _) = daptop(&world, &["list", "-o", "json"]);
    let apps: serde_json::Value = serde_json::from_str(&out).unwrap();
    let pid = sidecar.pid().as_raw_nonzero().get();
    for (key, expected) in [
        ("appId", "one".into()),
        ("httpPort", http(&sidecar).into()),
        ("appPort", 0.into()),
        ("daprdPid", pid.into()),
        ("cliPid", 0.into()),
        ("appPid", 0.into()),
        ("command", serde_json::Value::from("")),
    ] {
        assert_eq!(apps[0][key], expected, "{key}");
    }
    let stopped = daptop(&world, &["stop", "--app-id", "one"]);
    assert_eq!(stopped, (Some(0), "✅  app stopped successfully: one\n".to_owned(), String::new()));
    let ended = sidecar.end();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.out.contains("Shutdown requested by a command of daptop"), "{}", ended.out);
}

#[test]
fn a_sidecar_is_restarted_in_its_process() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one"]);
    let restarted = daptop(&world, &["restart", "--app-id", "one"]);
    assert_eq!(restarted, (Some(0), "✅  app restarted successfully: one\n".to_owned(), String::new()));
    wait_until("the second start", || sidecar.out().matches(RUNNING).count() == 2);
    sidecar.stop();
}

#[test]
fn the_calls_of_a_sidecar_are_listed_and_shown() {
    let world = World::new();
    let app = Orders::serve().port.to_string();
    let sidecar = start(&world, &["--app-id", "orders", "--app-port", &app]);
    let status = post(http(&sidecar), "/v1.0/invoke/orders/method/orders", "", "{}");
    assert_eq!(status, "HTTP/1.1 200 OK");
    let mut out = String::new();
    wait_until("the call", || {
        out = daptop(&world, &["calls", "-o", "json"]).1;
        out.contains("\"answered\"")
    });
    let call: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!([&call["from"], &call["to"], &call["path"]], ["orders", "orders", "/orders"]);
    let (code, page, err) = daptop(&world, &["show", &call["id"].to_string()]);
    assert!(code == Some(0) && page.contains("POST /orders"), "{page}{err}");
}
