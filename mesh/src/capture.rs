//! What is told of a call: one record, shared by the handler and by the taps on both bodies. Whichever lets go of it
//! last tells the end, so that a call ends on the screen when it has really ended, however it ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use daptop_model::{
    AppId, BodyEnd, CallEnd, CallId, CallProgress, CallStart, CapturedBody, Event, FailedTries, Failure, Head,
    HeadBuilder, Leg, Outcome, Phase, Phases, Protocol, RequestHead, ResponseHead, SpanId, Stamp, TraceRef,
};
use http::{HeaderMap, Version, request};

use crate::Events;
use crate::error::InvokeError;
use crate::events::EndSlot;
use crate::replay::Mark;

/// The record of one call. Dropping the last clone tells the end.
#[derive(Clone, Debug)]
pub(crate) struct Record(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    events: Events,
    id: CallId,
    body_cap: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    slot: Option<EndSlot>,
    leg: Leg,
    phases: Phases,
    tries: FailedTries,
    request_body: Kept,
    response: Option<ResponseHead>,
    response_body: Kept,
    outcome: Outcome,
    trace: Option<TraceRef>,
}

/// The first bytes of a body, and how many there were.
#[derive(Debug, Default)]
struct Kept {
    bytes: BytesMut,
    seen: u64,
    end: BodyEnd,
}

impl Kept {
    fn push(&mut self, data: &Bytes, cap: usize) {
        self.seen += data.len() as u64;
        let room = cap.saturating_sub(self.bytes.len());
        // A copy: keeping a slice would pin the whole read buffer of the connection.
        self.bytes.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
    }

    fn take(&mut self) -> CapturedBody {
        let kept = std::mem::take(&mut self.bytes);
        // As much memory as the text, no more: a growing buffer has room to spare.
        let kept = if kept.is_empty() { Bytes::new() } else { Bytes::copy_from_slice(&kept) };
        CapturedBody { kept, seen: self.seen, end: self.end, evicted: false }
    }
}

/// Which body of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// The request's.
    Request,
    /// The answer's.
    Response,
}

/// What a call is known by at its start.
pub(crate) struct Opening<'a> {
    /// When the head was received.
    pub(crate) at: Stamp,
    /// The caller.
    pub(crate) from: &'a AppId,
    /// The target.
    pub(crate) to: AppId,
    /// The way, as far as known.
    pub(crate) leg: Leg,
    /// The request's head as received.
    pub(crate) head: RequestHead,
    /// What the caller spoke.
    pub(crate) protocol: Protocol,
    /// Its place in a trace.
    pub(crate) trace: Option<TraceRef>,
    /// What call it repeats, and who wants to know its number.
    pub(crate) replay: Option<&'a Mark>,
}

