//! `replay` on a run with traffic.

use super::traffic::Shop;

#[test]
fn a_call_is_sent_again_and_listed_beside_the_original() {
    let shop = Shop::open();
    shop.order("orders", "HTTP/1.1 200 OK");
    let (code, out, err) = shop.user.ask(&["replay", "#1", "--times", "2", "--diff"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("CALL "), "{out}");
    for number in [2, 3] {
        let row = lines.iter().position(|line| line.starts_with(&format!("#{number} "))).unwrap();
        assert!(lines[row].ends_with("POST /orders  (replay of #1)"), "{out}");
        assert_eq!(lines[row + 1], format!("  #1 -> #{number}"));
    }
    assert!(lines.contains(&"    nothing else differs"), "{out}");
    let calls = shop.calls(&[]);
    let told: Vec<_> = calls.iter().map(|call| (&call["status"], &call["replayOf"])).collect();
    let (ok, none, first) = (&200.into(), &serde_json::Value::Null, &1.into());
    assert_eq!(told, [(ok, none), (ok, first), (ok, first)]);
    assert_ne!(calls[0]["traceId"], calls[1]["traceId"], "a trace of its own");
    let (_, page, _) = shop.user.ask(&["show", "--no-redact", "2"]);
    assert!(page.contains("Bearer secret"), "what the app sent is sent again whole: {page}");
}

#[test]
fn all_calls_that_a_filter_takes_are_sent_again_each_once() {
    let shop = Shop::open();
    for path in ["orders", "nothing", "orders"] {
        shop.order(path, if path == "orders" { "HTTP/1.1 200 OK" } else { "HTTP/1.1 404 Not Found" });
    }
    let (code, out, err) = shop.user.ask(&["replay", "--filter", "path:/orders", "--diff"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let rows: Vec<&str> = out.lines().filter(|line| line.starts_with("  #")).collect();
    assert_eq!(rows, ["  #1 -> #4", "  #3 -> #5"], "oldest first, and no replay again: {out}");
    assert!(out.ends_with("\n2 sent again: 2 answered the same.\n"), "{out}");
    let (code, out, err) = shop.user.ask(&["replay", "--filter", "path:/nothing", "-o", "json", "--path", "/orders"]);
    assert_eq!((code, out.lines().count()), (0, 1), "objects and nothing else: {out}");
    assert_eq!(err, "1 sent again: 1 answered otherwise.\n");
    let (code, out, err) = shop.user.ask(&["replay", "--filter", "id>3 id<6"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("takes 2 calls: all calls are replays themselves"), "{err}");
    let (code, out, err) = shop.user.ask(&["replay", "--filter", "replay id<6"]);
    assert_eq!((code, err.as_str()), (0, ""), "a filter that asks for replays gets them");
    assert!(out.ends_with("\n2 sent again: 2 answered the same.\n"), "{out}");
    let (code, out, err) = shop.user.ask(&["replay", "--filter", "status:503"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("no call matches \"status:503\""), "{err}");
    let (code, _, err) = shop.user.ask(&["replay", "1", "--filter", "status:503"]);
    assert!(code != 0 && err.contains("--filter"), "{err}");
}

#[test]
fn what_is_changed_is_sent_and_told_as_a_difference() {
    let shop = Shop::open();
    shop.order("orders", "HTTP/1.1 200 OK");
    std::fs::write(shop.user.folder().join("body"), "{\"orderId\": 7}").unwrap();
    let changes = ["--data", "@body", "--method", "put", "--path", "/nothing?x=1", "--set-header", "x-tenant=blue"];
    let (code, out, err) = shop.user.ask(&[&["replay", "1", "--diff", "-o", "json"], &changes[..]].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    let call: serde_json::Value = serde_json::from_str(out.trim_end()).unwrap();
    assert_eq!((&call["status"], &call["replayOf"], &call["path"]), (&404.into(), &1.into(), &"/nothing?x=1".into()));
    let told = |part: &str, name: &str| {
        let rows = call["differences"].as_array().unwrap();
        let row = rows.iter().find(|row| row["part"] == part && row["name"] == name);
        row.map(|row| (row["before"].clone(), row["after"].clone()))
    };
    assert_eq!(told("request", ""), Some(("POST /orders".into(), "PUT /nothing?x=1".into())));
    assert_eq!(told("sent header", "x-tenant"), Some((serde_json::Value::Null, "blue".into())));
    assert_eq!(told("sent body", "$.orderId"), Some(("1".into(), "7".into())));
    assert_eq!(told("status", ""), Some(("200".into(), "404".into())));
}

#[test]
fn an_app_that_does_not_answer_makes_the_command_fail() {
    let shop = Shop::open();
    shop.order("orders", "HTTP/1.1 200 OK");
    let (code, out, err) = shop.user.ask(&["replay", "1", "--path", "/v1.0/invoke/nobody/method/orders"]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("failed") && out.contains("(unknown-app)"), "{out}");
    let (code, out, err) = shop.user.ask(&["replay", "1", "--method", "GET", "--path", "/v1.0/healthz"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("the request was sent, but is not among the calls"), "{err}");
}

#[test]
fn a_call_that_came_from_another_process_is_replayed_there() {
    let shop = Shop::open();
    let _client = shop.user.run(&["run", "--app-id", "client", "--", "sleep", "600"], &["client"]);
    let port = shop.user.apps().iter().find(|app| app["appId"] == "client").unwrap()["httpPort"].as_u64().unwrap();
    let path = "/v1.0/invoke/order-processor/method/orders";
    assert_eq!(super::app::post(port as u16, path, "", "{}"), "HTTP/1.1 200 OK");
    let ended = || shop.user.ask(&["calls", "-a", "checkout"]).1.contains("200");
    assert!(super::user::until(ended));
    let (code, _, err) = shop.user.ask(&["replay", "1", "--app-id", "checkout"]);
    assert_eq!(code, 1);
    assert!(err.contains("the sidecar of client is in another process: replay the call there"), "{err}");
    assert!(super::user::until(|| shop.user.ask(&["calls", "-a", "client"]).1.contains("200")));
    let (code, out, err) = shop.user.ask(&["replay", "1", "--app-id", "client"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("(replay of #1)"), "{out}");
}
