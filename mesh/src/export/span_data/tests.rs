use std::collections::BTreeMap;

use daptop_model::{AppId, HeadBuilder};
use opentelemetry_sdk::trace::SpanData;

use super::*;

fn record(detail: SpanDetail) -> SpanRecord {
    let (trace, span) = (daptop_model::TraceId([1; 16]), daptop_model::SpanId([2; 8]));
    SpanRecord { trace, span, parent: None, start: Stamp(1_000), end: Stamp(3_500), detail }
}

fn request(verb: &'static str, target: &'static str, path: &'static str) -> RequestSpan {
    let headers = HeadBuilder::default().finish();
    let request = RequestHead { verb: verb.into(), target: target.into(), path: path.into(), headers };
    let client = Some("127.0.0.1:40000".parse().unwrap());
    RequestSpan { request, target: None, status: 200, client }
}

fn invocation(target: &'static str, path: &'static str, app: &str, status: u16) -> RequestSpan {
    RequestSpan { target: Some(AppId::new(app)), status, ..request("GET", target, path) }
}

fn span_of(detail: SpanDetail) -> SpanData {
    let format = SpanFormat::new(Anchor { unix_micros: 1_000_000_000 }, &[]);
    format.span(&Arc::from("checkout"), &record(detail))
}

fn tags_of(span: &SpanData) -> BTreeMap<String, String> {
    span.attributes.iter().map(|tag| (tag.key.to_string(), tag.value.to_string())).collect()
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_invocation_is_a_client_span_named_by_target_and_method() {
    let (target, path) = ("/v1.0/invoke/order-processor/method/a/b/c?x=1", "/a/b/c?x=1");
    let span = span_of(SpanDetail::Request(invocation(target, path, "order-processor", 200)));
    assert_eq!(span.name, "CallLocal/order-processor/a/b/c");
    assert_eq!((&span.span_kind, &span.status), (&SpanKind::Client, &Status::Unset));
    let expected = tags(&[
        ("dapr.api", "GET /v1.0/invoke/order-processor/method/a/b/c"),
        ("dapr.protocol", "http"),
        ("dapr.status_code", "200"),
        ("http.request.method", "GET"),
        ("net.peer.name", "order-processor"),
        ("rpc.service", "ServiceInvocation"),
        ("server.address", "127.0.0.1"),
        ("server.port", "40000"),
        ("service.name", "checkout"),
        ("url.full", target),
    ]);
    assert_eq!(tags_of(&span), expected);
    assert_eq!(span.start_time, UNIX_EPOCH + Duration::from_millis(1_000_001));
    assert_eq!(span.end_time, UNIX_EPOCH + Duration::from_micros(1_000_003_500));
}

#[test]
fn the_callees_span_is_named_alike_and_knows_no_status() {
    let callee = CalleeSpan { app: AppId::new("order-processor"), path: "/orders?x=1".into(), error: None };
    let span = span_of(SpanDetail::Callee(callee.clone()));
    assert_eq!(span.name, "CallLocal/order-processor/orders");
    assert_eq!((&span.span_kind, &span.status), (&SpanKind::Server, &Status::Unset));
    let expected = tags(&[
        ("dapr.api", "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream"),
        ("dapr.invoke_method", "orders"),
        ("dapr.protocol", "grpc"),
        ("rpc.service", "ServiceInvocation"),
        ("service.name", "checkout"),
    ]);
    assert_eq!(tags_of(&span), expected);
    let failed = span_of(SpanDetail::Callee(CalleeSpan { error: Some("no app".into()), ..callee }));
    assert_eq!(failed.status, Status::error("no app"));
}

#[test]
fn a_request_that_is_no_invocation_is_named_by_its_path() {
    for (target, name) in [
        ("/v1.0/metadata", "/v1.0/metadata"),
        ("/v1.0/metadata/a%20b?q=1", "/v1.0/metadata/a b"),
        ("/odd%2", "/odd%2"),
        ("/odd%zz", "/odd%zz"),
        ("/odd%+1", "/odd%+1"),
    ] {
        let span = span_of(SpanDetail::Request(request("PUT", target, "/")));
        assert_eq!(span.name, name);
        let tags = tags_of(&span);
        assert_eq!((tags["dapr.api"].as_str(), tags["url.full"].as_str()), (format!("PUT {name}").as_str(), target));
        assert!(!tags.contains_key("rpc.service") && !tags.contains_key("net.peer.name"));
    }
}

#[test]
fn an_external_url_is_the_target_of_its_span() {
    let target = "/v1.0/invoke/http://127.0.0.1:9000/method/orders";
    let span = span_of(SpanDetail::Request(invocation(target, "/orders", "http://127.0.0.1:9000", 200)));
    assert_eq!(span.name, "CallLocal/http://127.0.0.1:9000/orders");
    assert_eq!(tags_of(&span)["net.peer.name"], "http://127.0.0.1:9000");
}

#[test]
fn an_answer_of_400_or_above_is_an_error() {
    for (status, error) in [
        (200, None),
        (302, None),
        (399, None),
        (400, Some("Code(400): Bad Request")),
        (404, Some("Code(404): Not Found")),
        (503, Some("Code(503): Service Unavailable")),
        (599, Some("Code(599): Unknown")),
    ] {
        let span = span_of(SpanDetail::Request(invocation("/orders", "/orders", "a", status)));
        let expected = error.map_or(Status::Unset, Status::error);
        assert_eq!(span.status, expected);
        assert_eq!(tags_of(&span)["dapr.status_code"], status.to_string());
    }
}

#[test]
fn the_users_dapr_headers_become_tags_but_for_the_target_and_the_token() {
    let mut headers = HeadBuilder::default();
    for (name, value) in [
        ("Dapr-Order", "1"),
        ("content-type", "text/plain"),
        ("dapr-order", "2"),
        ("dapr-app-id", "a"),
        ("Dapr-Api-Token", "secret"),
        ("dapr-", "short"),
    ] {
        headers.line(name, value.as_bytes());
    }
    let mut span = invocation("/orders", "/orders", "a", 200);
    span.request.headers = headers.finish();
    let tags = tags_of(&span_of(SpanDetail::Request(span)));
    let user: Vec<_> = tags.iter().filter(|(key, _)| key.starts_with("dapr-")).collect();
    assert_eq!(user, [(&"dapr-order".to_owned(), &"2".to_owned())]);
    assert!(!tags.values().any(|value| value == "secret"));
}

#[test]
fn a_client_on_a_unix_socket_has_no_address_and_one_on_ipv6_stands_in_brackets() {
    let mut span = invocation("/orders", "/orders", "a", 200);
    span.client = None;
    assert!(!tags_of(&span_of(SpanDetail::Request(span.clone()))).contains_key("server.address"));
    span.client = Some("[::1]:7".parse().unwrap());
    assert_eq!(tags_of(&span_of(SpanDetail::Request(span)))["server.address"], "[::1]");
}
