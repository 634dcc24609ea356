//! A request whose app is not reached: what was asked is known all the same, and nobody waits for that.

use daptop_model::{BodyEnd, CallEnd, Outcome, Phase, Side};
use tokio::net::TcpStream;
use tonic::Code;

use crate::grpc::{PLACE, caller};
use crate::support::{Bed, Message, Node, Wire, closed_port, settings, soon};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

/// The sidecar of an app that does not listen, another one of the same process, and what keeps the port closed.
fn down() -> (Bed, [Node; 2], impl Sized) {
    let (port, kept) = closed_port();
    let bed = Bed::new();
    let nodes = [bed.start(settings("order-processor", port)), bed.start(settings("checkout", None))];
    (bed, nodes, kept)
}

/// Sends a head, and nothing else; the answer, and what was told of the call.
async fn only_head(bed: &mut Bed, node: &Node, more: &str) -> (Message, CallEnd) {
    let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", node.http)).await.unwrap());
    wire.send(format!("POST {ORDERS} HTTP/1.1\r\nHost: x\r\n{more}\r\n")).await.unwrap();
    let answer = soon("an answer", wire.head()).await.unwrap();
    (answer, bed.next_call().await.end)
}

/// A request with a body, framed by its length or in one chunk.
fn posts(target: &str, body: &[u8]) -> [Vec<u8>; 2] {
    let head = format!("POST {target} HTTP/1.1\r\nHost: x\r\n");
    let length = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    let chunk = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    [[length.as_bytes(), body].concat(), [chunk.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()]
}

#[tokio::test]
async fn what_was_asked_of_an_app_that_does_not_listen_or_that_nobody_knows_is_kept() {
    let (mut bed, nodes, _kept) = down();
    let large = vec![b'x'; 200 << 10];
    for node in &nodes {
        // One connection for all: it goes on with the next request.
        let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", node.http)).await.unwrap());
        for target in [ORDERS, "/v1.0/invoke/nobody/method/orders"] {
            for body in [&b"{\"orderId\":1}"[..], &large] {
                for request in posts(target, body) {
                    soon("the request to be taken", wire.send(request)).await.unwrap();
                    assert_eq!(soon("an answer", wire.answer("POST")).await.unwrap().status(), 500);
                    let end = bed.next_call().await.end;
                    assert!(matches!(end.outcome, Outcome::Failed(_)), "{:?}", end.outcome);
                    assert_eq!((end.request_body.end, end.request_body.seen), (BodyEnd::Complete, body.len() as u64));
                    assert!(end.request_body.kept == body, "{target}");
                    assert_eq!(end.phases.at(Phase::Sent), None, "it was sent to nobody");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_longer_than_go_reads_is_left_unread() {
    let (mut bed, nodes, _kept) = down();
    for node in &nodes {
        let (answer, end) = only_head(&mut bed, node, &format!("Content-Length: {}\r\n", (256 << 10) + 1)).await;
        assert_eq!(answer.status(), 500);
        assert_eq!((end.request_body.end, end.request_body.seen), (BodyEnd::Abandoned, 0));
    }
}

#[tokio::test]
async fn a_caller_that_asks_before_it_sends_is_not_told_to_send() {
    let (mut bed, nodes, _kept) = down();
    for node in &nodes {
        let (answer, end) = only_head(&mut bed, node, "Content-Length: 3\r\nExpect: 100-continue\r\n").await;
        assert_eq!(answer.status(), 500, "and not 100");
        assert_eq!((end.request_body.end, end.request_body.seen), (BodyEnd::Abandoned, 0));
    }
}

#[tokio::test]
async fn a_caller_that_does_not_send_what_it_announced_is_answered_and_its_call_ends() {
    let (mut bed, nodes, _kept) = down();
    for node in &nodes {
        let (answer, end) = only_head(&mut bed, node, "Content-Length: 3\r\n").await;
        assert_eq!(answer.status(), 500);
        assert_eq!((end.request_body.end, end.request_body.seen), (BodyEnd::Abandoned, 0));
    }
}

#[tokio::test]
async fn the_messages_for_an_app_that_is_down_are_kept() {
    let (mut bed, nodes, _kept) = down();
    for node in &nodes {
        assert_eq!(caller(node).ask(PLACE, b"one").await.code, Code::Unavailable);
        let end = bed.next_call().await.end;
        let messages: Vec<_> = end.messages.of(Side::Request).map(|message| message.kept(&end.request_body)).collect();
        assert_eq!((end.request_body.end, messages), (BodyEnd::Complete, vec![&b"one"[..]]));
        assert_eq!(end.phases.at(Phase::Sent), None, "it was sent to nobody");
    }
}
