//! Edges: who calls whom, folded from calls.

use crate::{AppId, Call, CallId, Failure, Leg, Outcome, Protocol, Stamp};

/// The newest call of an edge that ended badly, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The call.
    pub call: CallId,
    /// When it was received.
    pub at: Stamp,
    /// Why it ended badly.
    pub reason: Reason,
}

/// Why a call ended badly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// No app answered.
    Failed(Failure),
    /// An app answered with this HTTP status.
    Status(u16),
    /// An app answered with this gRPC status.
    Grpc(u32),
    /// The caller went away before the answer was complete.
    Cancelled,
}

impl Reason {
    /// Why an ended call ended badly; `None` where it ended well.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        match &call.outcome {
            Outcome::Pending => None,
            Outcome::Failed(failure) => Some(Reason::Failed(Failure::clone(failure))),
            Outcome::Cancelled => Some(Reason::Cancelled),
            Outcome::Answered if !call.is_error() => None,
            Outcome::Answered => {
                let grpc = call.grpc_status().filter(|code| *code != 0).map(Reason::Grpc);
                grpc.or(call.status().map(Reason::Status))
            }
        }
    }
}

/// A set of protocols.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Protocols(u8);

impl Protocols {
    /// Adds a protocol.
    pub fn add(&mut self, protocol: Protocol) {
        self.0 |= 1 << protocol as u8;
    }

    /// The protocols that are in this set or in the other.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in the set, the oldest first.
    pub fn iter(self) -> impl Iterator<Item = Protocol> {
        let all = [Protocol::Http1, Protocol::Http2, Protocol::Grpc];
        all.into_iter().filter(move |protocol| self.0 & 1 << *protocol as u8 != 0)
    }
}

/// All calls from one app to another.
#[derive(Clone, PartialEq, Debug)]
pub struct Edge {
    /// The caller.
    pub from: AppId,
    /// The callee.
    pub to: AppId,
    /// Calls so far, open ones included.
    pub calls: u64,
    /// Calls that are open now.
    pub in_flight: u32,
    /// When the oldest open call was received.
    pub oldest_open: Option<Stamp>,
    /// Calls that failed: no app answered.
    pub failed: u64,
    /// Calls answered with an error. See [`Call::is_error`](crate::Call::is_error).
    pub errors: u64,
    /// Calls whose caller went away before the answer was complete.
    pub cancelled: u64,
    /// Bytes of all requests' bodies.
    pub request_bytes: u64,
    /// Bytes of all answers' bodies.
    pub response_bytes: u64,
    /// Median duration of ended calls in microseconds.
    pub p50_micros: u64,
    /// 95th percentile of the durations in microseconds.
    pub p95_micros: u64,
    /// Calls received in each of the last ten whole seconds, oldest first.
    pub recent: [u32; 10],
    /// Those of [`Edge::recent`] that have ended badly: failed, answered with an error, or left by their caller.
    pub recent_bad: [u32; 10],
    /// The newest call that ended badly.
    pub trouble: Option<Trouble>,
    /// The newest call that ended well; 0 where none has.
    pub last_well: CallId,
    /// What its calls spoke.
    pub protocols: Protocols,
    /// The way that the newest ended call took; [`Leg::Unresolved`] where none has ended.
    pub leg: Leg,
    /// The newest call.
    pub last_call: CallId,
    /// When the newest call was received.
    pub last_at: Stamp,
}

impl Edge {
    /// The most edges kept: a caller may invent any number of names to call.
    pub const MOST: usize = 1_000;

    /// Whether its calls end badly now: one of the last ten seconds did, or the newest one that has ended.
    pub fn is_failing(&self) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.call > self.last_well)
            || self.recent_bad.iter().any(|calls| *calls > 0)
    }

    /// Whether it was called in the last ten whole seconds, or in the one that ran when the snapshot was taken.
    pub(crate) fn is_recent(&self, taken: Stamp) -> bool {
        let is_current = self.last_at.0 / 1_000_000 >= taken.0 / 1_000_000;
        is_current || self.recent.iter().any(|calls| *calls > 0)
    }
}
