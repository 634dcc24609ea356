//! The store: the one owner of a session, folding events.

mod apps;
mod budget;
mod calls;
mod compact;
mod edges;
mod histogram;
mod logs;

use std::sync::Arc;

use apps::Apps;
use calls::CallTable;
use logs::LogTable;

use crate::{Anchor, Event, ExporterState, Limits, Lost, Schemas, Snapshot, Stamp};

/// Folds events into the state that snapshots show. Owned by one task.
///
/// Memory is bounded by [`Limits`]. Bodies go first: the app whose calls keep most bytes loses first, its oldest before
/// its newest, those of failed calls last. Then whole ended calls go, oldest first. Open calls are never given up. What
/// went is counted in [`Lost`].
#[derive(Debug)]
pub struct Store {
    limits: Limits,
    anchor: Anchor,
    rev: u64,
    apps: Apps,
    calls: CallTable,
    logs: LogTable,
    exporter: ExporterState,
    schemas: Schemas,
    /// Calls and log lines that the producers could not hand over.
    not_captured: (u64, u64),
}

impl Store {
    /// An empty store.
    pub fn new(limits: Limits, anchor: Anchor) -> Self {
        Self {
            limits,
            anchor,
            rev: 0,
            apps: Apps::default(),
            calls: CallTable::new(),
            logs: LogTable::new(),
            exporter: ExporterState::default(),
            schemas: Schemas::default(),
            not_captured: (0, 0),
        }
    }

    /// Takes a fact in. Calls may start slightly out of order. What contradicts an earlier fact (a second start or end,
    /// a progress after the end) changes nothing.
    pub fn apply(&mut self, event: Event) {
        let changed = match event {
            Event::CallStarted(start) => match self.calls.start(*start, &self.limits) {
                Some(call) => {
                    self.apps.call(&call);
                    true
                }
                None => false,
            },
            Event::CallProgressed(progress) => self.calls.progress(*progress, &self.limits),
            Event::CallEnded(end) => self.calls.end(*end, &self.limits),
            Event::AppChanged(app) => {
                let id = app.id.clone();
                if self.apps.change(*app, self.calls.newest_first()) {
                    self.schemas.forget(&id);
                }
                true
            }
            Event::LogWritten(line) => {
                self.logs.add(*line, &self.limits);
                true
            }
            Event::ExporterChanged(state) => {
                self.exporter = *state;
                true
            }
            Event::SchemaFound(schema) => {
                self.schemas.learn(*schema);
                true
            }
        };
        self.rev += u64::from(changed);
    }

    /// Counts calls and log lines that the producers could not hand over. Totals, not differences.
    pub fn count_lost(&mut self, calls: u64, log_lines: u64) {
        if self.not_captured != (calls, log_lines) {
            self.not_captured = (calls, log_lines);
            self.rev += 1;
        }
    }

    /// Grows with each change: nothing needs to be published while it stands still, until [`Snapshot::stale_from`].
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// The state as it is now.
    pub fn snapshot(&mut self, now: Stamp) -> Arc<Snapshot> {
        let (calls, edges, lost) = self.calls.publish(now);
        Arc::new(Snapshot {
            rev: self.rev,
            anchor: self.anchor,
            taken: now,
            apps: self.apps.publish(),
            calls,
            replays: self.calls.replays(),
            edges,
            logs: self.logs.publish(),
            exporter: self.exporter.clone(),
            schemas: self.schemas.clone(),
            lost: Lost {
                calls: lost.calls + self.not_captured.0,
                log_lines: self.not_captured.1,
                evicted_log_lines: self.logs.evicted(),
                ..lost
            },
            limits: self.limits,
        })
    }
}

#[cfg(test)]
mod tests;
