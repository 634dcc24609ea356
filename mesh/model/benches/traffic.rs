//! Calls like those of a quickstart, for the measurements: a POST of 14 bytes answered with 33, heads of seven and
//! five lines, each call in a trace of its own.

use std::time::Duration;

use bytes::Bytes;
use daptop_model::{
    Anchor, AppId, BodyEnd, CallEnd, CallId, CallStart, CapturedBody, Event, HeadBuilder, Leg, Limits, Outcome, Phase,
    Phases, Protocol, RequestHead, ResponseHead, SpanId, Stamp, Store, TraceId, TraceRef,
};

/// Calls that are open at the same time.
const OPEN: u64 = 32;

fn head(lines: &[(&str, &str)]) -> daptop_model::Head {
    let mut builder = HeadBuilder::with_capacity(512);
    for (name, value) in lines {
        builder.line(name, value.as_bytes());
    }
    builder.finish()
}

fn trace(id: u64) -> TraceRef {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&id.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(&id.to_be_bytes());
    let span = SpanId(id.to_be_bytes());
    TraceRef { trace: TraceId(bytes), parent: None, caller_span: span, callee_span: Some(span), sampled: true }
}

fn received(id: u64) -> Stamp {
    Stamp(id * 50)
}

/// The start of a call.
pub(crate) fn start(id: u64) -> Event {
    let traceparent = format!("00-{}-00f067aa0ba902b7-01", trace(id).trace);
    Event::CallStarted(Box::new(CallStart {
        id: CallId(id),
        at: received(id),
        from: AppId::new("checkout"),
        to: AppId::new("order-processor"),
        leg: Leg::InProcess,
        protocol: Protocol::Http1,
        request: RequestHead {
            verb: Bytes::copy_from_slice(b"POST"),
            target: Bytes::copy_from_slice(b"/orders"),
            path: Bytes::copy_from_slice(b"/orders"),
            headers: head(&[
                ("host", "localhost:3500"),
                ("user-agent", "python-requests/2.32.3"),
                ("accept-encoding", "gzip, deflate"),
                ("dapr-app-id", "order-processor"),
                ("content-type", "application/json"),
                ("content-length", "14"),
                ("traceparent", &traceparent),
            ]),
        },
        trace: Some(trace(id)),
        replay_of: None,
    }))
}

fn body(text: &[u8]) -> CapturedBody {
    CapturedBody {
        kept: Bytes::copy_from_slice(text),
        seen: text.len() as u64,
        end: BodyEnd::Complete,
        ..CapturedBody::default()
    }
}

/// The end of a call.
pub(crate) fn end(id: u64) -> Event {
    let mut phases = Phases::new(received(id));
    for (phase, micros) in [(Phase::Resolved, 5), (Phase::Connected, 8), (Phase::Sent, 30), (Phase::Ended, 900)] {
        phases.mark(phase, received(id).plus(Duration::from_micros(micros)));
    }
    let request = format!("{{\"orderId\":{:3}}}", id % 1_000);
    Event::CallEnded(Box::new(CallEnd {
        id: CallId(id),
        leg: Leg::InProcess,
        phases,
        delays: daptop_model::Delays::default(),
        request_body: body(request.as_bytes()),
        response: Some(ResponseHead::new(
            if id.is_multiple_of(100) { 503 } else { 200 },
            head(&[
                ("server", "Werkzeug/3.1.3 Python/3.12.3"),
                ("date", "Mon, 01 Jan 2024 00:00:00 GMT"),
                ("content-type", "application/json"),
                ("content-length", "33"),
                ("connection", "close"),
            ]),
        )),
        messages: daptop_model::Messages::default(),
        response_body: body(b"{\"message\": \"the order was taken\"}"),
        outcome: Outcome::Answered,
        trace: Some(trace(id)),
    }))
}

/// The events of calls, each ending when some more have started, from the call `first` on.
pub(crate) fn events(first: u64, calls: u64) -> impl Iterator<Item = Event> {
    (first..first + calls + OPEN).flat_map(move |id| {
        let starts = (id < first + calls).then(|| start(id));
        let ends = id.checked_sub(OPEN).filter(|id| *id >= first).map(end);
        starts.into_iter().chain(ends)
    })
}

/// A store with this many calls, which has been looked at now and then.
pub(crate) fn filled(calls: u64) -> Store {
    let mut store = Store::new(Limits::default(), Anchor::default());
    for (number, event) in events(1, calls).enumerate() {
        store.apply(event);
        if number.is_multiple_of(2_000) {
            drop(store.snapshot(Stamp(0)));
        }
    }
    store
}
