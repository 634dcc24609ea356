//! Lists calls to a client, and goes on with new ones while it wants to follow.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use daptop_mesh::Clock;
use daptop_model::{Call, CallId, Filter, Finding, Outcome, Snapshot};
use tokio::sync::{mpsc, watch};
use tonic::Status;

use super::proto::{CallSummary, ListCallsResponse, Missing};
use super::{convert, proto};

/// The most calls in one message.
const CHUNK: usize = 500;
/// The most calls in one message that tells what is wrong with each: finding that out takes a while, and others wait.
const FINDINGS_CHUNK: usize = 25;
/// A call that is open for so long is told while it is open.
const LONG: Duration = Duration::from_secs(1);
/// How often open calls are looked at while nothing else happens.
const LOOK_EVERY: Duration = Duration::from_millis(250);

type Answers = mpsc::Sender<Result<ListCallsResponse, Status>>;

/// Where a client's list stands.
pub(crate) struct Cursor {
    clock: Clock,
    filter: Filter,
    /// What is wrong with each call is told too.
    findings: bool,
    /// The first call that has not been looked at.
    next: Option<CallId>,
    /// Calls that had not ended when they were looked at, and whether they were told as open ones.
    open: BTreeMap<CallId, bool>,
    skipped: u64,
}

impl Cursor {
    /// Before the first call of a session with this clock, for the calls that a filter takes; with `findings` what is
    /// wrong with each is told too.
    pub(crate) fn new(clock: Clock, filter: Filter, findings: bool) -> Self {
        Self { clock, filter, findings, next: None, open: BTreeMap::new(), skipped: 0 }
    }

    /// Sends what the snapshots show until there is no more to come, or nobody to send it to.
    pub(crate) async fn send(mut self, mut snapshots: watch::Receiver<Arc<Snapshot>>, follow: bool, answers: Answers) {
        loop {
            let snapshot = Arc::clone(&snapshots.borrow_and_update());
            let mut calls = if follow { self.advance(&snapshot) } else { snapshot.calls.iter().cloned().collect() };
            let now = self.clock.now();
            calls.retain(|call| self.filter.matches(call, now));
            if !self.tell(&snapshot, &calls, &answers).await || !follow {
                return;
            }
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = answers.closed() => return,
            }
        }
    }

    /// The calls to be told now: those that ended, and those that stay open for long.
    fn advance(&mut self, snapshot: &Snapshot) -> Vec<Arc<Call>> {
        let mut told: Vec<Arc<Call>> = Vec::new();
        let now = self.clock.now();
        self.open.retain(|id, open_told| {
            let Some(call) = snapshot.calls.find(*id) else {
                self.skipped += 1;
                return false;
            };
            let ended = call.outcome != Outcome::Pending;
            if ended || (!*open_told && call.age(now) >= LONG) {
                told.push(Arc::clone(call));
                *open_told = true;
            }
            !ended
        });
        if let (Some(next), Some(oldest)) = (self.next, snapshot.calls.get(0)) {
            self.skipped += oldest.id.0.saturating_sub(next.0);
        }
        for call in snapshot.calls.iter().rev().take_while(|call| self.next.is_none_or(|next| call.id >= next)) {
            let ended = call.outcome != Outcome::Pending;
            let long = !ended && call.age(now) >= LONG;
            if ended || long {
                told.push(Arc::clone(call));
            }
            if !ended {
                self.open.insert(call.id, long);
            }
        }
        let newest = snapshot.calls.iter().next_back().map(|call| CallId(call.id.0 + 1));
        self.next = self.next.max(newest).or(Some(CallId(1)));
        told.sort_by_key(|call| call.id);
        told
    }

    fn findings_of(&self, call: &Call, snapshot: &Snapshot) -> Vec<proto::Finding> {
        let found = if self.findings { Finding::of(call, snapshot, self.clock.now()) } else { Vec::new() };
        found.into_iter().map(convert::finding).collect()
    }

    /// Sends calls; `false` where the client is gone.
    async fn tell(&self, snapshot: &Snapshot, calls: &[Arc<Call>], answers: &Answers) -> bool {
        let missing = Missing {
            lost_calls: snapshot.lost.calls,
            evicted_calls: snapshot.lost.evicted_calls,
            skipped_calls: self.skipped,
        };
        let now = self.clock.now();
        for chunk in calls.chunks(if self.findings { FINDINGS_CHUNK } else { CHUNK }) {
            let told = |call: &Arc<Call>| CallSummary {
                findings: self.findings_of(call, snapshot),
                ..convert::summary(call, snapshot.anchor, now)
            };
            let calls = chunk.iter().map(told).collect();
            if answers.send(Ok(ListCallsResponse { calls, missing: Some(missing) })).await.is_err() {
                return false;
            }
        }
        // Also where there is no call: the losses are news of their own.
        !calls.is_empty()
            || answers.send(Ok(ListCallsResponse { calls: Vec::new(), missing: Some(missing) })).await.is_ok()
    }
}
