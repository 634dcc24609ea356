//! A session drawn with few strokes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::{
    Anchor, App, AppId, AppPorts, AppState, AppTimes, BodyEnd, CallEnd, CallId, CallProgress, CallStart, CapturedBody,
    Event, ExitReason, Failure, FailureFact, FailureKind, HeadBuilder, InstanceId, Leg, Limits, Outcome, Phase, Phases,
    Protocol, RequestHead, ResponseHead, Snapshot, SpanId, Stamp, Store, TraceId, TraceRef,
};

/// A session in the making. Its clock is that of its calls.
pub(super) struct Sketch {
    pub(super) store: Store,
    calls: u64,
    traces: Vec<(CallId, TraceRef)>,
    apps: u32,
    /// When the next snapshot is taken, in milliseconds.
    pub(super) now: u64,
    /// The first call that stayed open.
    open: Option<(CallId, TraceRef, Plan)>,
    /// The number that was left out.
    skipped: u64,
}

/// A call in all that a rule may look at.
pub(super) struct Plan {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) verb: &'static str,
    pub(super) path: String,
    /// Milliseconds.
    pub(super) at: u64,
    /// Milliseconds; `None` while it is open.
    pub(super) took: Option<u64>,
    pub(super) status: Option<u16>,
    pub(super) outcome: Outcome,
    pub(super) body: &'static [u8],
    pub(super) request: Vec<(&'static str, &'static str)>,
    pub(super) response: Vec<(&'static str, &'static str)>,
    pub(super) trailers: Vec<(&'static str, &'static str)>,
    pub(super) response_end: BodyEnd,
    pub(super) leg: Leg,
    pub(super) protocol: Protocol,
    /// The call within which it is made.
    pub(super) parent: Option<CallId>,
    /// The phases that are reached before its end.
    pub(super) phases: Vec<Phase>,
    pub(super) waiting: bool,
    /// Its wait for its turn: of how many at once, from when and until when, in milliseconds.
    pub(super) turn: Option<(u32, u64, Option<u64>)>,
    /// Milliseconds for which it was held.
    pub(super) held: Option<u64>,
    pub(super) replay_of: Option<CallId>,
    /// How many messages the answer has, in gRPC.
    pub(super) answers: u64,
}

fn millis(millis: u64) -> Stamp {
    Stamp(millis * 1_000)
}

/// A failure.
pub(super) fn failed(kind: FailureKind, text: &str, fact: Option<FailureFact>) -> Outcome {
    Outcome::Failed(Box::new(Failure { kind, text: text.into(), fact }))
}

/// A crash with an exit code.
pub(super) fn exit(code: i32) -> AppState {
    AppState::Ended(ExitReason::Code(code))
}

impl Sketch {
    /// checkout, which has no port, and order-processor, both ready.
    pub(super) fn shop() -> Self {
        Self::with_calls(Limits::default().calls)
    }

    /// The same, where no more than some calls are kept.
    pub(super) fn with_calls(calls: usize) -> Self {
        let store = Store::new(Limits { calls, ..Limits::default() }, Anchor::default());
        let mut sketch = Self { store, calls: 0, traces: Vec::new(), apps: 0, now: 0, open: None, skipped: 0 };
        sketch.app("checkout", 0, AppState::Ready, |_| {});
        sketch.app("order-processor", 6001, AppState::Ready, |_| {});
        sketch
    }

    /// An app that was spawned at the start.
    pub(super) fn app(&mut self, id: &'static str, port: u16, state: AppState, edit: impl FnOnce(&mut App)) {
        let mut app = App {
            instance: InstanceId(self.apps),
            id: AppId::new(id),
            state,
            ports: AppPorts { app: port, ..AppPorts::default() },
            pid: Some(1),
            command: "".into(),
            folder: "".into(),
            log_file: None,
            env: Arc::from([]),
            restarts: 0,
            times: AppTimes { spawned: Some(Stamp(0)), ..AppTimes::default() },
            cpu_percent: None,
            memory: None,
            listens_on: None,
        };
        self.apps += 1;
        edit(&mut app);
        self.store.apply(Event::AppChanged(Box::new(app)));
    }

    /// `POST /orders` from checkout to order-processor, a second after the call before it, answered with 200 after
    /// 10 ms, as `edit` changes it.
    pub(super) fn call(&mut self, edit: impl FnOnce(&mut Plan)) -> CallId {
        let mut plan = Plan {
            from: "checkout",
            to: "order-processor",
            verb: "POST",
            path: "/orders".to_owned(),
            at: (self.calls + 1) * 1_000,
            took: Some(10),
            status: Some(200),
            outcome: Outcome::Answered,
            body: b"{}",
            request: Vec::new(),
            response: Vec::new(),
            trailers: Vec::new(),
            response_end: BodyEnd::Complete,
            leg: Leg::InProcess,
            protocol: Protocol::Http1,
            parent: None,
            phases: vec![Phase::Resolved, Phase::Connected, Phase::Sent, Phase::FirstByte],
            waiting: false,
            turn: None,
            held: None,
            replay_of: None,
            answers: 0,
        };
        edit(&mut plan);
        self.calls += 1;
        let id = CallId(self.calls);
        let trace = self.trace(id, plan.parent);
        self.now = self.now.max(plan.at + plan.took.unwrap_or(0));
        self.tell(id, trace, &plan);
        if plan.took.is_none() && self.open.is_none() {
            self.open = Some((id, trace, plan));
        }
        id
    }

