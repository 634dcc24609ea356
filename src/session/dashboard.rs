//! The dashboard of a session.

use std::io;
use std::sync::Arc;

use daptop_model::{Command, Snapshot};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::LAST_WORDS;
use crate::plan::RunPlan;
use crate::supervise::{Stop, StopReason};

/// The dashboard, on a thread of its own.
#[derive(Debug)]
pub(super) struct Dashboard {
    closed: oneshot::Receiver<io::Result<()>>,
    end: CancellationToken,
}

impl Dashboard {
    /// Opens it. When the user leaves it, the run is asked to stop.
    pub(super) fn open(
        plan: &RunPlan,
        mut options: daptop_ui::Options,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        commands: mpsc::Sender<Command>,
        stop: Stop,
    ) -> io::Result<Self> {
        let (shown, seen) = watch::channel(Arc::clone(&snapshots.borrow()));
        let end = CancellationToken::new();
        tokio::spawn(pass_on(snapshots, shown, end.clone()));
        options.title = title(plan);
        let (done, closed) = oneshot::channel();
        std::thread::Builder::new().name("dashboard".to_owned()).spawn(move || {
            let result = daptop_ui::run(seen, commands, options);
            stop.ask(StopReason::Asked);
            // Nobody waits any more where the run was forced to end.
            drop(done.send(result));
        })?;
        Ok(Self { closed, end })
    }

    /// Closes it and waits until it has given the terminal back.
    pub(super) async fn close(self) {
        self.end.cancel();
        match tokio::time::timeout(LAST_WORDS, self.closed).await {
            Ok(Ok(Err(error))) => tracing::error!(%error, "the dashboard failed"),
            Ok(_) => {}
            Err(_) => tracing::error!("the dashboard did not close in time"),
        }
    }
}

fn title(plan: &RunPlan) -> String {
    let first = || plan.apps.first().map(|app| app.app_id.to_string());
    plan.name.clone().or_else(first).unwrap_or_default()
}

/// Passes snapshots on until the end, which the dashboard takes for the end of the session.
async fn pass_on(mut from: watch::Receiver<Arc<Snapshot>>, to: watch::Sender<Arc<Snapshot>>, end: CancellationToken) {
    loop {
        tokio::select! {
            changed = from.changed() => match changed {
                Ok(()) => drop(to.send_replace(Arc::clone(&from.borrow_and_update()))),
                Err(_) => return,
            },
            () = end.cancelled() => return,
        }
    }
}
