//! The process around a sidecar: starts it, shows it to the commands, ends it, and starts it again where that is asked.

use std::collections::BTreeMap;
use std::process::ExitCode;

use daptop_mesh::{Mesh, MeshSettings, Sidecar};
use daptop_model::Command;
use tokio::sync::mpsc;

use super::app::Told;
use super::ending::{Ending, Patience, end};
use super::listeners::Plan;
use super::log::Log;
use super::settings;
use super::wishes::{Signals, Wish, Wishes};
use crate::books::Books;
use crate::cli::SidecarArgs;
use crate::control::{ControlServer, Directory, RunFacts};
use crate::plan::RunSource;
use crate::replay::Replayer;
use crate::sidecar_environment;

/// Commands that may wait.
const COMMANDS: usize = 16;

/// Everything that outlives a restart of the sidecar.
pub(super) struct Host<'a> {
    args: &'a SidecarArgs,
    log: Log,
    wishes: Wishes,
    books: Books,
    mesh: Mesh,
    told: Told,
    directory: Option<Directory>,
    commands: mpsc::Sender<Command>,
    /// Served from the first start on.
    control: Option<ControlServer>,
}

impl<'a> Host<'a> {
    /// A process without a sidecar.
    pub(super) fn open(args: &'a SidecarArgs, log: Log, signals: Signals) -> Self {
        let books = Books::open();
        let directory = Directory::open().inspect_err(|error| tracing::warn!("{error}")).ok();
        let shared = directory.as_ref().map(|directory| directory.path().to_owned());
        let multicast = sidecar_environment::multicast(sidecar_environment::of_process);
        let settings = MeshSettings { directory: shared, multicast, ..MeshSettings::default() };
        let mesh = Mesh::new(books.events.clone(), settings);
        let told = Told::new(&args.app_id, books.events.clone());
        let (commands, received) = mpsc::channel(COMMANDS);
        let replayer = Replayer::new(mesh.clone(), directory.clone());
        let wishes = Wishes { signals, commands: received, replayer, log: log.clone() };
        Self { args, log, wishes, books, mesh, told, directory, commands, control: None }
    }

    /// Runs the sidecar until it has ended for good.
    pub(super) async fn run(mut self) -> anyhow::Result<ExitCode> {
        let ending = loop {
            match self.once().await? {
                Ending::Restart => self.told.restarts(),
                ending => break ending,
            }
        };
        if ending == Ending::Forced {
            return Ok(ExitCode::FAILURE);
        }
        tokio::select! {
            () = self.mesh.flush_spans() => {}
            _ = self.wishes.signals.end() => return Ok(ExitCode::FAILURE),
        }
        self.books.close().await;
        tracing::info!(app_id = self.args.app_id, "Daprd shutdown gracefully");
        // Last of all: who asked for the end takes the end of the socket for it.
        drop(self.control);
        Ok(ExitCode::SUCCESS)
    }

    /// From the sidecar's start to its end.
    async fn once(&mut self) -> anyhow::Result<Ending> {
        let plan = Plan::read(self.args)?;
        let settings = settings::read(self.args, plan.app_port())?;
        let bound = tokio::select! {
            bound = plan.bind() => bound?,
            wish = self.wishes.next(None) => return Ok(before_start(wish)),
        };
        let (listeners, ports) = bound;
        // Known before it listens: who reads that it does can ask for it at once.
        self.show();
        self.told.listens(ports).await;
        self.books.until_known(1).await;
        let sidecar = self.mesh.start_sidecar(settings, listeners)?;
        for line in plan.lines(&ports) {
            tracing::info!(app_id = self.args.app_id, "{line}");
        }
        let wish = self.attend(&sidecar).await;
        self.told.stopping().await;
        let patience = Patience { block: self.args.dapr_block_shutdown_duration, grace: settings::grace(self.args) };
        Ok(end(sidecar, wish, patience, &mut self.wishes.signals, &self.log).await)
    }

    /// Lets the commands find this process.
    fn show(&mut self) {
        if self.control.is_some() {
            return;
        }
        let facts = RunFacts {
            source: RunSource::Flags,
            name: None,
            bare_sidecar: true,
            sidecar_logs: BTreeMap::new(),
            clock: self.books.clock,
        };
        let (directory, replayer) = (self.directory.as_ref(), self.wishes.replayer.clone());
        let serve = |directory| self.books.serve(directory, facts, self.commands.clone(), replayer);
        self.control = directory.and_then(serve);
    }

    /// Follows the app until there is a wish.
    async fn attend(&mut self, sidecar: &Sidecar) -> Wish {
        let mut readiness = sidecar.readiness();
        loop {
            let known = *readiness.borrow_and_update();
            self.told.readiness(known).await;
            tokio::select! {
                wish = self.wishes.next(Some(sidecar)) => return wish,
                Ok(()) = readiness.changed() => {}
            }
        }
    }
}

fn before_start(wish: Wish) -> Ending {
    match wish {
        Wish::End => Ending::Graceful,
        Wish::Restart => Ending::Restart,
        Wish::Force => Ending::Forced,
    }
}
