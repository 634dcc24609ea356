//! `--app-max-concurrency` (concurrency).

use std::time::Duration;

use daptop_model::{CallEnd, CallId, Event, Outcome, Turn};
use tokio::net::TcpStream;

use crate::support::{Bed, ByHand, Pair, Wire, soon};

/// Long enough for a request to reach an app that it should not reach.
const A_MOMENT: Duration = Duration::from_millis(100);

/// What an app answers that then closes the connection.
const DONE: &str = "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

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
        app.send(DONE).await.unwrap();
        assert_eq!(soon("an answer", second.answer("GET")).await.unwrap().status(), 200, "{leg}");
    }
}

/// The next call that is told to wait for its turn.
async fn next_waiting(bed: &mut Bed) -> (CallId, Turn) {
    loop {
        if let Event::CallProgressed(told) = bed.next_event().await
            && let Some(turn) = told.delays.turn()
        {
            return (told.id, turn);
        }
    }
}

/// The next end of a call.
async fn next_end(bed: &mut Bed) -> CallEnd {
    loop {
        if let Event::CallEnded(end) = bed.next_event().await {
            return *end;
        }
    }
}

#[tokio::test]
async fn a_call_tells_while_it_waits_for_its_turn_and_in_the_end_for_how_long() {
    let mut pair = Pair::by_hand(|settings| settings.app_max_concurrency = Some(1)).await;
    for (leg, port) in pair.legs().map(|(leg, node)| (leg, node.http)) {
        let mut first = call(pair.processor.http, 1).await;
        let (mut app, _) = pair.app.request().await;
        let mut second = call(port, 2).await;
        let (waiting, turn) = next_waiting(&mut pair.bed).await;
        assert_eq!((turn.limit, turn.came), (1, None), "{leg}: it is told while it waits");
        app.send(DONE).await.unwrap();
        assert_eq!(soon("an answer", first.answer("GET")).await.unwrap().status(), 200, "{leg}");
        let (mut app, _) = pair.app.request().await;
        app.send(DONE).await.unwrap();
        assert_eq!(soon("an answer", second.answer("GET")).await.unwrap().status(), 200, "{leg}");
        for _ in 0..2 {
            let end = next_end(&mut pair.bed).await;
            let waited = end.delays.turn().map(|turn| (turn.limit, turn.came.is_some_and(|came| came > turn.began)));
            let expected = (end.id == waiting).then_some((1, true));
            assert_eq!((waited, end.outcome), (expected, Outcome::Answered), "{leg}: only the second one waited");
        }
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
    let end = next_end(&mut pair.bed).await;
    let came = end.delays.turn().map(|turn| turn.came);
    assert_eq!((end.outcome, came), (Outcome::Cancelled, Some(None)), "its turn never came");
    let mut third = call(pair.checkout.http, 3).await;
    assert!(nothing_reaches(&pair.app).await);
    app.send(DONE).await.unwrap();
    assert_eq!(soon("an answer", first.answer("GET")).await.unwrap().status(), 200);
    let (mut app, head) = pair.app.request().await;
    assert_eq!(head.target(), "/3", "the second caller has gone");
    app.send(DONE).await.unwrap();
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
