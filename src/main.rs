//! `daptop`: runs the apps of a `dapr.yaml` with embedded Dapr sidecars and shows who calls whom.

use std::process::ExitCode;

use crate::cli::{Command, Invocation};
use crate::refusal::Refusal;

mod assemble;
mod books;
mod cli;
mod commands;
mod control;
mod environment;
mod headless;
mod names;
mod paths;
mod plan;
mod planning;
mod ports;
mod protos;
mod quantity;
mod refusal;
mod replay;
mod run_file;
mod session;
mod sidecar;
mod sidecar_environment;
mod sidecar_files;
mod sidecar_line;
mod store_task;
mod supervise;

/// A call makes some forty small pieces of memory; this allocator takes half the time of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == supervise::WATCHER_ARGUMENT) {
        return if supervise::watch().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match cli::parse(std::env::args_os()) {
        Ok(invocation) => {
            let json = invocation.globals.log_as_json;
            let failed = |error| Refusal::failure(&format!("{error:#}")).styled(json).print();
            execute(invocation).unwrap_or_else(failed)
        }
        Err(refusal) => refusal.print(),
    }
}

/// Carries a command out on a runtime of its own.
fn execute(Invocation { globals, command }: Invocation) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Run(args) => commands::run::run(*args, globals).await,
            Command::Sidecar(args) => commands::sidecar::run(*args, globals).await,
            Command::Stop(args) => commands::stop::run(args, globals).await,
            Command::List(args) => commands::list::run(args, globals).await,
            Command::Invoke(args) => commands::invoke::run(args, globals).await,
            Command::Version(args) => commands::version::run(args, globals).await,
            Command::Completions(args) => commands::completions::run(args, globals).await,
            Command::Calls(args) => commands::calls::run(args, globals).await,
            Command::Show(args) => commands::show::run(args, globals).await,
            Command::Replay(args) => commands::replay::run(*args, globals).await,
            Command::Restart(args) => commands::restart::run(args, globals).await,
            Command::Demo(args) => commands::demo::run(args, globals).await,
            Command::DemoApp(args) => commands::demo::app(args).await,
        }
    })
}
