//! What an app calls, and what calls it.

use daptop_model::{AppId, Edge, Snapshot};

use super::header;
use crate::format;
use crate::ui::Ui;

/// One direction of an app's calls.
#[derive(Clone, Copy, Default)]
pub(in crate::view) struct Way {
    /// Calls so far.
    pub(super) calls: u64,
    /// Calls that no app answered.
    pub(super) failed: u64,
    /// Calls that were answered with an error.
    pub(super) errors: u64,
    /// Calls in the last five whole seconds.
    pub(super) recent: u64,
}

/// An app's calls.
#[derive(Clone, Copy, Default)]
pub(in crate::view) struct Traffic {
    /// What calls it.
    pub(super) gets: Way,
    /// What it calls.
    pub(super) makes: Way,
}

impl Traffic {
    /// The calls of an app.
    pub(super) fn of(ui: &Ui, snapshot: &Snapshot, app: &AppId) -> Self {
        let mut traffic = Self::default();
        for edge in snapshot.edges.iter() {
            if edge.to == *app {
                traffic.gets.add(ui, snapshot, edge);
            }
            if edge.from == *app {
                traffic.makes.add(ui, snapshot, edge);
            }
        }
        traffic
    }

    /// The calls that say most of an app: those that it gets, or, where nobody calls it, those that it makes.
    pub(super) fn main(&self) -> Way {
        if self.gets.calls > 0 { self.gets } else { self.makes }
    }
}

impl Way {
    fn add(&mut self, ui: &Ui, snapshot: &Snapshot, edge: &Edge) {
        self.calls += edge.calls;
        self.failed += edge.failed;
        self.errors += edge.errors;
        let recent = header::shifted(ui, snapshot, &edge.recent);
        self.recent += recent[5..].iter().map(|calls| u64::from(*calls)).sum::<u64>();
    }

    /// Calls a second.
    pub(super) fn rate(&self) -> String {
        format::rate(self.recent, 5)
    }

    /// How many went wrong, in percent; empty where none did.
    pub(super) fn wrong(&self) -> String {
        let wrong = self.failed + self.errors;
        if wrong == 0 { String::new() } else { format::percent(wrong, self.calls).unwrap_or_default() }
    }
}
