//! `daptop show`: prints one captured call whole.

use std::process::ExitCode;

use crate::cli::{Globals, ShowArgs};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: ShowArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`show` is not built yet");
}
