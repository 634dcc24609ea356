//! Calls that are taken back, run out of time, or lose their app.

use std::time::Duration;

use bytes::Bytes;
use daptop_model::{BodyEnd, FailureKind, Leg, Outcome};
use futures_util::{StreamExt as _, stream};
use tonic::Code;

use super::{PLACE, caller, pair, saying};
use crate::support::{Bed, Caller, Got, GrpcApp, GrpcScript, closed_port, settings, soon, wait_until};

fn one() -> impl futures_util::Stream<Item = Bytes> + Send + 'static {
    stream::iter([Bytes::from_static(b"one")])
}

#[tokio::test]
async fn a_call_that_its_caller_takes_back_is_taken_back_at_the_app() {
    let mut pair = pair().await;
    for (count, node) in [&pair.processor, &pair.checkout, &pair.far].into_iter().enumerate() {
        pair.app.set(GrpcScript { hangs: true, ..saying(&["1"]) });
        let mut answer = soon("the head", caller(node).open(PLACE, one())).await.unwrap().into_inner();
        assert_eq!(soon("a message", answer.next()).await.unwrap().unwrap(), "1");
        drop(answer);
        wait_until("the app hears of it", async || pair.app.cancelled_calls() == count + 1).await;
        assert_eq!(pair.app.open_calls(), 0);
    }
    for _ in 0..3 {
        let told = pair.bed.next_call().await;
        assert_eq!((told.end.outcome, told.end.response_body.end), (Outcome::Cancelled, BodyEnd::Abandoned));
    }
}

#[tokio::test]
async fn a_call_that_is_taken_back_before_its_answer_is_taken_back_at_the_app_too() {
    let pair = pair().await;
    for (count, (leg, node)) in pair.legs().into_iter().enumerate() {
        pair.app.set(GrpcScript { hangs: true, ..saying(&[]) });
        let asking = caller(node);
        let call = tokio::spawn(async move { asking.ask(PLACE, b"one").await });
        wait_until("the app has got it", async || pair.app.open_calls() == 1).await;
        call.abort();
        wait_until("the app hears of it", async || pair.app.cancelled_calls() == count + 1).await;
        assert_eq!(pair.app.open_calls(), 0, "{leg}");
    }
}

#[tokio::test]
async fn patience_is_told_to_the_app_and_its_end_takes_the_call_back() {
    let pair = pair().await;
    for (leg, node) in pair.legs() {
        for messages in [&[][..], &["1"]] {
            pair.app.set(GrpcScript { hangs: true, ..saying(messages) });
            // On a busy machine a short patience may be over before the app has got, or said, anything.
            let mut millis = 150;
            let seen = loop {
                millis *= 2;
                let asking = caller(node).with("grpc-timeout", format!("{millis}m"));
                let got = soon("an end", asking.ask(PLACE, b"one")).await;
                let words = (got.code, got.words.as_str());
                assert_eq!(words, (Code::DeadlineExceeded, "context deadline exceeded"), "{leg}");
                match pair.app.take_seen().pop() {
                    Some(seen) if got.messages.len() == messages.len() => break seen,
                    seen => assert!(millis < 10_000, "{leg}: {got:?}, {seen:?}"),
                }
            };
            let told = seen.values("grpc-timeout").remove(0);
            let micros: u64 = told.trim_end_matches('u').parse().unwrap_or_else(|_| panic!("{leg}: {told}"));
            assert!(micros < millis * 1_000, "{leg}: {told}");
            wait_until("the app hears of it", async || pair.app.open_calls() == 0).await;
        }
    }
}

#[tokio::test]
async fn the_end_of_patience_counts_from_when_the_call_came_even_if_its_app_never_starts() {
    let bed = Bed::new();
    let supervised =
        |id, port: Option<u16>| daptop_mesh::SidecarSettings { supervised: port.is_some(), ..settings(id, port) };
    let _waiting = bed.start(supervised("order-processor", Some(1)));
    let client = bed.start_ready(supervised("client", None)).await;
    let asking = caller(&client).with("grpc-timeout", "100m");
    assert_eq!(soon("an end", asking.ask(PLACE, b"one")).await.code, Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_call_loses_its_app_and_the_next_one_finds_it_again() {
    let pair = pair().await;
    for (leg, node) in pair.legs() {
        pair.app.set(GrpcScript { hangs: true, ..saying(&["1"]) });
        let mut answer = soon("the head", caller(node).open(PLACE, one())).await.unwrap().into_inner();
        assert_eq!(soon("a message", answer.next()).await.unwrap().unwrap(), "1", "{leg}");
        pair.app.cut();
        let status = soon("the end", answer.next()).await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{leg}: {}", status.message());
        let reason = status.message().strip_prefix("error reading from server: ");
        assert!(matches!(reason, Some("EOF" | "read: connection reset by peer")), "{leg}: {}", status.message());
        pair.app.set(saying(&["again"]));
        wait_until("the app is found again", async || caller(node).ask(PLACE, b"one").await.code == Code::Ok).await;
    }
}

#[tokio::test]
async fn an_app_that_is_down_is_told_in_gos_words() {
    let (port, _kept) = closed_port();
    let mut bed = Bed::new();
    let down = bed.start(settings("order-processor", port));
    let client = bed.start_ready(settings("client", None)).await;
    for (node, leg) in [(&down, Leg::Own), (&client, Leg::InProcess)] {
        let got = caller(node).ask(PLACE, b"one").await;
        let words = format!(
            "connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:{port}: connect: connection refused\""
        );
        assert_eq!((got.code, got.words), (Code::Unavailable, words));
        let told = bed.next_call().await;
        let Outcome::Failed(failure) = told.end.outcome else { panic!("{:?}", told.end.outcome) };
        assert_eq!((failure.kind, told.end.leg), (FailureKind::ConnectionRefused, leg));
    }
}

#[tokio::test]
async fn a_call_to_an_app_that_is_still_starting_is_held() {
    let app = GrpcApp::start().await;
    let bed = Bed::new();
    let supervised = daptop_mesh::SidecarSettings { supervised: true, ..settings("order-processor", app.port) };
    let node = bed.start(supervised);
    let asking = caller(&node);
    let call = tokio::spawn(async move { asking.ask(PLACE, b"one").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!call.is_finished());
    node.sidecar.set_presence(daptop_mesh::AppPresence::Running);
    let got: Got = soon("an answer", call).await.unwrap();
    assert_eq!(got.code, Code::Ok, "{}", got.words);
}

#[tokio::test]
async fn what_is_no_grpc_is_refused_and_what_answers_none_is_told() {
    let app = crate::support::App::start(crate::support::Script::default()).await;
    let bed = Bed::new();
    let node = bed.start_ready(settings("order-processor", app.port)).await;
    let got = soon("an end", Caller::to(node.grpc).with("dapr-app-id", "order-processor").ask(PLACE, b"one")).await;
    assert_eq!(got.code, Code::Unavailable, "{}", got.words);
}
