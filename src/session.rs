//! A session: everything that one run consists of, wired together.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use daptop_mesh::{Clock, Listeners, Mesh, MeshSettings, Sidecar};
use daptop_model::{AppPorts, Command, InstanceId, Snapshot};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::books::Books;
use crate::control::{Directory, RunFacts};
use crate::headless::{LogFiles, Scene, Story, Style, Teller, Telling};
use crate::plan::{RunPlan, RunSource};
use crate::ports;
use crate::replay::Replayer;
use crate::sidecar_environment;
use crate::supervise::{
    Families, LaunchWay, Report, Reports, Shared, Stop, StopReason, Supervised, Supervisor, Usages, Watcher, close_all,
    finish_watcher, measure,
};

mod apps;
mod dashboard;
mod diagnostics;
mod editor;
mod keeper;
mod signals;

use apps::Prepared;
use dashboard::{Dashboard, Ways};

/// Lines and turns of events that may wait to be written down.
const REPORTS: usize = 4096;

/// Wishes of viewers that may wait.
const COMMANDS: usize = 64;

/// What running calls get when the sidecars close, after the apps have ended.
const SIDECAR_GRACE: Duration = Duration::from_secs(2);

/// How long a slow reader of standard output is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How a run is shown.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How the dashboard looks, where one is opened. The session gives it its title.
    pub(crate) dashboard: Option<daptop_ui::Options>,
    /// How lines are written.
    pub(crate) style: Style,
}

/// Runs a plan to its end. The exit code is 0 after a stop on request, and after every app has ended with 0.
pub(crate) async fn run(plan: RunPlan, options: Options) -> anyhow::Result<ExitCode> {
    let held = match ports::hold(&plan) {
        Ok(held) => held,
        Err(problems) => return Ok(ports::refusal(&problems, &plan.source).styled(options.style.json).print()),
    };
    let stop = Stop::new();
    signals::obey(stop.clone()).context("signals cannot be received")?;
    let books = Books::open();
    let (reports, written) = Reports::channel(REPORTS);
    let headless = headless(&options);
    diagnostics::install(&plan, &books.events, &reports, options.style.json, &headless);
    let (prepared, scenes) = prepare(&plan, held, headless.is_cancelled())?;
    let facts = facts(&plan, &scenes, books.clock);
    let directory = Directory::open().inspect_err(|error| tracing::warn!("{error}")).ok();
    let telling = Telling { story: story(&plan), scenes, style: options.style, on_console: headless.is_cancelled() };
    let teller = Teller::start(telling, written, reports.clone(), stop.clone())?;
    let watcher = Arc::new(Watcher::start().context("the process that ends the apps with daptop cannot be started")?);
    let (usages, measured) = watch::channel(Usages::default());
    let families = Families::open(&watcher);
    let following = tokio::spawn(families.clone().follow(Arc::clone(&watcher)));
    let shared = Shared {
        families,
        events: books.events.clone(),
        reports: reports.clone(),
        stop: stop.clone(),
        watcher: Arc::clone(&watcher),
        usages: measured,
    };
    let (commands, wishes) = mpsc::channel(COMMANDS);
    let mesh = mesh(&plan, &books, directory.as_ref());
    let replayer = Replayer::new(mesh.clone(), directory.clone());
    let serve = |directory| books.serve(directory, facts, commands.clone(), replayer.clone());
    let control = directory.as_ref().and_then(serve);
    let looking = books.snapshots.receiver_count();
    let measuring = tokio::spawn(measure_apps(usages, books.snapshots.clone(), looking));
    let outcome = match start_sidecars(&mesh, prepared, &shared).await {
        Ok(apps) => {
            let ways = Ways { commands, reports: reports.clone(), stop: stop.clone(), headless: headless.clone() };
            let open = |look| Dashboard::open(&plan, look, books.snapshots.subscribe(), ways);
            let dashboard = options.dashboard.map(open);
            let success = supervise(apps, &books, (wishes, replayer), &stop, &reports, headless).await;
            if let Some(dashboard) = dashboard {
                dashboard.close().await;
            }
            Ok(success)
        }
        Err(error) => Err(error),
    };
    measuring.abort();
    following.abort();
    // It holds the watcher.
    drop(following.await);
    drop(shared);
    tokio::select! {
        () = mesh.flush_spans() => {}
        () = stop.forced() => {}
    }
    reports.tell(Report::Closed);
    teller.finish(LAST_WORDS).await;
    finish_watcher(watcher).await;
    books.close().await;
    // Last of all: who asked for the end of the run takes the end of the socket for the end of its apps.
    drop(control);
    Ok(exit_code(&stop, outcome?))
}

/// Cancelled while there is no dashboard: from the beginning where none is wanted, else once it has failed.
fn headless(options: &Options) -> CancellationToken {
    let headless = CancellationToken::new();
    if options.dashboard.is_none() {
        headless.cancel();
    }
    headless
}

fn story(plan: &RunPlan) -> Story {
    match &plan.source {
        _ if apps::is_single(plan) => Story::single(),
        RunSource::File(file) => Story::multi(file.display().to_string(), plan.apps.len()),
        RunSource::Flags => Story::multi("the command line".to_owned(), plan.apps.len()),
    }
}

