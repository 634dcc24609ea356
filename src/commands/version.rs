//! `daptop version`: prints the version.

use std::process::ExitCode;

use serde::Serialize;

use super::streams::{self, Streams};
use crate::cli::{Globals, VersionArgs};

/// Carries the command out.
pub(crate) async fn run(args: VersionArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    streams::on_process(&globals, async |streams| version(&args.output, streams)).await
}

/// daptop's own version, and that of the runtime which its sidecars behave as.
#[derive(Serialize)]
struct Versions {
    #[serde(rename = "Cli version")]
    cli: &'static str,
    #[serde(rename = "Runtime version")]
    runtime: &'static str,
}

/// Prints the version, without a final line break, as `dapr version` does.
fn version(format: &str, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let Versions { cli, runtime } = VERSIONS;
    match format {
        "" => write!(streams.out, "CLI version: {cli} \nRuntime version: {runtime}")?,
        "json" => streams.out.write_all(serde_json::to_string(&VERSIONS)?.as_bytes())?,
        _ => {
            writeln!(streams.out, "❌  An invalid output format was specified.")?;
            return Ok(1);
        }
    }
    Ok(0)
}

const VERSIONS: Versions = Versions { cli: env!("CARGO_PKG_VERSION"), runtime: daptop_mesh::RUNTIME_VERSION };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::streams::captured;

    #[tokio::test]
    async fn the_version_is_told_in_the_words_of_dapr() {
        let (own, runtime) = (env!("CARGO_PKG_VERSION"), daptop_mesh::RUNTIME_VERSION);
        for (format, code, printed) in [
            ("", 0, format!("CLI version: {own} \nRuntime version: {runtime}")),
            ("json", 0, format!(r#"{{"Cli version":"{own}","Runtime version":"{runtime}"}}"#)),
            ("yaml", 1, "❌  An invalid output format was specified.\n".to_owned()),
        ] {
            let answer = captured(async |streams| version(format, streams)).await;
            assert_eq!(answer, (code, printed, String::new()));
        }
    }
}
