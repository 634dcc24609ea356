//! Calls, folded from their events and kept within bounds.

use std::sync::Arc;

use bytes::Bytes;

use crate::sequence::{Place, Sequence};
use crate::{
    BodyPiece, Call, CallEnd, CallId, CallProgress, CallStart, Calls, Edge, Failure, FailureKind, Limits, Lost,
    Outcome, Phase, Replays, Side, Stamp,
};

use super::budget::Budget;
use super::compact::{bodies_size, compact, heads_size};
use super::edges::Edges;

/// All calls, sorted by number, with what is derived from them.
#[derive(Debug)]
pub(super) struct CallTable {
    calls: Sequence<Call>,
    edges: Edges,
    /// Shared with the snapshots, and copied when it changes, which is seldom.
    replays: Replays,
    budget: Budget,
    /// Heads and bodies of all calls.
    bytes: usize,
    /// Every call before this one is open.
    evictable_from: CallId,
    /// The newest call that was given up.
    newest_evicted: CallId,
    lost: Lost,
}

impl CallTable {
    pub(super) fn new() -> Self {
        Self {
            calls: Sequence::new(),
            edges: Edges::default(),
            replays: Replays::default(),
            budget: Budget::default(),
            bytes: 0,
            evictable_from: CallId(0),
            newest_evicted: CallId(0),
            lost: Lost::default(),
        }
    }

    /// Takes in a call that has started, and gives it back. A number that is there already stays the call that it was.
    pub(super) fn start(&mut self, start: CallStart, limits: &Limits) -> Option<Arc<Call>> {
        let id = start.id;
        // Nearly every call is the newest one.
        let is_newest = self.calls.last().is_none_or(|last| last.id < id);
        let place = (!is_newest).then(|| self.calls.place(|call| call.id < id));
        if place.and_then(|place| self.calls.get(place)).is_some_and(|call| call.id == id) {
            return None;
        }
        let mut call = Call::new(start);
        self.edges.start(&mut call);
        if let Some(original) = call.replay_of() {
            Arc::make_mut(&mut self.replays.0).insert((original, id));
        }
        self.bytes += heads_size(&call);
        let call = Arc::new(call);
        match place {
            None => self.calls.push(Arc::clone(&call)),
            Some(place) => self.calls.insert(place, Arc::clone(&call)),
        }
        self.evict(limits);
        Some(call)
    }

    /// Takes in how far an open call has come. What comes after its end, or without a start, changes nothing.
    pub(super) fn progress(&mut self, progress: CallProgress, limits: &Limits) -> bool {
        let Some(place) = self.find(progress.id) else { return false };
        if !self.calls.get(place).is_some_and(|call| call.is_open()) {
            return false;
        }
        let room = limits.bytes.saturating_sub(self.bytes);
        let passed = self.calls.change(place, |call| {
            let before = (size(call), call.request_body.seen, call.response_body.seen);
            call.leg = progress.leg;
            call.phases = progress.phases.received_at(call.phases.received);
            call.delays = progress.delays;
            call.waiting = progress.waiting;
            call.response = progress.response.or(call.response.take());
            call.request_body.seen = before.1.max(progress.request_seen);
            call.request_body.end = progress.request_end;
            call.response_body.seen = before.2.max(progress.response_seen);
            let more = progress.request_more.bytes.len() + progress.response_more.bytes.len();
            if more <= room {
                append(&mut call.request_body.kept, progress.request_more);
                append(&mut call.response_body.kept, progress.response_more);
            }
            for message in progress.messages {
                call.messages.push(message);
            }
            let [request, response] = progress.messages_seen;
            call.messages.saw(Side::Request, request);
            call.messages.saw(Side::Response, response);
            (before.0, call.request_body.seen - before.1, call.response_body.seen - before.2)
        });
        if let (Some((before, request, response)), Some(call)) = (passed, self.calls.get(place)) {
            self.edges.passed(call, request, response);
            self.bytes = self.bytes.saturating_sub(before) + size(call);
        }
        self.evict(limits);
        true
    }

    /// Takes in the end of a call. The end of one that never started here is a call that was not captured.
    pub(super) fn end(&mut self, end: CallEnd, limits: &Limits) -> bool {
        let Some(place) = self.find(end.id) else {
            let is_unknown = end.id > self.newest_evicted;
            self.lost.calls += u64::from(is_unknown);
            return is_unknown;
        };
        let Some(open) = self.calls.get(place).filter(|call| call.is_open()) else { return false };
        let (before, request, response) = (size(open), open.request_body.seen, open.response_body.seen);
        let id = end.id;
        self.calls.change(place, |call| finish(call, end));
        if let Some(call) = self.calls.get(place) {
            self.edges.passed(
                call,
                call.request_body.seen.saturating_sub(request),
                call.response_body.seen.saturating_sub(response),
            );
            self.edges.end(call);
            self.budget.add(call);
            self.bytes = self.bytes.saturating_sub(before) + size(call);
        }
        self.evictable_from = self.evictable_from.min(id);
        self.evict(limits);
        true
    }

