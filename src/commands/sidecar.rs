//! `daptop sidecar`: one sidecar as a process of its own.

use std::process::ExitCode;

use crate::cli::{Globals, SidecarArgs};
use crate::sidecar;

/// Carries the command out.
pub(crate) async fn run(args: SidecarArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    sidecar::run(&args, globals.log_as_json).await
}
