//! Calls over gRPC that are sent again.

use std::sync::Arc;

use bytes::Bytes;
use daptop_mesh::{Sampling, SidecarSettings};
use daptop_model::{Call, INVOKE_SERVICE, Protocol, Replay, Side, framed};
use prost::Message as _;
use tokio::sync::oneshot;
use tonic::Code;

use super::{PLACE, caller, pair_with, saying};
use crate::support::{Bed, Caller, GrpcScript, Pair, Seen, soon};

fn traced(settings: &mut SidecarSettings) {
    settings.tracing.sampling = Sampling::Rate(1.0);
}

/// The call that has just ended.
async fn ended(bed: &mut Bed) -> Arc<Call> {
    bed.shown().call("the end", |call| !call.is_open()).await
}

/// Replays a call; gives the new one.
async fn again(bed: &mut Bed, replay: &Replay) -> Arc<Call> {
    let (opened, number) = oneshot::channel();
    soon("the replay", bed.mesh.replay(replay, opened)).await.unwrap();
    let new = ended(bed).await;
    assert_eq!((number.await.ok(), new.replay_of()), (Some(new.id), Some(replay.original)));
    new
}

/// A method, its metadata, its messages.
type Whole = (String, Vec<(String, Vec<u8>)>, Vec<Bytes>);

/// What an app sees of a call, less what is another in each trace.
fn seen_by_app(seen: &Seen) -> Whole {
    let mut metadata = seen.metadata.clone();
    metadata.retain(|(key, _)| !matches!(key.as_str(), "traceparent" | "grpc-trace-bin" | "grpc-timeout"));
    metadata.sort();
    (seen.method.clone(), metadata, seen.messages.clone())
}

#[tokio::test]
async fn a_call_of_one_message_reaches_the_app_as_it_did_and_its_stream_comes_back() {
    let mut pair = pair_with(traced).await;
    pair.app.set(GrpcScript { code: Code::Aborted, words: "not now".to_owned(), ..saying(&["1", "2", "3"]) });
    for port in [pair.processor.grpc, pair.checkout.grpc] {
        let asking = Caller::to(port).with("dapr-app-id", "order-processor").with("x-a", "b").with("x-a-bin", [0, 255]);
        asking.with("grpc-timeout", "10S").compressed().ask(PLACE, &[b'x'; 2000]).await;
        let first = pair.app.seen().await;
        let told = ended(&mut pair.bed).await;
        let new = again(&mut pair.bed, &Replay::of(&told)).await;
        assert_eq!(seen_by_app(&pair.app.seen().await), seen_by_app(&first));
        assert_eq!((&new.from, &new.to, new.leg, new.protocol), (&told.from, &told.to, told.leg, Protocol::Grpc));
        assert_eq!((new.grpc_status(), new.messages.seen(Side::Response)), (Some(Code::Aborted as u32), 3));
        assert_eq!((&new.request_body, &new.response_body), (&told.request_body, &told.response_body));
        let trace = |call: &Call| call.trace.unwrap();
        assert_ne!(trace(&new).trace, trace(&told).trace, "a trace of its own");
        assert_eq!(trace(&new).parent, None, "of which it is the root");
    }
}

#[tokio::test]
async fn another_message_is_what_is_sent() {
    let mut pair = pair_with(|settings| settings.api_token = Some("secret".to_owned())).await;
    caller(&pair.checkout).with("dapr-api-token", "secret").ask(PLACE, b"one").await;
    pair.app.seen().await;
    let told = ended(&mut pair.bed).await;
    let mut replay = Replay::of(&told);
    replay.request.set_body(framed(b"another"));
    let new = again(&mut pair.bed, &replay).await;
    assert_eq!(pair.app.seen().await.messages, ["another"]);
    assert_eq!(new.grpc_status(), Some(0));
}

#[derive(Clone, PartialEq, prost::Message)]
struct Extension {
    #[prost(int32, tag = "1")]
    verb: i32,
    #[prost(string, tag = "2")]
    querystring: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Invoked {
    #[prost(string, tag = "1")]
    method: String,
    #[prost(message, tag = "2")]
    data: Option<prost_types::Any>,
    #[prost(string, tag = "3")]
    content_type: String,
    #[prost(message, tag = "4")]
    extension: Option<Extension>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Invocation {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(message, tag = "3")]
    message: Option<Invoked>,
}

#[tokio::test]
async fn an_invocation_over_the_service_is_repeated_as_one() {
    let mut pair = Pair::start().await;
    let message = Invoked {
        method: "orders/7".to_owned(),
        data: Some(prost_types::Any { type_url: String::new(), value: b"{\"id\":7}".to_vec() }),
        content_type: "application/json".to_owned(),
        extension: Some(Extension { verb: 4, querystring: "x=1".to_owned() }),
    };
    let request = Invocation { id: "order-processor".to_owned(), message: Some(message) };
    let asking = Caller::to(pair.checkout.grpc).with("x-tenant", "blue");
    assert_eq!(asking.ask(INVOKE_SERVICE, &request.encode_to_vec()).await.code, Code::Ok);
    let first = pair.app.seen().await;
    let told = ended(&mut pair.bed).await;
    assert_eq!((told.request.headers.text("content-type"), told.is_invocation()), (Some("application/json"), true));
    let new = again(&mut pair.bed, &Replay::of(&told)).await;
    let second = pair.app.seen().await;
    let headers = |message: &crate::support::Message| {
        let mut headers = message.headers.clone();
        headers.retain(|(name, _)| !matches!(name.as_str(), "traceparent" | "tracestate" | "dapr-authority"));
        headers.sort();
        headers
    };
    assert_eq!((second.line.as_str(), second.text()), ("PUT /orders/7?x=1 HTTP/1.1", "{\"id\":7}".to_owned()));
    assert_eq!((&first.line, headers(&first)), (&second.line, headers(&second)));
    assert_eq!((new.is_invocation(), new.grpc_status()), (true, Some(0)));
}
