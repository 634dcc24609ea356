//! `daptop sidecar`: one sidecar as a process of its own.

use std::process::ExitCode;

use crate::cli::{Globals, SidecarArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: SidecarArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`sidecar` is not built yet");
}