/// Opens every file before anything starts. Without a dashboard, the keys are for the app.
fn prepare(
    plan: &RunPlan,
    held: Vec<(Listeners, AppPorts)>,
    keys: bool,
) -> anyhow::Result<(Vec<Prepared>, Vec<Scene>)> {
    let now = jiff::Zoned::now();
    let single = apps::is_single(plan);
    let way = if single { LaunchWay::Direct } else { LaunchWay::Shell };
    let mut prepared = Vec::new();
    let mut scenes = Vec::new();
    for ((index, app), sockets) in (0..).zip(&plan.apps).zip(held) {
        let with_files = matches!(plan.source, RunSource::File(_));
        let files = if with_files { Some(LogFiles::create(app, &now)?) } else { None };
        let mut ready = Prepared::new(app, InstanceId(index), way, sockets, files.as_ref())?;
        ready.launch.keys = keys;
        ready.metadata.extend(apps::run_metadata(plan));
        scenes.push(ready.scene(app, files));
        prepared.push(ready);
    }
    Ok((prepared, scenes))
}

/// The mesh of a run, without sidecars.
fn mesh(plan: &RunPlan, books: &Books, directory: Option<&Directory>) -> Mesh {
    let hold = plan.apps.iter().map(|app| app.hold).max().unwrap_or_default();
    let directory = directory.map(|directory| directory.path().to_owned());
    let multicast = sidecar_environment::multicast(sidecar_environment::of_process);
    Mesh::new(books.events.clone(), MeshSettings { hold, directory, multicast, ..MeshSettings::default() })
}

/// Starts every sidecar. Only when all of them listen is the first app started.
async fn start_sidecars(mesh: &Mesh, prepared: Vec<Prepared>, shared: &Shared) -> anyhow::Result<Vec<Supervised>> {
    let mut apps = Vec::new();
    for Prepared { app, launch, settings, listeners, metadata } in prepared {
        let report = |what| shared.reports.tell(Report::App(app.instance, what));
        report(crate::supervise::What::SidecarStarting);
        let sidecar = mesh.start_sidecar(settings, listeners)?;
        apps::tell_metadata(&sidecar, &metadata);
        report(crate::supervise::What::SidecarListens);
        let app = Supervised::new(app, launch, sidecar, shared.clone());
        app.tell().await;
        apps.push(app);
    }
    Ok(apps)
}

/// Starts the apps and looks after them until all have ended and all sidecars are closed. Tells whether every app ended
/// by itself with 0.
async fn supervise(
    apps: Vec<Supervised>,
    books: &Books,
    (wishes, replayer): (mpsc::Receiver<Command>, Replayer),
    stop: &Stop,
    reports: &Reports,
    headless: CancellationToken,
) -> bool {
    books.until_known(apps.len()).await;
    let told = tokio::spawn(tell_stop(stop.clone(), reports.clone()));
    let supervisor = Supervisor::start(apps, stop.clone(), replayer).await;
    // With the dashboard open, a run that is over is still looked at.
    let (sidecars, success) = supervisor.run(wishes, headless.cancelled_owned()).await;
    close(sidecars, stop).await;
    drop(told.await);
    success
}

async fn tell_stop(stop: Stop, reports: Reports) {
    stop.asked().await;
    reports.tell(Report::Stopping);
}

async fn close(sidecars: Vec<Sidecar>, stop: &Stop) {
    let grace = if stop.is_forced() { Duration::ZERO } else { SIDECAR_GRACE };
    tokio::select! {
        () = close_all(sidecars, grace) => {}
        () = stop.forced() => {}
    }
}

/// Measures the apps while more than the control socket's own number of receivers look.
async fn measure_apps(usages: watch::Sender<Usages>, snapshots: watch::Sender<Arc<Snapshot>>, at_rest: usize) {
    let apps = || snapshots.borrow().apps.iter().filter_map(|app| app.pid).collect();
    measure(usages, || snapshots.receiver_count() > at_rest, apps).await;
}

/// What the control socket tells besides the snapshots.
fn facts(plan: &RunPlan, scenes: &[Scene], clock: Clock) -> RunFacts {
    let log = |scene: &Scene| scene.files.as_ref()?.sidecar.as_ref().map(|file| file.path.clone());
    let sidecar_logs = (0..).map(InstanceId).zip(scenes).filter_map(|(instance, scene)| Some((instance, log(scene)?)));
    RunFacts {
        source: plan.source.clone(),
        name: plan.name.clone(),
        bare_sidecar: false,
        sidecar_logs: sidecar_logs.collect(),
        clock,
    }
}

/// The exit code of a run that has ended.
fn exit_code(stop: &Stop, success: bool) -> ExitCode {
    let good = match stop.reason() {
        _ if stop.is_forced() => false,
        Some(StopReason::Asked | StopReason::OutputClosed) => true,
        Some(StopReason::NotStarted) => false,
        Some(StopReason::AllEnded) | None => success,
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
