//! `daptop restart`: restarts one app of a run.

use std::process::ExitCode;

use crate::cli::{Globals, RestartArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: RestartArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`restart` is not built yet");
}
