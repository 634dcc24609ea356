//! The order of the list, other than by time: kept up to date by sorting new calls in.

use std::cmp::Reverse;
use std::collections::HashSet;

use daptop_model::{Call, CallId, Calls, Stamp};

/// How many calls are sorted in at most before a key is looked at again.
const SLICE: usize = 10_000;

/// The longest part of a text that it is sorted by, in bytes.
const LONGEST: usize = 64;

/// What the calls are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Order {
    /// When they were received, oldest first.
    #[default]
    Time,
    /// How long they took, longest first.
    Duration,
    /// Their status, highest first.
    Status,
    /// Both bodies together, largest first.
    Size,
    /// Who calls whom, by name.
    Apps,
    /// The path, by name.
    Path,
}

impl Order {
    const ALL: [Order; 6] = [Order::Time, Order::Duration, Order::Status, Order::Size, Order::Apps, Order::Path];

    /// The order that comes after this one.
    pub(super) fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The order in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Order::Time => "by time",
            Order::Duration => "by duration, longest first",
            Order::Status => "by status, highest first",
            Order::Size => "by size, largest first",
            Order::Apps => "by apps",
            Order::Path => "by path",
        }
    }
}

/// What a call is sorted by: the smaller comes first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Key {
    Number(Reverse<u64>),
    Text(Box<[u8]>),
}

fn key(call: &Call, order: Order, now: Stamp) -> Key {
    let text = |text: &[u8]| Key::Text(text[..text.len().min(LONGEST)].into());
    let number = |number| Key::Number(Reverse(number));
    match order {
        Order::Time => number(u64::MAX - call.id.0),
        Order::Duration => number(u64::try_from(call.age(now).as_micros()).unwrap_or(u64::MAX)),
        Order::Status => number(match call.grpc_status().filter(|code| *code != 0) {
            // Behind all of HTTP, before what no app answered.
            Some(code) => 600 + u64::from(code.min(99)),
            None => call.status().map_or(if call.failed() { 1_000 } else { 0 }, u64::from),
        }),
        Order::Size => number(call.request_body.seen.saturating_add(call.response_body.seen)),
        Order::Apps => text(&[call.from.as_str().as_bytes(), b"\0", call.to.as_str().as_bytes()].concat()),
        Order::Path => text(&call.request.path),
    }
}

/// Calls in an order.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    entries: Vec<(Key, u64)>,
    ids: Vec<u64>,
    /// Every call below this one has been sorted in.
    next: u64,
    /// Calls that were sorted in before they had ended.
    open: Vec<u64>,
}

impl Sorted {
    /// The ids in order.
    pub(super) fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// Whether some of the listed calls have not been sorted in.
    pub(super) fn is_behind(&self, listed: &[u64]) -> bool {
        listed.last().is_some_and(|last| *last >= self.next)
    }

    /// Takes account of which calls are listed now.
    pub(super) fn catch_up(&mut self, listed: &[u64], calls: &Calls, order: Order, now: Stamp) {
        let start = listed.partition_point(|id| *id < self.next);
        // Calls that came late, and those that are listed no more: rare enough to begin again.
        let gone = self.entries.len().saturating_sub(start);
        if gone > 0 && self.entries.len() != start {
            let still: HashSet<u64> = listed.iter().copied().collect();
            self.entries.retain(|(_, id)| still.contains(id));
        }
        if self.entries.len() != start {
            *self = Self::default();
        }
        let start = listed.partition_point(|id| *id < self.next);
        let end = listed.len().min(start + SLICE);
        let again: HashSet<u64> = std::mem::take(&mut self.open).into_iter().collect();
        let fresh = listed.get(start..end).unwrap_or_default();
        if fresh.is_empty() && again.is_empty() && self.ids.len() == self.entries.len() {
            return;
        }
        if !again.is_empty() {
            self.entries.retain(|(_, id)| !again.contains(id));
        }
        let listed_again = again.iter().filter(|id| listed.binary_search(id).is_ok());
        for id in listed_again.chain(fresh) {
            // One that is gone keeps its place among the newest, as the list tells that it is gone.
            let call = calls.find(CallId(*id));
            let key = call.map_or(Key::Number(Reverse(0)), |call| key(call, order, now));
            self.entries.push((key, *id));
            self.open.extend(call.is_some_and(|call| call.is_open()).then_some(*id));
        }
        // What was sorted before is one run: this sort takes no longer than putting the rest in.
        self.entries.sort();
        self.next = fresh.last().map_or(self.next, |last| last + 1);
        self.ids = self.entries.iter().map(|(_, id)| *id).collect();
    }
}
