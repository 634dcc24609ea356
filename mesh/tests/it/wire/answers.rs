//! Answers of other sidecars: those that are not whole are refused in Dapr's words, and one that does not stream is asked in one
//! message.

use std::io;

use daptop_mesh::MeshSettings;
use tokio::net::TcpStream;

use super::fields::{count, entry, field, text};
use super::peer::{Answer, Listed, Sent};
use super::{STREAM, UNARY, invoke};
use crate::support::{Ask, Bed, Message, ask_over, settings, soon};

/// Lets `client` ask `web`, which answers like this each time; what it was asked, and what the client got.
async fn answered(ask: Ask, answers: &[Answer<'_>]) -> (Vec<Sent>, io::Result<Message>) {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    let client = bed.start_ready(settings("client", None)).await;
    let web = Listed::start(folder.path(), "web").await;
    let stream = TcpStream::connect(("127.0.0.1", client.http)).await.unwrap();
    tokio::join!(web.answer_each(answers), async { soon("an answer, or its end", ask_over(stream, &ask)).await })
}

const OK: &[(&str, &str)] = &[("grpc-status", "0")];
const UNIMPLEMENTED: &[(&str, &str)] = &[("grpc-status", "12"), ("grpc-message", "unknown method")];

fn status(code: u64) -> Vec<u8> {
    text(1, count(1, code))
}

fn payload(data: &str, sequence: u64) -> Vec<u8> {
    text(2, [text(1, data), count(2, sequence)].concat())
}

#[tokio::test]
async fn an_answer_that_does_not_begin_with_a_status_is_refused_in_daprs_words() {
    let header = text(2, entry("Content-Type", &["text/plain"]));
    for messages in [&[][..], &[vec![]], &[payload("x", 0)], &[text(1, header)]] {
        let (_, got) = answered(invoke("GET", "none", ""), &[(messages, OK)]).await;
        let got = got.unwrap();
        let words =
            "failed to invoke, id: web, err: response does not contain the required fields in the leading chunk";
        assert_eq!((got.status(), got.error()), (500, words.to_owned()));
    }
}

#[tokio::test]
async fn what_follows_an_answers_first_frame_are_payloads_in_turn_or_the_answer_breaks_off() {
    let lead = [text(1, status(200)), payload("one", 0)].concat();
    for (second, whole) in &[
        (payload("two", 1), Some("onetwo")),
        (vec![], Some("one")),
        (payload("two", 2), None),
        ([text(1, status(200)), payload("two", 1)].concat(), None),
        ([text(1, text(2, entry("X-One", &["1"]))), payload("two", 1)].concat(), None),
    ] {
        let (_, got) = answered(invoke("GET", "none", ""), &[(&[lead.clone(), second.clone()], OK)]).await;
        assert_eq!(got.map(|got| got.text()).ok().as_deref(), *whole, "{second:x?}");
    }
}

#[tokio::test]
async fn a_sidecar_that_does_not_stream_is_asked_again_in_one_message() {
    let response = [status(201), text(4, [text(1, text(2, "done")), text(2, "text/plain")].concat())].concat();
    let ask = invoke("POST", "orders?a=1", r#"{"orderId":1}"#).header("Content-Type", "application/json");
    let (asked, got) = answered(ask, &[(&[], UNIMPLEMENTED), (&[response], OK)]).await;
    let got = got.unwrap();
    assert_eq!((got.status(), &*got.text(), got.header("content-type")), (201, "done", Some("text/plain")));
    let path = |sent: &Sent| sent.headers.iter().find(|(name, _)| name == ":path").unwrap().1.clone();
    assert_eq!([path(&asked[0]), path(&asked[1])], [STREAM, UNARY]);
    assert_eq!(asked[1].messages.len(), 1);
    let message = field(&asked[1].messages[0], 3).unwrap();
    let want = [
        text(1, "orders"),
        text(2, text(2, r#"{"orderId":1}"#)),
        text(3, "application/json"),
        text(4, [count(1, 3), text(2, "a=1")].concat()),
    ];
    assert_eq!(message, want.concat());
}

#[tokio::test]
async fn a_body_that_cannot_be_sent_twice_is_not_and_it_is_said_why() {
    let (_, got) = answered(invoke("POST", "orders", "1").chunked(), &[(&[], UNIMPLEMENTED)]).await;
    let got = got.unwrap();
    let words = "failed to invoke, id: web, err: target app 'web' is running a version of Dapr that does not support \
                 streaming-based service invocation";
    assert_eq!((got.status(), got.error()), (500, words.to_owned()));
}
