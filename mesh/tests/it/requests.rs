//! The request as the app gets it (request to an HTTP app).

use daptop_mesh::Sampling;

use crate::support::{Ask, Pair};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

#[tokio::test]
async fn headers_that_belong_to_a_connection_or_to_sidecars_do_not_reach_the_app() {
    let rows = [
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Connection", "keep-alive"),
        ("TE", "trailers"),
        ("Trailer", "X-Sum"),
        ("Upgrade", "websocket"),
        ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
        ("Proxy-Authorization", "Basic eDp5"),
        ("Proxy-Authenticate", "Basic"),
        ("X-Data-Bin", "AAEC"),
        ("Destination-App-Id", "evil"),
    ];
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        for (name, value) in rows {
            assert_eq!(node.ask(Ask::get(ORDERS).header(name, value)).await.status(), 200, "{name} ({leg})");
            let seen = pair.app.seen().await;
            assert_eq!(seen.header(&name.to_ascii_lowercase()), None, "{name} ({leg})");
        }
        node.ask(Ask::get(ORDERS).header("Connection", "close, X-Hop").header("X-Hop", "1").header("X-Kept", "1"))
            .await;
        let seen = pair.app.seen().await;
        assert_eq!((seen.header("x-hop"), seen.header("x-kept")), (None, Some("1")), "{leg}: named in Connection");
    }
}

#[tokio::test]
async fn other_headers_reach_the_app_with_every_value_in_order() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        let asked = Ask::get(ORDERS)
            .header("X-Many", "one")
            .header("x-many", "two, three")
            .header("X-Empty", "")
            .header("Cookie", "a=b")
            .header("User-Agent", "tester/1")
            .header("Accept-Encoding", "br")
            .header("Authorization", "Bearer x");
        node.ask(asked).await;
        let seen = pair.app.seen().await;
        assert_eq!(seen.all("x-many"), ["one", "two, three"], "{leg}");
        let single = [
            ("x-empty", ""),
            ("cookie", "a=b"),
            ("user-agent", "tester/1"),
            ("accept-encoding", "br"),
            ("authorization", "Bearer x"),
        ];
        for (name, value) in single {
            assert_eq!(seen.all(name), [value], "{name} ({leg})");
        }
        assert_eq!(seen.header("host"), Some(format!("127.0.0.1:{}", pair.app.port).as_str()), "{leg}");
    }
}

#[tokio::test]
async fn a_body_keeps_its_framing_and_its_type() {
    // Method, body, chunked by the caller, and the framing that the app sees.
    let rows = [
        ("POST", "hello", false, (Some("5"), None)),
        ("POST", "", false, (None, Some("chunked"))),
        ("POST", "hello", true, (None, Some("chunked"))),
        ("DELETE", "hello", false, (Some("5"), None)),
        ("GET", "hello", false, (Some("5"), None)),
        ("GET", "", false, (None, None)),
    ];
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        for (verb, body, chunked, framing) in rows {
            let asked = Ask { body: body.into(), chunked, ..Ask::new(verb, ORDERS) };
            node.ask(asked.header("Content-Type", "text/x-order")).await;
            let seen = pair.app.seen().await;
            let name = format!("{verb} {body:?} chunked {chunked} ({leg})");
            assert_eq!(seen.text(), body, "{name}");
            assert_eq!(seen.header("content-type"), Some("text/x-order"), "{name}");
            assert_eq!((seen.header("content-length"), seen.header("transfer-encoding")), framing, "{name}");
        }
        node.ask(Ask::post(ORDERS, "untyped")).await;
        assert_eq!(pair.app.seen().await.header("content-type"), None, "{leg}: none is made up");
    }
}

#[tokio::test]
async fn of_several_baggage_headers_the_first_reaches_the_app() {
    let pair = Pair::with(|settings| settings.tracing.sampling = Sampling::Rate(1.0)).await;
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS).header("baggage", "a=1")).await;
        assert_eq!(pair.app.seen().await.all("baggage"), ["a=1"], "{leg}");
        assert_eq!(answer.header("baggage"), Some("a=1"), "{leg}: it is told back");
        let bad = node.ask(Ask::get(ORDERS).header("baggage", "no pair")).await;
        assert_eq!(bad.status(), 400, "{leg}");
        assert!(bad.text().starts_with("invalid baggage header: "), "{leg}: {}", bad.text());
    }
}

#[tokio::test]
async fn without_tracing_trace_headers_pass_untouched() {
    let pair = Pair::with(|settings| settings.tracing.sampling = Sampling::Off).await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS)).await;
        assert_eq!(pair.app.seen().await.header("traceparent"), None, "{leg}");
        assert_eq!(answer.header("traceparent"), None, "{leg}");
        let answer = node.ask(Ask::get(ORDERS).header("baggage", "no pair").header("traceparent", parent)).await;
        assert_eq!(answer.status(), 200, "{leg}: baggage is looked at only where traces are");
        assert_eq!(pair.app.seen().await.header("traceparent"), Some(parent), "{leg}");
    }
}
