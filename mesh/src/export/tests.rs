//! The exporter against a real HTTP server that acts as the collector.

mod fake_collector;
#[path = "../../tests/it/support/log.rs"]
mod log;

use std::sync::Arc;
use std::time::{Duration, Instant};

use daptop_model::{AppId, Event, ExporterHealth, ExporterState, HeadBuilder, RequestHead, SpanId, Stamp, TraceId};
use http::StatusCode;
use serde_json::{Value, json};

use self::fake_collector::FakeCollector;
use super::*;
use crate::events::EventReceiver;
use crate::{Clock, Sampling};

/// An exporter, and what it tells.
struct Bench {
    exporter: Exporter,
    events: EventReceiver,
}

impl Bench {
    fn new() -> Self {
        let (events, receiver) = Events::channel(1_000, Clock::start());
        Self { exporter: Exporter::new(events, Resource::default()), events: receiver }
    }

    fn sender(&self, app: &str, address: &str) -> SpanSender {
        let settings =
            TracingSettings { sampling: Sampling::Rate(1.0), zipkin: Some(address.to_owned()), stdout: false };
        self.exporter.sender(&AppId::new(app), &settings).unwrap().unwrap()
    }

    /// Waits until the exporter tells a state like this.
    async fn state(&mut self, is_wanted: impl Fn(&ExporterState) -> bool) -> ExporterState {
        let mut last = ExporterState::default();
        let told = async {
            loop {
                let mut events = Vec::new();
                self.events.receive_many(&mut events, 100).await;
                for event in events {
                    let Event::ExporterChanged(state) = event else { panic!("{event:?}") };
                    last = *state;
                    if is_wanted(&last) {
                        return;
                    }
                }
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), told).await;
        assert!(in_time.is_ok(), "the exporter stayed in {last:?}");
        last
    }
}

fn record(number: u64) -> SpanRecord {
    let mut headers = HeadBuilder::default();
    for (name, value) in [
        ("host", "127.0.0.1:3500"),
        ("user-agent", "python-requests/2.32"),
        ("accept-encoding", "gzip, deflate"),
        ("accept", "*/*"),
        ("connection", "keep-alive"),
        ("dapr-app-id", "order-processor"),
        ("content-type", "application/json"),
        ("content-length", "14"),
    ] {
        headers.line(name, value.as_bytes());
    }
    let request = RequestHead {
        verb: "POST".into(),
        target: "/orders".into(),
        path: "/orders".into(),
        headers: headers.finish(),
    };
    let client = Some("127.0.0.1:40000".parse().unwrap());
    let target = Some(AppId::new("order-processor"));
    SpanRecord {
        trace: TraceId((u128::from(number) << 64 | 1).to_be_bytes()),
        span: SpanId((number + 1).to_be_bytes()),
        parent: None,
        start: Stamp(10),
        end: Stamp(20),
        detail: SpanDetail::Request(RequestSpan { request, target, status: 200, client }),
    }
}

fn callee_of(caller: &SpanRecord) -> SpanRecord {
    let app = AppId::new("order-processor");
    SpanRecord {
        span: SpanId([9; 8]),
        parent: Some(caller.span),
        detail: SpanDetail::Callee(CalleeSpan { app, path: "/orders".into(), error: None }),
        ..caller.clone()
    }
}

#[tokio::test]
async fn two_apps_spans_arrive_in_daprs_form() {
    let collector = FakeCollector::start().await;
    let mut bench = Bench::new();
    let above = record(1);
    let below = callee_of(&above);
    bench.sender("Checkout", &collector.url()).send(|| above);
    bench.sender("order-processor", &collector.url()).send(|| below);
    bench.state(|state| state.sent == 2).await;
    let mut spans = collector.spans();
    spans.sort_by_key(|span| span["kind"].to_string());
    let anchor = bench.events.clock().anchor().unix_micros;
    assert_eq!(
        spans,
        [
            json!({
                "traceId": "00000000000000010000000000000001", "id": "0000000000000002", "kind": "CLIENT",
                "name": "calllocal/order-processor/orders", "timestamp": anchor + 10, "duration": 10,
                "localEndpoint": {"serviceName": "checkout"}, "remoteEndpoint": {"serviceName": "127.0.0.1"},
                "tags": {
                    "dapr.api": "POST /orders", "dapr.protocol": "http", "dapr.status_code": "200",
                    "http.request.method": "POST", "net.peer.name": "order-processor",
                    "otel.scope.name": "dapr-diagnostics", "rpc.service": "ServiceInvocation",
                    "server.address": "127.0.0.1", "server.port": "40000", "service.name": "Checkout",
                    "url.full": "/orders",
                },
            }),
            json!({
                "traceId": "00000000000000010000000000000001", "id": "0909090909090909", "kind": "SERVER",
                "parentId": "0000000000000002",
                "name": "calllocal/order-processor/orders", "timestamp": anchor + 10, "duration": 10,
                "localEndpoint": {"serviceName": "order-processor"},
                "tags": {
                    "dapr.api": "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream",
                    "dapr.invoke_method": "orders", "dapr.protocol": "grpc",
                    "otel.scope.name": "dapr-diagnostics", "rpc.service": "ServiceInvocation",
                    "service.name": "order-processor",
                },
            }),
        ]
    );
    assert_eq!(collector.requests(), 1, "one batch for both apps");
}

