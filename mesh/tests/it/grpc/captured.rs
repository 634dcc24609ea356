//! What is told of calls over gRPC.

use daptop_mesh::{Sampling, TracingSettings};
use daptop_model::{Call, Event, Leg, Outcome, Phase, Protocol};
use serde_json::Value;
use tonic::Code;

use super::{PLACE, caller, pair, pair_with, saying};
use crate::support::{Collector, GrpcScript, Told, wait_until};

/// The call as the store would keep it.
fn call(told: &Told) -> Call {
    let mut call = Call::new(told.start.clone());
    call.response.clone_from(&told.end.response);
    call.outcome = told.end.outcome.clone();
    call
}

#[tokio::test]
async fn a_proxied_call_is_told_with_its_method_its_metadata_both_ways_and_its_status() {
    let mut pair = pair().await;
    pair.app.set(GrpcScript { initial: vec![("x-i".to_owned(), b"1".to_vec())], ..saying(&["1", "2"]) });
    for (port, leg) in
        [(pair.processor.grpc, Leg::Own), (pair.checkout.grpc, Leg::InProcess), (pair.far.grpc, Leg::FromProcess)]
    {
        let asked = crate::support::Caller::to(port).with("dapr-app-id", "order-processor").with("x-a", "b");
        assert_eq!(asked.call(PLACE, &[b"one", b"more"]).await.code, Code::Ok);
        let told = pair.bed.next_call().await;
        assert_eq!((told.start.protocol, told.end.leg, &told.end.outcome), (Protocol::Grpc, leg, &Outcome::Answered));
        let from = if leg == Leg::Own { "order-processor" } else { "checkout" };
        assert_eq!((told.start.from.as_str(), told.start.to.as_str()), (from, "order-processor"), "{leg:?}");
        assert_eq!((told.start.request.verb(), &*told.start.request.path()), ("POST", PLACE), "{leg:?}");
        assert_eq!(told.start.request.headers.text("x-a"), Some("b"), "{leg:?}");
        let head = told.end.response.clone().unwrap();
        let trailers = head.trailers.unwrap();
        assert_eq!((head.headers.text("x-i"), trailers.text("grpc-status")), (Some("1"), Some("0")), "{leg:?}");
        assert_eq!((head.headers.get("grpc-status"), trailers.get("x-i")), (None, None), "{leg:?}: kept apart");
        assert_eq!((call(&told).grpc_status(), call(&told).is_error()), (Some(0), false), "{leg:?}");
        assert_eq!(
            &told.end.request_body.kept[..],
            b"\0\0\0\0\x03one\0\0\0\0\x04more",
            "{leg:?}: frames as they passed"
        );
        assert_eq!(&told.end.response_body.kept[..], b"\0\0\0\0\x011\0\0\0\0\x012", "{leg:?}");
        let phases = [Phase::Resolved, Phase::Connected, Phase::Sent, Phase::FirstByte, Phase::Ended];
        assert!(phases.iter().all(|phase| told.end.phases.at(*phase).is_some()), "{leg:?}: {:?}", told.end.phases);
    }
}

#[tokio::test]
async fn an_apps_error_is_an_answer_and_its_words_are_told() {
    let mut pair = pair().await;
    pair.app.set(GrpcScript { code: Code::NotFound, words: "no such order".to_owned(), ..saying(&[]) });
    caller(&pair.checkout).ask(PLACE, b"one").await;
    let told = pair.bed.next_call().await;
    assert_eq!(told.end.outcome, Outcome::Answered);
    assert_eq!((call(&told).grpc_status(), call(&told).is_error()), (Some(5), true));
    let trailers = told.end.response.unwrap().trailers.unwrap();
    assert_eq!(trailers.text("grpc-message"), Some("no such order"));
}

#[tokio::test]
async fn invocations_over_the_service_are_told_as_what_they_ask_for() {
    let mut pair = pair().await;
    // id `order-processor`, and a message with the method `orders`
    let request = b"\x0a\x0forder-processor\x1a\x08\x0a\x06orders";
    let got =
        crate::support::Caller::to(pair.checkout.grpc).ask("/dapr.proto.runtime.v1.Dapr/InvokeService", request).await;
    assert_eq!(got.code, Code::Ok, "{}", got.words);
    let told = pair.bed.next_call().await;
    assert_eq!((&*told.start.request.path(), told.start.to.as_str()), ("/orders", "order-processor"));
    assert_eq!((told.start.protocol, told.end.leg), (Protocol::Grpc, Leg::InProcess));
    assert_eq!(call(&told).grpc_status(), Some(0));
}

#[tokio::test]
async fn every_sidecar_on_the_way_makes_a_span_that_is_named_by_the_method() {
    let collector = Collector::start().await;
    let zipkin = collector.endpoint();
    let pair = pair_with(|settings| {
        settings.tracing =
            TracingSettings { sampling: Sampling::Rate(1.0), zipkin: Some(zipkin.clone()), stdout: false };
    })
    .await;
    pair.app.set(GrpcScript { code: Code::Aborted, words: "not now".to_owned(), ..saying(&["1"]) });
    for (number, (leg, node)) in pair.legs().into_iter().enumerate() {
        let trace = format!("4bf92f3577b34da6a3ce929d0e0e47{number:02}");
        caller(node).with("traceparent", format!("00-{trace}-00f067aa0ba902b7-01")).ask(PLACE, b"one").await;
        let expected = if leg == "local" { 1 } else { 2 };
        wait_until("the spans are exported", async || collector.of_trace(&trace).len() >= expected).await;
        let spans = collector.of_trace(&trace);
        let mut kinds: Vec<_> = spans.iter().map(|span| span["kind"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, if leg == "local" { vec!["SERVER"] } else { vec!["CLIENT", "SERVER"] }, "{leg}");
        let find = |kind: &str| spans.iter().find(|span| span["kind"] == kind);
        for span in &spans {
            assert_eq!(span["name"].as_str().unwrap().to_lowercase(), PLACE.to_lowercase(), "{leg}");
            assert_eq!(span["tags"]["error"], "not now", "{leg}: {span}");
        }
        if let (Some(client), Some(server)) = (find("CLIENT"), find("SERVER")) {
            assert_eq!(server["parentId"], client["id"], "{leg}");
            assert_eq!(server["tags"]["dapr-caller-app-id"], "checkout", "{leg}");
            assert_eq!(client["tags"]["dapr-app-id"], Value::from("order-processor"), "{leg}");
        }
    }
}

#[tokio::test]
async fn nothing_is_told_where_capture_is_off() {
    let app = crate::support::GrpcApp::start().await;
    let port = app.port;
    let mesh = daptop_mesh::MeshSettings { capture: false, ..daptop_mesh::MeshSettings::default() };
    let mut pair = crate::support::Pair::of(app, port, mesh, |_| {}).await;
    assert_eq!(caller(&pair.checkout).ask(PLACE, b"one").await.code, Code::Ok);
    let mut events: Vec<Event> = Vec::new();
    let wait = std::time::Duration::from_millis(50);
    let told = tokio::time::timeout(wait, pair.bed.events.receive_many(&mut events, 1)).await;
    assert!(told.is_err(), "{events:?}");
}
