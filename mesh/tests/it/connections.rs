//! Connections on both sides: what is sent on them besides requests and answers, and how they end.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_stream::wrappers::ReceiverStream;

use crate::support::{Act, App, Ask, Bed, Framing, Node, Pair, Script, Wire, ask, settings, soon, wait_until};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

async fn call(node: &Node, lines: &str) -> Wire<TcpStream> {
    let mut caller = Wire::new(TcpStream::connect(("127.0.0.1", node.http)).await.unwrap());
    caller.send(format!("POST {ORDERS} HTTP/1.1\r\nHost: x\r\n{lines}\r\n")).await.unwrap();
    caller
}

#[tokio::test]
async fn an_app_that_was_started_again_is_called_over_a_new_connection() {
    let mut pair = Pair::start().await;
    let port = pair.app.port;
    for _ in 0..3 {
        for (leg, node) in pair.legs() {
            assert_eq!(node.ask(Ask::post(ORDERS, "{}")).await.status(), 200, "{leg}");
        }
        let old = std::mem::replace(&mut pair.app, App::start(Script::default()).await);
        drop(old);
        wait_until("the port is free", async || TcpStream::connect(("127.0.0.1", port)).await.is_err()).await;
        pair.app = App::start_on(port, Script::default()).await;
    }
}

#[tokio::test]
async fn a_caller_that_expects_to_be_told_to_go_on_is_told() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, "Expect: 100-continue\r\nContent-Length: 5\r\n").await;
        let told = soon("an interim answer", caller.head()).await.unwrap();
        assert_eq!(told.status(), 100, "{leg}");
        caller.send("hello").await.unwrap();
        assert_eq!(soon("an answer", caller.answer("POST")).await.unwrap().status(), 200, "{leg}");
        assert_eq!(pair.app.seen().await.text(), "hello", "{leg}");
    }
}

#[tokio::test]
async fn interim_answers_of_the_app_are_passed_over() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, "Content-Length: 0\r\n").await;
        let (mut app, _) = pair.app.request().await;
        app.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").await.unwrap();
        app.send("HTTP/1.1 201 X\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        let answer = soon("an answer", caller.answer("POST")).await.unwrap();
        assert_eq!((answer.status(), answer.text().as_str(), answer.header("link")), (201, "ok", None), "{leg}");
    }
}

#[tokio::test]
async fn an_app_that_serves_one_connection_at_a_time_is_called_over_that_one() {
    let pair = Pair::by_hand(|_| {}).await;
    // More callers than there are threads that serve them.
    let callers = std::thread::available_parallelism().unwrap().get().min(8) + 1;
    for (leg, node) in [("local", &pair.processor), ("remote", &pair.checkout)] {
        let mut caller = get(node).await;
        let (mut app, _) = pair.app.request().await;
        for number in 0..callers {
            app.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
            assert_eq!(soon("an answer", caller.answer("GET")).await.unwrap().text(), "ok", "{leg}, {number}");
            caller = get(node).await;
            soon("the next request on the same connection", app.request()).await.unwrap();
        }
        app.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    }
}

/// A caller that has asked for something, over a connection of its own.
async fn get(node: &Node) -> Wire<TcpStream> {
    let mut caller = Wire::new(TcpStream::connect(("127.0.0.1", node.http)).await.unwrap());
    caller.send(format!("GET {ORDERS} HTTP/1.1\r\nHost: x\r\n\r\n")).await.unwrap();
    caller
}

#[tokio::test]
async fn a_resting_connection_that_breaks_when_it_is_used_is_replaced_where_nothing_can_happen_twice() {
    let mut pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in [("local", &pair.processor), ("remote", &pair.checkout)] {
        for (verb, lines, again) in [("GET", "", true), ("POST", "Content-Length: 2\r\n", false)] {
            let mut caller = get(node).await;
            let (mut app, _) = pair.app.request().await;
            app.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            assert_eq!(soon("an answer", caller.answer("GET")).await.unwrap().status(), 200, "{leg}");

            let body = if lines.is_empty() { "" } else { "{}" };
            caller.send(format!("{verb} {ORDERS} HTTP/1.1\r\nHost: x\r\n{lines}\r\n{body}")).await.unwrap();
            soon("the next request on the same connection", app.request()).await.unwrap();
            drop(app);
            if again {
                let (mut app, _) = pair.app.request().await;
                app.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            }
            let answer = soon("an answer", caller.answer(verb)).await.unwrap();
            assert_eq!(answer.status(), if again { 200 } else { 500 }, "{leg}, {verb}: {}", answer.text());
            let tries = [pair.bed.next_call().await, pair.bed.next_call().await].map(|told| told.end.delays.tries());
            assert_eq!(tries, [1, if again { 2 } else { 1 }], "{leg}, {verb}: a second try is told");
        }
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_its_connection_is_whole() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        for version in ["HTTP/1.0", "HTTP/1.1"] {
            let mut caller = call(node, "Content-Length: 0\r\n").await;
            let (mut app, _) = pair.app.request().await;
            app.send(format!("{version} 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"))
                .await
                .unwrap();
            app.send("some, ").await.unwrap();
            app.send("and the rest").await.unwrap();
            drop(app);
            let answer = soon("an answer", caller.answer("POST")).await.unwrap();
            assert_eq!((answer.status(), answer.text().as_str()), (200, "some, and the rest"), "{leg}, {version}");
        }
    }
}

