//! One trace over time: which calls of it are seen, which one is selected, and which stretch of time.

mod bar;
mod chart;
mod facts;
mod flow;
mod fold;
mod zoom;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use daptop_model::{Call, CallId, Snapshot, Stamp, Trace, TraceId, TracedCall};

use crate::action::Step;

pub(crate) use bar::stretch;
pub(crate) use chart::{Chart, Look};
pub(crate) use facts::{facts, spent, spent_in_short};
pub(crate) use flow::flow;

/// More calls of one trace are not laid out.
const MOST: usize = 5_000;

/// The state of the waterfall.
#[derive(Debug, Default)]
pub(crate) struct Waterfall {
    /// The trace.
    pub(crate) id: Option<TraceId>,
    /// Its calls.
    pub(crate) trace: Trace,
    /// How many calls are not laid out.
    pub(crate) left_out: usize,
    /// How many calls were given up, and are held here while one looks at them.
    pub(crate) held: usize,
    /// The selected call.
    pub(crate) cursor: Option<CallId>,
    /// The positions of the calls that are not folded away.
    pub(crate) rows: Vec<usize>,
    folded: HashSet<CallId>,
    /// The first visible row.
    top: usize,
    /// Microseconds since the start of the trace; none for all of it.
    zoom: Option<Range<u64>>,
    built: Option<(u64, Stamp)>,
}

impl Waterfall {
    /// The selected call.
    pub(crate) fn selected(&self) -> Option<&Arc<Call>> {
        Some(&self.trace.calls.get(self.position()?)?.call)
    }

    /// The position of the selected call.
    pub(crate) fn position(&self) -> Option<usize> {
        self.trace.position(self.cursor?)
    }

    /// The row of the selected call.
    pub(crate) fn row(&self) -> usize {
        self.position().map_or(0, |position| self.rows.partition_point(|row| *row < position))
    }

    /// Takes a snapshot into account.
    pub(crate) fn refresh(&mut self, id: Option<TraceId>, snapshot: &Snapshot, now: Stamp) {
        if self.id != id {
            *self = Self { id, ..Self::default() };
        }
        let Some(id) = id else { return };
        let ages = self.trace.is_open();
        if self.built.is_some_and(|(rev, at)| rev == snapshot.rev && (at == now || !ages)) {
            return;
        }
        self.built = Some((snapshot.rev, now));
        let mut calls: Vec<Arc<Call>> = snapshot.calls.of_trace(id).cloned().collect();
        self.left_out = calls.len().saturating_sub(MOST);
        calls.truncate(MOST);
        self.hold(&mut calls, snapshot);
        let same = calls.len() == self.trace.calls.len() && {
            let known: HashSet<_> = self.trace.calls.iter().map(|traced| Arc::as_ptr(&traced.call)).collect();
            calls.iter().all(|call| known.contains(&Arc::as_ptr(call)))
        };
        if !same || ages {
            self.trace = Trace::new(calls, now);
            self.lay_out();
        }
    }

    /// Keeps calls that were given up since, so that what one looks at does not vanish.
    fn hold(&mut self, calls: &mut Vec<Arc<Call>>, snapshot: &Snapshot) {
        let gone = |call: &&Arc<Call>| snapshot.calls.find(call.id).is_none();
        let held: Vec<Arc<Call>> = self.trace.calls.iter().map(|traced| &traced.call).filter(gone).cloned().collect();
        self.held = held.len();
        calls.extend(held);
    }

    fn lay_out(&mut self) {
        self.rows.clear();
        let mut next = 0;
        for (position, traced) in self.trace.calls.iter().enumerate() {
            if position >= next {
                self.rows.push(position);
                next = if self.folded.contains(&traced.call.id) { position + 1 + traced.below } else { position + 1 };
            }
        }
        match self.position() {
            None => self.cursor = culprit(&self.trace).or(self.trace.calls.first()).map(|traced| traced.call.id),
            // What is folded away is stood for by what it is within.
            Some(position) if self.rows.binary_search(&position).is_err() => {
                let row = self.rows.partition_point(|row| *row < position).saturating_sub(1);
                self.select_row(row);
            }
            Some(_) => {}
        }
    }

    /// The visible rows where `height` fit.
    pub(crate) fn window(&self, height: usize) -> Range<usize> {
        let row = self.row();
        let top = self.top.min(self.rows.len().saturating_sub(height)).min(row).max((row + 1).saturating_sub(height));
        top..self.rows.len().min(top + height)
    }

    /// Moves the selection.
    pub(crate) fn step(&mut self, step: Step, height: usize) {
        let row = step.apply(self.row(), self.rows.len(), height);
        self.select_row(row);
        self.top = self.window(height).start;
    }

    /// Selects a row.
    pub(crate) fn select_row(&mut self, row: usize) {
        if let Some(traced) = self.rows.get(row).and_then(|position| self.trace.calls.get(*position)) {
            self.cursor = Some(traced.call.id);
        }
    }

    /// Selects a call, wherever it is folded away.
    pub(crate) fn select(&mut self, id: CallId) {
        let mut at = self.trace.position(id);
        self.cursor = Some(id);
        while let Some(parent) = at.and_then(|position| self.trace.calls[position].parent) {
            self.folded.remove(&self.trace.calls[parent].call.id);
            at = Some(parent);
        }
        self.lay_out();
    }

    /// Selects the next call that went wrong, or the one before; whether there is one.
    pub(crate) fn select_wrong(&mut self, forward: bool) -> bool {
        let here = self.position().unwrap_or(0);
        let is_wrong = |position: &usize| self.trace.calls[*position].call.went_wrong();
        let found =
            if forward { (here + 1..self.trace.calls.len()).find(is_wrong) } else { (0..here).rev().find(is_wrong) };
        if let Some(position) = found {
            self.select(self.trace.calls[position].call.id);
        }
        found.is_some()
    }
}

/// The call to look at first: the first that went wrong without one within it having done so, else the first that is
/// open without one within it being so.
fn culprit(trace: &Trace) -> Option<&TracedCall> {
    let innermost = |test: &dyn Fn(&Call) -> bool| {
        let holds = |position: usize| test(&trace.calls[position].call);
        let is_innermost =
            |position: &usize| holds(*position) && !(position + 1..=position + trace.calls[*position].below).any(holds);
        (0..trace.calls.len()).find(is_innermost).map(|position| &trace.calls[position])
    };
    innermost(&Call::went_wrong).or_else(|| innermost(&Call::is_open))
}

#[cfg(test)]
mod tests;
