//! Edges: who calls whom, folded from calls.

use crate::{AppId, CallId, Stamp};

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
    /// The newest call.
    pub last_call: CallId,
    /// When the newest call was received.
    pub last_at: Stamp,
}

impl Edge {
    /// The most edges kept: a caller may invent any number of names to call.
    pub const MOST: usize = 1_000;

    /// Whether it was called in the last ten whole seconds, or in the one that ran when the snapshot was taken.
    pub(crate) fn is_recent(&self, taken: Stamp) -> bool {
        let is_current = self.last_at.0 / 1_000_000 >= taken.0 / 1_000_000;
        is_current || self.recent.iter().any(|calls| *calls > 0)
    }
}
