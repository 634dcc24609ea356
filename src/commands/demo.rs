//! `daptop demo`: runs two built-in apps that call each other.

use std::process::ExitCode;

use crate::cli::{DemoArgs, Globals};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: DemoArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`demo` is not built yet");
}
