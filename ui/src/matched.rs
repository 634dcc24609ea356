//! The rows of a list that pass a test, kept up to date by testing each new row once.

use std::collections::VecDeque;

/// How many of the rows that were tested last are remembered: more than can come late.
const RECENT: usize = 256;

/// How many rows are tested at most before a key is looked at again.
pub(crate) const SLICE: usize = 10_000;

/// The ids of the rows that passed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matched {
    ids: Vec<u64>,
    /// The first id that was not tested.
    next: u64,
    /// Rows that were tested before they were final.
    open: Vec<u64>,
    /// The rows that were tested last.
    recent: VecDeque<u64>,
}

/// What a test says of a row.
pub(crate) struct Verdict {
    /// It passes.
    pub(crate) passes: bool,
    /// It may change its mind later.
    pub(crate) open: bool,
}

impl Matched {
    /// The ids, ascending.
    pub(crate) fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// The first id that was not tested yet.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Gives up ids below `oldest`, which are no longer there.
    pub(crate) fn forget_below(&mut self, oldest: u64) {
        let gone = self.ids.partition_point(|id| *id < oldest);
        self.ids.drain(..gone);
        self.open.retain(|id| *id >= oldest);
        self.next = self.next.max(oldest);
    }

    /// Tests again what was not final; `None` where a row is gone.
    pub(crate) fn retest(&mut self, mut test: impl FnMut(u64) -> Option<Verdict>) {
        for id in std::mem::take(&mut self.open) {
            let verdict = test(id).unwrap_or(Verdict { passes: false, open: false });
            match (self.ids.binary_search(&id), verdict.passes) {
                (Err(at), true) => self.ids.insert(at, id),
                (Ok(at), false) => drop(self.ids.remove(at)),
                _ => {}
            }
            if verdict.open {
                self.open.push(id);
            }
        }
    }

    /// Takes the verdict on a row that came later than rows with higher ids, where it was not known yet.
    pub(crate) fn take_late(&mut self, id: u64, verdict: &Verdict) {
        if verdict.passes
            && let Err(at) = self.ids.binary_search(&id)
        {
            self.ids.insert(at, id);
        }
        if verdict.open && !self.open.contains(&id) {
            self.open.push(id);
        }
        self.remember(id);
    }

    /// Whether a row among the newest has been tested.
    pub(crate) fn was_tested(&self, id: u64) -> bool {
        self.recent.contains(&id)
    }

    fn remember(&mut self, id: u64) {
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(id);
    }

    /// Takes the verdict on the next row.
    pub(crate) fn take(&mut self, id: u64, verdict: &Verdict) {
        if verdict.passes {
            self.ids.push(id);
        }
        if verdict.open {
            self.open.push(id);
        }
        self.next = id + 1;
        self.remember(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_open_is_tested_again_and_stays_in_order() {
        let mut matched = Matched::default();
        for (id, passes, open) in [(1, true, false), (2, false, true), (3, true, true), (4, true, false)] {
            matched.take(id, &Verdict { passes, open });
        }
        assert_eq!((matched.ids(), matched.next()), (&[1, 3, 4][..], 5));
        matched.retest(|id| (id == 2).then_some(Verdict { passes: true, open: false }));
        assert_eq!(matched.ids(), [1, 2, 4]);
        matched.forget_below(2);
        assert_eq!(matched.ids(), [2, 4]);
    }
}
