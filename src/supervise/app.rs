//! One app: its process, its sidecar, and the truth about both.

use std::sync::Arc;
use std::time::Duration;

use daptop_mesh::{AppPresence, Events, Readiness, ShutdownRequest, Sidecar};
use daptop_model::{App, AppId, AppState, AppTimes, Event, ExitReason, LogSource};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use super::family::Families;
use super::group::ProcessGroup;
use super::input;
use super::launch::{Launch, LaunchWay};
use super::output::{LastLines, Output};
use super::report::{Ended, Report, Reports, What};
use super::stop::{Stop, StopReason};
use super::usage::Usages;
use super::watcher::Watcher;

/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// How long the last output of an ended app is waited for, where a child of it keeps the stream open.
const LAST_OUTPUT: Duration = Duration::from_millis(500);

/// What a sidecar may take to close once its app is gone.
const SIDECAR_GRACE: Duration = Duration::from_secs(2);

/// A wish for one app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// Stop and start again.
    Restart,
    /// Stop the process.
    Stop,
    /// Start the process of an app that has ended.
    Start,
}

/// How an app stands, for the end of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// It runs, or has not been started yet; without a command its sidecar is all that runs.
    Open,
    /// It was stopped on request.
    Stopped,
    /// It ended by itself, well or not.
    Over {
        /// With exit code 0.
        success: bool,
    },
}

/// What the tasks of a run's apps share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// The store.
    pub(crate) events: Events,
    /// Log files and the terminal.
    pub(crate) reports: Reports,
    /// The wish to stop.
    pub(crate) stop: Stop,
    /// What came of the apps' processes.
    pub(crate) families: Families,
    /// Who ends the apps if this process is killed.
    pub(crate) watcher: Arc<Watcher>,
    /// CPU and memory of each app.
    pub(crate) usages: watch::Receiver<Usages>,
}

/// An app that is supervised.
#[derive(Debug)]
pub(crate) struct Supervised {
    app: App,
    launch: Launch,
    sidecar: Option<Sidecar>,
    readiness: watch::Receiver<Readiness>,
    process: Option<Process>,
    /// The group of a process that has ended and left children behind.
    left_behind: Option<ProcessGroup>,
    /// Whose family has not been ended yet.
    family: Option<ProcessGroup>,
    standing: watch::Sender<Standing>,
    output: Output,
    shared: Shared,
}

/// A process that has been started and not waited for.
#[derive(Debug)]
struct Process {
    child: Child,
    group: Option<ProcessGroup>,
    readers: JoinSet<()>,
    ended: CancellationToken,
}

/// What wakes the task of an app.
enum Turn {
    Exited(Exit),
    Ordered(Order),
    Readiness,
    Usage,
    SidecarShutdown(ShutdownRequest),
    Stop,
}

impl Supervised {
    /// An app whose sidecar listens and whose process has not been started.
    pub(crate) fn new(app: App, launch: Launch, sidecar: Sidecar, shared: Shared) -> Self {
        let output = Output {
            app: app.id.clone(),
            instance: app.instance,
            events: shared.events.clone(),
            reports: shared.reports.clone(),
            raw: launch.way == LaunchWay::Direct,
            last: LastLines::default(),
        };
        let readiness = sidecar.readiness();
        let standing = watch::Sender::new(Standing::Open);
        Self {
            app,
            launch,
            sidecar: Some(sidecar),
            readiness,
            process: None,
            left_behind: None,
            family: None,
            standing,
            output,
            shared,
        }
    }

    /// The app's id.
    pub(crate) fn id(&self) -> &AppId {
        &self.app.id
    }

    /// How the app stands, now and later.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Starts the process. It takes no time worth speaking of: nothing is waited for.
    pub(crate) async fn start(&mut self) {
        if self.process.is_some() {
            return;
        }
        self.report(What::Starting);
        if self.launch.command.is_empty() {
            self.report(What::SidecarOnly);
            return self.follow_readiness().await;
        }
        self.app.times = AppTimes::default();
        match self.launch.spawn() {
            Ok(child) => self.started(child).await,
            Err(error) => self.not_started(&error).await,
        }
    }

    async fn started(&mut self, mut child: Child) {
        let pid = child.id();
        let group = pid.and_then(ProcessGroup::new);
        if let Some(group) = group {
            self.shared.watcher.started(group);
            self.shared.families.begin(group, self.launch.mark());
            self.family = Some(group);
        }
        if let Some(stream) = child.stdin.take() {
            input::attend(stream, self.launch.keys);
        }
        let ended = CancellationToken::new();
        let mut readers = JoinSet::new();
        if let Some(stream) = child.stdout.take() {
            readers.spawn(self.output.clone().read(stream, LogSource::Stdout, ended.clone()));
        }
        if let Some(stream) = child.stderr.take() {
            readers.spawn(self.output.clone().read(stream, LogSource::Stderr, ended.clone()));
        }
        self.process = Some(Process { child, group, readers, ended });
        self.app.pid = pid;
        self.app.times.spawned = Some(self.shared.events.now());
        self.standing.send_replace(Standing::Open);
        if let Some(sidecar) = &self.sidecar {
            sidecar.set_presence(AppPresence::Running);
            sidecar.set_metadata("appPID", &pid.unwrap_or_default().to_string());
        }
        self.report(What::Started { pid: pid.unwrap_or_default() });
        self.note(&format!("started, process {}", pid.unwrap_or_default()));
        self.app.state = AppState::Starting;
        self.follow_readiness().await;
    }

