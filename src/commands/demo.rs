//! `daptop demo`: runs the two apps of the Rust quickstart, which are part of the binary, or writes them out.

use std::process::ExitCode;

use anyhow::Context;

use crate::cli::{DemoApp, DemoAppArgs, DemoArgs, Globals};
use crate::refusal::Refusal;
use crate::session;

mod files;
mod plan;

/// Carries the command out.
pub(crate) async fn run(args: DemoArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &args.write {
        let written = files::write(folder)?;
        return Ok(Refusal { stdout: written, ..Refusal::default() }.print());
    }
    // The sidecars' logs go here and nowhere near the user's files.
    let folder = tempfile::Builder::new().prefix("daptop-demo-").tempdir().context("the demo needs a folder")?;
    let plan = plan::demo(&args, folder.path())?;
    session::run(plan, super::run::options(&globals, args.dashboard)).await
}

/// Is one of the demo's apps until it ends.
pub(crate) async fn app(args: DemoAppArgs) -> anyhow::Result<ExitCode> {
    match args.app {
        DemoApp::OrderProcessor => {
            order_processor::serve(args.port)
                .await
                .map_err(|error| anyhow::anyhow!("order-processor cannot listen on port {}: {error}", args.port))?;
            Ok(ExitCode::SUCCESS)
        }
        DemoApp::Checkout => {
            let settings = checkout::Checkout::from_env().map_err(anyhow::Error::msg)?;
            let checkout = checkout::Checkout { orders: args.orders, ..settings };
            match tokio::task::spawn_blocking(move || checkout.run()).await? {
                0 => Ok(ExitCode::SUCCESS),
                failed => anyhow::bail!("{failed} of {} orders failed", args.orders),
            }
        }
    }
}
