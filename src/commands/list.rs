//! `daptop list`: lists the running apps.

use std::process::ExitCode;

use crate::cli::{Globals, ListArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: ListArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`list` is not built yet");
}
