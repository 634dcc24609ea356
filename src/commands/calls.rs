//! `daptop calls`: lists the captured calls of the running daptops.

use std::process::ExitCode;

use crate::cli::{CallsArgs, Globals};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: CallsArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`calls` is not built yet");
}
