//! `daptop version`: prints the version.

use std::process::ExitCode;

use crate::cli::{Globals, VersionArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: VersionArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`version` is not built yet");
}
