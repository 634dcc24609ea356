//! The answer as the caller gets it (response back to the caller).

use crate::support::{Ask, Framing, Pair, Script};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

#[tokio::test]
async fn every_status_passes_with_its_body() {
    let pair = Pair::start().await;
    for status in [200, 201, 202, 206, 301, 302, 307, 308, 400, 401, 404, 409, 418, 429, 500, 502, 503, 599] {
        pair.app
            .set(Script { status, ..Script::default() }.header("X-App", "1").body(format!(r#"{{"was":{status}}}"#)));
        for (leg, node) in pair.legs() {
            let answer = node.ask(Ask::post(ORDERS, "{}")).await;
            assert_eq!(answer.status(), status, "{leg}");
            assert_eq!(answer.json()["was"], status, "{status} ({leg})");
            assert_eq!(answer.header("x-app"), Some("1"), "{status} ({leg})");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_passed_through_and_not_followed() {
    let pair = Pair::start().await;
    pair.app.set(Script::bare(302).header("Location", "/elsewhere"));
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS)).await;
        assert_eq!((answer.status(), answer.header("location")), (302, Some("/elsewhere")), "{leg}");
        assert_eq!(pair.app.take_seen().len(), 1, "{leg}");
    }
}

#[tokio::test]
async fn an_answer_without_a_body_has_none() {
    let pair = Pair::start().await;
    for (verb, status) in [("HEAD", 200), ("POST", 204), ("GET", 204), ("GET", 304), ("HEAD", 404)] {
        pair.app.set(Script { status, ..Script::default() }.header("ETag", "x"));
        for (leg, node) in pair.legs() {
            let answer = node.ask(Ask::new(verb, ORDERS)).await;
            let name = format!("{verb} {status} ({leg})");
            assert_eq!((answer.status(), answer.header("etag"), answer.body.len()), (status, Some("x"), 0), "{name}");
        }
    }
}

#[tokio::test]
async fn headers_that_belong_to_the_apps_connection_do_not_reach_the_caller() {
    let pair = Pair::start().await;
    let hop = ["Keep-Alive", "Proxy-Authenticate", "Upgrade", "X-Named"];
    let script = hop.iter().fold(Script::default(), |script, name| script.header(name, "app"));
    let script = script.header("Connection", "close, X-Named").header("X-Kept", "1").header("X-Kept", "2");
    pair.app.set(script.header("Date", "Tue, 15 Nov 1994 08:12:31 GMT").header("Server", "shop"));
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS)).await;
        for name in hop {
            assert_eq!(answer.header(&name.to_ascii_lowercase()), None, "{name} ({leg})");
        }
        assert_eq!(answer.all("x-kept"), ["1", "2"], "{leg}");
        assert_eq!(answer.all("date"), ["Tue, 15 Nov 1994 08:12:31 GMT"], "{leg}: the app's own date is kept");
        assert_eq!(answer.header("server"), Some("shop"), "{leg}");
    }
}

#[tokio::test]
async fn an_error_without_a_type_is_json_unless_the_request_was_streamed() {
    let pair = Pair::start().await;
    pair.app.set(Script::bare(500).body(r#"{"why":"broken"}"#));
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::post(ORDERS, "{}")).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{leg}");
        let streamed = node.ask(Ask::post(ORDERS, "{}").chunked()).await;
        assert_eq!((streamed.status(), streamed.json()["why"].as_str()), (500, Some("broken")), "{leg}");
        assert_ne!(streamed.header("content-type"), Some("application/json"), "{leg}: it is passed on as it comes");
    }
}

#[tokio::test]
async fn a_traceparent_is_added_unless_the_app_has_one() {
    let pair = Pair::start().await;
    let own = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (leg, node) in pair.legs() {
        pair.app.set(Script::default());
        assert_eq!(node.ask(Ask::get(ORDERS)).await.all("traceparent").len(), 1, "{leg}");
        pair.app.set(Script::default().header("traceparent", own));
        assert_eq!(node.ask(Ask::get(ORDERS)).await.all("traceparent"), [own], "{leg}");
    }
}

#[tokio::test]
async fn bodies_of_every_size_and_framing_pass_whole() {
    let pair = Pair::start().await;
    for size in [0, 1, 2048, 2049, 70_000, 3 << 20] {
        for framing in [Framing::Length, Framing::Chunked] {
            let body: Vec<u8> = (0..=250).cycle().take(size).collect();
            pair.app.set(Script { framing, ..Script::default() }.body(body.clone()));
            for (leg, node) in pair.legs() {
                let answer = node.ask(Ask::post(ORDERS, body.clone())).await;
                assert!(answer.body == body, "answer of {size} bytes, {framing:?} ({leg})");
                assert!(pair.app.seen().await.body == body, "request of {size} bytes ({leg})");
            }
        }
    }
}
