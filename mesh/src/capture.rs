//! What is told of a call: one record, shared by the handler and by the taps on both bodies. Whichever lets go of it
//! last tells the end, so that a call ends on the screen when it has really ended, however it ended. While it is open
//! `live` tells how far it has come.

mod head;
mod kept;
mod live;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use daptop_model::{
    AppId, BodyEnd, CallEnd, CallId, CallProgress, CallStart, Delays, Event, Failure, Leg, Message, Messages, Outcome,
    Phase, Phases, Protocol, RequestHead, ResponseHead, Side, SpanId, Stamp, TraceRef,
};
use http::HeaderMap;

use self::kept::Kept;
use crate::core;
use crate::error::InvokeError;
use crate::events::EndSlot;
use crate::grpc::Begun;
use crate::replay::Mark;

pub(crate) use head::{head, protocol, request_head};
pub(crate) use live::Live;

/// The record of one call. Dropping the last clone tells the end.
#[derive(Clone, Debug)]
pub(crate) struct Record(Arc<Shared>);

/// What the clones of a record share.
#[derive(Debug)]
pub(crate) struct Shared {
    mesh: Arc<core::Shared>,
    id: CallId,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    slot: Option<EndSlot>,
    leg: Leg,
    phases: Phases,
    delays: Delays,
    request_body: Kept,
    response: Option<ResponseHead>,
    response_body: Kept,
    messages: Messages,
    outcome: Outcome,
    trace: Option<TraceRef>,
    /// It is held until its app has started.
    waiting: bool,
    told: Told,
}

/// What has been told of an open call.
#[derive(Debug, Default)]
struct Told {
    /// There is more to tell.
    news: bool,
    /// The record is in the queue of those that have.
    queued: bool,
    response: bool,
    /// How many of the messages that are kept.
    messages: usize,
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
    pub(crate) fn open(mesh: &Arc<core::Shared>, opening: Opening<'_>) -> Option<Self> {
        let slots = mesh.events.reserve_call()?;
        let id = mesh.events.next_call();
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
            delays: Delays::default(),
            request_body: Kept::default(),
            response: None,
            response_body: Kept::default(),
            messages: Messages::default(),
            outcome: Outcome::Pending,
            trace,
            waiting: false,
            told: Told::default(),
        };
        Some(Self(Arc::new(Shared { mesh: Arc::clone(mesh), id, state: Mutex::new(state) })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }

    /// There is more to tell. Where the queue is full the call is told with its next piece.
    fn news(&self, state: &mut State) {
        state.told.news = true;
        if !state.told.queued {
            state.told.queued = self.0.mesh.live.queue(Arc::downgrade(&self.0));
        }
    }

    /// Marks a phase as reached now.
    pub(crate) fn mark(&self, phase: Phase) {
        let now = self.0.mesh.events.now();
        let mut state = self.state();
        state.phases.mark(phase, now);
        if phase == Phase::Connected && state.phases.at(Phase::Sent).is_some() {
            // A body that ended before there was a connection is sent with the head.
            state.phases.mark(Phase::Sent, now);
        }
        if state.waiting {
            state.waiting = false;
            self.news(&mut state);
        }
    }

    /// The target was found, and with it the way that the call takes.
    pub(crate) fn resolved(&self, leg: Leg) {
        let now = self.0.mesh.events.now();
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
        self.state().waiting = true;
        self.tell_progress();
    }

    /// Tells how far the call has come.
    pub(crate) fn tell_progress(&self) {
        self.0.tell(&mut self.state());
    }

    /// A try got no answer, and there is to be another one.
    pub(crate) fn try_failed(&self, why: &str) {
        let now = self.0.mesh.events.now();
        let mut state = self.state();
        let at = now.since(state.phases.received);
        state.delays.try_failed(at, why);
    }

    /// The next try begins.
    pub(crate) fn tries_again(&self) {
        let now = self.0.mesh.events.now();
        let mut state = self.state();
        let at = now.since(state.phases.received);
        state.delays.try_again(at);
    }

    /// As many calls as are allowed at once are at the app: this one waits for its turn.
    pub(crate) fn waits_for_turn(&self, limit: usize) {
        let now = self.0.mesh.events.now();
        let mut state = self.state();
        let at = now.since(state.phases.received);
        state.delays.turn_begins(at, u32::try_from(limit).unwrap_or(u32::MAX));
        self.news(&mut state);
    }

    /// Its turn has come.
    pub(crate) fn turn_came(&self) {
        let now = self.0.mesh.events.now();
        let mut state = self.state();
        let at = now.since(state.phases.received);
        state.delays.turn_came(at);
        self.news(&mut state);
    }

    /// Keeps the answer's head as the caller gets it.
    pub(crate) fn answer(&self, status: u16, headers: &HeaderMap) {
        let head = ResponseHead::new(status, head(headers));
        let mut state = self.state();
        state.response = Some(head);
        state.outcome = Outcome::Answered;
        self.news(&mut state);
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
        let cap = self.0.mesh.settings.body_cap;
        let mut state = self.state();
        state.body(side).push(data, cap);
        self.news(&mut state);
    }

    /// A message of gRPC begins to pass. Its bytes are told by [`Record::passed`].
    pub(crate) fn message(&self, side: Side, begun: Begun) {
        let at = self.0.mesh.events.now();
        let Begun { start, length, compressed } = begun;
        self.state().messages.push(Message { side, at, start, length, compressed });
    }

    /// A request that nobody took was read all the same, and ended like this: it was not sent to anybody.
    pub(crate) fn read_in_vain(&self, end: BodyEnd) {
        let mut state = self.state();
        state.request_body.end = end;
        self.news(&mut state);
    }

    /// A body ended. For the answer's body this ends the call, unless its sender goes on with the request.
    pub(crate) fn ended(&self, side: Side, end: BodyEnd) {
        let now = self.0.mesh.events.now();
        let mut state = self.state();
        state.body(side).end = end;
        match side {
            Side::Request => {
                state.phases.mark(Phase::Sent, now);
                if state.request_body.seen > 0 {
                    self.news(&mut state);
                }
            }
            Side::Response => {
                state.phases.mark(Phase::Ended, now);
                if end == BodyEnd::Abandoned {
                    state.outcome = Outcome::Cancelled;
                }
            }
        }
    }
}

impl State {
    fn body(&mut self, side: Side) -> &mut Kept {
        match side {
            Side::Request => &mut self.request_body,
            Side::Response => &mut self.response_body,
        }
    }

