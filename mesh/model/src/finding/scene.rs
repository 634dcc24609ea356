//! What a rule may look at: the call, and the session around it, each look bounded.

use std::sync::Arc;

use crate::{App, AppId, Call, Failure, FailureKind, Outcome, Phase, Snapshot, Stamp, Trace};

/// How many calls before a call are looked at: those that went on at the same time are among them.
const LOOK_BACK: usize = 256;

/// How many calls of a trace are looked at.
const TRACE: usize = 512;

/// A call in its session.
pub(super) struct Scene<'a> {
    /// The call.
    pub(super) call: &'a Call,
    /// The session.
    pub(super) snapshot: &'a Snapshot,
    /// Where the call stands in the list.
    position: usize,
    now: Stamp,
}

impl<'a> Scene<'a> {
    pub(super) fn new(call: &'a Call, snapshot: &'a Snapshot, now: Stamp) -> Self {
        // A call that was evicted stands where it would stand.
        let position = snapshot.calls.first_from(call.id);
        Self { call, snapshot, position, now: now.max(snapshot.taken).max(call.phases.received) }
    }

    /// The time.
    pub(super) fn now(&self) -> Stamp {
        self.now
    }

    /// When the call ended, or now.
    pub(super) fn end(&self) -> Stamp {
        self.call.phases.at(Phase::Ended).unwrap_or(self.now())
    }

    /// How it failed, where it did so in this way.
    pub(super) fn failure(&self, kind: FailureKind) -> Option<&'a Failure> {
        match &self.call.outcome {
            Outcome::Failed(failure) if failure.kind == kind => Some(failure),
            _ => None,
        }
    }

    /// The status of an app's answer.
    pub(super) fn answered(&self) -> Option<u16> {
        self.call.status().filter(|_| self.call.outcome == Outcome::Answered)
    }

    /// An app of this run; of replicas the first one.
    pub(super) fn app(&self, id: &AppId) -> Option<&'a Arc<App>> {
        self.snapshot.apps.iter().find(|app| app.id == *id)
    }

    /// The callee, where it is an app of this run.
    pub(super) fn callee(&self) -> Option<&'a Arc<App>> {
        self.app(&self.call.to)
    }

    /// ` on :7003`, where the callee's port is known.
    pub(super) fn on_port(&self) -> String {
        self.callee().filter(|app| app.ports.app != 0).map_or_else(String::new, |app| format!(" on :{}", app.ports.app))
    }

    /// The calls before this one, the newest first.
    pub(super) fn before(&self) -> impl Iterator<Item = &'a Arc<Call>> {
        self.snapshot.calls.before(self.position).take(LOOK_BACK)
    }

    /// The call and what was called while it went on, as far as it is of the same trace; and where the call stands there.
    /// Found without looking at the whole session.
    pub(super) fn below(&self) -> Option<(Trace, usize)> {
        let place = self.call.trace?;
        let calls = self.snapshot.calls.of_trace_until(place.trace, self.position, self.end());
        let trace = Trace::new(calls.take(TRACE).cloned().collect(), self.now());
        let position = trace.position(self.call.id)?;
        Some((trace, position))
    }

    /// The trace of the call, and where the call stands in it.
    pub(super) fn trace(&self) -> Option<(Trace, usize)> {
        let place = self.call.trace?;
        let calls = self.snapshot.calls.of_trace(place.trace).take(TRACE).cloned().collect();
        let trace = Trace::new(calls, self.now());
        let position = trace.position(self.call.id)?;
        Some((trace, position))
    }
}

/// Whether an app was serving a call at a moment. Of an open call the phases are not known: then the app has it, unless
/// the call is held.
pub(super) fn serves(call: &Call, at: Stamp) -> bool {
    let phase = |phase| call.phases.at(phase);
    let came = match phase(Phase::Ended) {
        Some(ended) if ended <= at => return false,
        Some(_) => phase(Phase::Connected),
        None if call.is_held() => None,
        None => Some(phase(Phase::Connected).unwrap_or(call.phases.received)),
    };
    came.is_some_and(|came| came <= at)
}

/// Whether a call ended badly: nobody answered, or somebody answered with an error of its own.
pub(super) fn ended_badly(call: &Call) -> bool {
    call.failed() || is_server_error(call)
}

/// Whether an app answered with an error of its own, not of the request.
pub(super) fn is_server_error(call: &Call) -> bool {
    // Unknown, deadline exceeded, internal, unavailable, data loss.
    const OF_THE_SERVER: [u32; 5] = [2, 4, 13, 14, 15];
    call.outcome == Outcome::Answered
        && (call.status().is_some_and(|status| status >= 500)
            || call.grpc_status().is_some_and(|code| OF_THE_SERVER.contains(&code)))
}

/// Verb and path without the query: `POST /orders`.
pub(super) fn route(call: &Call) -> String {
    let path = call.request.path();
    format!("{} {}", call.verb_text(), path.split('?').next().unwrap_or_default())
}
