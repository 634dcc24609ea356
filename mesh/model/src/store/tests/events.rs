//! Events to make calls of, and the text of what becomes of them.

use std::fmt::Write;

use bytes::Bytes;

use crate::{
    AppId, BodyEnd, Call, CallEnd, CallId, CallProgress, CallStart, CapturedBody, Event, Failure, FailureKind, Head,
    HeadBuilder, InstanceId, Leg, LogLine, LogSource, Outcome, Phase, Phases, Protocol, RequestHead, ResponseHead,
    Snapshot, SpanId, Stamp, TraceId, TraceRef,
};

/// A call, of which its events are made.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) id: u64,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// Milliseconds.
    pub(super) at: u64,
    /// Milliseconds.
    pub(super) took: u64,
    /// `None` for a failed call.
    pub(super) status: Option<u16>,
    pub(super) body: usize,
}

/// checkout's order, answered with 200 after 10 ms, with a body of 14 bytes.
pub(super) fn plan(id: u64) -> Plan {
    Plan { id, from: "checkout", to: "order-processor", at: id * 100, took: 10, status: Some(200), body: 14 }
}

fn millis(millis: u64) -> Stamp {
    Stamp(millis * 1_000)
}

fn head(lines: &[(&str, &str)]) -> Head {
    let mut builder = HeadBuilder::default();
    for (name, value) in lines {
        builder.line(name, value.as_bytes());
    }
    builder.finish()
}

impl Plan {
    fn trace(&self) -> TraceRef {
        let trace = TraceId([u8::try_from(self.id % 200 + 1).unwrap(); 16]);
        TraceRef { trace, parent: None, caller_span: SpanId([1; 8]), callee_span: Some(SpanId([2; 8])), sampled: true }
    }

    pub(super) fn start(&self) -> Event {
        Event::CallStarted(Box::new(CallStart {
            id: CallId(self.id),
            at: millis(self.at),
            from: AppId::new(self.from),
            to: AppId::new(self.to),
            leg: Leg::Unresolved,
            protocol: Protocol::Http1,
            request: RequestHead {
                verb: Bytes::from_static(b"POST"),
                target: Bytes::from_static(b"/v1.0/invoke/x/method/orders"),
                path: Bytes::from_static(b"/orders"),
                headers: head(&[("host", "localhost:3500"), ("content-type", "application/json")]),
            },
            trace: Some(self.trace()),
            replay_of: None,
        }))
    }

    pub(super) fn progress(&self, waiting: bool, response_seen: u64) -> Event {
        Event::CallProgressed(Box::new(CallProgress {
            id: CallId(self.id),
            leg: Leg::InProcess,
            phases: Phases::new(millis(self.at)),
            delays: crate::Delays::default(),
            waiting,
            response: None,
            request_seen: self.body as u64,
            response_seen,
            request_more: crate::BodyPiece::default(),
            response_more: crate::BodyPiece::default(),
            messages: Vec::new(),
            messages_seen: [0; 2],
            request_end: crate::BodyEnd::Open,
        }))
    }

    pub(super) fn end(&self) -> Event {
        let body = CapturedBody {
            kept: Bytes::from(vec![b'x'; self.body]),
            seen: self.body as u64,
            end: BodyEnd::Complete,
            evicted: false,
        };
        let mut phases = Phases::new(millis(self.at));
        phases.mark(Phase::Ended, millis(self.at + self.took));
        let failure = || Failure { kind: FailureKind::UnknownApp, text: "no such app".into(), fact: None };
        Event::CallEnded(Box::new(CallEnd {
            id: CallId(self.id),
            leg: Leg::InProcess,
            phases,
            delays: crate::Delays::default(),
            request_body: body,
            response: self.status.map(|status| ResponseHead::new(status, head(&[("date", "today")]))),
            messages: crate::Messages::default(),
            response_body: CapturedBody::default(),
            outcome: self.status.map_or_else(|| Outcome::Failed(Box::new(failure())), |_| Outcome::Answered),
            trace: Some(self.trace()),
        }))
    }
}

pub(super) fn line(text: &str) -> Event {
    Event::LogWritten(Box::new(LogLine {
        app: AppId::new("checkout"),
        instance: InstanceId(0),
        source: LogSource::Stdout,
        at: Stamp(0),
        text: text.into(),
        continues: false,
    }))
}

fn call_text(call: &Call) -> String {
    let outcome = match &call.outcome {
        Outcome::Pending if call.waiting => "waiting".to_owned(),
        Outcome::Pending => "open".to_owned(),
        Outcome::Answered => call.status().map_or("answered".to_owned(), |status| status.to_string()),
        Outcome::Failed(failure) => failure.text.to_string(),
        Outcome::Cancelled => "cancelled".to_owned(),
    };
    let took = call.phases.duration().map(|took| format!(" {took:?}")).unwrap_or_default();
    let body = |body: &CapturedBody| {
        format!("{}/{}{}", body.kept.len(), body.seen, if body.evicted { " evicted" } else { "" })
    };
    format!(
        "{} {} -> {} {} {}{took}, request {}, answer {}",
        call.id,
        call.from,
        call.to,
        call.request.path(),
        outcome,
        body(&call.request_body),
        body(&call.response_body),
    )
}

/// A snapshot as a person would tell it.
pub(super) fn text(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for call in snapshot.calls.iter() {
        writeln!(text, "{}", call_text(call)).unwrap();
    }
    for edge in snapshot.edges.iter() {
        writeln!(
            text,
            "{} -> {}: {} calls, {} in flight, {} failed, {} errors, {}+{} bytes, p50 {} us, p95 {} us, recent {:?}, newest {}",
            edge.from,
            edge.to,
            edge.calls,
            edge.in_flight,
            edge.failed,
            edge.errors,
            edge.request_bytes,
            edge.response_bytes,
            edge.p50_micros,
            edge.p95_micros,
            edge.recent,
            edge.last_call,
        )
        .unwrap();
    }
    for line in snapshot.logs.iter() {
        writeln!(text, "{}: {}", line.app, line.text).unwrap();
    }
    let Snapshot { rev, lost, .. } = snapshot;
    write!(text, "rev {rev}, {lost:?}").unwrap();
    text
}