    /// Ends the first call that stayed open, as it was planned, now.
    pub(super) fn end_first(&mut self) {
        let Some((id, trace, mut plan)) = self.open.take() else { return };
        plan.took = Some(self.now - plan.at);
        self.tell(id, trace, &plan);
    }

    /// Leaves a number out.
    pub(super) fn skip(&mut self) {
        self.calls += 1;
        self.skipped = self.calls;
    }

    /// The call whose number was left out.
    pub(super) fn skipped(&mut self, edit: impl FnOnce(&mut Plan)) -> CallId {
        let calls = std::mem::replace(&mut self.calls, self.skipped - 1);
        let id = self.call(edit);
        self.calls = calls;
        id
    }

    /// The session as it is when its last call has ended.
    pub(super) fn snapshot(&mut self) -> Arc<Snapshot> {
        self.store.snapshot(millis(self.now))
    }

    fn trace(&mut self, id: CallId, parent: Option<CallId>) -> TraceRef {
        let number = (id.0 % 255 + 1) as u8;
        let parent =
            parent.and_then(|parent| self.traces.iter().find(|(id, _)| *id == parent)).map(|(_, place)| *place);
        let place = TraceRef {
            trace: parent.map_or(TraceId([number; 16]), |parent| parent.trace),
            parent: parent.and_then(|parent| parent.callee_span),
            caller_span: SpanId([number, 1, 0, 0, 0, 0, 0, 0]),
            callee_span: Some(SpanId([number, 2, 0, 0, 0, 0, 0, 0])),
            sampled: true,
        };
        self.traces.push((id, place));
        place
    }

    fn tell(&mut self, id: CallId, trace: TraceRef, plan: &Plan) {
        let start = CallStart {
            id,
            at: millis(plan.at),
            from: plan.from.into(),
            to: plan.to.into(),
            leg: plan.leg,
            protocol: plan.protocol,
            request: RequestHead {
                verb: Bytes::from_static(plan.verb.as_bytes()),
                target: Bytes::from_static(b"/"),
                path: plan.path.clone().into(),
                headers: head(&plan.request),
            },
            trace: Some(trace),
            replay_of: plan.replay_of,
        };
        self.store.apply(Event::CallStarted(Box::new(start)));
        let mut phases = reached(plan);
        let Some(took) = plan.took else {
            let progress = CallProgress {
                id,
                leg: plan.leg,
                phases,
                delays: delays(plan),
                waiting: plan.waiting,
                response: None,
                request_seen: 0,
                response_seen: 0,
                request_more: crate::BodyPiece::default(),
                response_more: crate::BodyPiece::default(),
                messages: Vec::new(),
                messages_seen: [0; 2],
                request_end: crate::BodyEnd::Open,
            };
            return self.store.apply(Event::CallProgressed(Box::new(progress)));
        };
        let ended = millis(plan.at + took);
        if plan.phases.contains(&Phase::FirstByte) {
            phases.mark(Phase::FirstByte, ended);
        }
        phases.mark(Phase::Ended, ended);
        let body = |bytes: &'static [u8], end| CapturedBody {
            kept: Bytes::from_static(bytes),
            seen: bytes.len() as u64,
            end,
            evicted: false,
        };
        self.store.apply(Event::CallEnded(Box::new(CallEnd {
            id,
            leg: plan.leg,
            phases,
            delays: delays(plan),
            request_body: body(plan.body, BodyEnd::Complete),
            response: plan.status.map(|status| ResponseHead {
                status,
                headers: head(&plan.response),
                trailers: Some(Box::new(head(&plan.trailers))),
            }),
            messages: answers(plan),
            response_body: body(b"{}", plan.response_end),
            outcome: plan.outcome.clone(),
            trace: Some(trace),
        })));
    }
}

/// The phases that are reached before its end.
fn reached(plan: &Plan) -> Phases {
    let mut phases = Phases::new(millis(plan.at));
    if let Some(held) = plan.held {
        phases.mark(Phase::Started, millis(plan.at + held));
    }
    for phase in &plan.phases {
        phases.mark(*phase, millis(plan.at));
    }
    phases
}

fn answers(plan: &Plan) -> crate::Messages {
    let mut messages = crate::Messages::default();
    for _ in 0..plan.answers {
        let (side, at) = (crate::Side::Response, millis(plan.at));
        messages.push(crate::Message { side, at, start: 5, length: 0, compressed: false });
    }
    messages
}

fn delays(plan: &Plan) -> crate::Delays {
    let mut delays = crate::Delays::default();
    if let Some((limit, began, came)) = plan.turn {
        delays.turn_begins(Duration::from_millis(began), limit);
        if let Some(came) = came {
            delays.turn_came(Duration::from_millis(came));
        }
    }
    delays
}

fn head(lines: &[(&str, &str)]) -> crate::Head {
    let mut builder = HeadBuilder::default();
    for (name, value) in lines {
        builder.line(name, value.as_bytes());
    }
    builder.finish()
}
