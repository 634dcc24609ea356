//! Two calls that are compared.

use std::sync::Arc;

use daptop_model::diff::Diff;
use daptop_model::{Call, CallId, Schema, Snapshot};

use super::form::schema;

/// Two calls, and what differs.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    /// The first.
    pub(crate) before: Arc<Call>,
    /// The second.
    pub(crate) after: Arc<Call>,
    /// What is known of the messages of each, in gRPC.
    schemas: [Option<Arc<Schema>>; 2],
    /// What differs.
    pub(crate) diff: Diff,
    /// What is the same is shown too.
    pub(crate) same: bool,
    /// The first visible line.
    pub(crate) scroll: usize,
}

impl Compared {
    /// Compares two calls.
    pub(crate) fn new(before: &Arc<Call>, after: &Arc<Call>, snapshot: &Snapshot) -> Self {
        let (before, after) = (Arc::clone(before), Arc::clone(after));
        let schemas = [&before, &after].map(|call| schema(call, snapshot));
        let diff = Diff::by(&before, &after, schemas.each_ref().map(Option::as_deref));
        // A few values that are the same say what it is about; many only hide what differs.
        let same = diff.rows.len() <= 24;
        Self { schemas, diff, before, after, same, scroll: 0 }
    }

    /// Compares anew where one of them has gone on, or more is known of what they say.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot) {
        let latest = |call: &Arc<Call>| snapshot.calls.find(call.id).unwrap_or(call).clone();
        let (before, after) = (latest(&self.before), latest(&self.after));
        let open = self.before.is_open() || self.after.is_open();
        let went_on = open && !(Arc::ptr_eq(&before, &self.before) && Arc::ptr_eq(&after, &self.after));
        let told = [&before, &after].map(|call| schema(call, snapshot));
        let is_other = |(old, new): (&Option<Arc<Schema>>, &Option<Arc<Schema>>)| {
            old.as_ref().map(Arc::as_ptr) != new.as_ref().map(Arc::as_ptr)
        };
        if went_on || self.schemas.iter().zip(&told).any(is_other) {
            *self = Self { same: self.same, scroll: self.scroll, ..Self::new(&before, &after, snapshot) };
        }
    }

    /// Whether the second repeats the first.
    pub(crate) fn is_replay(&self) -> bool {
        self.after.replay_of() == Some(self.before.id)
    }

    /// The replays of the first call, and where among them the second stands.
    pub(crate) fn place(&self, snapshot: &Snapshot) -> (Vec<CallId>, Option<usize>) {
        let replays: Vec<CallId> = snapshot.replays.of(self.before.id).collect();
        let at = replays.iter().position(|id| *id == self.after.id);
        (replays, at)
    }
}
