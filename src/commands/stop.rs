//! `daptop stop`: stops apps or a whole run.

use std::process::ExitCode;

use crate::cli::{Globals, StopArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: StopArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`stop` is not built yet");
}