impl Record {
    /// Tells the start of a call, if there is room for it.
    pub(crate) fn open(events: &Events, body_cap: usize, opening: Opening<'_>) -> Option<Self> {
        let slots = events.reserve_call()?;
        let id = events.next_call();
        let Opening { at, from, to, leg, head, protocol, trace, replay } = opening;
        let (from, replay_of) = (from.clone(), replay.map(|mark| mark.original));
        let start = CallStart { id, at, from, to, leg, protocol, request: head, trace, replay_of };
        let slot = slots.start(Event::CallStarted(Box::new(start)));
        if let Some(mark) = replay {
            mark.opened(id);
        }
        let state = State {
            slot: Some(slot),
            leg,
            phases: Phases::new(at),
            tries: FailedTries::default(),
            request_body: Kept::default(),
            response: None,
            response_body: Kept::default(),
            outcome: Outcome::Pending,
            trace,
        };
        Some(Self(Arc::new(Shared { events: events.clone(), id, body_cap, state: Mutex::new(state) })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a phase as reached now.
    pub(crate) fn mark(&self, phase: Phase) {
        let now = self.0.events.now();
        let mut state = self.state();
        state.phases.mark(phase, now);
        if phase == Phase::Connected && state.phases.at(Phase::Sent).is_some() {
            // A body that ended before there was a connection is sent with the head.
            state.phases.mark(Phase::Sent, now);
        }
    }

    /// The target was found, and with it the way that the call takes.
    pub(crate) fn resolved(&self, leg: Leg) {
        let now = self.0.events.now();
        let mut state = self.state();
        state.leg = leg;
        state.phases.mark(Phase::Resolved, now);
    }

    /// The callee's sidecar has begun a span.
    pub(crate) fn served_as(&self, span: SpanId) {
        if let Some(trace) = &mut self.state().trace {
            trace.callee_span = Some(span);
        }
    }

    /// Tells that the call waits for its app.
    pub(crate) fn tell_waiting(&self) {
        self.tell(true);
    }

    /// Tells how far the call has come.
    pub(crate) fn tell_progress(&self) {
        self.tell(false);
    }

    fn tell(&self, waiting: bool) {
        let state = self.state();
        let progress = CallProgress {
            id: self.0.id,
            leg: state.leg,
            phases: state.phases,
            tries: state.tries.clone(),
            waiting,
            response: None,
            request_seen: state.request_body.seen,
            response_seen: 0,
            request_more: daptop_model::BodyPiece::default(),
            response_more: daptop_model::BodyPiece::default(),
            messages: Vec::new(),
        };
        drop(state);
        self.0.events.hint(|| Event::CallProgressed(Box::new(progress)));
    }

    /// A try got no answer, and there is to be another one.
    pub(crate) fn try_failed(&self, why: &str) {
        let now = self.0.events.now();
        let mut state = self.state();
        let at = now.since(state.phases.received);
        state.tries.failed(at, why);
    }

    /// The next try begins.
    pub(crate) fn tries_again(&self) {
        let now = self.0.events.now();
        let mut state = self.state();
        let at = now.since(state.phases.received);
        state.tries.again(at);
    }

    /// Keeps the answer's head as the caller gets it.
    pub(crate) fn answer(&self, status: u16, headers: &HeaderMap) {
        let head = ResponseHead::new(status, head(headers));
        let mut state = self.state();
        state.response = Some(head);
        state.outcome = Outcome::Answered;
    }

    /// Keeps the trailers of a gRPC answer as the caller gets them.
    pub(crate) fn trailers(&self, trailers: &HeaderMap) {
        let trailers = Some(Box::new(head(trailers)));
        if let Some(response) = &mut self.state().response {
            response.trailers = trailers;
        }
    }

    /// Says that no app answered.
    pub(crate) fn fail(&self, error: &InvokeError) {
        let failure = Failure { kind: error.kind, text: Arc::from(&*error.text), fact: error.fact };
        self.state().outcome = Outcome::Failed(Box::new(failure));
    }

    /// A piece of a body passed.
    pub(crate) fn passed(&self, side: Side, data: &Bytes) {
        let cap = self.0.body_cap;
        let mut state = self.state();
        match side {
            Side::Request => state.request_body.push(data, cap),
            Side::Response => state.response_body.push(data, cap),
        }
    }

    /// A body ended. For the answer's body this ends the call, unless its sender goes on with the request.
    pub(crate) fn ended(&self, side: Side, end: BodyEnd) {
        let now = self.0.events.now();
        let mut state = self.state();
        match side {
            Side::Request => {
                state.request_body.end = end;
                state.phases.mark(Phase::Sent, now);
            }
            Side::Response => {
                state.response_body.end = end;
                state.phases.mark(Phase::Ended, now);
                if end == BodyEnd::Abandoned {
                    state.outcome = Outcome::Cancelled;
                }
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let now = self.events.now();
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = state.slot.take() else { return };
        if state.phases.duration().is_none() {
            state.phases.mark(Phase::Ended, now);
        }
        if state.outcome == Outcome::Pending {
            state.outcome = Outcome::Cancelled;
        }
        let end = CallEnd {
            id: self.id,
            leg: state.leg,
            phases: state.phases,
            tries: std::mem::take(&mut state.tries),
            request_body: state.request_body.take(),
            response: state.response.take(),
            messages: daptop_model::Messages::default(),
            response_body: state.response_body.take(),
            outcome: state.outcome.clone(),
            trace: state.trace,
        };
        slot.end(Event::CallEnded(Box::new(end)));
    }
}

/// The head of a request, as compact text.
pub(crate) fn request_head(parts: &request::Parts, path: Bytes) -> RequestHead {
    let target = parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    RequestHead {
        verb: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: Bytes::copy_from_slice(target.as_bytes()),
        path,
        headers: head(&parts.headers),
    }
}

/// Header lines as compact text.
pub(crate) fn head(headers: &HeaderMap) -> Head {
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 3).sum();
    let mut builder = HeadBuilder::with_capacity(size);
    for (name, value) in headers {
        builder.line(name.as_str(), value.as_bytes());
    }
    builder.finish()
}

/// What a request's version says of its protocol.
pub(crate) fn protocol(version: Version) -> Protocol {
    if version == Version::HTTP_2 { Protocol::Http2 } else { Protocol::Http1 }
}
