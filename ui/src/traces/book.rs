//! What is known of each trace, kept up to date by looking at each new call once.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use daptop_model::{AppId, Call, CallId, Calls, Phase, Stamp, TraceId};

use crate::calls::first_at_or_after;
use crate::matched::SLICE;

/// Calls may arrive slightly out of order: this many before the newest are looked at again.
const LATE: usize = 64;

/// More apps of one trace are not told apart.
pub(crate) const MOST_APPS: usize = 32;

/// What is known of a trace.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The trace.
    pub(crate) trace: TraceId,
    /// The number of the call by which it came to be known: what it is listed by.
    pub(crate) number: u64,
    /// The call that began first.
    pub(crate) first: CallId,
    /// When that was.
    pub(crate) start: Stamp,
    /// The spans of its calls, given up ones included.
    pub(crate) spans: u32,
    /// Calls that went wrong.
    pub(crate) errors: u32,
    /// Calls that are open.
    pub(crate) open: u32,
    /// Calls that are no longer there.
    pub(crate) given_up: u32,
    /// The apps, in the order in which they turned up; at most [`MOST_APPS`].
    pub(crate) apps: Vec<AppId>,
    end: Stamp,
    pub(super) calls: u32,
    /// Calls that pass the filter.
    passing: u32,
    /// By which key it stands in the order.
    pub(super) placed: Option<u64>,
    /// It is among those that changed.
    touched: bool,
}

impl Entry {
    fn new(trace: TraceId, call: &Call) -> Self {
        Self {
            trace,
            number: call.id.0,
            first: call.id,
            start: call.phases.received,
            spans: 0,
            errors: 0,
            open: 0,
            given_up: 0,
            apps: Vec::new(),
            end: call.phases.received,
            calls: 0,
            passing: 0,
            placed: None,
            touched: false,
        }
    }

    /// From its first call to the end of its last one; to `now` while one is open.
    pub(crate) fn duration(&self, now: Stamp) -> Duration {
        let end = if self.open > 0 { now.max(self.end) } else { self.end };
        end.since(self.start)
    }

    /// Whether one of its calls passes the filter.
    pub(super) fn is_listed(&self) -> bool {
        self.passing > 0
    }

    /// Whether it has its place in the list.
    pub(super) fn is_placed(&self) -> bool {
        self.placed.is_some()
    }

    fn add_app(&mut self, app: &AppId) {
        if self.apps.len() < MOST_APPS && !self.apps.contains(app) {
            self.apps.push(app.clone());
        }
    }
}

/// A call that was looked at.
#[derive(Debug)]
struct Seen {
    call: u64,
    /// The number of its trace; 0 without one.
    trace: u64,
    spans: u32,
    passes: bool,
    open: bool,
}

/// The traces of a session.
#[derive(Debug, Default)]
pub(super) struct Book {
    numbers: HashMap<TraceId, u64>,
    entries: HashMap<u64, Entry>,
    /// The calls that were looked at, by number.
    seen: VecDeque<Seen>,
    /// The first call that was not looked at.
    next: u64,
    /// Calls that had not ended when they were looked at.
    open: Vec<u64>,
    /// The numbers of traces that changed.
    touched: Vec<u64>,
    /// The numbers of traces that are gone.
    gone: Vec<u64>,
}

