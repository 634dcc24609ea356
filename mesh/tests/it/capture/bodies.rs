//! What is kept of bodies.

use daptop_mesh::MeshSettings;
use daptop_model::BodyEnd;

use super::ORDERS;
use crate::support::{App, Ask, Framing, Pair, Script};

async fn with_cap(body_cap: usize, answer: &str, framing: Framing) -> Pair {
    let app = App::start(Script { framing, ..Script::default() }.body(answer)).await;
    let port = app.port;
    Pair::of(app, port, MeshSettings { body_cap, ..MeshSettings::default() }, |_| {}).await
}

#[tokio::test]
async fn a_body_is_kept_up_to_the_cap_and_its_true_length_is_told() {
    let long = "0123456789abcdefghijklmno";
    for framing in [Framing::Length, Framing::Chunked] {
        for (cap, kept) in [(1 << 20, long), (10, "0123456789"), (0, "")] {
            let mut pair = with_cap(cap, long, framing).await;
            for (_, node) in pair.legs() {
                let asked = Ask { chunked: framing == Framing::Chunked, ..Ask::post(ORDERS, long) };
                assert_eq!(node.ask(asked).await.text(), long, "the cap is not the caller's business");
            }
            for _ in 0..3 {
                let end = pair.bed.next_call().await.end;
                for (side, body) in [("request", end.request_body), ("answer", end.response_body)] {
                    let name = format!("{side} of {:?}, cap {cap}, {framing:?}", end.leg);
                    assert_eq!((&body.kept[..], body.seen), (kept.as_bytes(), 25), "{name}");
                    assert_eq!((body.end, body.is_whole()), (BodyEnd::Complete, cap > 25), "{name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_empty_body_is_whole() {
    let mut pair = with_cap(1 << 20, "", Framing::Length).await;
    for (_, node) in pair.legs() {
        node.ask(Ask::get(ORDERS)).await;
    }
    for _ in 0..3 {
        let end = pair.bed.next_call().await.end;
        assert!(end.request_body.is_whole(), "{:?}: {:?}", end.leg, end.request_body);
        assert!(end.response_body.is_whole(), "{:?}: {:?}", end.leg, end.response_body);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_as_broken() {
    let mut pair = with_cap(1 << 20, "some", Framing::Length).await;
    pair.app.set(Script { act: crate::support::Act::Cut, ..Script::default() }.body("some"));
    for node in [&pair.processor, &pair.checkout] {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", node.http)).await.unwrap();
        assert!(crate::support::ask_over(stream, &Ask::get(ORDERS)).await.is_err());
    }
    for _ in 0..2 {
        let body = pair.bed.next_call().await.end.response_body;
        assert_eq!((&body.kept[..], body.end), (&b"some"[..], BodyEnd::Broken));
    }
}