    /// What has not been told yet.
    fn progress(&self, id: CallId) -> CallProgress {
        CallProgress {
            id,
            leg: self.leg,
            phases: self.phases,
            delays: self.delays.clone(),
            waiting: self.waiting,
            response: self.response.clone().filter(|_| !self.told.response),
            request_seen: self.request_body.seen,
            request_end: self.request_body.end,
            response_seen: self.response_body.seen,
            request_more: self.request_body.more(),
            response_more: self.response_body.more(),
            messages: self.messages.kept().get(self.told.messages..).unwrap_or_default().to_vec(),
            messages_seen: [Side::Request, Side::Response].map(|side| self.messages.seen(side)),
        }
    }

    fn all_told(&mut self) {
        self.request_body.told();
        self.response_body.told();
        let messages = self.messages.kept().len();
        self.told = Told { news: false, queued: self.told.queued, response: self.response.is_some(), messages };
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what is new, where anything is; `false` where there was no room, and the record stays in the queue.
    fn tell_news(&self) -> bool {
        let mut state = self.state();
        let done = !state.told.news || self.tell(&mut state);
        state.told.queued = !done;
        done
    }

    /// Tells how far the call has come, and whether there was room to.
    fn tell(&self, state: &mut State) -> bool {
        let taken = self.mesh.events.hint(|| Event::CallProgressed(Box::new(state.progress(self.id))));
        if taken {
            state.all_told();
        }
        taken
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let now = self.mesh.events.now();
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
            delays: std::mem::take(&mut state.delays),
            request_body: state.request_body.take(),
            response: state.response.take(),
            messages: std::mem::take(&mut state.messages),
            response_body: state.response_body.take(),
            outcome: state.outcome.clone(),
            trace: state.trace,
        };
        slot.end(Event::CallEnded(Box::new(end)));
    }
}
