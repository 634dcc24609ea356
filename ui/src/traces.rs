//! The traces pane: which traces are listed, in which order, and which one is looked at.

mod book;
mod order;

use daptop_model::{Call, Filter, Snapshot, Stamp, TraceId};

use crate::list::{List, Rows};
use crate::scope::Scope;

use book::Book;
pub(crate) use book::Entry;
use order::Order;
pub(crate) use order::Sort;

/// The state of the traces pane.
#[derive(Debug, Default)]
pub(crate) struct TracesPane {
    /// Where one is in the list.
    pub(crate) list: List,
    /// The selected trace; it stays selected when all its calls are gone.
    pub(crate) selected: Option<TraceId>,
    /// The call that is selected in it is looked at in full.
    pub(crate) opened: bool,
    book: Book,
    order: Order,
    filter: Filter,
    text: String,
    scope: Scope,
    /// The filter or the scope is new, and not all calls were looked at since.
    filling: bool,
}

/// The listed traces.
pub(crate) struct TraceRows<'a> {
    book: &'a Book,
    order: &'a Order,
}

impl<'a> TraceRows<'a> {
    /// The trace at a position.
    pub(crate) fn get(&self, position: usize) -> Option<&'a Entry> {
        self.book.entry(self.order.number(position)?)
    }
}

impl Rows for TraceRows<'_> {
    fn len(&self) -> usize {
        self.order.len()
    }

    fn id(&self, position: usize) -> u64 {
        self.order.number(position).unwrap_or_default()
    }

    fn position(&self, id: u64) -> usize {
        self.order.position(id, self.book)
    }
}

impl TracesPane {
    /// The listed traces.
    pub(crate) fn rows(&self) -> TraceRows<'_> {
        TraceRows { book: &self.book, order: &self.order }
    }

    /// How the traces are sorted.
    pub(crate) fn sort(&self) -> Sort {
        self.order.sort
    }

    /// How many traces there are, listed or not.
    pub(crate) fn total(&self) -> usize {
        self.book.len()
    }

    /// How many listed traces have not been sorted in since the list was frozen.
    pub(crate) fn held_back(&self) -> usize {
        self.order.held_back()
    }

    /// What is known of a trace.
    pub(crate) fn entry(&self, trace: TraceId) -> Option<&Entry> {
        self.book.of(trace)
    }

    /// Whether calls are left that were not looked at.
    pub(crate) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        self.book.is_behind(&snapshot.calls)
    }

    /// Takes a snapshot, the calls' filter and the scope into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, text: &str, scope: &Scope, now: Stamp) {
        if self.text != text || self.scope != *scope {
            // A text that is in use was read before.
            self.filter = Filter::parse(text).unwrap_or_default();
            text.clone_into(&mut self.text);
            self.scope = scope.clone();
            (self.book, self.order) = (Book::default(), Order::new(self.order.sort));
            self.filling = true;
        }
        let (filter, scope) = (&self.filter, &self.scope);
        let passes = |call: &Call| scope.takes(call) && filter.matches(call, now);
        self.book.catch_up(&snapshot.calls, passes);
        let holds = !self.list.follow && !self.filling;
        self.order.refresh(&mut self.book, holds, now);
        let filled = self.filling && !self.book.is_behind(&snapshot.calls);
        self.filling &= !filled;
        if self.list.follow {
            self.list.refresh(&TraceRows { book: &self.book, order: &self.order });
            self.reselect();
        } else {
            self.hold_selected(filled);
        }
    }

    /// Keeps the cursor on the selected trace; where that is no longer listed, on the next one, once all are known.
    fn hold_selected(&mut self, filled: bool) {
        let known = self.selected.and_then(|trace| self.book.of(trace));
        if let Some(entry) = known.filter(|entry| entry.is_placed()) {
            self.list.cursor = Some(entry.number);
        } else if filled && self.order.len() > 0 {
            let rows = TraceRows { book: &self.book, order: &self.order };
            let position = self.list.cursor.map_or(0, |cursor| rows.position(cursor)).min(rows.len() - 1);
            self.list.cursor = Some(rows.id(position));
            self.reselect();
        }
    }

    /// Sorts by what comes next.
    pub(crate) fn sort_next(&mut self, now: Stamp) {
        self.order = Order::new(self.order.sort.next());
        self.order.anew(&mut self.book, now);
        self.list = List::default();
        self.list.refresh(&TraceRows { book: &self.book, order: &self.order });
        self.reselect();
    }

    /// Selects a trace and holds still.
    pub(crate) fn select(&mut self, trace: TraceId) {
        self.selected = Some(trace);
        self.list.follow = false;
        if let Some(entry) = self.book.of(trace) {
            self.list.cursor = Some(entry.number);
        }
    }

    /// Moves about in the list.
    pub(crate) fn with_list(&mut self, change: impl FnOnce(&mut List, &TraceRows<'_>)) {
        change(&mut self.list, &TraceRows { book: &self.book, order: &self.order });
        self.reselect();
    }

    /// Looks at the trace under the cursor; at the one before where that is gone.
    fn reselect(&mut self) {
        if let Some(entry) = self.list.cursor.and_then(|number| self.book.entry(number)) {
            self.selected = Some(entry.trace);
        } else if self.list.cursor.is_none() {
            self.selected = None;
        }
    }
}

#[cfg(test)]
mod tests;
