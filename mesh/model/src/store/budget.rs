//! Who loses a body when memory runs out.
//!
//! Each calling app has a fair share of the bytes: the one that uses most loses first. Of its calls the oldest lose
//! before the newest, and failed calls, which somebody will want to look at, after all others.

use std::collections::{BTreeSet, HashMap};

use crate::{AppId, Call, CallId};

use super::compact::bodies_size;

/// Calling apps and the calls of theirs whose bodies can be given up.
#[derive(Debug, Default)]
pub(super) struct Budget {
    users: HashMap<AppId, User>,
}

#[derive(Debug, Default)]
struct User {
    bytes: usize,
    failed: BTreeSet<CallId>,
    others: BTreeSet<CallId>,
}

impl User {
    fn calls(&mut self, call: &Call) -> &mut BTreeSet<CallId> {
        if call.failed() { &mut self.failed } else { &mut self.others }
    }
}

impl Budget {
    /// Takes account of the bodies of an ended call.
    pub(super) fn add(&mut self, call: &Call) {
        let bytes = bodies_size(call);
        if bytes == 0 {
            return;
        }
        if !self.users.contains_key(&call.from) {
            self.users.insert(call.from.clone(), User::default());
        }
        if let Some(user) = self.users.get_mut(&call.from) {
            user.bytes += bytes;
            user.calls(call).insert(call.id);
        }
    }

    /// Forgets a call whose bodies, still those that were added, are about to go.
    pub(super) fn remove(&mut self, call: &Call) {
        let Some(user) = self.users.get_mut(&call.from) else { return };
        if user.calls(call).remove(&call.id) {
            user.bytes = user.bytes.saturating_sub(bodies_size(call));
        }
        if user.failed.is_empty() && user.others.is_empty() {
            self.users.remove(&call.from);
        }
    }

    /// The call that is to lose its bodies next.
    pub(super) fn next(&self) -> Option<CallId> {
        // Names break ties, so that the same events always leave the same calls.
        let (_, user) = self.users.iter().max_by(|(name, user), (other_name, other)| {
            user.bytes.cmp(&other.bytes).then_with(|| other_name.cmp(name))
        })?;
        user.others.first().or(user.failed.first()).copied()
    }
}
