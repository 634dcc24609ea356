//! The calls pane: which calls are listed, and which one is looked at.

use std::sync::Arc;

use daptop_model::{Call, CallId, Calls, Filter, Snapshot, Stamp};

use crate::list::{List, Rows};
use crate::matched::{Matched, SLICE, Verdict};

/// Calls may arrive slightly out of order: this many before the newest are looked at again.
const LATE: usize = 64;

/// The state of the calls pane.
#[derive(Debug, Default)]
pub(crate) struct CallsPane {
    /// Where one is in the list.
    pub(crate) list: List,
    /// The selected call; held, so that it stays readable when it is evicted.
    pub(crate) selected: Option<Arc<Call>>,
    filter: Option<Chosen>,
}

#[derive(Debug)]
struct Chosen {
    filter: Filter,
    text: String,
    matched: Matched,
}

/// The listed calls of a snapshot.
pub(crate) struct CallRows<'a> {
    calls: &'a Calls,
    matched: Option<&'a [u64]>,
}

impl CallRows<'_> {
    /// The number of the call at a position, and the call where it is still there.
    pub(crate) fn get(&self, position: usize) -> (CallId, Option<&Arc<Call>>) {
        let id = CallId(self.id(position));
        let call = if self.matched.is_some() { self.calls.find(id) } else { self.calls.get(position) };
        (id, call)
    }
}

impl Rows for CallRows<'_> {
    fn len(&self) -> usize {
        self.matched.map_or(self.calls.len(), <[u64]>::len)
    }

    fn id(&self, position: usize) -> u64 {
        match self.matched {
            Some(ids) => ids.get(position).copied().unwrap_or_default(),
            None => self.calls.get(position).map_or(0, |call| call.id.0),
        }
    }

    fn position(&self, id: u64) -> usize {
        match self.matched {
            Some(ids) => ids.partition_point(|other| *other < id),
            None => first_at_or_after(self.calls, id),
        }
    }
}

/// The position of the first call that is not older than `id`.
fn first_at_or_after(calls: &Calls, id: u64) -> usize {
    let (mut low, mut high) = (0, calls.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if calls.get(middle).is_some_and(|call| call.id.0 < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

impl CallsPane {
    /// The listed calls.
    pub(crate) fn rows<'a>(&'a self, snapshot: &'a Snapshot) -> CallRows<'a> {
        CallRows { calls: &snapshot.calls, matched: self.filter.as_ref().map(|chosen| chosen.matched.ids()) }
    }

    /// The filter's text; empty where all calls are listed.
    pub(crate) fn filter_text(&self) -> &str {
        self.filter.as_ref().map_or("", |chosen| &chosen.text)
    }

    /// Narrows the list. Empty text lists every call.
    pub(crate) fn set_filter(&mut self, text: &str) -> Result<(), daptop_model::FilterError> {
        let filter = Filter::parse(text)?;
        let text = text.trim().to_owned();
        self.filter = (!text.is_empty()).then(|| Chosen { filter, text, matched: Matched::default() });
        Ok(())
    }

    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, now: Stamp) {
        if let Some(chosen) = &mut self.filter {
            chosen.catch_up(&snapshot.calls, now);
        }
        let rows =
            CallRows { calls: &snapshot.calls, matched: self.filter.as_ref().map(|chosen| chosen.matched.ids()) };
        self.list.refresh(&rows);
        self.reselect(snapshot);
    }

    /// Whether calls are left that the filter has not seen.
    pub(crate) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        let newest = snapshot.calls.len().checked_sub(1).and_then(|last| snapshot.calls.get(last));
        self.filter.as_ref().is_some_and(|chosen| newest.is_some_and(|call| call.id.0 >= chosen.matched.next()))
    }

    /// Looks at the call under the cursor; at the one before where that is gone.
    pub(crate) fn reselect(&mut self, snapshot: &Snapshot) {
        let found = self.list.cursor.and_then(|id| snapshot.calls.find(CallId(id)));
        if found.is_some() {
            self.selected = found.cloned();
        } else if self.list.cursor.is_none() {
            self.selected = None;
        }
    }
}

impl Chosen {
    fn catch_up(&mut self, calls: &Calls, now: Stamp) {
        let Self { filter, matched, .. } = self;
        matched.forget_below(calls.get(0).map_or(0, |call| call.id.0));
        let verdict = |call: &Call| Verdict { passes: filter.matches(call, now), open: call.is_open() };
        matched.retest(|id| calls.find(CallId(id)).map(|call| verdict(call)));
        let start = first_at_or_after(calls, matched.next());
        for position in start.saturating_sub(LATE)..start {
            if let Some(call) = calls.get(position) {
                matched.take_late(call.id.0, &verdict(call));
            }
        }
        for position in start..calls.len().min(start + SLICE) {
            if let Some(call) = calls.get(position) {
                matched.take(call.id.0, &verdict(call));
            }
        }
    }
}
