//! Limits of heads and bodies (listener; body size; client properties).

use daptop_mesh::SidecarSettings;

use crate::support::{Ask, Pair, Script};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";
const LIMIT: usize = 10_000;

#[tokio::test]
async fn a_body_over_the_limit_is_an_error_of_the_sidecar() {
    let pair = Pair::with(|settings| settings.max_body_size = Some(LIMIT as u64)).await;
    for (leg, node) in pair.legs() {
        for (size, chunked) in [(LIMIT, false), (LIMIT, true)] {
            let answer = node.ask(Ask { chunked, ..Ask::post(ORDERS, vec![b'x'; size]) }).await;
            assert_eq!(answer.status(), 200, "{size} chunked {chunked} ({leg})");
            assert_eq!(pair.app.seen().await.body.len(), size, "{size} chunked {chunked} ({leg})");
        }
        for (size, chunked) in [(LIMIT + 1, false), (LIMIT + 1, true), (LIMIT * 20, false), (LIMIT * 20, true)] {
            let answer = node.ask(Ask { chunked, ..Ask::post(ORDERS, vec![b'x'; size]) }).await;
            let name = format!("{size} chunked {chunked} ({leg})");
            assert_eq!(
                (answer.status(), answer.json()["errorCode"].as_str()),
                (500, Some("ERR_DIRECT_INVOKE")),
                "{name}"
            );
            assert!(answer.error().ends_with("stream too large"), "{name}: {}", answer.error());
            assert!(pair.app.take_seen().is_empty(), "{name}: the app saw a whole request");
        }
    }
}

#[tokio::test]
async fn without_a_limit_any_body_passes() {
    let pair = Pair::with(|settings| settings.max_body_size = None).await;
    for (leg, node) in pair.legs() {
        assert_eq!(node.ask(Ask::post(ORDERS, vec![b'x'; 6 << 20])).await.status(), 200, "{leg}");
        assert_eq!(pair.app.seen().await.body.len(), 6 << 20, "{leg}");
    }
}

#[tokio::test]
async fn a_head_may_be_as_large_as_the_read_buffer_and_gos_slop() {
    // 4 KiB and 4096 more: measured, a value of 8141 bytes is too much only with one byte more.
    let pair = Pair::start().await;
    let with = |size: usize| Ask::get(ORDERS).header("X-Long", &"v".repeat(size));
    assert_eq!(pair.processor.ask(with(7_900)).await.status(), 200);
    assert_eq!(pair.app.seen().await.header("x-long").map(str::len), Some(7_900));
    for size in [8_192, 20_000] {
        let answer = pair.processor.ask(with(size)).await;
        assert_eq!(answer.status(), 431, "{size}");
        assert_eq!(answer.text(), "431 Request Header Fields Too Large", "{size}");
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")), "{size}");
        assert_eq!(answer.header("connection"), Some("close"), "{size}");
    }
    assert!(pair.app.take_seen().is_empty());
}

#[tokio::test]
async fn an_answers_head_over_the_read_buffer_fails_the_call() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        pair.app.set(Script::default().header("X-Long", &"v".repeat(3_900)));
        assert_eq!(node.ask(Ask::get(ORDERS)).await.status(), 200, "{leg}");
        pair.app.set(Script::default().header("X-Long", &"v".repeat(4_200)));
        let answer = node.ask(Ask::get(ORDERS)).await;
        assert_eq!(answer.status(), 500, "{leg}");
        let want = "server response headers exceeded 4096 bytes; aborted";
        assert!(answer.error().ends_with(want), "{leg}: {}", answer.error());
    }
}

#[tokio::test]
async fn an_answer_may_be_of_any_size() {
    let pair = Pair::with(|settings| settings.max_body_size = Some(LIMIT as u64)).await;
    pair.app.set(Script::default().body(vec![b'x'; LIMIT * 100]));
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS)).await;
        assert_eq!((answer.status(), answer.body.len()), (200, LIMIT * 100), "{leg}");
    }
}

#[tokio::test]
async fn the_limit_is_that_of_the_sidecar_which_is_asked() {
    let small = |settings: &mut SidecarSettings| {
        let is_callee = settings.app_port.is_some();
        settings.max_body_size = Some(if is_callee { LIMIT as u64 } else { 4 << 20 });
    };
    let pair = Pair::with(small).await;
    for (leg, node) in pair.legs() {
        let status = node.ask(Ask::post(ORDERS, vec![b'x'; LIMIT * 5])).await.status();
        assert_eq!(status, if leg == "local" { 500 } else { 200 }, "{leg}");
    }
}
