//! Snapshots: what a viewer sees. Immutable; publishing one copies references, not calls.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::sequence::{Item, Published};
use crate::{Anchor, App, Call, CallId, Edge, ExporterState, LogLine, Schemas, Stamp, TraceId, TraceTree};

/// The bounds of a session's memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most calls kept.
    pub calls: usize,
    /// The most bytes of heads and bodies kept, in all.
    pub bytes: usize,
    /// The most log lines kept.
    pub log_lines: usize,
    /// The most bytes of log lines kept.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 100_000, bytes: 256 << 20, log_lines: 50_000, log_bytes: 64 << 20 }
    }
}

/// What a viewer cannot see, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lost {
    /// Calls that were never captured: the store was too busy, or was told of an end without a start.
    pub calls: u64,
    /// Log lines that were never captured, because the store was too busy.
    pub log_lines: u64,
    /// Ended calls given up to stay within the limits.
    pub evicted_calls: u64,
    /// Bodies given up to stay within the limits.
    pub evicted_bodies: u64,
    /// Log lines given up to stay within the limits.
    pub evicted_log_lines: u64,
    /// Edges given up because more than [`Edge::MOST`] pairs of apps called each other.
    pub evicted_edges: u64,
}

/// The state of a session at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Grows with each published change.
    pub rev: u64,
    /// The wall time of `Stamp(0)`.
    pub anchor: Anchor,
    /// When the snapshot was taken.
    pub taken: Stamp,
    /// The apps of the run, in file order.
    pub apps: Arc<[Arc<App>]>,
    /// The calls, oldest first.
    pub calls: Calls,
    /// Which calls repeat which.
    pub replays: Replays,
    /// Who calls whom, in the order in which the edges were first seen.
    pub edges: Arc<[Edge]>,
    /// The log lines, oldest first.
    pub logs: Logs,
    /// The state of span export.
    pub exporter: ExporterState,
    /// What the messages of gRPC services are, as far as somebody has looked at one.
    pub schemas: Schemas,
    /// What is not here.
    pub lost: Lost,
    /// The bounds in force.
    pub limits: Limits,
}

/// Which calls repeat which: the way from a call to its replays. The other way is [`Call::replay_of`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replays(pub(crate) Arc<BTreeSet<(CallId, CallId)>>);

impl Replays {
    /// The calls that repeat a call, oldest first.
    pub fn of(&self, original: CallId) -> impl DoubleEndedIterator<Item = CallId> {
        let all = (original, CallId(0))..=(original, CallId(u64::MAX));
        self.0.range(all).map(|(_, replay)| *replay)
    }
}

impl Item for Call {
    /// The trace id in short: 0 without a trace, and hardly ever the same for two traces.
    type Mark = u32;

    fn mark(&self) -> u32 {
        self.trace.map_or(0, |place| short(place.trace))
    }
}

impl Item for LogLine {
    type Mark = ();

    fn mark(&self) {}
}

fn short(trace: TraceId) -> u32 {
    trace
        .0
        .chunks_exact(4)
        .fold(0, |short, part| short ^ part.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)))
}

/// Calls, oldest first, that is, sorted by number.
#[derive(Clone, Debug, Default)]
pub struct Calls(pub(crate) Published<Call>);

impl Calls {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The call at a position, 0 being the oldest.
    pub fn get(&self, index: usize) -> Option<&Arc<Call>> {
        self.0.get(index)
    }

    /// From the oldest to the newest; can be turned round.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Call>> + ExactSizeIterator {
        self.0.iter()
    }

    /// Where a call stands, found without looking at every one.
    pub fn position(&self, id: CallId) -> Option<usize> {
        let position = self.0.position(|call| call.id < id);
        self.get(position).filter(|call| call.id == id).map(|_| position)
    }

    /// The position of the first call that is not older than a number.
    pub(crate) fn first_from(&self, id: CallId) -> usize {
        self.0.position(|call| call.id < id)
    }

    /// The calls before a position, the newest first.
    pub(crate) fn before(&self, position: usize) -> impl Iterator<Item = &Arc<Call>> {
        self.0.before(position)
    }

    /// The call of a number.
    pub fn find(&self, id: CallId) -> Option<&Arc<Call>> {
        self.get(self.position(id)?)
    }

    /// The calls of a trace, oldest first, found without looking at every one.
    pub fn of_trace(&self, trace: TraceId) -> impl Iterator<Item = &Arc<Call>> {
        self.of_trace_at(trace, 0..self.len())
    }

    /// The calls of a trace from a position on that were received until a moment, oldest first.
    pub(crate) fn of_trace_until(
        &self,
        trace: TraceId,
        position: usize,
        until: Stamp,
    ) -> impl Iterator<Item = &Arc<Call>> {
        /// Calls may arrive slightly out of order.
        const LATE: usize = 64;
        let end = self.0.position(|call| call.phases.received <= until);
        self.of_trace_at(trace, position..end.saturating_add(LATE).min(self.len()))
    }

    fn of_trace_at(&self, trace: TraceId, positions: Range<usize>) -> impl Iterator<Item = &Arc<Call>> {
        let marked = self.0.marked(short(trace), positions);
        marked.filter(move |call| call.trace.is_some_and(|place| place.trace == trace))
    }
}

/// Log lines, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Logs(pub(crate) Published<LogLine>);

impl Logs {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The line at a position, 0 being the oldest.
    pub fn get(&self, index: usize) -> Option<&Arc<LogLine>> {
        self.0.get(index)
    }

    /// From the oldest to the newest; can be turned round.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<LogLine>> + ExactSizeIterator {
        self.0.iter()
    }
}

impl Snapshot {
    /// From when on the snapshot is wrong even if nothing happens: at the next whole second, while edges count calls of
    /// the last ten. `None` where it stays true.
    pub fn stale_from(&self) -> Option<Stamp> {
        let is_moving = self.edges.iter().any(|edge| edge.is_recent(self.taken));
        is_moving.then(|| Stamp((self.taken.0 / 1_000_000).saturating_add(1).saturating_mul(1_000_000)))
    }

    /// All calls of a trace as a tree of spans.
    pub fn trace(&self, trace: TraceId) -> TraceTree {
        TraceTree::new(self.calls.of_trace(trace).flat_map(|call| call.spans()).collect())
    }
}
