//! `daptop run`: runs apps with their sidecars.

use std::process::ExitCode;

use crate::cli::{Globals, RunArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: RunArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`run` is not built yet");
}