#[tokio::test]
async fn trailers_are_not_carried() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n").await;
        caller.send("3\r\none\r\n0\r\nX-Sum: 1\r\n\r\n").await.unwrap();
        let (mut app, mut head) = pair.app.request().await;
        assert_eq!(soon("a chunk", app.chunk(&mut head)).await.unwrap().as_deref(), Some(&b"one"[..]), "{leg}");
        assert_eq!(soon("the end", app.chunk(&mut head)).await.unwrap(), None, "{leg}");
        assert_eq!((head.trailers.len(), head.header("trailer")), (0, None), "{leg}");
        app.send("HTTP/1.1 200 X\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        app.send("3\r\ntwo\r\n0\r\nX-Sum: 2\r\n\r\n").await.unwrap();
        let answer = soon("an answer", caller.answer("POST")).await.unwrap();
        assert_eq!(
            (answer.text().as_str(), answer.trailers.len(), answer.header("trailer")),
            ("two", 0, None),
            "{leg}"
        );
    }
}

#[tokio::test]
async fn a_request_that_breaks_off_does_not_look_whole_to_the_app() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, "Transfer-Encoding: chunked\r\n").await;
        caller.send_chunk("one").await.unwrap();
        let (mut app, mut head) = pair.app.request().await;
        soon("a chunk", app.chunk(&mut head)).await.unwrap();
        drop(caller);
        let next = soon("the end of the request", app.chunk(&mut head)).await;
        assert!(next.is_err(), "{leg}: {next:?}");
    }
}

#[tokio::test]
async fn a_stream_of_http_2_that_is_cancelled_does_not_look_whole_to_the_app() {
    let pair = Pair::by_hand(|_| {}).await;
    for (leg, node) in pair.legs() {
        let stream = TcpStream::connect(("127.0.0.1", node.http)).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (chunks, body) = tokio::sync::mpsc::channel(1);
        let body = StreamBody::new(ReceiverStream::new(body));
        let request = Request::post(format!("http://localhost{ORDERS}")).body(body).unwrap();
        let call = tokio::spawn(async move { sender.send_request(request).await });
        chunks.send(Ok::<_, Infallible>(Frame::data(Bytes::from("one")))).await.unwrap();
        let (mut app, mut head) = pair.app.request().await;
        soon("a chunk", app.chunk(&mut head)).await.unwrap();
        call.abort();
        let next = soon("the end of the request", app.chunk(&mut head)).await;
        assert!(next.is_err(), "{leg}: {next:?}");
        connection.abort();
    }
}

#[tokio::test]
async fn a_request_framed_in_two_ways_is_framed_in_one_for_the_app() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        let mut caller = call(node, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n").await;
        caller.send("5\r\nhello\r\n0\r\n\r\n").await.unwrap();
        let answer = soon("an answer", caller.answer("POST")).await.unwrap();
        if answer.status() == 200 {
            let seen = pair.app.seen().await;
            assert_eq!((seen.text().as_str(), seen.header("content-length")), ("hello", None), "{leg}");
        } else {
            assert_eq!(answer.status(), 400, "{leg}");
        }
        assert!(pair.app.take_seen().is_empty(), "{leg}: nothing was smuggled in");
    }
}

#[tokio::test]
async fn a_connect_is_no_verb_of_an_app() {
    let pair = Pair::start().await;
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::new("CONNECT", "/orders").header("dapr-app-id", "order-processor")).await;
        let inner = "rpc error: code = InvalidArgument desc = invalid HTTP verb";
        assert_eq!(answer.status(), 500, "{leg}: {}", answer.text());
        assert!(answer.error().ends_with(inner), "{leg}: {}", answer.error());
    }
    assert!(pair.app.take_seen().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_many_calls_at_once_reach_those_who_asked() {
    let pair = Pair::start().await;
    for framing in [Framing::Length, Framing::Chunked] {
        pair.app.set(Script { act: Act::Echo, framing, ..Script::default() });
        let mut callers = Vec::new();
        for (leg, node) in pair.legs() {
            for caller in 0..8 {
                let port = node.http;
                callers.push(tokio::spawn(async move {
                    for number in 0..10 {
                        let body = format!("{leg} {caller} {number} ").repeat(caller * number * 13 + 1);
                        let asked = Ask { chunked: number % 2 == 0, ..Ask::post(ORDERS, body.clone()) };
                        let answer = ask(port, &asked).await;
                        assert!(answer.status() == 200 && answer.text() == body, "{leg} {caller} {number}");
                    }
                }));
            }
        }
        for caller in callers {
            soon("a caller", caller).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_call_that_does_not_end_in_time_is_cut_when_its_sidecar_closes() {
    let app = App::start(Script { wait: Duration::from_mins(1), ..Script::default() }).await;
    let bed = Bed::new();
    let node = bed.start_ready(settings("order-processor", app.port)).await;
    let mut caller = call(&node, "Content-Length: 0\r\n").await;
    app.seen().await;
    soon("the sidecar closes", node.sidecar.close(Duration::from_millis(50))).await;
    assert!(soon("the caller is cut off", caller.answer("POST")).await.is_err());
}
