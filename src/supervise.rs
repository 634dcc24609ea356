//! The supervisor: starts the apps of a run, looks after them, and ends every one of them.

use std::sync::Arc;

use daptop_mesh::Sidecar;
use daptop_model::{AppId, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::replay::Replayer;

mod app;
mod census;
mod exit;
mod family;
mod group;
mod input;
mod launch;
mod lines;
mod listening;
mod output;
mod report;
mod stop;
mod usage;
mod watcher;

pub(crate) use app::{Order, Shared, Standing, Supervised};
pub(crate) use exit::{Exit, signal_text};
pub(crate) use family::Families;
pub(crate) use launch::{Launch, LaunchWay};
pub(crate) use lines::{LONGEST, Line};
pub(crate) use report::{Ended, Report, Reports, What};
pub(crate) use stop::{Stop, StopReason};
pub(crate) use usage::{Usages, measure};
pub(crate) use watcher::{ARGUMENT as WATCHER_ARGUMENT, Watcher, watch};

/// Orders that may wait for an app that is being stopped.
const ORDERS: usize = 16;

/// The apps of a run, their processes started.
#[derive(Debug)]
pub(crate) struct Supervisor {
    apps: JoinSet<Option<Sidecar>>,
    orders: Vec<(AppId, mpsc::Sender<Order>)>,
    standings: Vec<watch::Receiver<Standing>>,
    stop: Stop,
    replayer: Replayer,
}

impl Supervisor {
    /// Starts the processes in the order given, without waiting for any: they come up in parallel. Stops in between
    /// when the run is to stop.
    pub(crate) async fn start(apps: Vec<Supervised>, stop: Stop, replayer: Replayer) -> Self {
        let mut supervisor = Self { apps: JoinSet::new(), orders: Vec::new(), standings: Vec::new(), stop, replayer };
        for mut app in apps {
            if supervisor.stop.reason().is_none() {
                app.start().await;
            }
            supervisor.add(app);
        }
        supervisor
    }

    fn add(&mut self, app: Supervised) {
        let (sender, receiver) = mpsc::channel(ORDERS);
        self.orders.push((app.id().clone(), sender));
        self.standings.push(app.standing());
        self.apps.spawn(app.run(receiver));
    }

    /// Carries commands out until the run stops and every process has ended. Hands the sidecars back, which still
    /// serve, and tells whether every app had ended by itself with exit code 0, or been stopped on request. From
    /// `unwatched` on the run ends with its apps; before, a run that is over is still looked at.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        unwatched: impl Future<Output = ()>,
    ) -> (Vec<Sidecar>, bool) {
        let mut sidecars = Vec::new();
        let stop = self.stop.clone();
        let standings = self.standings.clone();
        let mut all_over = std::pin::pin!(async {
            unwatched.await;
            all_over(standings).await;
        });
        let mut counted = false;
        loop {
            tokio::select! {
                sidecar = self.apps.join_next() => match sidecar {
                    Some(Ok(sidecar)) => sidecars.extend(sidecar),
                    Some(Err(error)) => tracing::error!(%error, "the supervision of an app failed"),
                    None => break,
                },
                Some(command) = commands.recv() => self.carry_out(command),
                () = &mut all_over, if !counted => {
                    counted = true;
                    stop.ask(StopReason::AllEnded);
                }
            }
        }
        let well = [Standing::Over { success: true }, Standing::Stopped];
        let success = self.standings.iter().all(|standing| well.contains(&*standing.borrow()));
        (sidecars, success)
    }

    fn carry_out(&self, command: Command) {
        let (id, order) = match command {
            Command::Quit => return self.stop.ask(StopReason::Asked),
            Command::Replay(replay) => return self.replayer.start(*replay),
            Command::Describe { app, service } => return self.replayer.describe(app, service),
            Command::Restart(id) => (id, Order::Restart),
            Command::Stop(id) => (id, Order::Stop),
            Command::Start(id) => (id, Order::Start),
        };
        for (_, sender) in self.orders.iter().filter(|(app, _)| *app == id) {
            if sender.try_send(order).is_err() {
                tracing::warn!(app_id = %id, "an order was dropped: the app still carries out earlier ones");
            }
        }
    }
}

/// Waits until every app has ended, by itself or because that was asked.
async fn all_over(mut standings: Vec<watch::Receiver<Standing>>) {
    loop {
        let mut still = None;
        for standing in &mut standings {
            if *standing.borrow_and_update() == Standing::Open {
                still = Some(standing);
                break;
            }
        }
        match still {
            None => return,
            // An app whose task has ended cannot change any more.
            Some(standing) => {
                if standing.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// Closes sidecars, all at once.
pub(crate) async fn close_all(sidecars: Vec<Sidecar>, grace: std::time::Duration) {
    let closing: JoinSet<()> = sidecars.into_iter().map(|sidecar| sidecar.close(grace)).collect();
    closing.join_all().await;
}

/// Ends the watcher, once nothing else holds it.
pub(crate) async fn finish_watcher(watcher: Arc<Watcher>) {
    if let Some(watcher) = Arc::into_inner(watcher) {
        watcher.finish().await;
    }
}
