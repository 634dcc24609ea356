//! What became of the spans, for the snapshot.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use daptop_model::{Event, ExporterHealth, ExporterState};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::lane::LaneEntry;
use crate::Events;

/// The least time from one report to the next.
const REPORT_INTERVAL: Duration = Duration::from_millis(300);

/// The lanes to Zipkin, and a bell that rings when one of them changed.
#[derive(Debug, Default)]
pub(super) struct Board {
    lanes: Mutex<Vec<LaneEntry>>,
    changed: Notify,
}

/// What a lane counts. The path of a call touches `dropped` alone.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) dropped: AtomicU64,
    progress: Mutex<Progress>,
}

/// What a lane's task knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) health: Health,
    pub(super) sent: u64,
    /// Spans taken from the queue and not sent yet.
    pub(super) in_hand: u64,
    pub(super) last_error: Option<Arc<str>>,
}

/// How a lane does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) enum Health {
    #[default]
    Idle,
    Up,
    Down,
}

impl Counts {
    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    pub(super) fn add(&self, lane: LaneEntry) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).push(lane);
        self.ring();
    }

    /// Says that something changed.
    pub(super) fn ring(&self) {
        self.changed.notify_one();
    }

    /// Tells the state after each change, a few times a second at most.
    pub(super) async fn report(self: Arc<Self>, events: Events, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.changed.notified() => {}
            }
            events.tell(self.event()).await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(REPORT_INTERVAL) => {}
            }
        }
    }

    /// The state of all lanes together; the worst health counts.
    pub(super) fn event(&self) -> Event {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let addresses: Vec<&str> = lanes.iter().map(LaneEntry::address).collect();
        let mut state = ExporterState { endpoint: addresses.join(", ").into(), ..ExporterState::default() };
        let mut worst = None;
        for lane in lanes.iter() {
            let progress = lane.counts().progress();
            state.queued += lane.queued() + progress.in_hand;
            state.sent += progress.sent;
            state.dropped += lane.counts().dropped.load(Ordering::Relaxed);
            state.last_error = progress.last_error.clone().or(state.last_error);
            worst = worst.max(Some(progress.health));
        }
        state.health = match worst {
            None => ExporterHealth::Off,
            Some(Health::Idle) => ExporterHealth::Idle,
            Some(Health::Up) => ExporterHealth::Up,
            Some(Health::Down) => ExporterHealth::Down,
        };
        Event::ExporterChanged(Box::new(state))
    }
}
