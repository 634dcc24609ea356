//! The calls pane: which calls are listed, in which order, and which one is looked at.

mod noise;
mod order;

use std::sync::Arc;

use daptop_model::{Call, CallId, Calls, Filter, Snapshot, Stamp};

use crate::list::{List, Rows};
use crate::matched::{Matched, SLICE, Verdict};
use crate::scope::Scope;
pub(crate) use order::Order;
use order::Sorted;

/// Calls may arrive slightly out of order: this many before the newest are looked at again.
const LATE: usize = 64;

/// About how many bytes are looked at before a key is looked at again.
const SLICE_BYTES: usize = 8 << 20;

/// The state of the calls pane.
#[derive(Debug)]
pub(crate) struct CallsPane {
    /// Where one is in the list.
    pub(crate) list: List,
    /// The selected call; held, so that it stays readable when it is evicted.
    pub(crate) selected: Option<Arc<Call>>,
    filter: Filter,
    text: String,
    /// The text of the filter that was used last, where none is now.
    aside: String,
    scope: Scope,
    /// The listed calls, by number.
    matched: Matched,
    /// Those that would be listed, were they not folded into one row.
    noise: Matched,
    /// Probes are listed like other calls.
    pub(crate) noise_shown: bool,
    order: Order,
    sorted: Sorted,
    /// The newest call that was listed when the list began to hold still.
    newest: Option<u64>,
}

impl Default for CallsPane {
    fn default() -> Self {
        Self {
            list: List::default(),
            selected: None,
            filter: Filter::default(),
            text: String::new(),
            aside: String::new(),
            scope: Scope::default(),
            matched: Matched::default(),
            noise: Matched::default(),
            noise_shown: false,
            order: Order::Time,
            sorted: Sorted::default(),
            newest: None,
        }
    }
}

/// The listed calls of a snapshot.
pub(crate) struct CallRows<'a> {
    calls: &'a Calls,
    /// In the order of the list.
    ids: &'a [u64],
    by_time: bool,
}

impl CallRows<'_> {
    /// The number of the call at a position, and the call where it is still there.
    pub(crate) fn get(&self, position: usize) -> (CallId, Option<&Arc<Call>>) {
        let id = CallId(self.id(position));
        (id, self.calls.find(id))
    }
}

impl Rows for CallRows<'_> {
    fn len(&self) -> usize {
        self.ids.len()
    }

    fn id(&self, position: usize) -> u64 {
        self.ids.get(position).copied().unwrap_or_default()
    }

    fn position(&self, id: u64) -> usize {
        if self.by_time {
            return self.ids.partition_point(|other| *other < id);
        }
        self.ids.iter().position(|other| *other == id).unwrap_or(0)
    }

    fn can_follow(&self) -> bool {
        self.by_time
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

/// The listed calls: of two fields, so that the list can be changed meanwhile.
fn rows<'a>(calls: &'a Calls, order: Order, matched: &'a Matched, sorted: &'a Sorted) -> CallRows<'a> {
    let by_time = order == Order::Time;
    CallRows { calls, ids: if by_time { matched.ids() } else { sorted.ids() }, by_time }
}

impl CallsPane {
    /// The listed calls.
    pub(crate) fn rows<'a>(&'a self, snapshot: &'a Snapshot) -> CallRows<'a> {
        rows(&snapshot.calls, self.order, &self.matched, &self.sorted)
    }