impl Book {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(&number)
    }

    pub(super) fn entry_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.entries.get_mut(&number)
    }

    pub(super) fn of(&self, trace: TraceId) -> Option<&Entry> {
        self.entry(*self.numbers.get(&trace)?)
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.entries.keys().copied()
    }

    pub(super) fn is_behind(&self, calls: &Calls) -> bool {
        let newest = calls.len().checked_sub(1).and_then(|last| calls.get(last));
        newest.is_some_and(|call| call.id.0 >= self.next)
    }

    /// The numbers of the traces that changed, and of those that are gone, since this was asked last.
    pub(super) fn take_changes(&mut self) -> (Vec<u64>, Vec<u64>) {
        for number in &self.touched {
            if let Some(entry) = self.entries.get_mut(number) {
                entry.touched = false;
            }
        }
        (std::mem::take(&mut self.touched), std::mem::take(&mut self.gone))
    }

    /// Looks at new calls, at open ones again, and lets go of what is no longer there.
    pub(super) fn catch_up(&mut self, calls: &Calls, passes: impl Fn(&Call) -> bool) {
        for id in std::mem::take(&mut self.open) {
            if let Some(call) = calls.find(CallId(id)) {
                self.look_again(call, passes(call));
            }
        }
        let start = first_at_or_after(calls, self.next);
        for position in start.saturating_sub(LATE)..calls.len().min(start + SLICE) {
            let Some(call) = calls.get(position) else { continue };
            if let Err(at) = self.place(call.id.0) {
                self.add(at, call, passes(call));
            }
            self.next = self.next.max(call.id.0 + 1);
        }
        let known = self.seen.partition_point(|seen| seen.call < self.next);
        let there = first_at_or_after(calls, self.next);
        if known < there {
            // Some came later than any should: look through all of them.
            self.next = 0;
        } else if known > there {
            self.forget(known - there, calls);
        }
    }

    fn place(&self, id: u64) -> Result<usize, usize> {
        match self.seen.back() {
            Some(last) if last.call >= id => self.seen.binary_search_by_key(&id, |seen| seen.call),
            _ => Err(self.seen.len()),
        }
    }

    fn add(&mut self, at: usize, call: &Call, passes: bool) {
        let id = call.id.0;
        let spans = call.span_count() as u32;
        let mut trace = 0;
        if let Some(place) = call.trace {
            trace = *self.numbers.entry(place.trace).or_insert(id);
            let entry = self.entries.entry(trace).or_insert_with(|| Entry::new(place.trace, call));
            if (call.phases.received, call.id) < (entry.start, entry.first) {
                (entry.start, entry.first) = (call.phases.received, call.id);
            }
            entry.add_app(&call.from);
            entry.add_app(&call.to);
            entry.calls += 1;
            entry.spans += spans;
            entry.passing += u32::from(passes);
            if call.is_open() {
                entry.open += 1;
                self.open.push(id);
            } else {
                finish(entry, call);
            }
            self.touch(trace);
        }
        self.seen.insert(at, Seen { call: id, trace, spans, passes, open: call.is_open() });
    }

    /// Takes what a call, open when it was looked at, has become.
    fn look_again(&mut self, call: &Call, passes: bool) {
        let Ok(at) = self.place(call.id.0) else { return };
        let seen = &mut self.seen[at];
        let Some(entry) = self.entries.get_mut(&seen.trace) else { return };
        let spans = call.span_count() as u32;
        entry.spans = (entry.spans + spans).saturating_sub(seen.spans);
        entry.passing = (entry.passing + u32::from(passes)).saturating_sub(u32::from(seen.passes));
        seen.spans = spans;
        seen.passes = passes;
        seen.open = call.is_open();
        if seen.open {
            self.open.push(call.id.0);
        } else {
            entry.open = entry.open.saturating_sub(1);
            finish(entry, call);
        }
        let trace = seen.trace;
        self.touch(trace);
    }

    /// Lets go of calls that are no longer there: ended ones, the oldest first.
    fn forget(&mut self, mut gone: usize, calls: &Calls) {
        let mut kept = Vec::new();
        while gone > 0 {
            let Some(seen) = self.seen.pop_front() else { break };
            if calls.find(CallId(seen.call)).is_some() {
                kept.push(seen);
                continue;
            }
            gone -= 1;
            let Some(entry) = self.entries.get_mut(&seen.trace) else { continue };
            entry.calls -= 1;
            entry.given_up += 1;
            entry.passing = entry.passing.saturating_sub(u32::from(seen.passes));
            entry.open = entry.open.saturating_sub(u32::from(seen.open));
            if entry.calls == 0 {
                self.numbers.remove(&entry.trace);
                if entry.is_placed() {
                    self.gone.push(seen.trace);
                }
                self.entries.remove(&seen.trace);
            } else {
                self.touch(seen.trace);
            }
        }
        for seen in kept.into_iter().rev() {
            self.seen.push_front(seen);
        }
    }

    fn touch(&mut self, number: u64) {
        if let Some(entry) = self.entries.get_mut(&number)
            && !std::mem::replace(&mut entry.touched, true)
        {
            self.touched.push(number);
        }
    }
}

/// Takes the end of a call.
fn finish(entry: &mut Entry, call: &Call) {
    entry.errors += u32::from(call.went_wrong());
    entry.end = entry.end.max(call.phases.at(Phase::Ended).unwrap_or(entry.end));
}
