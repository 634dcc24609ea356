//! A set of calls that is sent again, one after the other: what is asked before, and how far it has come.

use std::collections::VecDeque;
use std::sync::Arc;

use daptop_model::diff::Diff;
use daptop_model::{Call, CallId, Outcome, ReplayOutlook, ReplaySet, ReplayTally, Snapshot, Stamp};

use super::{Awaited, schema};
use crate::{format, text};

/// A set that may be sent: what is asked about it.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    /// The calls.
    pub(crate) set: ReplaySet,
    /// What is to be expected of them.
    pub(crate) outlook: ReplayOutlook,
    /// How many probes are folded away in the list, and left out.
    pub(crate) folded: usize,
}

/// A set that is sent, or was sent last.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    /// How many calls it has.
    total: usize,
    /// Those that are still to be sent, oldest first. Numbers: a call that is given up meanwhile takes no memory.
    left: VecDeque<CallId>,
    /// The one whose answer is awaited.
    current: Option<Awaited>,
    /// What came of those before.
    tally: ReplayTally,
    /// How many were not sent because somebody stopped it.
    stopped: usize,
    /// The first new call and the last one.
    new: Option<(CallId, CallId)>,
}

impl Sending {
    /// The calls of a set that can be repeated.
    pub(crate) fn new(proposal: &Proposal) -> Self {
        let obstacles = &proposal.outlook.obstacles;
        let can_be = |id: &CallId| obstacles.binary_search_by_key(id, |(id, _)| *id).is_err();
        let left: VecDeque<CallId> = proposal.set.calls.iter().copied().filter(can_be).collect();
        Self {
            total: left.len(),
            left,
            current: None,
            tally: ReplayTally { not_sent: obstacles.len(), ..ReplayTally::default() },
            stopped: 0,
            new: None,
        }
    }

    /// Whether nothing more is sent or awaited.
    pub(crate) fn is_over(&self) -> bool {
        self.left.is_empty() && self.current.is_none()
    }

    /// Sends no more; what was sent is still waited for. Whether there was something to be stopped.
    pub(crate) fn stop(&mut self) -> bool {
        self.stopped += self.left.len();
        let sends = !self.left.is_empty();
        self.left.clear();
        sends
    }

    /// What is awaited.
    pub(super) fn awaited(&self) -> Option<&Awaited> {
        self.current.as_ref()
    }

    /// The next call to be sent, where none is awaited.
    pub(crate) fn next(&mut self) -> Option<CallId> {
        if self.current.is_some() { None } else { self.left.pop_front() }
    }

    /// A call that is there no more, or can no longer be repeated.
    pub(crate) fn skip(&mut self) {
        self.tally.not_sent += 1;
    }

    /// A call was sent: its answer is awaited.
    pub(crate) fn sent(&mut self, awaited: Awaited) {
        self.current = Some(awaited);
    }

    /// Takes account of the answer that is awaited, where it is there or will not come.
    pub(crate) fn settle(&mut self, snapshot: &Snapshot, now: Stamp) {
        let Some(awaited) = &self.current else { return };
        let replay = awaited.found(snapshot);
        if replay.is_none_or(|replay| replay.is_open()) && !awaited.is_late(now) {
            return;
        }
        if let Some(replay) = replay {
            self.new = Some((self.new.map_or(replay.id, |(first, _)| first), replay.id));
        }
        match replay.filter(|replay| replay.outcome == Outcome::Answered) {
            Some(replay) => self.tally.count_answered(&difference(&awaited.original, replay, snapshot)),
            None => self.tally.unanswered += 1,
        }
        self.current = None;
    }

    /// A filter that takes the new calls; `None` where there is none.
    pub(crate) fn filter(&self) -> Option<String> {
        self.new.map(|(first, last)| format!("replay id>={} id<={}", first.0, last.0))
    }

    /// How it goes, or went, and what can be done now, in lines of so many columns.
    pub(crate) fn lines(&self, columns: usize) -> Vec<String> {
        text::words(&self.words(), columns)
    }

    fn words(&self) -> String {
        let count = |number: usize| format::count(number as u64);
        let begun = self.total - self.left.len() - self.stopped;
        let place = format!("{} of {}", count(begun), count(self.total));
        let answers = Some(self.tally.answers()).filter(|answers| !answers.is_empty());
        let answers = answers.map(|answers| format!(": {answers}")).unwrap_or_default();
        let listing = if self.new.is_some() { "P lists the replays, " } else { "" };
        match (self.is_over(), self.stopped) {
            (false, 0) => format!("Sending {place} again{answers}. Esc stops."),
            (false, _) => format!("Stopped after {place}, the last answer is awaited{answers}. Esc forgets it."),
            (true, 0) => format!("{}. {listing}Esc closes this.", self.tally),
            (true, _) => format!("Stopped after {place}. {}. {listing}Esc closes this.", self.tally),
        }
    }
}

fn difference(before: &Arc<Call>, after: &Arc<Call>, snapshot: &Snapshot) -> Diff {
    let schemas = [before, after].map(|call| schema(call, snapshot));
    Diff::by(before, after, schemas.each_ref().map(Option::as_deref))
}
