//! The one wish that everything in a run obeys: to stop.

use tokio::sync::watch;

/// How urgent it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    Running,
    Asked,
    Forced,
}

/// Why a run stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StopReason {
    /// Somebody asked: a signal, a key, `daptop stop`.
    Asked,
    /// Standard output is closed: nobody reads any more.
    OutputClosed,
    /// Every app has ended by itself.
    AllEnded,
    /// The app of a single run could not be started.
    NotStarted,
}

/// The wish to stop. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Sender<(Level, Option<StopReason>)>);

impl Stop {
    /// Nobody has asked yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new((Level::Running, None)))
    }

    /// Asks everything to stop in good order. The first reason stays.
    pub(crate) fn ask(&self, reason: StopReason) {
        self.0.send_if_modified(|stop| {
            let first = stop.0 == Level::Running;
            if first {
                *stop = (Level::Asked, Some(reason));
            }
            first
        });
    }

    /// Asks, or, where that was asked before, forces.
    pub(crate) fn ask_or_force(&self) {
        self.0.send_modify(|stop| {
            *stop = match stop {
                (Level::Running, _) => (Level::Asked, Some(StopReason::Asked)),
                (_, reason) => (Level::Forced, *reason),
            }
        });
    }

    /// Why everything stops, once it does.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        self.0.borrow().1
    }

    /// Waits until everything is to stop.
    pub(crate) async fn asked(&self) {
        self.reached(Level::Asked).await;
    }

    /// Waits until everything is to stop at once.
    pub(crate) async fn forced(&self) {
        self.reached(Level::Forced).await;
    }

    /// Whether everything is to stop at once.
    pub(crate) fn is_forced(&self) -> bool {
        self.0.borrow().0 == Level::Forced
    }

    async fn reached(&self, level: Level) {
        // `self` holds the sender, so the wait cannot fail.
        drop(self.0.subscribe().wait_for(|stop| stop.0 >= level).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_the_second_wish_forces() {
        let stop = Stop::new();
        assert_eq!(stop.reason(), None);
        stop.ask(StopReason::AllEnded);
        stop.ask(StopReason::Asked);
        stop.asked().await;
        assert!(!stop.is_forced());
        stop.ask_or_force();
        stop.forced().await;
        assert_eq!(stop.reason(), Some(StopReason::AllEnded));
    }
}
