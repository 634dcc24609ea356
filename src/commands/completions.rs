//! `daptop completions`: prints a completion script.

use std::process::ExitCode;

use super::streams::{self, Streams};
use crate::cli::{self, CompletionsArgs, Globals};

/// Carries the command out.
pub(crate) async fn run(args: CompletionsArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    let name = globals.program.name();
    streams::on_process(&globals, async |streams| completions(args.shell, name, streams)).await
}

/// Prints the script for a program of this name.
fn completions(shell: clap_complete::Shell, name: &str, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    // Made in memory first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::definition(), name, &mut script);
    streams.out.write_all(&script)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::streams::captured;
    use clap::ValueEnum;

    #[tokio::test]
    async fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in clap_complete::Shell::value_variants() {
            let (code, script, _) = captured(async |streams| completions(*shell, "dapr", streams)).await;
            assert_eq!(code, 0);
            assert!(script.contains("dapr") && script.contains("restart"), "{shell}");
        }
    }
}
