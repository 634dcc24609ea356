//! The log pane: whose lines are listed, and which one is looked at. A line's id is its number in the session.

use std::sync::Arc;

use daptop_model::{AppId, LogLine, Snapshot};

use crate::list::{List, Rows};
use crate::matched::{Matched, SLICE, Verdict};

/// The state of the log pane.
#[derive(Debug, Default)]
pub(crate) struct LogsPane {
    /// Where one is in the list.
    pub(crate) list: List,
    chosen: Option<(AppId, Matched)>,
}

/// The listed lines of a snapshot.
pub(crate) struct LogRows<'a> {
    snapshot: &'a Snapshot,
    matched: Option<&'a [u64]>,
}

impl LogRows<'_> {
    /// The line at a position.
    pub(crate) fn get(&self, position: usize) -> Option<&Arc<LogLine>> {
        let index = self.id(position).checked_sub(self.snapshot.lost.evicted_log_lines)?;
        self.snapshot.logs.get(usize::try_from(index).ok()?)
    }
}

impl Rows for LogRows<'_> {
    fn len(&self) -> usize {
        self.matched.map_or(self.snapshot.logs.len(), <[u64]>::len)
    }

    fn id(&self, position: usize) -> u64 {
        match self.matched {
            Some(ids) => ids.get(position).copied().unwrap_or_default(),
            None => self.snapshot.lost.evicted_log_lines + position as u64,
        }
    }

    fn position(&self, id: u64) -> usize {
        if let Some(ids) = self.matched {
            return ids.partition_point(|other| *other < id);
        }
        let index = id.saturating_sub(self.snapshot.lost.evicted_log_lines);
        usize::try_from(index).unwrap_or(usize::MAX).min(self.snapshot.logs.len())
    }
}

impl LogsPane {
    /// The listed lines.
    pub(crate) fn rows<'a>(&'a self, snapshot: &'a Snapshot) -> LogRows<'a> {
        LogRows { snapshot, matched: self.chosen.as_ref().map(|(_, matched)| matched.ids()) }
    }

    /// Whose lines are listed; `None` for all.
    pub(crate) fn app(&self) -> Option<&AppId> {
        self.chosen.as_ref().map(|(app, _)| app)
    }

    /// Lists the lines of one app, or of all.
    pub(crate) fn choose(&mut self, app: Option<AppId>, snapshot: &Snapshot) {
        self.chosen = app.map(|app| (app, Matched::default()));
        self.list = List::default();
        self.refresh(snapshot);
    }

    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot) {
        let first = snapshot.lost.evicted_log_lines;
        if let Some((app, matched)) = &mut self.chosen {
            matched.forget_below(first);
            let start = matched.next();
            let start = usize::try_from(start - first).unwrap_or(usize::MAX);
            for (position, line) in
                (start..snapshot.logs.len()).take(SLICE).filter_map(|at| Some((at, snapshot.logs.get(at)?)))
            {
                let id = first + position as u64;
                matched.take(id, &Verdict { passes: line.app == *app, open: false });
            }
        }
        let rows = LogRows { snapshot, matched: self.chosen.as_ref().map(|(_, matched)| matched.ids()) };
        self.list.refresh(&rows);
    }

    /// Whether lines are left that have not been looked at.
    pub(crate) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        let end = snapshot.lost.evicted_log_lines + snapshot.logs.len() as u64;
        self.chosen.as_ref().is_some_and(|(_, matched)| matched.next() < end)
    }
}
