//! Calls that are sent again.

use bytes::Bytes;
use daptop_mesh::{ReplayError, Sampling};
use daptop_model::{AppId, Call, CallId, FailureKind, Leg, Outcome, Protocol, Replay};
use tokio::sync::oneshot;

use crate::support::{App, Ask, Bed, Message, Pair, Script, Told, settings, soon};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

async fn traced() -> Pair {
    Pair::with(|settings| settings.tracing.sampling = Sampling::Rate(1.0)).await
}

/// The call as a snapshot has it.
fn call(told: &Told) -> Call {
    let mut call = Call::new(told.start.clone());
    let end = told.end.clone();
    (call.request_body, call.response, call.response_body) = (end.request_body, end.response, end.response_body);
    (call.leg, call.phases, call.outcome, call.trace) = (end.leg, end.phases, end.outcome, end.trace);
    call
}

/// Replays a call, and tells what was told of the new one.
async fn again(bed: &mut Bed, replay: &Replay) -> (Option<CallId>, Told) {
    let (opened, number) = oneshot::channel();
    soon("the replay", bed.mesh.replay(replay, opened)).await.unwrap();
    (number.await.ok(), bed.next_call().await)
}

/// What an app sees of a request, less what is another in each trace.
fn seen_by_app(message: &Message) -> (String, Vec<(String, String)>, String) {
    let mut headers = message.headers.clone();
    headers.retain(|(name, _)| !matches!(name.as_str(), "traceparent" | "tracestate"));
    headers.sort();
    (message.line.clone(), headers, message.text())
}

#[tokio::test]
async fn a_replay_reaches_the_app_as_the_original_did_and_no_app_can_tell_them_apart() {
    let (mut pair, outside) = (traced().await, App::start(Script::default()).await);
    let elsewhere = format!("/v1.0/invoke/http://127.0.0.1:{}/method/orders", outside.port);
    for (leg, target) in [(Leg::InProcess, ORDERS), (Leg::External, &*elsewhere), (Leg::Own, ORDERS)] {
        let asked = Ask::post(&format!("{target}/a%20b?x=%20y"), "{\"orderId\":1}")
            .header("X-Tenant", "blue")
            .header("x-tenant", "red")
            .header("Authorization", "Bearer secret")
            .header("Connection", "keep-alive, X-Hop")
            .header("X-Hop", "1");
        let node = if leg == Leg::Own { &pair.processor } else { &pair.checkout };
        node.ask(asked).await;
        let app = if leg == Leg::External { &outside } else { &pair.app };
        let first = app.seen().await;
        let told = pair.bed.next_call().await;
        let (number, new) = again(&mut pair.bed, &Replay::of(&call(&told))).await;
        assert_eq!(seen_by_app(&app.seen().await), seen_by_app(&first), "{leg:?}");
        assert_eq!((number, new.start.replay_of), (Some(new.start.id), Some(told.start.id)), "{leg:?}");
        assert_eq!((new.end.leg, &new.end.outcome), (leg, &Outcome::Answered));
        assert_eq!((&new.start.from, &new.start.to), (&told.start.from, &told.start.to), "{leg:?}");
        assert_eq!(told.start.replay_of, None, "the original is no replay");
        let trace = |told: &Told| told.end.trace.unwrap();
        assert_ne!(trace(&new).trace, trace(&told).trace, "{leg:?}: a trace of its own");
        assert_eq!(trace(&new).parent, None, "{leg:?}: of which it is the root");
        assert_eq!(new.end.response_body, told.end.response_body, "{leg:?}");
    }
}

