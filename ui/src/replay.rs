//! Calls that are sent again, compared and copied: the state of it.

mod area;
mod compared;
mod form;
mod menu;

use std::sync::Arc;

use daptop_model::{Call, CallId, Replay, Snapshot, Stamp};

pub(crate) use area::Area;
pub(crate) use compared::Compared;
pub(crate) use form::{Form, MOST, document, schema};
pub(crate) use menu::{Item, Menu};

/// What is remembered of replays.
#[derive(Debug)]
pub(crate) struct Replays {
    /// A replay that may change something is asked about first.
    pub(crate) asks: bool,
    /// The call that another one is compared with.
    pub(crate) marked: Option<Arc<Call>>,
    /// What was sent last.
    pub(crate) last: Option<Replay>,
    /// A replay whose answer is awaited.
    pub(crate) awaited: Option<Awaited>,
    /// A request that was changed and not sent: the call, and its text.
    pub(crate) draft: Option<(CallId, String)>,
}

/// A replay whose answer is awaited.
#[derive(Clone, Debug)]
pub(crate) struct Awaited {
    /// The call that is repeated.
    pub(crate) original: Arc<Call>,
    /// The newest call when it was sent: its own call comes later.
    pub(crate) after: CallId,
    /// When it was sent.
    pub(crate) sent: Stamp,
}

impl Default for Replays {
    fn default() -> Self {
        Self { asks: true, marked: None, last: None, awaited: None, draft: None }
    }
}

impl Awaited {
    /// The first new replay, where there is one.
    pub(crate) fn found<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Arc<Call>> {
        let new = snapshot.replays.of(self.original.id).find(|id| *id > self.after)?;
        snapshot.calls.find(new)
    }
}
