//! The log pane: whose lines are listed, and which one is looked at. A line's id is its number in the session.

mod belonging;
mod choice;
mod level;

use std::sync::Arc;

use daptop_model::{LogLine, Snapshot, Stamp};

pub(crate) use belonging::Belonging;
pub(crate) use choice::Choice;
pub(crate) use level::Level;

use crate::ansi;
use crate::list::{List, Rows};
use crate::matched::{Matched, SLICE, Verdict};
use crate::scope::Scope;
use crate::text;

/// The most markers that are kept.
const MARKERS: usize = 100;

/// The state of the log pane.
#[derive(Debug, Default)]
pub(crate) struct LogsPane {
    /// Where one is in the list.
    pub(crate) list: List,
    /// Which lines are listed.
    pub(crate) choice: Choice,
    /// The listed lines, where not all of them are.
    matched: Option<Matched>,
    /// What is looked for; empty where nothing is.
    search: String,
    /// The listed lines that have it.
    found: Matched,
    /// Markers: when they were set, and the newest line at that time.
    markers: Vec<(u64, Stamp)>,
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
        LogRows { snapshot, matched: self.matched.as_ref().map(Matched::ids) }
    }

    /// Moves about in the list.
    pub(crate) fn with_list(&mut self, snapshot: &Snapshot, change: impl FnOnce(&mut List, &LogRows<'_>)) {
        let rows = LogRows { snapshot, matched: self.matched.as_ref().map(Matched::ids) };
        change(&mut self.list, &rows);
    }

    /// Changes which lines are listed.
    pub(crate) fn choose(&mut self, snapshot: &Snapshot, change: impl FnOnce(&mut Choice)) {
        change(&mut self.choice);
        self.choice.begin();
        self.matched = (!self.choice.is_whole()).then(Matched::default);
        self.found = Matched::default();
        self.list = List::default();
        self.refresh(snapshot);
    }

    /// Lists on top of that only what belongs to a scope.
    pub(crate) fn narrow(&mut self, scope: Scope, snapshot: &Snapshot) {
        let belonging = match scope {
            Scope::Trace(trace) => Some(Belonging::of_trace(trace, snapshot)),
            _ => None,
        };
        self.choose(snapshot, |choice| choice.narrow(scope, belonging));
    }

    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, snapshot: &Snapshot) {
        let mut end = u64::MAX;
        if let Some(matched) = &mut self.matched {
            catch_up(matched, snapshot, end, |_, line| self.choice.takes(line));
            end = matched.next();
        }
        if !self.search.is_empty() {
            let listed = self.matched.as_ref().map(Matched::ids);
            let is_listed = |id: &u64| listed.is_none_or(|listed| listed.binary_search(id).is_ok());
            catch_up(&mut self.found, snapshot, end, |id, line| is_listed(&id) && has(&line.text, &self.search));
        }
        let first = snapshot.lost.evicted_log_lines;
        self.markers.retain(|(after, _)| *after >= first);
        self.with_list(snapshot, |list, rows| list.refresh(rows));
    }

    /// Sets a marker below the newest line, while there is one.
    pub(crate) fn mark(&mut self, now: Stamp, snapshot: &Snapshot) {
        if let Some(last) = snapshot.logs.len().checked_sub(1) {
            self.markers.push((snapshot.lost.evicted_log_lines + last as u64, now));
            let over = self.markers.len().saturating_sub(MARKERS);
            self.markers.drain(..over);
        }
    }

    /// The markers between two lines of the list: at or below the one, above the other.
    pub(crate) fn markers(&self, lines: std::ops::Range<u64>) -> impl Iterator<Item = Stamp> {
        self.markers.iter().filter(move |(after, _)| lines.contains(after)).map(|(_, at)| *at)
    }

    /// Looks for a text in the listed lines; an empty one ends the search.
    pub(crate) fn search(&mut self, text: &str, snapshot: &Snapshot) {
        text.clone_into(&mut self.search);
        self.found = Matched::default();
        while !text.is_empty() && self.is_behind(snapshot) {
            self.refresh(snapshot);
        }
    }

    /// What is looked for; empty where nothing is.
    pub(crate) fn searched(&self) -> &str {
        &self.search
    }

    /// How many of the listed lines have it, and how many of those are at or above the cursor.
    pub(crate) fn found(&self) -> (usize, usize) {
        let ids = self.found.ids();
        (ids.len(), self.list.cursor.map_or(0, |cursor| ids.partition_point(|id| *id <= cursor)))
    }

    /// The selected line, where it has it.
    pub(crate) fn found_at_cursor(&self) -> Option<u64> {
        self.list.cursor.filter(|cursor| self.found.ids().binary_search(cursor).is_ok())
    }

    /// The next line that has it after the cursor, or the one before, and whether the search went round an end.
    pub(crate) fn found_from_cursor(&self, forward: bool) -> Option<(u64, bool)> {
        let ids = self.found.ids();
        let cursor = self.list.cursor.unwrap_or(u64::MAX);
        let next = if forward {
            ids.get(ids.partition_point(|id| *id <= cursor))
        } else {
            ids.partition_point(|id| *id < cursor).checked_sub(1).and_then(|at| ids.get(at))
        };
        let round = if forward { ids.first() } else { ids.last() };
        next.map(|id| (*id, false)).or_else(|| round.map(|id| (*id, true)))
    }

    /// Whether lines are left that have not been looked at.
    pub(crate) fn is_behind(&self, snapshot: &Snapshot) -> bool {
        let end = snapshot.lost.evicted_log_lines + snapshot.logs.len() as u64;
        let search = Some(&self.found).filter(|_| !self.search.is_empty());
        self.matched.iter().chain(search).any(|matched| matched.next() < end)
    }
}

/// Whether a line has a text in what is seen of it, whatever its capitals.
fn has(line: &str, text: &str) -> bool {
    !text::places(&ansi::plain(line), text).is_empty()
}

/// Tests the next lines below the id `end`.
fn catch_up(matched: &mut Matched, snapshot: &Snapshot, end: u64, mut passes: impl FnMut(u64, &LogLine) -> bool) {
    let first = snapshot.lost.evicted_log_lines;
    matched.forget_below(first);
    let start = usize::try_from(matched.next() - first).unwrap_or(usize::MAX);
    for position in (start..snapshot.logs.len()).take(SLICE) {
        let id = first + position as u64;
        match snapshot.logs.get(position) {
            Some(line) if id < end => matched.take(id, &Verdict { passes: passes(id, line), open: false }),
            _ => return,
        }
    }
}