#[tokio::test]
async fn an_error_and_odd_characters_arrive_too() {
    let collector = FakeCollector::start().await;
    let mut bench = Bench::new();
    let mut record = record(1);
    let SpanDetail::Request(request) = &mut record.detail else { panic!() };
    request.status = 404;
    request.request.target = "/a\"b\\\u{e9}".into();
    bench.sender("checkout", &collector.url()).send(|| record);
    bench.state(|state| state.sent == 1).await;
    let tags = &collector.spans()[0]["tags"];
    assert_eq!(tags["error"], "Code(404): Not Found");
    assert_eq!(tags["otel.status_code"], "ERROR");
    assert_eq!(tags["url.full"], "/a\"b\\\u{e9}");
}

#[tokio::test]
async fn spans_wait_for_a_collector_that_is_down_and_arrive_once_it_is_back() {
    let log = log::Log::capture();
    let collector = FakeCollector::start().await;
    collector.answer(StatusCode::SERVICE_UNAVAILABLE);
    let mut bench = Bench::new();
    let sender = bench.sender("checkout", &collector.url());
    for number in 0..600 {
        sender.send(|| record(number));
    }
    let down = bench.state(|state| state.health == ExporterHealth::Down).await;
    assert_eq!((down.queued, down.sent, down.dropped), (600, 0, 0));
    assert_eq!(down.last_error.as_deref(), Some("it answered 503 Service Unavailable"));
    collector.wait_for_requests(3).await;
    collector.answer(StatusCode::ACCEPTED);
    let up = bench.state(|state| state.sent == 600).await;
    assert_eq!((up.health, up.queued, up.dropped), (ExporterHealth::Up, 0, 0));
    assert_eq!(up.last_error, down.last_error, "kept after recovery");
    let mut ids: Vec<_> = collector.spans().iter().map(|span| span["id"].to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 600);
    let text = log.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("does not take spans: it answered 503"), "{lines:?}");
    assert!(lines[0].contains("600 wait") && lines[0].contains("Start Zipkin"), "{lines:?}");
    assert!(lines[1].contains("INFO") && lines[1].contains("takes spans again; 88 that waited"), "{lines:?}");
}

#[tokio::test]
async fn a_refused_connection_is_named_and_what_has_no_room_is_counted() {
    let mut bench = Bench::new();
    let (port, _kept) = fake_collector::closed_port();
    let sender = bench.sender("checkout", &format!("http://127.0.0.1:{port}/api/v2/spans"));
    sender.send(|| record(0));
    let down = bench.state(|state| state.health == ExporterHealth::Down).await;
    assert_eq!(down.last_error.as_deref(), Some("connection refused"));
    let mut made = 0;
    for number in 0..10_000 {
        sender.send(|| {
            made += 1;
            record(number)
        });
    }
    assert_eq!(made, 8192, "what is dropped is not made");
    let full = bench.state(|state| state.dropped > 0).await;
    assert_eq!((full.queued, full.dropped), (8193, 10_000 - 8192));
}

#[tokio::test]
async fn a_batch_that_the_collector_does_not_want_is_given_up() {
    let collector = FakeCollector::start().await;
    collector.answer(StatusCode::NOT_FOUND);
    let mut bench = Bench::new();
    let sender = bench.sender("checkout", &collector.url());
    sender.send(|| record(0));
    let state = bench.state(|state| state.dropped == 1).await;
    assert_eq!((state.health, state.queued), (ExporterHealth::Down, 0));
    assert_eq!(state.last_error.as_deref(), Some("it answered 404 Not Found"));
    collector.answer(StatusCode::ACCEPTED);
    sender.send(|| record(1));
    assert_eq!(bench.state(|state| state.sent == 1).await.health, ExporterHealth::Up);
    assert_eq!(collector.spans().len(), 1);
}

