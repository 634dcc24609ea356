//! Apps, and when each was first called since it started.

use std::sync::Arc;

use crate::{App, AppState, Call, Stamp};

/// How much later than its stamp a call may have been told.
const LATE: std::time::Duration = std::time::Duration::from_secs(1);

/// The apps of a run, in file order.
#[derive(Debug, Default)]
pub(super) struct Apps {
    apps: Vec<Arc<App>>,
}

impl Apps {
    /// Replaces an app's state, but keeps the first call of a start that has been seen already. `calls` are all calls,
    /// newest first. Tells whether the app may answer other things than before: it is another process, or ready now.
    pub(super) fn change<'a>(&mut self, mut app: App, calls: impl Iterator<Item = &'a Arc<Call>>) -> bool {
        let index = self.apps.binary_search_by_key(&app.instance, |known| known.instance);
        let known = index
            .ok()
            .map(|index| &self.apps[index])
            .filter(|known| known.times.spawned == app.times.spawned && known.id == app.id);
        let first = match (known, app.times.spawned) {
            (Some(known), _) => known.times.first_call,
            (None, Some(spawned)) => first_since(spawned, &app, calls),
            (None, None) => None,
        };
        app.times.first_call = earlier(app.times.first_call, first);
        let is_new = known.is_none_or(|known| known.state != app.state && app.state == AppState::Ready);
        match index {
            Ok(index) => self.apps[index] = Arc::new(app),
            Err(index) => self.apps.insert(index, Arc::new(app)),
        }
        is_new
    }

    /// Takes note of a call: for its caller and its callee it may be the first one. Which of several replicas it
    /// reached is not told, so it counts for each.
    pub(super) fn call(&mut self, call: &Call) {
        let at = call.phases.received;
        for app in self.apps.iter_mut().filter(|app| app.id == call.from || app.id == call.to) {
            let is_since = app.times.spawned.is_none_or(|spawned| spawned <= at);
            if is_since && app.times.first_call.is_none_or(|first| at < first) {
                Arc::make_mut(app).times.first_call = Some(at);
            }
        }
    }

    pub(super) fn publish(&self) -> Arc<[Arc<App>]> {
        self.apps.iter().cloned().collect()
    }
}

/// The first call to or from an app since it was spawned: the call may have been told before the start was.
fn first_since<'a>(spawned: Stamp, app: &App, calls: impl Iterator<Item = &'a Arc<Call>>) -> Option<Stamp> {
    calls
        .take_while(|call| call.phases.received.plus(LATE) >= spawned)
        .filter(|call| (call.from == app.id || call.to == app.id) && call.phases.received >= spawned)
        .map(|call| call.phases.received)
        .min()
}

fn earlier(one: Option<Stamp>, other: Option<Stamp>) -> Option<Stamp> {
    one.into_iter().chain(other).min()
}
