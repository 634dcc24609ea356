//! Who calls whom, folded from calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::edge::{Edge, Protocols, Reason, Trouble};
use crate::{AppId, Call, CallId, Leg, Outcome, Stamp};

use super::histogram::Histogram;

/// Seconds of which calls are counted: ten whole ones, the current one, and one for what comes late.
const SECONDS: u64 = 12;

/// Second and number of calls, each at the second modulo their number.
type Seconds = [(u64, u32); SECONDS as usize];

/// All edges, at most [`Edge::MOST`] unless more have open calls.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// By the order in which they were first seen.
    folds: BTreeMap<u64, Fold>,
    /// The numbers of the folds, by caller and callee.
    numbers: HashMap<AppId, HashMap<AppId, u64>>,
    next: u64,
    evicted: u64,
}

/// An edge, and what is needed to go on folding it.
#[derive(Debug)]
struct Fold {
    edge: Edge,
    open: BTreeSet<(Stamp, CallId)>,
    durations: Histogram,
    seconds: Seconds,
    /// The same of those that ended badly, each in the second in which it was received.
    bad_seconds: Seconds,
    /// A call ended since the quantiles were taken.
    is_stale: bool,
}

impl Edges {
    /// Counts a call that has started. Its apps' names are exchanged for those that all calls of the edge share.
    pub(super) fn start(&mut self, call: &mut Call) {
        let (id, at) = (call.id, call.phases.received);
        let Some(fold) = self.fold_of(call) else { return };
        call.from = fold.edge.from.clone();
        call.to = fold.edge.to.clone();
        fold.edge.calls += 1;
        fold.open.insert((at, id));
        if id >= fold.edge.last_call {
            (fold.edge.last_call, fold.edge.last_at) = (id, at);
        }
        fold.edge.protocols.add(call.protocol);
        count(&mut fold.seconds, at);
    }

    /// Counts what has passed of a call's bodies since the last time.
    pub(super) fn passed(&mut self, call: &Call, request_bytes: u64, response_bytes: u64) {
        if let Some(fold) = self.known(call) {
            fold.edge.request_bytes = fold.edge.request_bytes.saturating_add(request_bytes);
            fold.edge.response_bytes = fold.edge.response_bytes.saturating_add(response_bytes);
        }
    }

    /// Counts a call that has ended.
    pub(super) fn end(&mut self, call: &Call) {
        let Some(fold) = self.known(call) else { return };
        fold.open.remove(&(call.phases.received, call.id));
        fold.edge.failed += u64::from(call.failed());
        fold.edge.errors += u64::from(call.is_error());
        let newest = fold.edge.trouble.as_ref().map_or(CallId(0), |trouble| trouble.call).max(fold.edge.last_well);
        if call.id > newest {
            fold.edge.leg = call.leg;
        }
        match Reason::of(call) {
            Some(reason) => fold.bad(call, reason),
            None => fold.edge.last_well = fold.edge.last_well.max(call.id),
        }
        if let Some(duration) = call.phases.duration() {
            fold.durations.add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
            fold.is_stale = true;
        }
    }

    /// How many edges have been given up.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// The edges in the order in which they were first seen.
    pub(super) fn publish(&mut self, now: Stamp) -> Arc<[Edge]> {
        self.folds.values_mut().map(|fold| fold.publish(now)).collect()
    }

    fn known(&mut self, call: &Call) -> Option<&mut Fold> {
        let number = self.numbers.get(&call.from)?.get(&call.to)?;
        self.folds.get_mut(number)
    }

    fn fold_of(&mut self, call: &Call) -> Option<&mut Fold> {
        let known = self.numbers.get(&call.from).and_then(|callees| callees.get(&call.to)).copied();
        let number = known.unwrap_or_else(|| {
            if self.folds.len() >= Edge::MOST {
                self.evict();
            }
            self.next += 1;
            self.numbers.entry(call.from.clone()).or_default().insert(call.to.clone(), self.next);
            self.folds.insert(self.next, Fold::new(call));
            self.next
        });
        self.folds.get_mut(&number)
    }

    /// Gives up the edge that has been quiet for longest. One with an open call is never given up.
    fn evict(&mut self) {
        let quiet = self.folds.iter().filter(|(_, fold)| fold.open.is_empty());
        let Some(oldest) = quiet.min_by_key(|(_, fold)| fold.edge.last_at).map(|(number, _)| *number) else { return };
        let Some(Fold { edge, .. }) = self.folds.remove(&oldest) else { return };
        self.evicted += 1;
        if let Some(callees) = self.numbers.get_mut(&edge.from) {
            callees.remove(&edge.to);
            if callees.is_empty() {
                self.numbers.remove(&edge.from);
            }
        }
    }
}

impl Fold {
    fn new(call: &Call) -> Self {
        let edge = Edge {
            from: call.from.clone(),
            to: call.to.clone(),
            calls: 0,
            in_flight: 0,
            oldest_open: None,
            failed: 0,
            errors: 0,
            cancelled: 0,
            request_bytes: 0,
            response_bytes: 0,
            p50_micros: 0,
            p95_micros: 0,
            recent: [0; 10],
            recent_bad: [0; 10],
            trouble: None,
            last_well: CallId(0),
            protocols: Protocols::default(),
            leg: Leg::Unresolved,
            last_call: call.id,
            last_at: call.phases.received,
        };
        Self {
            edge,
            open: BTreeSet::new(),
            durations: Histogram::default(),
            seconds: [(0, 0); SECONDS as usize],
            bad_seconds: [(0, 0); SECONDS as usize],
            is_stale: false,
        }
    }

    fn publish(&mut self, now: Stamp) -> Edge {
        if std::mem::take(&mut self.is_stale) {
            self.edge.p50_micros = self.durations.quantile(50);
            self.edge.p95_micros = self.durations.quantile(95);
        }
        self.edge.in_flight = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        self.edge.oldest_open = self.open.first().map(|(at, _)| *at);
        self.edge.recent = last_ten(&self.seconds, now);
        if self.edge.trouble.is_some() {
            self.edge.recent_bad = last_ten(&self.bad_seconds, now);
        }
        self.edge.clone()
    }

    /// Counts a call that ended badly.
    fn bad(&mut self, call: &Call, reason: Reason) {
        self.edge.cancelled += u64::from(call.outcome == Outcome::Cancelled);
        count(&mut self.bad_seconds, call.phases.received);
        if self.edge.trouble.as_ref().is_none_or(|trouble| call.id > trouble.call) {
            self.edge.trouble = Some(Trouble { call: call.id, at: call.phases.received, reason });
        }
    }
}

/// Counts a call in its second, unless that is too long ago.
fn count(seconds: &mut Seconds, at: Stamp) {
    let second = at.0 / 1_000_000;
    let slot = &mut seconds[(second % SECONDS) as usize];
    match second.cmp(&slot.0) {
        std::cmp::Ordering::Greater => *slot = (second, 1),
        std::cmp::Ordering::Equal => slot.1 = slot.1.saturating_add(1),
        std::cmp::Ordering::Less => {}
    }
}

/// The calls of the last ten whole seconds, oldest first.
fn last_ten(seconds: &Seconds, now: Stamp) -> [u32; 10] {
    let current = now.0 / 1_000_000;
    std::array::from_fn(|index| {
        let second = (current + index as u64).checked_sub(10)?;
        let (counted, calls) = seconds[(second % SECONDS) as usize];
        (counted == second).then_some(calls)
    })
    .map(Option::unwrap_or_default)
}