    /// Moves about in the list.
    pub(crate) fn with_list(&mut self, snapshot: &Snapshot, change: impl FnOnce(&mut List, &CallRows<'_>)) {
        let rows = rows(&snapshot.calls, self.order, &self.matched, &self.sorted);
        change(&mut self.list, &rows);
        if self.list.follow {
            self.newest = None;
        } else if self.newest.is_none() {
            self.newest = self.matched.ids().last().copied().or(Some(0));
        }
        self.reselect(snapshot);
    }

    /// How many calls have come since the list holds still.
    pub(crate) fn new_since(&self) -> usize {
        let ids = self.matched.ids();
        self.newest.map_or(0, |newest| ids.len() - ids.partition_point(|id| *id <= newest))
    }

    /// What the list is sorted by.
    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// Sorts the list by the next column. By time it is followed again.
    pub(crate) fn sort(&mut self, snapshot: &Snapshot, now: Stamp) {
        self.order = self.order.next();
        self.sorted = Sorted::default();
        self.list.follow = self.order == Order::Time;
        self.refresh(snapshot, now);
        let by_time = self.order == Order::Time;
        self.with_list(snapshot, |list, rows| {
            if !by_time {
                list.select(rows, 1, 0);
            }
        });
    }

    /// How many probes are folded into one row.
    pub(crate) fn noise(&self) -> usize {
        if self.noise_shown { 0 } else { self.noise.ids().len() }
    }

    /// Lists probes like other calls, or folds them into one row.
    pub(crate) fn turn_noise(&mut self, snapshot: &Snapshot, now: Stamp) {
        self.noise_shown = !self.noise_shown;
        self.list_anew();
        self.refresh(snapshot, now);
    }

    /// The filter's text; empty where all calls are listed.
    pub(crate) fn filter_text(&self) -> &str {
        &self.text
    }

    /// The filter that was used last, where none is now; empty where there was none.
    pub(crate) fn filter_aside(&self) -> &str {
        &self.aside
    }

    /// Whether some calls are left out.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.text.is_empty() || !self.scope.is_everything()
    }

    /// Narrows the list. Empty text lists every call.
    pub(crate) fn set_filter(&mut self, text: &str) -> Result<(), daptop_model::FilterError> {
        self.filter = Filter::parse(text)?;
        let before = std::mem::replace(&mut self.text, text.trim().to_owned());
        if !before.is_empty() || !self.text.is_empty() {
            self.aside = if self.text.is_empty() { before } else { String::new() };
        }
        self.list_anew();
        Ok(())
    }

    /// Narrows the list on top of its filter.
    pub(crate) fn narrow(&mut self, scope: Scope) {
        self.scope = scope;
        self.list_anew();
    }

    fn list_anew(&mut self) {
        (self.matched, self.noise, self.sorted) = (Matched::default(), Matched::default(), Sorted::default());
    }

    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, now: Stamp) {
        let passes = |call: &Call| self.scope.takes(call) && self.filter.matches(call, now);
        let is_noise = |call: &Call| !self.noise_shown && noise::is_noise(call, now);
        let cost = |call: &Call| self.filter.cost(call);
        catch_up(&mut self.matched, &snapshot.calls, cost, |call| !is_noise(call) && passes(call));
        // Only what is noise is tested a second time.
        let seen = self.matched.next();
        catch_up(&mut self.noise, &snapshot.calls, cost, |call| call.id.0 < seen && is_noise(call) && passes(call));
        if self.order != Order::Time {
            self.sorted.catch_up(self.matched.ids(), &snapshot.calls, self.order, now);
        }
        self.with_list(snapshot, |list, rows| list.refresh(rows));
    }

    /// Whether calls are left that the filter has not seen, or that are not in their order.
    pub(crate) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        let newest = snapshot.calls.len().checked_sub(1).and_then(|last| snapshot.calls.get(last));
        newest.is_some_and(|call| call.id.0 >= self.matched.next().min(self.noise.next()))
            || self.order != Order::Time && self.sorted.is_behind(self.matched.ids())
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

fn catch_up(matched: &mut Matched, calls: &Calls, cost: impl Fn(&Call) -> usize, passes: impl Fn(&Call) -> bool) {
    matched.forget_below(calls.get(0).map_or(0, |call| call.id.0));
    let verdict = |call: &Call| Verdict { passes: passes(call), open: call.is_open() };
    matched.retest(|id| calls.find(CallId(id)).map(|call| verdict(call)));
    let start = first_at_or_after(calls, matched.next());
    for position in start.saturating_sub(LATE)..start {
        if let Some(call) = calls.get(position)
            && !matched.was_tested(call.id.0)
        {
            matched.take_late(call.id.0, &verdict(call));
        }
    }
    let mut spent = 0;
    for position in start..calls.len().min(start + SLICE) {
        let Some(call) = calls.get(position) else { break };
        if spent > SLICE_BYTES {
            break;
        }
        spent += cost(call);
        matched.take(call.id.0, &verdict(call));
    }
}
