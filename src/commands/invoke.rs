//! `daptop invoke`: calls a method of a running app.

use std::process::ExitCode;

use crate::cli::{Globals, InvokeArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: InvokeArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`invoke` is not built yet");
}
