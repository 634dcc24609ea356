//! What keeps the books of a process: its clock, its store, and the socket through which both can be asked.

use std::sync::Arc;
use std::time::Duration;

use daptop_mesh::{Clock, Events};
use daptop_model::{Command, Limits, Snapshot, Store};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::control::{self, ControlServer, Directory, RunFacts};
use crate::replay::Replayer;
use crate::store_task;

/// Events that may wait for the store.
const EVENTS: usize = 16 << 10;

/// How long the store may take to know the apps before they are started all the same.
const KNOWN: Duration = Duration::from_millis(500);

/// The books of a process.
#[derive(Debug)]
pub(crate) struct Books {
    /// The clock of the session.
    pub(crate) clock: Clock,
    /// The way to the store.
    pub(crate) events: Events,
    /// What the store publishes.
    pub(crate) snapshots: watch::Sender<Arc<Snapshot>>,
    end: CancellationToken,
    task: JoinHandle<()>,
}

impl Books {
    /// Opens them: the session begins. Must be called within a tokio runtime.
    pub(crate) fn open() -> Self {
        let clock = Clock::start();
        let (events, receiver) = Events::channel(EVENTS, clock);
        let mut store = Store::new(Limits::default(), clock.anchor());
        let snapshots = watch::Sender::new(store.snapshot(clock.now()));
        let end = CancellationToken::new();
        let task = tokio::spawn(store_task::run(receiver, store, snapshots.clone(), end.clone()));
        Self { clock, events, snapshots, end, task }
    }

    /// Waits until the snapshots have so many apps: who reads that an app has started can stop it at once. It takes a
    /// frame, and is given up where the store is slower than that.
    pub(crate) async fn until_known(&self, apps: usize) {
        let mut snapshots = self.snapshots.subscribe();
        let known = snapshots.wait_for(|snapshot| snapshot.apps.len() >= apps);
        drop(tokio::time::timeout(KNOWN, known).await);
    }

    /// Serves the control socket. Without it the process goes on: only the commands do not find it.
    pub(crate) fn serve(
        &self,
        directory: &Directory,
        facts: RunFacts,
        commands: mpsc::Sender<Command>,
        replayer: Replayer,
    ) -> Option<ControlServer> {
        control::serve(directory, facts, self.snapshots.subscribe(), commands, replayer)
            .inspect_err(|error| tracing::warn!("{error}"))
            .ok()
    }

    /// Closes them: what was told before is in the last snapshot.
    pub(crate) async fn close(self) {
        self.end.cancel();
        drop(self.task.await);
    }
}
