//! What is told of a call.

mod bodies;
mod loss;

use std::time::Duration;

use daptop_mesh::{MeshSettings, Sampling, SidecarSettings};
use daptop_model::{BodyEnd, FailureKind, Leg, Outcome, Phase, Protocol, SpanId, TraceId};
use tokio::net::TcpStream;

use crate::support::{Act, App, Ask, Bed, ByHand, Pair, Script, Told, Wire, closed_port, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

async fn traced() -> Pair {
    Pair::with(|settings| settings.tracing.sampling = Sampling::Rate(1.0)).await
}

/// The calls that a mesh told of, as many as expected.
async fn calls(bed: &mut Bed, count: usize) -> Vec<Told> {
    let mut calls = Vec::new();
    for _ in 0..count {
        calls.push(bed.next_call().await);
    }
    calls
}

fn offsets(told: &Told) -> Vec<(Phase, Option<Duration>)> {
    let phases = [Phase::Resolved, Phase::Connected, Phase::Sent, Phase::FirstByte, Phase::Ended];
    phases.into_iter().map(|phase| (phase, told.end.phases.offset(phase))).collect()
}

/// Asks over each way, and tells who asked, which way the call took, and what was told of it.
async fn over_every_way(pair: &mut Pair, outside: &App, asked: impl Fn(&str) -> Ask) -> Vec<(Leg, Told)> {
    let url = format!("/v1.0/invoke/http://127.0.0.1:{}/method/orders", outside.port);
    pair.processor.ask(asked(ORDERS)).await;
    pair.checkout.ask(asked(ORDERS)).await;
    pair.checkout.ask(asked(&url)).await;
    pair.far.ask(asked(ORDERS)).await;
    let mut told = calls(&mut pair.bed, 4).await;
    told.extend(calls(&mut pair.far_bed, 1).await);
    let ways = [Leg::Own, Leg::InProcess, Leg::External, Leg::FromProcess, Leg::ToProcess];
    ways.into_iter().zip(told).collect()
}

#[tokio::test]
async fn the_phases_of_a_call_follow_each_other_on_every_way() {
    let (mut pair, outside) = (traced().await, App::start(Script::default()).await);
    for body in ["{\"orderId\":1}", ""] {
        let told = over_every_way(&mut pair, &outside, |target| Ask::post(target, body)).await;
        for (leg, told) in told {
            assert_eq!((told.end.leg, &told.end.outcome), (leg, &Outcome::Answered), "{leg:?}");
            let offsets = offsets(&told);
            assert!(offsets.iter().all(|(_, offset)| offset.is_some()), "{leg:?} {body:?}: {offsets:?}");
            assert!(offsets.is_sorted_by_key(|(_, offset)| *offset), "{leg:?} {body:?}: {offsets:?}");
            assert_eq!(told.end.phases.received, told.start.at, "{leg:?}");
            assert_eq!(told.end.phases.at(Phase::Started), None, "{leg:?}: it did not wait");
        }
    }
}

#[tokio::test]
async fn both_heads_are_told_as_the_caller_sent_and_got_them() {
    let (mut pair, outside) = (traced().await, App::start(Script::default()).await);
    let script = Script { status: 201, ..Script::default() }.header("X-Answer", "1");
    pair.app.set(script.clone());
    outside.set(script);
    let asked = |target: &str| {
        Ask::post(&format!("{target}/a%20b/../c?x=%20y"), "{}").header("X-Asked", "1").header("x-asked", "2")
    };
    for (leg, told) in over_every_way(&mut pair, &outside, asked).await {
        let request = &told.start.request;
        assert_eq!((request.verb(), &*request.path()), ("POST", "/orders/c?x=%20y"), "{leg:?}");
        let values: Vec<_> = request.headers.lines().filter(|(name, _)| *name == "x-asked").collect();
        assert_eq!(values, [("x-asked", &b"1"[..]), ("x-asked", b"2")], "{leg:?}");
        let answer = told.end.response.unwrap();
        assert_eq!((answer.status, answer.headers.text("x-answer")), (201, Some("1")), "{leg:?}");
        let (from, to) = (told.start.from.as_str(), told.start.to.as_str());
        match leg {
            Leg::Own => assert_eq!((from, to), ("order-processor", "order-processor")),
            Leg::External => assert_eq!((from, to), ("checkout", &*format!("http://127.0.0.1:{}", outside.port))),
            _ => assert_eq!((from, to), ("checkout", "order-processor"), "{leg:?}"),
        }
        if leg != Leg::FromProcess {
            assert!(request.target().ends_with("/orders/a%20b/../c?x=%20y"), "{leg:?}: {}", request.target());
            assert_eq!(told.start.protocol, Protocol::Http1, "{leg:?}");
        }
    }
}

#[tokio::test]
async fn a_call_has_its_place_in_the_trace_that_the_app_and_the_caller_see() {
    let mut pair = traced().await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let span = |traceparent: Option<&str>| SpanId::parse(&traceparent.unwrap()[36..52]).unwrap();
    let mut answers = Vec::new();
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::get(ORDERS).header("traceparent", parent)).await;
        let seen = pair.app.seen().await;
        answers.push((leg, span(answer.header("traceparent")), span(seen.header("traceparent"))));
    }
    let mut told = calls(&mut pair.bed, 3).await;
    let from_process = told.pop().unwrap();
    told.extend(calls(&mut pair.far_bed, 1).await);
    for ((leg, in_answer, at_app), told) in answers.iter().zip(&told) {
        let trace = told.end.trace.unwrap();
        assert_eq!(trace.trace, TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").unwrap(), "{leg}");
        assert_eq!(trace.parent, SpanId::parse("00f067aa0ba902b7"), "{leg}");
        assert!(trace.sampled, "{leg}");
        assert_eq!(trace.caller_span, *in_answer, "{leg}");
        // The callee's span of a call to another process is known in that process.
        let callee = (*leg == "remote").then_some(*at_app);
        assert_eq!(trace.callee_span, callee, "{leg}");
        assert_eq!(*leg == "local", at_app == in_answer, "{leg}");
    }
    let [.., (_, in_answer, at_app)] = answers[..] else { panic!("three calls") };
    let trace = from_process.end.trace.unwrap();
    assert_eq!((trace.caller_span, trace.callee_span), (in_answer, Some(at_app)));
}

