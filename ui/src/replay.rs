//! Calls that are sent again, compared and copied: the state of it.

mod area;
mod compared;
mod form;
mod menu;
mod set;

use std::sync::Arc;
use std::time::Duration;

use daptop_model::{Call, CallId, Replay, Snapshot, Stamp};

pub(crate) use area::Area;
pub(crate) use compared::Compared;
pub(crate) use form::{Form, MOST, document, schema};
pub(crate) use menu::{Item, Menu};
pub(crate) use set::{Proposal, Sending};

/// A replay that is not among the calls after so long will not be; of a set, the next call is sent then.
const PATIENCE: Duration = Duration::from_secs(10);

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
    /// The set that is sent, or was sent last.
    pub(crate) set: Option<Sending>,
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
        Self { asks: true, marked: None, last: None, awaited: None, draft: None, set: None }
    }
}

impl Replays {
    /// How long nothing changes by the passing of time alone; `None` where nothing is waited for.
    pub(crate) fn patience(&self, snapshot: &Snapshot, now: Stamp) -> Option<Duration> {
        let one = self.awaited.as_ref().filter(|awaited| awaited.found(snapshot).is_none());
        let of_set = self.set.as_ref().and_then(Sending::awaited);
        one.into_iter().chain(of_set).map(|awaited| awaited.patience(now)).min()
    }
}

impl Awaited {
    /// The first new replay, where there is one.
    pub(crate) fn found<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Arc<Call>> {
        let new = snapshot.replays.of(self.original.id).find(|id| *id > self.after)?;
        snapshot.calls.find(new)
    }

    /// Whether it has been waited for long enough.
    pub(crate) fn is_late(&self, now: Stamp) -> bool {
        self.patience(now).is_zero()
    }

    /// For how long it is still to be waited for.
    pub(crate) fn patience(&self, now: Stamp) -> Duration {
        PATIENCE.saturating_sub(now.since(self.sent))
    }
}
