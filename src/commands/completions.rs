//! `daptop completions`: prints a completion script.

use std::process::ExitCode;

use crate::cli::{CompletionsArgs, Globals};

/// Carries the command out.
#[expect(clippy::unused_async, reason = "its body comes with what it needs")]
pub(crate) async fn run(args: CompletionsArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    drop((args, globals));
    anyhow::bail!("`completions` is not built yet");
}