#[tokio::test]
async fn without_tracing_a_call_has_no_place_in_a_trace() {
    let mut pair = Pair::with(|settings| settings.tracing.sampling = Sampling::Off).await;
    pair.checkout.ask(Ask::get(ORDERS)).await;
    assert_eq!(pair.bed.next_call().await.end.trace, None);
}

#[tokio::test]
async fn an_answer_is_an_answer_whatever_its_status() {
    let mut pair = Pair::start().await;
    for status in [200, 302, 404, 500, 503] {
        pair.app.set(Script { status, ..Script::default() });
        pair.checkout.ask(Ask::get(ORDERS)).await;
        let told = pair.bed.next_call().await;
        assert_eq!((told.end.outcome, told.end.response.unwrap().status), (Outcome::Answered, status));
    }
}

#[tokio::test]
async fn a_failed_call_tells_why_in_the_words_that_the_caller_got() {
    let app = App::start(Script { act: Act::Close, ..Script::default() }).await;
    let (port, _kept) = closed_port();
    let mut bed = Bed::new();
    let _broken = bed.start_ready(settings("broken", app.port)).await;
    let _closed = bed.start(settings("closed", port));
    let limits = SidecarSettings { max_body_size: Some(4), ..settings("client", None) };
    let client = bed.start_ready(limits).await;
    let rows = [
        ("/anything", FailureKind::NoAppId, Leg::Unresolved),
        ("/v1.0/invoke/nobody/method/orders", FailureKind::UnknownApp, Leg::Unresolved),
        ("/v1.0/invoke/closed/method/orders", FailureKind::ConnectionRefused, Leg::InProcess),
        ("/v1.0/invoke/client/method/orders", FailureKind::NoAppPort, Leg::Own),
        ("/v1.0/invoke/broken/method/or%00ders", FailureKind::BadRequest, Leg::Unresolved),
        ("/v1.0/invoke/broken/method/orders", FailureKind::BrokenAnswer, Leg::InProcess),
    ];
    for (target, kind, leg) in rows {
        let answer = client.ask(Ask::get(target)).await;
        let Told { end, .. } = bed.next_call().await;
        let Outcome::Failed(failure) = &end.outcome else { panic!("{target}: {:?}", end.outcome) };
        assert_eq!((failure.kind, end.leg), (kind, leg), "{target}");
        assert!(answer.error().ends_with(&*failure.text), "{target}: {} and {}", answer.error(), failure.text);
        assert_eq!(end.response.unwrap().status, answer.status(), "{target}");
        assert!(end.phases.duration().is_some(), "{target}");
    }
    app.set(Script::default());
    client.ask(Ask::post("/v1.0/invoke/broken/method/orders", "too much")).await;
    let Told { end, .. } = bed.next_call().await;
    let Outcome::Failed(failure) = end.outcome else { panic!("{:?}", end.outcome) };
    assert_eq!((failure.kind, end.request_body.end), (FailureKind::TooLarge, BodyEnd::Broken));
}

