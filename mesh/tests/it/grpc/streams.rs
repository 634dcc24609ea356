//! Each kind of stream, on every way to the app, and what goes with the messages.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use super::{PLACE, caller, echo, pair, pair_with, saying};
use crate::support::{Got, GrpcScript, soon, wait_until};

/// What it is called, what is sent, what the app says, and whether it says what it hears.
type Kind = (&'static str, &'static [&'static [u8]], &'static [&'static str], bool);

fn said(messages: &[Bytes]) -> Vec<&str> {
    messages.iter().map(|message| std::str::from_utf8(message).unwrap()).collect()
}

#[tokio::test]
async fn every_kind_of_stream_passes_on_every_way() {
    let pair = pair().await;
    let kinds: [Kind; 6] = [
        ("unary", &[b"one"], &["reply"], false),
        ("client", &[b"1", b"2", b"3"], &["reply"], false),
        ("server", &[b"one"], &["1", "2", "3"], false),
        ("both", &[b"1", b"2", b"3"], &["1", "2", "3"], true),
        ("nothing sent", &[], &["reply"], false),
        ("nothing answered", &[b"one"], &[], false),
    ];
    for (leg, node) in pair.legs() {
        for (kind, sent, answered, echo) in kinds {
            pair.app.set(GrpcScript { echo, ..saying(answered) });
            let got = caller(node).call(PLACE, sent).await;
            assert_eq!((got.code, said(&got.messages)), (Code::Ok, answered.to_vec()), "{leg} {kind}: {}", got.words);
            let seen = pair.app.seen().await;
            let heard: Vec<&[u8]> = seen.messages.iter().map(|message| &message[..]).collect();
            assert_eq!((seen.method.as_str(), &heard[..]), (PLACE, sent), "{leg} {kind}");
        }
    }
}

#[tokio::test]
async fn each_message_passes_when_it_is_said_and_an_app_hears_the_end_of_the_request_while_it_answers() {
    let pair = pair().await;
    pair.app.set(echo());
    for (leg, node) in pair.legs() {
        let (sender, messages) = mpsc::channel(1);
        let asking = caller(node);
        let opened = asking.open(PLACE, ReceiverStream::new(messages));
        // The metadata of an answer comes with its first message, as in Dapr.
        sender.send(Bytes::from_static(b"0")).await.unwrap();
        let mut answer = soon("the answer's head", opened).await.unwrap().into_inner();
        for number in 0..3 {
            let message = soon("an echo", answer.next()).await.unwrap().unwrap();
            assert_eq!(message, number.to_string().as_bytes(), "{leg}");
            sender.send(Bytes::from((number + 1).to_string())).await.unwrap();
        }
        drop(sender);
        assert_eq!(soon("the last echo", answer.next()).await.unwrap().unwrap(), "3", "{leg}");
        assert!(soon("the end", answer.next()).await.is_none(), "{leg}");
    }
}

#[tokio::test]
async fn status_details_and_metadata_come_back_whole() {
    let pair = pair().await;
    let details: &[u8] = &[8, 9, 18, 3, b'a', b'b', b'c'];
    let binary = vec![0, 255, 128];
    for (leg, node) in pair.legs() {
        pair.app.set(GrpcScript {
            code: Code::FailedPrecondition,
            words: "the app says no".to_owned(),
            trailing: vec![
                ("grpc-status-details-bin".to_owned(), details.to_vec()),
                ("x-t".to_owned(), b"1".to_vec()),
                ("x-t-bin".to_owned(), binary.clone()),
            ],
            ..saying(&[])
        });
        let got = caller(node).ask(PLACE, b"one").await;
        assert_eq!((got.code, got.words.as_str()), (Code::FailedPrecondition, "abc"), "{leg}: words of the details");
        assert_eq!(got.details, details, "{leg}");
        for (key, value) in [("x-t", &b"1"[..]), ("x-t-bin", &binary)] {
            assert!(got.trailing.contains(&(key.to_owned(), value.to_vec())), "{leg} {key}: {:?}", got.trailing);
        }
        pair.app.set(GrpcScript { initial: vec![("x-i-bin".to_owned(), binary.clone())], ..saying(&["1"]) });
        let got = caller(node).ask(PLACE, b"one").await;
        assert!(got.initial.contains(&("x-i-bin".to_owned(), binary.clone())), "{leg}: {:?}", got.initial);
    }
}

#[tokio::test]
async fn compressed_messages_pass_as_they_are() {
    let mut pair = pair().await;
    pair.app.set(echo());
    let long = vec![b'x'; 100_000];
    for port in [pair.processor.grpc, pair.checkout.grpc] {
        let caller = crate::support::Caller::to(port).with("dapr-app-id", "order-processor").compressed();
        let got = caller.ask(PLACE, &long).await;
        assert_eq!((got.code, got.messages.len()), (Code::Ok, 1), "{}", got.words);
        assert_eq!(got.messages[0], long);
        assert_eq!(pair.app.seen().await.messages[0], long);
        let told = pair.bed.next_call().await;
        assert!(told.end.request_body.seen < 10_000, "{} bytes", told.end.request_body.seen);
    }
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_call_in_either_direction_and_anywhere_in_a_stream() {
    let pair = pair_with(|settings| settings.max_body_size = Some(1000)).await;
    let (fits, long) = (vec![b'x'; 1000], vec![b'x'; 1001]);
    let words = "grpc: received message larger than max (1001 vs. 1000)";
    for (leg, node) in pair.legs() {
        pair.app.set(echo());
        assert_eq!(caller(node).ask(PLACE, &fits).await.code, Code::Ok, "{leg}");
        for sent in [vec![&long[..]], vec![&fits, &fits, &long]] {
            let got = caller(node).call(PLACE, &sent).await;
            assert_eq!((got.code, got.words.as_str()), (Code::ResourceExhausted, words), "{leg}");
        }
        for before in 0..2 {
            let mut messages = vec![Bytes::from_static(b"fits"); before];
            messages.push(Bytes::from(long.clone()));
            pair.app.set(GrpcScript { messages, ..GrpcScript::default() });
            let got = caller(node).ask(PLACE, b"one").await;
            assert_eq!((got.code, got.words.as_str(), got.messages.len()), (Code::ResourceExhausted, words, before));
        }
    }
}

#[tokio::test]
async fn an_app_that_answers_before_it_has_heard_everything_ends_the_request() {
    let pair = pair().await;
    for (leg, node) in pair.legs() {
        pair.app.set(GrpcScript { deaf: true, ..saying(&["enough"]) });
        let asking = caller(node);
        let dropped = Arc::new(());
        let kept = Arc::clone(&dropped);
        let endless = stream::repeat(Bytes::from(vec![b'x'; 1000])).then(move |message| {
            let kept = Arc::clone(&kept);
            async move {
                tokio::task::yield_now().await;
                drop(kept);
                message
            }
        });
        let got = soon("the end", Got::read(asking.open(PLACE, endless).await)).await;
        assert_eq!((got.code, said(&got.messages)), (Code::Ok, vec!["enough"]), "{leg}: {}", got.words);
        wait_until("the caller stops to send", async || Arc::strong_count(&dropped) == 1).await;
        assert_eq!(pair.app.open_calls(), 0, "{leg}");
    }
}
