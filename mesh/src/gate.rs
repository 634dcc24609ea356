//! Whether an app can be called: told by its supervisor, found out by knocking at its port, and by its health checks.

use std::time::Duration;

use tokio::sync::watch;

use crate::{AppPresence, Readiness};

/// The state of an app as its sidecar knows it.
#[derive(Debug)]
pub(crate) struct Gate {
    presence: watch::Sender<Presence>,
    readiness: watch::Sender<Readiness>,
    /// Calls are held while the app starts. Without a supervisor nobody knows whether it ever will.
    holds: bool,
}

/// What the supervisor said last. The count tells two starts of an app apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Presence {
    /// What was said.
    pub(crate) is: AppPresence,
    /// How often something was said.
    pub(crate) count: u64,
}

/// How the waiting for an app ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Held {
    /// There was nothing to wait for.
    No,
    /// The app became ready.
    Ready,
    /// The app ended, or the time was over.
    InVain,
}

impl Gate {
    /// A gate that nobody has told anything.
    pub(crate) fn new(supervised: bool) -> Self {
        let is = if supervised { AppPresence::Expected } else { AppPresence::Running };
        Self {
            presence: watch::Sender::new(Presence { is, count: 0 }),
            readiness: watch::Sender::new(Readiness::Waiting),
            holds: supervised,
        }
    }

    /// The supervisor's word.
    pub(crate) fn set_presence(&self, is: AppPresence) {
        self.presence.send_modify(|presence| *presence = Presence { is, count: presence.count + 1 });
    }

    /// The supervisor's words, as they come.
    pub(crate) fn presence(&self) -> watch::Receiver<Presence> {
        self.presence.subscribe()
    }

    /// What was found out.
    pub(crate) fn set_readiness(&self, readiness: Readiness) {
        self.readiness.send_if_modified(|known| std::mem::replace(known, readiness) != readiness);
    }

    /// What was found out, and each change of it.
    pub(crate) fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.subscribe()
    }

    /// What is known now.
    pub(crate) fn is(&self) -> Readiness {
        *self.readiness.borrow()
    }

    /// Whether a call has to wait.
    pub(crate) fn must_wait(&self) -> bool {
        self.holds && self.is() == Readiness::Waiting && self.presence.borrow().is != AppPresence::Gone
    }

    /// Whether the supervisor says that the app has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.holds && self.presence.borrow().is == AppPresence::Gone
    }

    /// Holds a call until the app is ready, has ended, or `limit` is over.
    pub(crate) async fn hold(&self, limit: Duration) -> Held {
        if !self.must_wait() {
            return Held::No;
        }
        let mut readiness = self.readiness();
        let mut presence = self.presence();
        // A closed channel is a gate that is gone, with everything behind it.
        let ready = async { readiness.wait_for(|readiness| *readiness != Readiness::Waiting).await.is_ok() };
        let gone = async { presence.wait_for(|presence| presence.is == AppPresence::Gone).await.is_ok() };
        let either = async {
            tokio::select! {
                ready = ready => ready,
                _ = gone => false,
            }
        };
        match tokio::time::timeout(limit, either).await {
            Ok(true) => Held::Ready,
            Ok(false) | Err(_) => Held::InVain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_is_held_until_its_app_is_ready() {
        let gate = std::sync::Arc::new(Gate::new(true));
        let held = tokio::spawn({
            let gate = gate.clone();
            async move { gate.hold(Duration::from_secs(30)).await }
        });
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(!held.is_finished());
        gate.set_presence(AppPresence::Running);
        gate.set_readiness(Readiness::Ready);
        assert_eq!(held.await.unwrap(), Held::Ready);
        assert_eq!(gate.hold(Duration::from_secs(30)).await, Held::No);
    }

    #[tokio::test(start_paused = true)]
    async fn the_waiting_ends_with_the_app_or_with_the_time() {
        let gate = Gate::new(true);
        assert_eq!(gate.hold(Duration::from_secs(30)).await, Held::InVain);
        gate.set_presence(AppPresence::Gone);
        assert_eq!(gate.hold(Duration::from_secs(30)).await, Held::No);
        assert!(gate.is_gone());
    }

    #[tokio::test]
    async fn without_a_supervisor_nothing_is_held() {
        assert_eq!(Gate::new(false).hold(Duration::from_secs(30)).await, Held::No);
    }
}