#[tokio::test]
async fn a_replay_to_an_app_of_another_process_goes_there() {
    let mut pair = traced().await;
    pair.far.ask(Ask::post(ORDERS, "{}")).await;
    let first = pair.app.seen().await;
    let told = pair.far_bed.next_call().await;
    let (_, new) = again(&mut pair.far_bed, &Replay::of(&call(&told))).await;
    assert_eq!((new.end.leg, new.start.replay_of), (Leg::ToProcess, Some(told.start.id)));
    assert_eq!(seen_by_app(&pair.app.seen().await), seen_by_app(&first));
    let there = [pair.bed.next_call().await, pair.bed.next_call().await];
    assert_eq!(there.map(|told| told.start.replay_of), [None, None], "nothing travels that says that it is a replay");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_sent_in_chunks_again() {
    let mut pair = Pair::start().await;
    pair.checkout.ask(Ask::post(ORDERS, "in pieces").chunked()).await;
    let first = pair.app.seen().await;
    let told = pair.bed.next_call().await;
    again(&mut pair.bed, &Replay::of(&call(&told))).await;
    let second = pair.app.seen().await;
    assert_eq!(second.header("transfer-encoding"), Some("chunked"));
    assert_eq!(seen_by_app(&second), seen_by_app(&first));
}

#[tokio::test]
async fn what_was_edited_is_what_is_sent() {
    let mut pair = Pair::start().await;
    pair.checkout.ask(Ask::post(ORDERS, "{}").header("x-tenant", "blue")).await;
    pair.app.seen().await;
    let told = pair.bed.next_call().await;
    let mut replay = Replay::of(&call(&told));
    replay.request.verb = "PUT".to_owned();
    replay.request.set_path("/orders/7?x=1");
    replay.request.set_header("X-Tenant", Bytes::from_static(b"red"));
    replay.request.set_body(Bytes::from_static(b"{\"orderId\":7}"));
    let (_, new) = again(&mut pair.bed, &replay).await;
    let seen = pair.app.seen().await;
    assert_eq!((seen.line.as_str(), seen.text()), ("PUT /orders/7?x=1 HTTP/1.1", "{\"orderId\":7}".to_owned()));
    assert_eq!(seen.all("x-tenant"), ["red"]);
    assert_eq!(seen.header("content-length"), Some("13"));
    assert_eq!(new.start.request.path(), "/orders/7?x=1");
}

#[tokio::test]
async fn http2_is_spoken_again_where_it_was() {
    let mut pair = Pair::start().await;
    pair.checkout.ask(Ask::post(ORDERS, "{}")).await;
    pair.app.seen().await;
    let told = pair.bed.next_call().await;
    for chunked in [false, true] {
        let mut replay = Replay { protocol: Protocol::Http2, ..Replay::of(&call(&told)) };
        replay.request.chunked = chunked;
        let (_, new) = again(&mut pair.bed, &replay).await;
        assert_eq!((new.start.protocol, new.end.outcome), (Protocol::Http2, Outcome::Answered));
        assert_eq!(pair.app.seen().await.text(), "{}");
    }
}

#[tokio::test]
async fn the_token_of_the_api_is_known_to_a_replay_though_it_is_never_captured() {
    let mut pair = Pair::with(|settings| settings.api_token = Some("secret".to_owned())).await;
    pair.checkout.ask(Ask::post(ORDERS, "{}").header("dapr-api-token", "secret")).await;
    let first = pair.app.seen().await;
    let told = pair.bed.next_call().await;
    assert_eq!(told.start.request.headers.get("dapr-api-token"), None);
    let (_, new) = again(&mut pair.bed, &Replay::of(&call(&told))).await;
    assert_eq!(new.end.response.unwrap().status, 200);
    assert_eq!(seen_by_app(&pair.app.seen().await), seen_by_app(&first));
}

#[tokio::test]
async fn a_replay_that_no_app_answers_tells_why_as_any_call_does() {
    let mut bed = Bed::new();
    let client = bed.start_ready(settings("client", None)).await;
    client.ask(Ask::get("/v1.0/invoke/nobody/method/orders")).await;
    let told = bed.next_call().await;
    let (_, new) = again(&mut bed, &Replay::of(&call(&told))).await;
    let Outcome::Failed(failure) = &new.end.outcome else { panic!("{:?}", new.end.outcome) };
    assert_eq!((failure.kind, new.start.replay_of), (FailureKind::UnknownApp, Some(told.start.id)));
}

#[tokio::test]
async fn without_a_sidecar_of_the_caller_or_without_a_request_nothing_is_sent() {
    let mut pair = Pair::start().await;
    pair.checkout.ask(Ask::get(ORDERS)).await;
    pair.app.seen().await;
    let replay = Replay::of(&call(&pair.bed.next_call().await));
    let mut wrong = replay.clone();
    wrong.request.target = "/a b".to_owned();
    let mut unasked = Replay { protocol: Protocol::Grpc, ..replay.clone() };
    unasked.request.target = "/v1.0/invoke/shop".to_owned();
    for (replay, told) in [
        (
            Replay { caller: AppId::new("nobody"), ..replay.clone() },
            "nobody has no sidecar in this run: it is closed already, or runs in another process",
        ),
        (unasked, "this cannot be sent: /v1.0/invoke/shop names no method"),
        (wrong, "this cannot be sent: ' ' cannot stand in a path: write it as %20"),
    ] {
        let (opened, number) = oneshot::channel();
        let error: ReplayError = pair.bed.mesh.replay(&replay, opened).await.unwrap_err();
        assert_eq!(error.to_string(), told);
        assert!(number.await.is_err(), "there is no new call");
    }
    assert_eq!(pair.app.take_seen(), []);
}

#[tokio::test]
async fn what_is_no_call_has_no_number_and_is_sent_all_the_same() {
    let mut pair = Pair::start().await;
    pair.checkout.ask(Ask::get(ORDERS)).await;
    let mut replay = Replay::of(&call(&pair.bed.next_call().await));
    replay.request.set_path("/v1.0/healthz");
    let (opened, number) = oneshot::channel();
    soon("the replay", pair.bed.mesh.replay(&replay, opened)).await.unwrap();
    assert!(number.await.is_err());
}
