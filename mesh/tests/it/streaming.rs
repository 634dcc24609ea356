//! Bodies flow as they come, in both directions (response back to the caller; server-sent events).

use std::time::Duration;

use tokio::net::TcpStream;

use crate::support::{Ask, ByHand, Message, Node, Pair, Script, Wire, soon, wait_until};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

async fn call(node: &Node, lines: &str) -> Wire<TcpStream> {
    let mut caller = Wire::new(TcpStream::connect(("127.0.0.1", node.http)).await.unwrap());
    caller.send(format!("{lines}Host: x\r\n\r\n")).await.unwrap();
    caller
}

/// The next chunk that arrives on a wire.
async fn chunk(wire: &mut Wire<TcpStream>, head: &mut Message) -> Option<String> {
    let data = soon("a chunk", wire.chunk(head)).await.unwrap()?;
    Some(String::from_utf8(data).unwrap())
}

#[tokio::test]
async fn a_chunk_of_a_request_reaches_the_app_before_the_next_is_sent() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, &format!("POST {ORDERS} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n")).await;
        caller.send_chunk("one").await.unwrap();
        let (mut app, mut head) = pair.app.request().await;
        assert_eq!(chunk(&mut app, &mut head).await.as_deref(), Some("one"), "{leg}");
        caller.send_chunk("two").await.unwrap();
        assert_eq!(chunk(&mut app, &mut head).await.as_deref(), Some("two"), "{leg}");
        caller.send("0\r\n\r\n").await.unwrap();
        assert_eq!(chunk(&mut app, &mut head).await, None, "{leg}");
        app.send("HTTP/1.1 201 X\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        assert_eq!(soon("an answer", caller.answer("POST")).await.unwrap().status(), 201, "{leg}");
    }
}

#[tokio::test]
async fn a_request_of_known_length_flows_too() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, &format!("POST {ORDERS} HTTP/1.1\r\nContent-Length: 6\r\n")).await;
        caller.send("one").await.unwrap();
        let (mut app, head) = pair.app.request().await;
        assert_eq!(head.header("content-length"), Some("6"), "{leg}");
        assert_eq!(soon("the first half", app.exactly(3)).await.unwrap(), b"one", "{leg}");
        caller.send("two").await.unwrap();
        assert_eq!(soon("the second half", app.exactly(3)).await.unwrap(), b"two", "{leg}");
        app.send("HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        assert_eq!(soon("an answer", caller.answer("POST")).await.unwrap().status(), 200, "{leg}");
    }
}

async fn answers_flow(pair: &Pair<ByHand>, asked: &str, lines: &str, wanted: &[(&str, &str)]) {
    for (leg, node) in pair.legs() {
        let mut caller = call(node, &format!("GET {ORDERS} HTTP/1.1\r\n{asked}")).await;
        let (mut app, _) = pair.app.request().await;
        app.send(format!("HTTP/1.1 200 X\r\n{lines}Transfer-Encoding: chunked\r\n\r\n")).await.unwrap();
        app.send_chunk("data: 1\n\n").await.unwrap();
        let mut head = soon("the answer's head", caller.head()).await.unwrap();
        for (name, value) in wanted {
            assert_eq!(head.header(name), Some(*value), "{name} ({leg})");
        }
        assert_eq!(chunk(&mut caller, &mut head).await.as_deref(), Some("data: 1\n\n"), "{leg}");
        app.send_chunk("data: 2\n\n").await.unwrap();
        assert_eq!(chunk(&mut caller, &mut head).await.as_deref(), Some("data: 2\n\n"), "{leg}");
        app.send("0\r\n\r\n").await.unwrap();
        assert_eq!(chunk(&mut caller, &mut head).await, None, "{leg}");
    }
}

#[tokio::test]
async fn a_chunk_of_an_answer_reaches_the_caller_before_the_next_is_sent() {
    let pair = Pair::by_hand(|_| {}).await;
    let typed = "Content-Type: text/plain\r\n";
    answers_flow(&pair, "", typed, &[("content-type", "text/plain"), ("transfer-encoding", "chunked")]).await;
    answers_flow(&pair, "", "", &[("transfer-encoding", "chunked")]).await;
}

#[tokio::test]
async fn events_flow_with_their_headers_where_the_caller_accepts_events_alone() {
    let pair = Pair::by_hand(|_| {}).await;
    let wanted = [("content-type", "text/event-stream"), ("cache-control", "no-cache"), ("connection", "keep-alive")];
    for accept in ["Accept: text/event-stream\r\n", "Accept:  Text/Event-Stream \r\n"] {
        answers_flow(&pair, accept, "Content-Type: text/event-stream\r\n", &wanted).await;
    }
    answers_flow(&pair, "Accept: text/event-stream\r\n", "", &wanted).await;
}

#[tokio::test]
async fn events_that_a_remote_app_refuses_are_an_error_of_the_sidecar() {
    let pair = Pair::start().await;
    pair.app.set(Script { status: 503, ..Script::default() }.body("{}"));
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS).header("Accept", "text/event-stream")).await;
        if leg == "local" {
            assert_eq!((answer.status(), answer.text().as_str()), (503, "{}"));
        } else {
            assert_eq!(answer.status(), 500, "{leg}");
            let want = "error invoking app channel: no response received from stream";
            assert!(answer.error().ends_with(want), "{leg}: {}", answer.error());
        }
        let usual = node.ask(Ask::get(ORDERS).header("Accept", "text/event-stream, */*")).await;
        assert_eq!(usual.status(), 503, "{leg}: events are one of the things accepted");
    }
}

#[tokio::test]
async fn an_app_learns_that_its_caller_has_gone() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let caller = call(node, &format!("GET {ORDERS} HTTP/1.1\r\n")).await;
        let (mut app, _) = pair.app.request().await;
        app.send("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        app.send_chunk("one").await.unwrap();
        drop(caller);
        let name = format!("the app's connection is closed ({leg})");
        wait_until(&name, async || {
            tokio::time::sleep(Duration::from_millis(5)).await;
            app.send_chunk("more").await.is_err()
        })
        .await;
    }
}

#[tokio::test]
async fn an_app_that_breaks_off_breaks_the_callers_answer_off() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, &format!("GET {ORDERS} HTTP/1.1\r\n")).await;
        let (mut app, _) = pair.app.request().await;
        app.send("HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        app.send_chunk("one").await.unwrap();
        drop(app);
        let answer = soon("the end of the answer", caller.answer("GET")).await;
        assert!(answer.is_err(), "{leg}: a part must not look like the whole: {answer:?}");
    }
}

#[tokio::test]
async fn what_has_passed_of_an_open_call_is_seen() {
    let mut pair = Pair::by_hand(|_| {}).await;
    let mut caller = call(&pair.checkout, &format!("POST {ORDERS} HTTP/1.1\r\nContent-Length: 3\r\n")).await;
    caller.send("one").await.unwrap();
    let (mut app, _) = pair.app.request().await;
    let mut shown = pair.bed.shown();
    let seen = shown.call("the request", |call| &call.request_body.kept[..] == b"one").await;
    assert!(seen.is_open() && seen.response.is_none(), "its app has not answered");
    let head = "HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    app.send(head).await.unwrap();
    for (piece, whole) in [("data: 1\n\n", "data: 1\n\n"), ("data: 2\n\n", "data: 1\n\ndata: 2\n\n")] {
        app.send_chunk(piece).await.unwrap();
        let seen = shown.call(piece, |call| &call.response_body.kept[..] == whole.as_bytes()).await;
        assert!(seen.is_open() && seen.status() == Some(200));
    }
}
