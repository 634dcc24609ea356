//! The findings of a session as a list: the same on the same edge is one row. Kept by a viewer, which shows it each
//! snapshot; every call is looked at once it has ended, and the open ones each time.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::{AppId, Call, CallId, Snapshot, Stamp};

use super::{Finding, FindingKind, Weight};

/// The most rows.
const ROWS: usize = 300;

/// The most open calls that are remembered until they end.
const OPEN: usize = 1_024;

/// The most open calls that are asked each time what they wait for.
const WAITING: usize = 128;

/// The most numbers that are remembered because their calls have not come yet: calls may start slightly out of order.
const MISSING: usize = 128;

/// The same finding on the same edge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingGroup {
    /// Who called.
    pub from: AppId,
    /// Who was called.
    pub to: AppId,
    /// How many calls it was found in.
    pub count: u64,
    /// When the first of them was received.
    pub first: Stamp,
    /// When the newest of them was received.
    pub last: Stamp,
    /// The newest of them.
    pub newest: CallId,
    /// What was found in the newest.
    pub finding: Finding,
}

impl FindingGroup {
    /// What was found.
    pub fn kind(&self) -> FindingKind {
        self.finding.kind
    }

    fn new(call: &Call, finding: Finding) -> Self {
        let at = call.phases.received;
        let (from, to) = (call.from.clone(), call.to.clone());
        Self { from, to, count: 1, first: at, last: at, newest: call.id, finding }
    }

    fn add(&mut self, call: &Call, finding: Finding) {
        let at = call.phases.received;
        self.count += 1;
        self.first = self.first.min(at);
        if call.id >= self.newest {
            (self.newest, self.last, self.finding) = (call.id, at, finding);
        }
    }
}

/// The findings of a session.
#[derive(Debug, Default)]
pub struct Findings {
    /// The heaviest first, then in the order in which they were first found: rows never change places.
    groups: Vec<FindingGroup>,
    places: HashMap<(FindingKind, AppId, AppId), usize>,
    /// What open calls wait for now.
    waiting: Vec<FindingGroup>,
    /// The number of the first call that was not looked at.
    next: u64,
    missing: BTreeSet<u64>,
    open: VecDeque<CallId>,
    not_listed: u64,
    not_seen: u64,
}

impl Findings {
    /// Looks at no more than `most` calls that are new in a snapshot, and at the open ones as they are `now`. Whether all
    /// have been looked at.
    pub fn take(&mut self, snapshot: &Snapshot, now: Stamp, most: usize) -> bool {
        self.take_late(snapshot, now);
        self.take_ended(snapshot, now);
        let calls = &snapshot.calls;
        let oldest = calls.get(0).map_or(self.next, |call| call.id.0);
        if self.next == 0 {
            self.next = oldest;
        } else if self.next < oldest {
            self.not_seen += oldest - self.next;
            self.next = oldest;
        }
        let start = calls.first_from(CallId(self.next));
        let end = calls.len().min(start.saturating_add(most));
        for call in (start..end).filter_map(|position| calls.get(position)) {
            self.missing.extend((self.next..call.id.0).rev().take(MISSING));
            self.next = call.id.0 + 1;
            self.look(call, snapshot, now);
        }
        while self.missing.len() > MISSING {
            self.missing.pop_first();
        }
        end == calls.len()
    }

    /// Every row, the heaviest first.
    pub fn groups(&self) -> impl Iterator<Item = &FindingGroup> {
        self.groups.iter().chain(&self.waiting)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.groups.len() + self.waiting.len()
    }

    /// Whether there are open calls, whose findings change with time alone.
    pub fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Findings without a row, because there are too many rows.
    pub fn not_listed(&self) -> u64 {
        self.not_listed
    }

    /// Calls that were given up before they could be looked at.
    pub fn not_seen(&self) -> u64 {
        self.not_seen
    }

    /// Calls that came later than ones with higher numbers.
    fn take_late(&mut self, snapshot: &Snapshot, now: Stamp) {
        let found: Vec<_> = self.missing.iter().filter_map(|id| snapshot.calls.find(CallId(*id))).cloned().collect();
        for call in found {
            self.missing.remove(&call.id.0);
            self.look(&call, snapshot, now);
        }
    }

    /// Calls that were open when they were looked at.
    fn take_ended(&mut self, snapshot: &Snapshot, now: Stamp) {
        self.waiting.clear();
        for id in std::mem::take(&mut self.open) {
            match snapshot.calls.find(id) {
                Some(call) => self.look(call, snapshot, now),
                None => self.not_seen += 1,
            }
        }
    }

    fn look(&mut self, call: &Call, snapshot: &Snapshot, now: Stamp) {
        if call.is_open() {
            self.open.push_back(call.id);
            if self.open.len() > OPEN {
                self.open.pop_front();
                self.not_seen += 1;
            }
            if self.open.len() > WAITING {
                return;
            }
        }
        for finding in Finding::of(call, snapshot, now) {
            if finding.kind.weight() == Weight::Waiting {
                add_waiting(&mut self.waiting, call, finding);
            } else if !call.is_open() {
                self.add(call, finding);
            }
        }
    }

    fn add(&mut self, call: &Call, finding: Finding) {
        let key = (finding.kind, call.from.clone(), call.to.clone());
        if let Some(place) = self.places.get(&key) {
            return self.groups[*place].add(call, finding);
        }
        if self.groups.len() == ROWS {
            self.not_listed += 1;
            return;
        }
        let weight = finding.kind.weight();
        let place = self.groups.partition_point(|group| group.kind().weight() <= weight);
        for other in self.places.values_mut().filter(|other| **other >= place) {
            *other += 1;
        }
        self.places.insert(key, place);
        self.groups.insert(place, FindingGroup::new(call, finding));
    }
}

fn add_waiting(waiting: &mut Vec<FindingGroup>, call: &Call, finding: Finding) {
    let same =
        |group: &&mut FindingGroup| group.kind() == finding.kind && group.from == call.from && group.to == call.to;
    match waiting.iter_mut().find(same) {
        Some(group) => group.add(call, finding),
        None => waiting.push(FindingGroup::new(call, finding)),
    }
}
