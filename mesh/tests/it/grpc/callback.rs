//! Callers over HTTP reach an app that speaks gRPC.

use std::time::Duration;

use bytes::Bytes;
use daptop_mesh::{HealthSettings, Readiness};
use prost::Message;
use tonic::Code;

use super::{pair, pair_with, saying};
use crate::support::{Any, Ask, DEADLINE, GrpcScript, RichStatus};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

#[derive(Clone, PartialEq, Message)]
struct Extension {
    #[prost(int32, tag = "1")]
    verb: i32,
    #[prost(string, tag = "2")]
    query: String,
}

#[derive(Clone, PartialEq, Message)]
struct InvokeRequest {
    #[prost(string, tag = "1")]
    method: String,
    #[prost(message, optional, tag = "2")]
    data: Option<Any>,
    #[prost(string, tag = "3")]
    content_type: String,
    #[prost(message, optional, tag = "4")]
    http: Option<Extension>,
}

#[derive(Clone, PartialEq, Message)]
struct InvokeResponse {
    #[prost(message, optional, tag = "1")]
    data: Option<Any>,
    #[prost(string, tag = "2")]
    content_type: String,
}

fn answering(data: &str, content_type: &str) -> GrpcScript {
    let data = Some(Any { type_url: String::new(), value: data.into() });
    let response = InvokeResponse { data, content_type: content_type.to_owned() };
    GrpcScript { messages: vec![Bytes::from(response.encode_to_vec())], ..GrpcScript::default() }
}

#[tokio::test]
async fn a_request_becomes_a_callback_and_the_callback_an_answer() {
    let pair = pair().await;
    pair.app.set(answering("{\"ok\":true}", "application/json"));
    for (leg, node) in pair.legs() {
        let asked = Ask::post(&format!("{ORDERS}?a=1"), "{\"orderId\":1}")
            .header("Content-Type", "application/json")
            .header("Accept", "a/b")
            .header("X-One", "1");
        let answer = node.ask(asked).await;
        assert_eq!((answer.status(), &answer.body[..]), (200, &b"{\"ok\":true}"[..]), "{leg}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{leg}");
        let seen = pair.app.seen().await;
        assert_eq!(seen.method, "/dapr.proto.runtime.v1.AppCallback/OnInvoke", "{leg}");
        let told = InvokeRequest::decode(&seen.messages[0][..]).unwrap();
        let data = Some(Any { type_url: String::new(), value: b"{\"orderId\":1}".to_vec() });
        let http = Some(Extension { verb: 3, query: "a=1".to_owned() });
        let content_type = "application/json".to_owned();
        assert_eq!(told, InvokeRequest { method: "orders".to_owned(), data, content_type, http }, "{leg}");
        assert_eq!(seen.values("x-one"), ["1"], "{leg}");
        assert_eq!(seen.values("dapr-accept"), ["a/b"], "{leg}: a header of HTTP itself");
        assert_eq!(seen.values("dapr-content-type"), ["application/json"], "{leg}");
        assert_eq!(seen.values("accept"), [""; 0], "{leg}");
        assert_eq!((seen.values("traceparent").len(), seen.values("grpc-trace-bin").len()), (1, 1), "{leg}");
        let caller = seen.values("dapr-caller-app-id");
        assert_eq!(caller, if leg == "local" { vec![] } else { vec!["checkout".to_owned()] }, "{leg}");
    }
}

#[tokio::test]
async fn a_status_becomes_one_of_http_with_the_status_as_json() {
    let pair = pair().await;
    let rows = [
        (Code::Cancelled, 408),
        (Code::Unknown, 500),
        (Code::InvalidArgument, 400),
        (Code::DeadlineExceeded, 504),
        (Code::NotFound, 404),
        (Code::AlreadyExists, 409),
        (Code::PermissionDenied, 403),
        (Code::ResourceExhausted, 429),
        (Code::FailedPrecondition, 400),
        (Code::Aborted, 409),
        (Code::OutOfRange, 400),
        (Code::Unimplemented, 501),
        (Code::Internal, 500),
        (Code::Unavailable, 503),
        (Code::DataLoss, 500),
        (Code::Unauthenticated, 401),
    ];
    for (code, status) in rows {
        pair.app.set(GrpcScript { code, words: "the app says no".to_owned(), ..saying(&[]) });
        for (leg, node) in pair.legs() {
            let answer = node.ask(Ask::post(ORDERS, "{}")).await;
            let body = format!("{{\"code\":{},\"message\":\"the app says no\"}}", code as i32);
            assert_eq!((answer.status(), String::from_utf8_lossy(&answer.body).as_ref()), (status, &*body), "{leg}");
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{leg} {code:?}: sniffed");
        }
    }
}

#[tokio::test]
async fn the_details_of_a_status_are_told_by_their_fields_or_not_at_all() {
    let pair = pair().await;
    for (name, status, body) in [
        (
            "google.rpc.RequestInfo",
            404,
            r#"{"code":5,"message":"none","details":[{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"7"}]}"#,
        ),
        (
            "shop.Sold",
            500,
            r#"{"errorCode":"ERR_MALFORMED_RESPONSE","message":"proto: google.protobuf.Any: unable to resolve \"type.googleapis.com/shop.Sold\": not found"}"#,
        ),
    ] {
        let detail = Any { type_url: format!("type.googleapis.com/{name}"), value: b"\x0a\x017".to_vec() };
        let whole = RichStatus { code: 5, message: "none".to_owned(), details: vec![detail] };
        let trailing = vec![("grpc-status-details-bin".to_owned(), whole.encode_to_vec())];
        pair.app.set(GrpcScript { code: Code::NotFound, trailing, ..saying(&[]) });
        for (leg, node) in pair.legs() {
            let answer = node.ask(Ask::post(ORDERS, "{}")).await;
            assert_eq!((answer.status(), &*answer.text()), (status, body), "{leg}");
        }
    }
}

#[tokio::test]
async fn an_app_that_speaks_grpc_is_asked_for_its_health_over_grpc() {
    let health = HealthSettings {
        interval: Duration::from_millis(10),
        threshold: 1,
        timeout: DEADLINE,
        ..HealthSettings::default()
    };
    let pair = pair_with(|settings| settings.health = Some(health.clone())).await;
    assert_eq!(pair.app.seen().await.method, "/dapr.proto.runtime.v1.AppCallbackHealthCheck/HealthCheck");
    pair.app.set(GrpcScript { code: Code::Unavailable, ..saying(&[]) });
    pair.processor.wait_for(Readiness::Unhealthy).await;
    let answer = pair.checkout.ask(Ask::post(ORDERS, "{}")).await;
    assert!(answer.error().ends_with("app is not in a healthy state"), "{}", answer.error());
    pair.app.set(saying(&["proxied all the same"]));
    assert_eq!(super::caller(&pair.checkout).ask(super::PLACE, b"one").await.code, Code::Ok);
}