/// A caller, its connection to a sidecar, and the app's connection from one, in the middle of a call.
async fn in_the_middle(pair: &Pair<ByHand>, port: u16) -> (Wire<TcpStream>, Wire<TcpStream>) {
    let mut caller = Wire::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    caller.send(format!("GET {ORDERS} HTTP/1.1\r\nHost: x\r\n\r\n")).await.unwrap();
    let (app, _) = pair.app.request().await;
    (caller, app)
}

#[tokio::test]
async fn a_caller_that_hangs_up_has_cancelled_its_call_before_the_answer_or_within_it() {
    let mut pair = Pair::by_hand(|_| {}).await;
    for port in [pair.processor.http, pair.checkout.http] {
        let (caller, app) = in_the_middle(&pair, port).await;
        drop(caller);
        let Told { end, .. } = pair.bed.next_call().await;
        assert_eq!((end.outcome, end.response), (Outcome::Cancelled, None));
        assert!(end.phases.duration().is_some());
        drop(app);

        let (mut caller, mut app) = in_the_middle(&pair, port).await;
        app.send("HTTP/1.1 200 X\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        app.send_chunk("some").await.unwrap();
        let mut head = caller.head().await.unwrap();
        caller.chunk(&mut head).await.unwrap();
        drop(caller);
        let Told { end, .. } = pair.bed.next_call().await;
        assert_eq!((end.outcome, end.response.map(|head| head.status)), (Outcome::Cancelled, Some(200)));
        assert_eq!((&end.response_body.kept[..], end.response_body.end), (&b"some"[..], BodyEnd::Abandoned));
    }
}

#[tokio::test]
async fn a_call_that_its_caller_broke_off_is_told_as_cancelled_in_both_processes() {
    let mut pair = Pair::by_hand(|_| {}).await;
    let (caller, _app) = in_the_middle(&pair, pair.far.http).await;
    drop(caller);
    assert_eq!(pair.far_bed.next_call().await.end.outcome, Outcome::Cancelled);
    assert_eq!(pair.bed.next_call().await.end.outcome, Outcome::Cancelled);
}

#[tokio::test]
async fn nothing_is_told_where_capture_is_off() {
    let mesh = MeshSettings { capture: false, ..MeshSettings::default() };
    let app = App::start(Script::default()).await;
    let port = app.port;
    let mut pair = Pair::of(app, port, mesh, |_| {}).await;
    for (_, node) in pair.legs() {
        assert_eq!(node.ask(Ask::get(ORDERS)).await.status(), 200);
    }
    let mut events = Vec::new();
    let told = tokio::time::timeout(Duration::from_millis(50), pair.bed.events.receive_many(&mut events, 1)).await;
    assert!(told.is_err(), "{events:?}");
    assert_eq!(pair.bed.events.lost(), (0, 0), "what nobody wants is not lost");
}
