//! The findings pane: what is wrong in this session, and where somebody is in the list of it.

use std::time::Duration;

use daptop_model::{AppId, FindingGroup, FindingKind, Findings, Snapshot, Stamp, Weight};

use crate::action::Step;

/// How many calls are looked at, at most, before a key is looked at again.
const SLICE: usize = 1_000;

/// How often open calls are looked at while nothing happens.
const SECOND: Duration = Duration::from_secs(1);

/// The state of the findings pane.
#[derive(Debug, Default)]
pub(crate) struct FindingsPane {
    found: Findings,
    selected: Option<(FindingKind, AppId, AppId)>,
    behind: bool,
    /// When the open calls were looked at.
    at: Stamp,
}

impl FindingsPane {
    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot, now: Stamp) {
        self.behind = !self.found.take(snapshot, now, SLICE);
        self.at = now;
    }

    /// Whether calls are left that nobody has looked at.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind
    }

    /// Whether there is something to look at: calls that are left, or open ones that were looked at a second ago.
    pub(crate) fn is_due(&self, now: Stamp) -> bool {
        self.behind || self.found.has_open() && now.since(self.at) >= SECOND
    }

    /// What was found, the heaviest first.
    pub(crate) fn found(&self) -> &Findings {
        &self.found
    }

    /// How many rows weigh as much as this.
    pub(crate) fn count(&self, weight: Weight) -> usize {
        self.found.groups().filter(|group| group.kind().weight() == weight).count()
    }

    /// Where the selected row stands; the first one where none is selected, or it is gone.
    pub(crate) fn position(&self) -> usize {
        let Some((kind, from, to)) = &self.selected else { return 0 };
        let is_selected = |group: &FindingGroup| group.kind() == *kind && group.from == *from && group.to == *to;
        self.found.groups().position(is_selected).unwrap_or(0)
    }

    /// The selected row.
    pub(crate) fn selected(&self) -> Option<&FindingGroup> {
        self.found.groups().nth(self.position())
    }

    /// Moves the selection.
    pub(crate) fn step(&mut self, step: Step, height: usize) {
        self.select(step.apply(self.position(), self.found.len(), height));
    }

    /// Selects the row at a position.
    pub(crate) fn select(&mut self, position: usize) {
        if let Some(group) = self.found.groups().nth(position) {
            self.selected = Some((group.kind(), group.from.clone(), group.to.clone()));
        }
    }
}
