//! The way from the producers to the store: bounded, and never waited for on the path of a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use daptop_model::{Anchor, CallId, Event, Stamp};
use tokio::sync::mpsc;

/// The clock of a session.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    anchor: Anchor,
}

impl Clock {
    /// A session that starts now.
    pub fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            start: Instant::now(),
            anchor: Anchor { unix_micros: u64::try_from(wall.as_micros()).unwrap_or_default() },
        }
    }

    /// The time since the session started.
    pub fn now(&self) -> Stamp {
        Stamp::default().plus(self.start.elapsed())
    }

    /// The wall time of the start.
    pub fn anchor(&self) -> Anchor {
        self.anchor
    }
}

/// The producers' end. Clones share one channel.
#[derive(Clone, Debug)]
pub struct Events {
    shared: Arc<Shared>,
    sender: mpsc::Sender<Event>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    next_call: AtomicU64,
    lost_calls: AtomicU64,
    lost_log_lines: AtomicU64,
}

/// Room for the two events of a call, reserved before the first is built, so that a call that has begun on the screen
/// also ends there.
#[derive(Debug)]
pub struct CallSlots {
    start: mpsc::OwnedPermit<Event>,
    end: mpsc::OwnedPermit<Event>,
}

impl CallSlots {
    /// Tells the start; the slot for the end is kept.
    pub fn start(self, event: Event) -> EndSlot {
        self.start.send(event);
        EndSlot(self.end)
    }
}

/// Room for the end of a call.
#[derive(Debug)]
pub struct EndSlot(mpsc::OwnedPermit<Event>);

impl EndSlot {
    /// Tells the end.
    pub fn end(self, event: Event) {
        self.0.send(event);
    }
}

impl Events {
    /// A channel with room for `capacity` events, and the clock that stamps them.
    pub fn channel(capacity: usize, clock: Clock) -> (Self, EventReceiver) {
        let (sender, receiver) = mpsc::channel(capacity);
        let shared = Arc::new(Shared {
            clock,
            next_call: AtomicU64::new(1),
            lost_calls: AtomicU64::new(0),
            lost_log_lines: AtomicU64::new(0),
        });
        (Self { shared: Arc::clone(&shared), sender }, EventReceiver { shared, receiver })
    }

    /// The session's clock.
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }

    /// The time since the session started.
    pub fn now(&self) -> Stamp {
        self.shared.clock.now()
    }

    /// The number of the next call.
    pub fn next_call(&self) -> CallId {
        CallId(self.shared.next_call.fetch_add(1, Ordering::Relaxed))
    }

    /// Reserves room for a call, without waiting. Without room the call is counted as lost, and goes on uncaptured.
    pub fn reserve_call(&self) -> Option<CallSlots> {
        let slots = self
            .sender
            .clone()
            .try_reserve_owned()
            .and_then(|start| Ok(CallSlots { start, end: self.sender.clone().try_reserve_owned()? }));
        if slots.is_err() {
            self.shared.lost_calls.fetch_add(1, Ordering::Relaxed);
        }
        slots.ok()
    }

    /// Tells an event that may be missed (a progress), without waiting, and whether there was room. Half the room is left
    /// to the events that may not be missed.
    pub fn hint(&self, make: impl FnOnce() -> Event) -> bool {
        if self.sender.capacity() <= self.sender.max_capacity() / 2 {
            return false;
        }
        let permit = self.sender.try_reserve();
        permit.map(|permit| permit.send(make())).is_ok()
    }

    /// Tells a log line, without waiting. Without room the line is counted as lost.
    pub fn log(&self, make: impl FnOnce() -> Event) {
        match self.sender.try_reserve() {
            Ok(permit) => permit.send(make()),
            Err(_) => {
                self.shared.lost_log_lines.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Tells an event that must not be missed, waiting for room: for producers that are not on the path of a call.
    pub async fn tell(&self, event: Event) {
        // The receiver is gone only while the process ends, when nobody looks any more.
        drop(self.sender.send(event).await);
    }
}

/// The store's end.
#[derive(Debug)]
pub struct EventReceiver {
    shared: Arc<Shared>,
    receiver: mpsc::Receiver<Event>,
}

impl EventReceiver {
    /// Waits for the next event and takes up to `limit` that are there. 0 when all producers are gone.
    pub async fn receive_many(&mut self, into: &mut Vec<Event>, limit: usize) -> usize {
        self.receiver.recv_many(into, limit).await
    }

    /// How many calls and log lines have been lost so far.
    pub fn lost(&self) -> (u64, u64) {
        (self.shared.lost_calls.load(Ordering::Relaxed), self.shared.lost_log_lines.load(Ordering::Relaxed))
    }

    /// The session's clock.
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }
}
