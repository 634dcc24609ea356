//! `daptop sidecar`: one sidecar as a process of its own, with the runtime's own flags.

mod settings;

use std::process::ExitCode;
use std::time::Duration;

use daptop_mesh::{Clock, Events, Mesh, MeshSettings, ShutdownRequest};
use daptop_model::{Limits, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cli::SidecarArgs;
use crate::store_task;

/// Events that may wait for the store.
const EVENTS: usize = 16 << 10;

/// Runs a sidecar until a signal or its API ends it.
pub(crate) async fn run(args: &SidecarArgs, json: bool) -> anyhow::Result<ExitCode> {
    let prepared = settings::prepare(args)?;
    let clock = Clock::start();
    let (events, receiver) = Events::channel(EVENTS, clock);
    let mut store = Store::new(Limits::default(), clock.anchor());
    let snapshots = watch::Sender::new(store.snapshot(clock.now()));
    let end = CancellationToken::new();
    let books = tokio::spawn(store_task::run(receiver, store, snapshots, end.clone()));
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let settings = MeshSettings { directory: prepared.directory, ..MeshSettings::default() };
    let mesh = Mesh::new(events, settings);
    let sidecar = mesh.start_sidecar(prepared.settings, prepared.listeners)?;
    drop(json);
    let asked = tokio::select! {
        _ = interrupt.recv() => ShutdownRequest::Graceful,
        _ = terminate.recv() => ShutdownRequest::Graceful,
        asked = sidecar.shutdown_requested() => asked,
    };
    if asked == ShutdownRequest::Force {
        tokio::time::sleep(Duration::from_millis(100)).await;
        return Ok(ExitCode::FAILURE);
    }
    tokio::select! {
        () = sidecar.close(prepared.grace) => {}
        _ = interrupt.recv() => return Ok(ExitCode::FAILURE),
        _ = terminate.recv() => return Ok(ExitCode::FAILURE),
    }
    mesh.flush_spans().await;
    end.cancel();
    drop(books.await);
    Ok(ExitCode::SUCCESS)
}