    async fn not_started(&mut self, error: &std::io::Error) {
        let text: Arc<str> = self.launch.explain(error).into();
        self.note(&text);
        self.report(What::NotStarted { error: Arc::clone(&text) });
        if let Some(sidecar) = &self.sidecar {
            sidecar.set_presence(AppPresence::Gone);
        }
        self.standing.send_replace(Standing::Over { success: false });
        self.change(AppState::NotStarted(text)).await;
        if self.launch.way == LaunchWay::Direct {
            self.shared.stop.ask(StopReason::NotStarted);
        }
    }

    /// Looks after the app until everything stops, then stops its process. The sidecar is handed back: it serves until
    /// the last app has ended.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>) -> Option<Sidecar> {
        loop {
            match self.next(&mut orders).await {
                Turn::Stop => break,
                Turn::Exited(exit) => self.ended(exit, false).await,
                Turn::Ordered(order) => self.carry_out(order).await,
                Turn::Readiness => self.follow_readiness().await,
                Turn::Usage => self.follow_usage().await,
                Turn::SidecarShutdown(request) => self.shut_sidecar_down(request).await,
            }
        }
        self.halt().await;
        self.sidecar
    }

    async fn next(&mut self, orders: &mut mpsc::Receiver<Order>) -> Turn {
        let Self { process, readiness, sidecar, shared, .. } = self;
        tokio::select! {
            biased;
            () = shared.stop.asked() => Turn::Stop,
            exit = exit_of(process) => Turn::Exited(exit),
            Some(order) = orders.recv() => Turn::Ordered(order),
            Ok(()) = readiness.changed() => Turn::Readiness,
            request = shutdown_of(sidecar.as_ref()) => Turn::SidecarShutdown(request),
            Ok(()) = shared.usages.changed() => Turn::Usage,
        }
    }

    async fn carry_out(&mut self, order: Order) {
        match order {
            Order::Start => self.start_again().await,
            Order::Stop => self.stop().await,
            Order::Restart => {
                self.report(What::Restarting);
                self.halt().await;
                self.app.restarts += 1;
                self.start_again().await;
            }
        }
    }

    async fn stop(&mut self) {
        self.halt().await;
        if self.launch.command.is_empty() {
            self.close_sidecar().await;
        }
        self.standing.send_if_modified(|standing| {
            let open = *standing == Standing::Open;
            if open {
                *standing = Standing::Stopped;
            }
            open
        });
    }

    /// Closes the sidecar before the end of the run. Without a command nothing is left of the app then.
    async fn close_sidecar(&mut self) {
        let Some(sidecar) = self.sidecar.take() else { return };
        sidecar.close(SIDECAR_GRACE).await;
        self.report(What::SidecarClosed);
        if self.launch.command.is_empty() {
            self.change(AppState::Ended(ExitReason::Asked)).await;
            self.standing.send_replace(Standing::Stopped);
        }
    }

    async fn start_again(&mut self) {
        if self.process.is_some() {
            return;
        }
        if self.launch.command.is_empty() && self.sidecar.is_none() {
            return self.note("its sidecar has been closed, and it has no command: nothing can be started");
        }
        // Children of the last process may still hold the app's port.
        self.halt().await;
        if let Some(sidecar) = &self.sidecar {
            sidecar.set_presence(AppPresence::Expected);
        }
        self.start().await;
    }

    /// Ends the process and everything that it left behind.
    async fn halt(&mut self) {
        let deadline = Instant::now() + GRACE;
        if self.process.is_some() {
            self.change(AppState::Stopping).await;
        }
        let family = self.family.take().map(|family| (family, self.shared.families.terminate(family)));
        let mut exit = None;
        if let Some(mut process) = self.process.take() {
            if let Some(group) = process.group {
                group.terminate();
            }
            exit = self.exit_by(&mut process, deadline).await;
            self.left_behind = process.group;
            self.process = Some(process);
        }
        if let Some(group) = self.left_behind.take() {
            self.end_group(group, deadline).await;
        }
        if let Some((family, asked)) = family {
            self.shared.families.end(family, asked, deadline, self.shared.stop.forced()).await;
        }
        // Last of all: who asked for the end takes it for the end of everything.
        if let Some(exit) = exit {
            self.ended(exit, true).await;
        }
    }

    async fn end_group(&self, group: ProcessGroup, deadline: Instant) {
        group.terminate();
        let gone = tokio::select! {
            gone = group.gone_by(deadline) => gone,
            () = self.shared.stop.forced() => false,
        };
        if !gone {
            group.kill_and_wait().await;
        }
        self.shared.watcher.ended(group);
    }

    /// Waits for a process that was told to end, and kills its group when the time is over.
    async fn exit_by(&self, process: &mut Process, deadline: Instant) -> Option<Exit> {
        let patience = async {
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => {}
                () = self.shared.stop.forced() => {}
            }
        };
        tokio::select! {
            status = process.child.wait() => return status.ok().map(Exit::from),
            () = patience => {}
        }
        if let Some(group) = process.group {
            group.kill();
        }
        process.child.wait().await.ok().map(Exit::from)
    }

    /// Takes the end of the process in, after the last of its output.
    async fn ended(&mut self, exit: Exit, asked: bool) {
        let Some(mut process) = self.process.take() else { return };
        let drained = async { while process.readers.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_OUTPUT, drained).await.is_err() {
            process.ended.cancel();
        }
        process.readers.detach_all();
        // One that was asked to end has taken its group with it.
        if let Some(group) = process.group.filter(|_| !asked) {
            if group.is_alive() {
                self.left_behind = Some(group);
            } else {
                self.shared.watcher.ended(group);
            }
        }
        self.app.pid = None;
        (self.app.cpu_percent, self.app.memory, self.app.listens_on) = (None, None, None);
        self.app.times.ended = Some(self.shared.events.now());
        if let Some(sidecar) = &self.sidecar {
            sidecar.set_presence(AppPresence::Gone);
            sidecar.set_metadata("appPID", "0");
        }
        self.tell_end(exit, asked).await;
    }

    async fn tell_end(&mut self, exit: Exit, asked: bool) {
        let reason = if asked { ExitReason::Asked } else { exit.reason() };
        let crash = reason.is_crash();
        let what = if crash {
            "crashed"
        } else if asked {
            "stopped"
        } else {
            "ended"
        };
        self.note(&format!("{what}: {}", exit.describe()));
        let last_lines = self.output.last.take();
        let with_run = self.shared.stop.reason().is_some();
        self.report(What::Ended(Ended { exit, asked, with_run, last_lines }));
        self.change(AppState::Ended(reason)).await;
        if !asked {
            self.standing.send_replace(Standing::Over { success: exit.is_success() });
        }
    }

    /// `POST /v1.0/shutdown`: ends the sidecar, and in a single run, where it is the run's only one, everything.
    async fn shut_sidecar_down(&mut self, _request: ShutdownRequest) {
        if self.launch.way == LaunchWay::Direct {
            self.shared.stop.ask(StopReason::Asked);
        } else {
            self.note("its sidecar was shut down over its API");
            self.close_sidecar().await;
        }
    }

    /// Takes in what the sidecar knows of the running process.
    async fn follow_readiness(&mut self) {
        let readiness = *self.readiness.borrow_and_update();
        let running = self.process.is_some() || (self.launch.command.is_empty() && self.sidecar.is_some());
        if !running {
            return;
        }
        let now = self.shared.events.now();
        let state = match readiness {
            Readiness::Waiting => AppState::Starting,
            Readiness::Ready => AppState::Ready,
            Readiness::Unhealthy => AppState::Unhealthy,
        };
        if readiness != Readiness::Waiting {
            self.app.times.port_open.get_or_insert(now);
        }
        if readiness == Readiness::Ready {
            self.app.times.ready.get_or_insert(now);
        }
        self.change(state).await;
    }

    async fn follow_usage(&mut self) {
        let usage = self.app.pid.and_then(|pid| self.shared.usages.borrow_and_update().get(&pid).cloned());
        let (cpu, memory) = (usage.as_ref().map(|usage| usage.cpu_percent), usage.as_ref().map(|usage| usage.memory));
        let listens_on = usage.and_then(|usage| usage.listens_on);
        if (self.app.cpu_percent, self.app.memory) != (cpu, memory) || self.app.listens_on != listens_on {
            (self.app.cpu_percent, self.app.memory, self.app.listens_on) = (cpu, memory, listens_on);
            self.tell().await;
        }
    }

    async fn change(&mut self, state: AppState) {
        self.app.state = state;
        self.tell().await;
    }

    /// Tells the store how the app stands.
    pub(crate) async fn tell(&self) {
        self.shared.events.tell(Event::AppChanged(Box::new(self.app.clone()))).await;
    }

    fn report(&self, what: What) {
        self.shared.reports.tell(Report::App(self.app.instance, what));
    }

    fn note(&self, text: &str) {
        self.output.log(LogSource::Daptop, text, false);
    }
}

/// Waits for a process to end; for ever where there is none.
async fn exit_of(process: &mut Option<Process>) -> Exit {
    match process {
        Some(process) => match process.child.wait().await {
            Ok(status) => Exit::from(status),
            // Somebody else has waited for it: that it ended is all that is known.
            Err(_) => Exit::Code(-1),
        },
        None => std::future::pending().await,
    }
}

async fn shutdown_of(sidecar: Option<&Sidecar>) -> ShutdownRequest {
    match sidecar {
        Some(sidecar) => sidecar.shutdown_requested().await,
        None => std::future::pending().await,
    }
}
