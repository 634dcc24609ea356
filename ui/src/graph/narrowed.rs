//! The pairs of names between which a call passes the filter.

use std::collections::{BTreeMap, BTreeSet};

use daptop_model::{AppId, Snapshot};

use crate::calls::CallsPane;
use crate::list::Rows;
use crate::scope::Scope;

/// How many calls are looked at before a key is looked at again.
const SLICE: usize = 10_000;

/// Calls that may have come to pass the filter since: they were open, or came late.
const LATE: usize = 256;

/// Callees by caller.
pub(crate) type Pairs = BTreeMap<AppId, BTreeSet<AppId>>;

/// The pairs of names between which a call passes the filter. Within a scope none is forgotten: the picture shows what
/// is around it.
#[derive(Debug, Default)]
pub(crate) struct Narrowed {
    text: String,
    scope: Scope,
    next: u64,
    pairs: Pairs,
}

impl Narrowed {
    /// Takes the listed calls into account.
    pub(crate) fn refresh(&mut self, calls: &CallsPane, scope: &Scope, snapshot: &Snapshot) {
        if self.text != calls.filter_text() {
            *self = Self { text: calls.filter_text().to_owned(), scope: scope.clone(), ..Self::default() };
        }
        if self.scope != *scope {
            (self.scope, self.next) = (scope.clone(), 0);
        }
        if self.text.is_empty() {
            return;
        }
        let rows = calls.rows(snapshot);
        let start = rows.position(self.next);
        for position in start.saturating_sub(LATE)..rows.len().min(start + SLICE) {
            let (id, call) = rows.get(position);
            self.next = self.next.max(id.0 + 1);
            let Some(call) = call else { continue };
            if !self.pairs.get(&call.from).is_some_and(|callees| callees.contains(&call.to)) {
                self.pairs.entry(call.from.clone()).or_default().insert(call.to.clone());
            }
        }
    }

    /// The pairs; `None` where there is no filter.
    pub(crate) fn pairs(&self) -> Option<&Pairs> {
        (!self.text.is_empty()).then_some(&self.pairs)
    }
}
