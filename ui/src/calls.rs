//! The calls pane: which calls are listed, and which one is looked at.

use std::sync::Arc;

use daptop_model::{Call, CallId, Calls, Filter, Snapshot, Stamp};

use crate::list::{List, Rows};
use crate::matched::{Matched, SLICE, Verdict};
use crate::scope::Scope;

/// Calls may arrive slightly out of order: this many before the newest are looked at again.
const LATE: usize = 64;

/// The state of the calls pane.
#[derive(Debug, Default)]
pub(crate) struct CallsPane {
    /// Where one is in the list.
    pub(crate) list: List,
    /// The selected call; held, so that it stays readable when it is evicted.
    pub(crate) selected: Option<Arc<Call>>,
    filter: Filter,
    text: String,
    scope: Scope,
    /// The listed calls, where not all of them are.
    matched: Option<Matched>,
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
pub(crate) fn first_at_or_after(calls: &Calls, id: u64) -> usize {
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
        CallRows { calls: &snapshot.calls, matched: self.matched.as_ref().map(Matched::ids) }
    }

    /// Moves about in the list.
    pub(crate) fn with_list(&mut self, snapshot: &Snapshot, change: impl FnOnce(&mut List, &CallRows<'_>)) {
        let rows = CallRows { calls: &snapshot.calls, matched: self.matched.as_ref().map(Matched::ids) };
        change(&mut self.list, &rows);
        self.reselect(snapshot);
    }

    /// The filter's text; empty where all calls are listed.
    pub(crate) fn filter_text(&self) -> &str {
        &self.text
    }

    /// Whether some calls are left out.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.matched.is_some()
    }

    /// Narrows the list. Empty text lists every call.
    pub(crate) fn set_filter(&mut self, text: &str) -> Result<(), daptop_model::FilterError> {
        self.filter = Filter::parse(text)?;
        text.trim().clone_into(&mut self.text);
        self.list_anew();
        Ok(())
    }

    /// Narrows the list on top of its filter.
    pub(crate) fn narrow(&mut self, scope: Scope) {
        self.scope = scope;
        self.list_anew();
    }

    fn list_anew(&mut self) {
        let is_whole = self.text.is_empty() && self.scope.is_everything();
        self.matched = (!is_whole).then(Matched::default);
    }

    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, now: Stamp) {
        if let Some(matched) = &mut self.matched {
            let passes = |call: &Call| self.scope.takes(call) && self.filter.matches(call, now);
            catch_up(matched, &snapshot.calls, passes);
        }
        self.with_list(snapshot, |list, rows| list.refresh(rows));
    }

    /// Whether calls are left that the filter has not seen.
    pub(crate) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        let newest = snapshot.calls.len().checked_sub(1).and_then(|last| snapshot.calls.get(last));
        self.matched.as_ref().is_some_and(|matched| newest.is_some_and(|call| call.id.0 >= matched.next()))
    }

    /// Looks at the call under the cursor; at the one before where that is gone.
    fn reselect(&mut self, snapshot: &Snapshot) {
        let found = self.list.cursor.and_then(|id| snapshot.calls.find(CallId(id)));
        if found.is_some() {
            self.selected = found.cloned();
        } else if self.list.cursor.is_none() {
            self.selected = None;
        }
    }
}

fn catch_up(matched: &mut Matched, calls: &Calls, passes: impl Fn(&Call) -> bool) {
    matched.forget_below(calls.get(0).map_or(0, |call| call.id.0));
    let verdict = |call: &Call| Verdict { passes: passes(call), open: call.is_open() };
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
