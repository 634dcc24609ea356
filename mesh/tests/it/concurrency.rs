//! `--app-max-concurrency` (concurrency).

use std::time::Duration;

use daptop_model::{Event, Outcome};
use tokio::net::TcpStream;

use crate::support::{ByHand, Pair, Wire, soon};

/// Long enough for a request to reach an app that it should not reach.
const A_MOMENT: Duration = Duration::from_millis(100);

async fn call(port: u16, number: u32) -> Wire<TcpStream> {
    let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    let line = format!("GET /v1.0/invoke/order-processor/method/{number} HTTP/1.1\r\nHost: x\r\n\r\n");
    wire.send(line).await.unwrap();
    wire
}

async fn nothing_reaches(app: &ByHand) -> bool {
    tokio::time::timeout(A_MOMENT, app.request()).await.is_err()
}

#[tokio::test]
async fn a_slot_is_held_until_the_answers_body_has_been_taken() {
    let pair = Pair::by_hand(|settings| settings.app_max_concurrency = Some(1)).await;
    for (leg, node) in pair.legs() {
        let mut first = call(node.http, 1).await;
        let (mut app, head) = pair.app.request().await;
        assert_eq!(head.target(), "/1", "{leg}");
        app.send("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        app.send_chunk("some").await.unwrap();
        let mut answer = soon("the head", first.head()).await.unwrap();
        soon("a chunk", first.chunk(&mut answer)).await.unwrap();
        let mut second = call(pair.processor.http, 2).await;
        assert!(nothing_reaches(&pair.app).await, "{leg}: the body of the first answer has not ended");
        app.send("0\r\n\r\n").await.unwrap();
        assert_eq!(soon("the end", first.chunk(&mut answer)).await.unwrap(), None, "{leg}");
        // The connection may be used again, or another is opened.
        let (mut app, head) = tokio::select! {
            next = pair.app.request() => next,
            head = app.head() => (app, head.unwrap()),
        };
        assert_eq!(head.target(), "/2", "{leg}");
        app.send("HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        assert_eq!(soon("an answer", second.answer("GET")).await.unwrap().status(), 200, "{leg}");
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_waits_no_longer() {
    let mut pair = Pair::by_hand(|settings| settings.app_max_concurrency = Some(1)).await;
    let mut first = call(pair.processor.http, 1).await;
    let (mut app, _) = pair.app.request().await;
    let second = call(pair.processor.http, 2).await;
    assert!(nothing_reaches(&pair.app).await);
    drop(second);
    while !matches!(pair.bed.next_event().await, Event::CallEnded(end) if end.outcome == Outcome::Cancelled) {}
    let mut third = call(pair.checkout.http, 3).await;
    assert!(nothing_reaches(&pair.app).await);
    app.send("HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert_eq!(soon("an answer", first.answer("GET")).await.unwrap().status(), 200);
    let (mut app, head) = pair.app.request().await;
    assert_eq!(head.target(), "/3", "the second caller has gone");
    app.send("HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert_eq!(soon("an answer", third.answer("GET")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn calls_to_urls_have_slots_of_their_own() {
    let pair = Pair::by_hand(|settings| settings.app_max_concurrency = Some(1)).await;
    let other = ByHand::start().await;
    let _running = call(pair.processor.http, 1).await;
    let _app = pair.app.request().await;
    let mut outside = Vec::new();
    for number in 0..2 {
        let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", pair.processor.http)).await.unwrap());
        let path = format!("/v1.0/invoke/http://127.0.0.1:{}/method/{number}", other.port);
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await.unwrap();
        outside.push(wire);
    }
    let _outside = other.request().await;
    assert!(nothing_reaches(&other).await, "the limit holds for URLs too");
}
