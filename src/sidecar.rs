//! `daptop sidecar`: one sidecar as a process of its own, with the runtime's own flags.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;

use crate::cli::SidecarArgs;
use crate::refusal::Refusal;
use crate::sidecar_line::{LineFormat, Said};

mod app;
mod ending;
mod host;
mod listeners;
mod log;
mod settings;
mod stable_port;
mod wishes;

use host::Host;
use log::Log;
use wishes::Signals;

/// How long a slow reader of the log is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why a flag cannot be obeyed, and what to do about it.
#[derive(PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Problem(String);

impl Problem {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Runs a sidecar until a signal, a command or its API ends it. What stops it from starting is the log's last line.
pub(crate) async fn run(args: &SidecarArgs, json: bool) -> anyhow::Result<ExitCode> {
    let log = match Log::open(args, json) {
        Ok(log) => log,
        Err(problem) => return Ok(refuse(args, json, &problem)),
    };
    log.receive_diagnostics();
    let served = serve(args, &log).await;
    let code = served.unwrap_or_else(|error| {
        log.fatal("dapr.runtime", &format!("Fatal error from runtime: {error:#}"));
        ExitCode::FAILURE
    });
    log.flush(LAST_WORDS).await;
    Ok(code)
}

/// The only line of a sidecar whose log cannot be opened.
fn refuse(args: &SidecarArgs, json: bool, problem: &Problem) -> ExitCode {
    let said = Said::new(&args.app_id, "dapr.runtime", &problem.to_string());
    let line = LineFormat::here(json).line("fatal", &said);
    Refusal { stdout: line, code: 1, ..Refusal::default() }.print()
}

async fn serve(args: &SidecarArgs, log: &Log) -> anyhow::Result<ExitCode> {
    // First of all: a signal that comes while the sidecar starts ends it in good order.
    let signals = Signals::receive().context("signals cannot be received")?;
    tell_start(args);
    Host::open(args, log.clone(), signals).run().await
}

fn tell_start(args: &SidecarArgs) {
    let (app_id, version, own) = (&args.app_id, daptop_mesh::RUNTIME_VERSION, env!("CARGO_PKG_VERSION"));
    tracing::info!(app_id, "Starting Dapr Runtime -- version {version} -- daptop {own}");
    tracing::info!(app_id, "Log level set to: {}", args.log_level.to_ascii_lowercase());
    tracing::info!(app_id, "{} mode configured", args.mode);
    tracing::info!(app_id, "app id: {app_id}");
    settings::warn_of_flags(args);
}
