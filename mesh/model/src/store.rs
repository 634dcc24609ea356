//! The store: the one owner of a session, folding events.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::{Anchor, App, Call, Calls, Event, ExporterState, Limits, LogLine, Logs, Lost, Snapshot, Stamp};

/// Folds events into the state that snapshots show. Owned by one task.
#[derive(Debug)]
pub struct Store {
    limits: Limits,
    anchor: Anchor,
    rev: u64,
    apps: Vec<Arc<App>>,
    calls: VecDeque<Arc<Call>>,
    logs: VecDeque<Arc<LogLine>>,
    exporter: ExporterState,
    lost: Lost,
}

impl Store {
    /// An empty store.
    pub fn new(limits: Limits, anchor: Anchor) -> Self {
        Self {
            limits,
            anchor,
            rev: 0,
            apps: Vec::new(),
            calls: VecDeque::new(),
            logs: VecDeque::new(),
            exporter: ExporterState::default(),
            lost: Lost::default(),
        }
    }

    /// Takes a fact in.
    pub fn apply(&mut self, event: Event) {
        self.rev += 1;
        match event {
            Event::CallStarted(start) => self.calls.push_back(Arc::new(Call::new(*start))),
            Event::CallProgressed(_) => {}
            Event::CallEnded(end) => {
                if let Ok(index) = self.calls.binary_search_by_key(&end.id, |call| call.id) {
                    let call = Arc::make_mut(&mut self.calls[index]);
                    call.outcome = end.outcome;
                    call.response = end.response;
                    call.phases = end.phases;
                }
            }
            Event::AppChanged(app) => match self.apps.binary_search_by_key(&app.instance, |known| known.instance) {
                Ok(index) => self.apps[index] = Arc::new(*app),
                Err(index) => self.apps.insert(index, Arc::new(*app)),
            },
            Event::LogWritten(line) => self.logs.push_back(Arc::new(*line)),
            Event::ExporterChanged(state) => self.exporter = *state,
        }
    }

    /// Counts calls and log lines that the producers could not hand over. Totals, not differences.
    pub fn count_lost(&mut self, calls: u64, log_lines: u64) {
        if (self.lost.calls, self.lost.log_lines) != (calls, log_lines) {
            (self.lost.calls, self.lost.log_lines) = (calls, log_lines);
            self.rev += 1;
        }
    }

    /// Grows with each change: nothing needs to be published while it stands still.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// The state as it is now.
    pub fn snapshot(&mut self, now: Stamp) -> Arc<Snapshot> {
        Arc::new(Snapshot {
            rev: self.rev,
            anchor: self.anchor,
            taken: now,
            apps: self.apps.iter().cloned().collect(),
            calls: Calls::new(self.calls.iter().cloned().collect()),
            edges: Arc::from([]),
            logs: Logs::new(self.logs.iter().cloned().collect()),
            exporter: self.exporter.clone(),
            lost: self.lost,
            limits: self.limits,
        })
    }
}