#[tokio::test]
async fn a_slow_collector_holds_nobody_up() {
    let collector = FakeCollector::start().await;
    let slow = Duration::from_secs(1);
    collector.take(slow);
    let mut bench = Bench::new();
    let sender = bench.sender("checkout", &collector.url());
    let started = Instant::now();
    for number in 0..1_500 {
        sender.send(|| record(number));
    }
    assert!(started.elapsed() < slow, "{:?}", started.elapsed());
    let state = bench.state(|state| state.sent == 1_500).await;
    assert_eq!(state.dropped, 0);
    assert_eq!(collector.requests(), 3, "batches of 512 at most");
}

#[tokio::test]
async fn an_exporter_runs_as_long_as_there_is_a_way_to_it() {
    let collector = FakeCollector::start().await;
    let bench = Bench::new();
    let sender = bench.sender("checkout", &collector.url());
    drop(bench);
    sender.send(|| record(1));
    collector.wait_for_requests(1).await;
}

#[tokio::test]
async fn the_end_sends_what_is_left() {
    let collector = FakeCollector::start().await;
    let mut bench = Bench::new();
    let sender = bench.sender("checkout", &collector.url());
    for number in 0..1_200 {
        sender.send(|| record(number));
    }
    bench.exporter.shutdown().await;
    assert_eq!(collector.spans().len(), 1_200);
    let state = bench.state(|state| state.sent == 1_200).await;
    assert_eq!((state.queued, state.dropped), (0, 0));
}

#[tokio::test]
async fn the_end_does_not_wait_for_a_collector_that_is_down() {
    let mut bench = Bench::new();
    let (port, _kept) = fake_collector::closed_port();
    let sender = bench.sender("checkout", &format!("http://127.0.0.1:{port}/"));
    sender.send(|| record(0));
    bench.state(|state| state.health == ExporterHealth::Down).await;
    sender.send(|| record(1));
    let started = Instant::now();
    bench.exporter.shutdown().await;
    assert!(started.elapsed() < FLUSH_DEADLINE, "{:?}", started.elapsed());
    let state = bench.state(|state| state.dropped == 2).await;
    assert_eq!((state.queued, state.sent), (0, 0));
}

#[tokio::test]
async fn the_end_waits_two_seconds_for_a_collector_that_hangs() {
    let collector = FakeCollector::start().await;
    collector.take(Duration::from_mins(1));
    let bench = Bench::new();
    bench.sender("checkout", &collector.url()).send(|| record(0));
    let started = Instant::now();
    bench.exporter.shutdown().await;
    let took = started.elapsed();
    // After five the request itself would be given up.
    assert!(took >= Duration::from_millis(1_900) && took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn stdout_writes_each_span_as_a_line_of_json_into_the_log() {
    let log = log::Log::capture();
    let bench = Bench::new();
    let settings = TracingSettings { sampling: Sampling::Rate(1.0), zipkin: None, stdout: true };
    let sender = bench.exporter.sender(&AppId::new("checkout"), &settings).unwrap().unwrap();
    sender.send(|| record(1));
    sender.send(|| record(2));
    bench.exporter.shutdown().await;
    let text = log.text();
    let spans: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok()).collect();
    assert_eq!(spans.len(), 2, "{text}");
    assert_eq!(spans[1]["localEndpoint"]["serviceName"], "checkout");
    assert_eq!(spans[1]["id"], "0000000000000003");
}

#[tokio::test]
async fn an_app_without_a_destination_has_no_way_out() {
    let mut bench = Bench::new();
    let app = AppId::new("checkout");
    assert!(bench.exporter.sender(&app, &TracingSettings::default()).unwrap().is_none());
    let settings = TracingSettings { zipkin: Some("http://[".to_owned()), ..TracingSettings::default() };
    let error = bench.exporter.sender(&app, &settings).unwrap_err().to_string();
    assert!(error.contains("`http://[`") && error.contains("http://localhost:9411/api/v2/spans"), "{error}");
    bench.exporter.shutdown().await;
    assert_eq!(bench.state(|_| true).await, ExporterState::default());
}

#[test]
fn a_sender_is_shared_by_threads() {
    fn check<T: Send + Sync + Clone>() {}
    check::<SpanSender>();
    check::<Arc<Exporter>>();
}