    /// From the newest to the oldest.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Arc<Call>> {
        self.calls.newest_first()
    }

    pub(super) fn replays(&self) -> Replays {
        self.replays.clone()
    }

    pub(super) fn publish(&mut self, now: Stamp) -> (Calls, Arc<[Edge]>, Lost) {
        let lost = Lost { evicted_edges: self.edges.evicted(), ..self.lost };
        (Calls(self.calls.publish()), self.edges.publish(now), lost)
    }

    fn find(&self, id: CallId) -> Option<Place> {
        let place = self.calls.place(|call| call.id < id);
        self.calls.get(place).is_some_and(|call| call.id == id).then_some(place)
    }

    /// Gives up bodies, then ended calls, until the limits hold or only open calls are left.
    fn evict(&mut self, limits: &Limits) {
        while self.calls.len() > limits.calls {
            if !self.evict_call() {
                return;
            }
        }
        while self.bytes > limits.bytes {
            if !self.evict_bodies() && !self.evict_call() {
                return;
            }
        }
    }

    /// Gives up the bodies of one call.
    fn evict_bodies(&mut self) -> bool {
        let Some(place) = self.budget.next().and_then(|id| self.find(id)) else { return false };
        let Some(call) = self.calls.get(place) else { return false };
        self.budget.remove(call);
        self.bytes = self.bytes.saturating_sub(bodies_size(call));
        let evicted = self.calls.change(place, |call| {
            let bodies = [&mut call.request_body, &mut call.response_body];
            bodies
                .into_iter()
                .filter(|body| !body.kept.is_empty())
                .map(|body| {
                    body.kept = bytes::Bytes::new();
                    body.evicted = true;
                })
                .count()
        });
        self.lost.evicted_bodies += evicted.unwrap_or_default() as u64;
        true
    }

    /// Gives up the oldest ended call.
    fn evict_call(&mut self) -> bool {
        let mut place = self.calls.place(|call| call.id < self.evictable_from);
        while self.calls.get(place).is_some_and(|call| call.is_open()) {
            place = self.calls.after(place);
        }
        let removed = self.calls.remove(place);
        let next = removed.as_ref().or(self.calls.last()).map_or(CallId(0), |call| CallId(call.id.0.saturating_add(1)));
        self.evictable_from = next;
        let Some(call) = removed else { return false };
        self.budget.remove(&call);
        if let Some(original) = call.replay_of() {
            Arc::make_mut(&mut self.replays.0).remove(&(original, call.id));
        }
        self.bytes = self.bytes.saturating_sub(size(&call));
        self.newest_evicted = self.newest_evicted.max(call.id);
        self.lost.evicted_calls += 1;
        true
    }
}

/// How many bytes of memory a call takes besides its fixed part.
fn size(call: &Call) -> usize {
    heads_size(call) + bodies_size(call)
}

/// Adds a piece to what is kept of a body that is still running, where it is the next one.
fn append(kept: &mut Bytes, piece: BodyPiece) {
    if piece.bytes.is_empty() || piece.at != kept.len() as u64 {
        return;
    }
    *kept = if kept.is_empty() {
        piece.bytes
    } else {
        let mut whole = Vec::from(std::mem::take(kept));
        whole.extend_from_slice(&piece.bytes);
        whole.into()
    };
}

/// Writes the end into a call.
fn finish(call: &mut Call, end: CallEnd) {
    call.leg = end.leg;
    call.phases = end.phases.received_at(call.phases.received);
    call.delays = end.delays;
    call.request_body = end.request_body;
    call.response = end.response;
    call.response_body = end.response_body;
    call.messages = end.messages;
    call.trace = end.trace.or(call.trace);
    call.waiting = false;
    call.outcome = match end.outcome {
        Outcome::Pending if call.response.is_some() => Outcome::Answered,
        Outcome::Pending => Outcome::Failed(Box::new(Failure {
            kind: FailureKind::Other,
            text: Arc::from("daptop was told that the call ended, but not how"),
            fact: None,
        })),
        outcome => outcome,
    };
    if call.phases.duration().is_none() {
        call.phases.mark(Phase::Ended, call.phases.latest());
    }
    compact(call);
}
