//! The order of the traces: the newest, the slowest or the worst at the bottom, where following looks.

use daptop_model::Stamp;

use super::book::{Book, Entry};

/// What the traces are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Sort {
    /// By when they began.
    #[default]
    Newest,
    /// By how long they took.
    Slowest,
    /// By how many of their calls went wrong.
    Worst,
}

impl Sort {
    /// What comes next.
    pub(crate) fn next(self) -> Self {
        match self {
            Sort::Newest => Sort::Slowest,
            Sort::Slowest => Sort::Worst,
            Sort::Worst => Sort::Newest,
        }
    }

    fn key(self, entry: &Entry, now: Stamp) -> u64 {
        match self {
            Sort::Newest => entry.number,
            Sort::Slowest => u64::try_from(entry.duration(now).as_micros()).unwrap_or(u64::MAX),
            Sort::Worst => u64::from(entry.errors),
        }
    }
}

/// The listed traces in order.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) sort: Sort,
    /// Keys and numbers, ascending.
    rows: Vec<(u64, u64)>,
    /// Traces that changed while the list was held still.
    waiting: Vec<u64>,
    /// How many of those are not in the list yet.
    held_back: usize,
}

impl Order {
    pub(super) fn new(sort: Sort) -> Self {
        Self { sort, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn number(&self, position: usize) -> Option<u64> {
        self.rows.get(position).map(|(_, number)| *number)
    }

    pub(super) fn held_back(&self) -> usize {
        self.held_back
    }

    /// Where a trace stands; of one that is gone, where it stood or would have come to stand.
    pub(super) fn position(&self, number: u64, book: &Book) -> usize {
        let key = book.entry(number).and_then(|entry| entry.placed);
        let key = key.unwrap_or(if self.sort == Sort::Newest { number } else { 0 });
        self.rows.partition_point(|row| *row < (key, number))
    }

    /// Sorts all traces.
    pub(super) fn anew(&mut self, book: &mut Book, now: Stamp) {
        let numbers: Vec<u64> = book.numbers().collect();
        for number in &numbers {
            if let Some(entry) = book.entry_mut(*number) {
                entry.placed = None;
            }
        }
        drop(book.take_changes());
        self.rows.clear();
        self.put(book, numbers, &[], now);
    }

    /// Takes in what changed. Held still, a list takes in nothing that would move its rows.
    pub(super) fn refresh(&mut self, book: &mut Book, holds: bool, now: Stamp) {
        let (touched, gone) = book.take_changes();
        if holds && self.sort != Sort::Newest {
            self.waiting.extend(touched);
            self.waiting.sort_unstable();
            self.waiting.dedup();
            self.waiting.retain(|number| book.entry(*number).is_some());
            self.put(book, Vec::new(), &gone, now);
            let is_new =
                |number: &&u64| book.entry(**number).is_some_and(|entry| entry.is_listed() && !entry.is_placed());
            self.held_back = self.waiting.iter().filter(is_new).count();
            return;
        }
        self.held_back = 0;
        let mut changed = std::mem::take(&mut self.waiting);
        changed.extend(touched);
        self.put(book, changed, &gone, now);
    }

    /// Gives traces their places, all in one pass.
    fn put(&mut self, book: &mut Book, mut changed: Vec<u64>, gone: &[u64], now: Stamp) {
        let mut moved: Vec<u64> = gone.to_vec();
        let mut added = Vec::new();
        changed.sort_unstable();
        changed.dedup();
        for number in changed {
            let sort = self.sort;
            let Some(entry) = book.entry_mut(number) else { continue };
            let place = entry.is_listed().then(|| sort.key(entry, now));
            if place == entry.placed {
                continue;
            }
            if entry.placed.is_some() {
                moved.push(number);
            }
            added.extend(place.map(|key| (key, number)));
            entry.placed = place;
        }
        if !moved.is_empty() {
            moved.sort_unstable();
            self.rows.retain(|(_, number)| moved.binary_search(number).is_err());
        }
        if !added.is_empty() {
            // Two runs that are sorted each are merged in one pass.
            added.sort_unstable();
            self.rows.extend(added);
            self.rows.sort_by_key(|row| *row);
        }
    }
}
