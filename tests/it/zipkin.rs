//! Spans, as a real Zipkin shows them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use daptop_mesh::export::{CalleeSpan, Exporter, RequestSpan, Resource, SpanDetail, SpanRecord};
use daptop_mesh::trace_context::{new_span_id, new_trace_id};
use daptop_mesh::{Clock, Events, Sampling, TracingSettings};
use daptop_model::{AppId, HeadBuilder, RequestHead, Stamp};
use serde_json::{Value, json};

use crate::quickstart::language::PYTHON;
use crate::quickstart::run::Place;
use crate::support::skip;
use crate::support::zipkin::Zipkin;

/// A call from checkout to order-processor, as their two sidecars tell of it.
fn call(start: Stamp) -> [SpanRecord; 2] {
    let request = RequestHead {
        verb: Bytes::from_static(b"POST"),
        target: Bytes::from_static(b"/orders"),
        path: Bytes::from_static(b"/orders"),
        headers: HeadBuilder::default().finish(),
    };
    let target = AppId::new("order-processor");
    let client = Some("127.0.0.1:40000".parse().unwrap());
    let detail = RequestSpan { request, target: Some(target.clone()), status: 200, client };
    let caller = SpanRecord {
        trace: new_trace_id(),
        span: new_span_id(),
        parent: None,
        start,
        end: Stamp(start.0 + 5_000),
        detail: SpanDetail::Request(detail),
    };
    let detail = CalleeSpan { app: target, path: Bytes::from_static(b"/orders"), error: None };
    let below = SpanRecord {
        span: new_span_id(),
        parent: Some(caller.span),
        start: Stamp(start.0 + 1_000),
        end: Stamp(start.0 + 4_000),
        detail: SpanDetail::Callee(detail),
        ..caller.clone()
    };
    [caller, below]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_zipkin_shows_the_trace_its_parents_and_who_calls_whom() {
    let zipkin = match Zipkin::start().await {
        Ok(zipkin) => zipkin,
        Err(missing) => return skip("a real Zipkin", &missing),
    };
    let settings = TracingSettings { sampling: Sampling::Rate(1.0), zipkin: Some(zipkin.collector()), stdout: false };
    let (events, _receiver) = Events::channel(100, Clock::start());
    let exporter = Exporter::new(events.clone(), Resource::default());
    let sender = |app: &str| exporter.sender(&AppId::new(app), &settings).unwrap().unwrap();
    let [caller, below] = call(events.now());
    let (trace, caller_id, below_id) = (caller.trace.to_string(), caller.span.to_string(), below.span.to_string());
    sender("checkout").send(|| caller);
    sender("order-processor").send(|| below);

    let has_both = |traces: &Value| traces[0].as_array().is_some_and(|spans| spans.len() == 2);
    let traces = zipkin.ask_until("/api/v2/traces?serviceName=checkout", has_both).await;
    let span = |kind: &str| {
        let spans = traces[0].as_array().unwrap().iter();
        let span = spans.into_iter().find(|span| span["kind"] == kind);
        span.unwrap_or_else(|| panic!("no {kind} span in {traces}")).clone()
    };
    let (client, server) = (span("CLIENT"), span("SERVER"));
    assert_eq!(traces.as_array().unwrap().len(), 1);
    assert_eq!([&client["traceId"], &server["traceId"]], [&json!(trace), &json!(trace)]);
    assert_eq!([&client["id"], &client["parentId"]], [&json!(caller_id), &Value::Null]);
    assert_eq!([&server["id"], &server["parentId"]], [&json!(below_id), &json!(caller_id)]);
    assert_eq!(client["name"], "calllocal/order-processor/orders");
    assert_eq!(client["localEndpoint"]["serviceName"], "checkout");
    assert_eq!(server["localEndpoint"]["serviceName"], "order-processor");
    assert_eq!(client["tags"]["dapr.api"], "POST /orders");
    assert_eq!([&client["duration"], &server["duration"]], [&json!(5_000), &json!(3_000)]);

    assert_eq!(links(&zipkin, 1).await, json!([{"parent": "checkout", "child": "order-processor", "callCount": 1}]));
    exporter.shutdown().await;
}

/// Who calls whom, once Zipkin knows of so many calls.
async fn links(zipkin: &Zipkin, calls: u64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_mins(1);
    let path = format!("/api/v2/dependencies?endTs={}&lookback=3600000", now.as_millis());
    let count =
        |links: &Value| links.as_array().map(|links| links.iter().filter_map(|link| link["callCount"].as_u64()).sum());
    zipkin.ask_until(&path, |links| count(links) == Some(calls)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_quickstart_shows_up_in_zipkin() {
    let (name, orders) = ("the Python quickstart in a real Zipkin", 20);
    if let Err(missing) = PYTHON.toolchain() {
        return skip(name, &missing);
    }
    let zipkin = match Zipkin::start().await {
        Ok(zipkin) => zipkin,
        Err(missing) => return skip(name, &missing),
    };
    let place = Place::new(&PYTHON);
    let configuration = format!(
        "kind: Configuration\nspec:\n  tracing:\n    samplingRate: \"1\"\n    zipkin:\n      endpointAddress: {}\n",
        zipkin.collector()
    );
    std::fs::write(place.folder.join("zipkin.yaml"), configuration).unwrap();
    let run_file = place.folder.join("dapr.yaml");
    let apps = std::fs::read_to_string(&run_file).unwrap();
    std::fs::write(&run_file, format!("{apps}common:\n  configFilePath: ./zipkin.yaml\n")).unwrap();
    let install = "pip3 install --quiet -r order-processor/requirements.txt -r checkout/requirements.txt";
    place.type_in(install, "install").succeed(Duration::from_mins(5));

    let run = place.type_in("exec daptop run -f .", "run");
    run.wait_for_lines("the last order", Duration::from_mins(2), |lines| {
        lines.iter().any(|line| line.contains("Order passed: {\"orderId\": 20}"))
    });
    let has_all = |traces: &Value| traces.as_array().is_some_and(|traces| traces.len() == orders);
    let traces = zipkin.ask_until("/api/v2/traces?serviceName=checkout&limit=100", has_all).await;
    for trace in traces.as_array().unwrap() {
        let mut spans = trace.as_array().unwrap().clone();
        spans.sort_by_key(|span| span["kind"].to_string());
        let [client, server] = spans.as_slice() else { panic!("{trace}") };
        assert_eq!([&client["kind"], &server["kind"]], ["CLIENT", "SERVER"], "{trace}");
        assert_eq!([&client["parentId"], &server["parentId"]], [&Value::Null, &client["id"]], "{trace}");
        let services = [client, server].map(|span| &span["localEndpoint"]["serviceName"]);
        assert_eq!(services, ["checkout", "order-processor"], "{trace}");
        assert_eq!(client["name"], "calllocal/order-processor/orders", "{trace}");
    }
    let expected = json!([{"parent": "checkout", "child": "order-processor", "callCount": orders}]);
    assert_eq!(links(&zipkin, orders as u64).await, expected);
    run.signal(rustix::process::Signal::INT);
    run.succeed(Duration::from_mins(1));
}
