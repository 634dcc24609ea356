//! `daptop sidecar`: one sidecar as a process of its own.

use std::process::ExitCode;

use super::streams::{self, Streams};
use crate::cli::{Globals, SidecarArgs};
use crate::sidecar;

mod wait;

/// Carries the command out. (Flags of the runtime: `--version`, `--build-info`, `--wait`)
pub(crate) async fn run(args: SidecarArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    let version = daptop_mesh::RUNTIME_VERSION;
    let print = async |text: String| {
        let print = async |streams: &mut Streams<'_>| {
            streams.out.write_all(text.as_bytes())?;
            Ok(0)
        };
        streams::on_process(&globals, print).await
    };
    if args.version {
        return print(format!("{version}\n")).await;
    }
    if args.build_info {
        let own = env!("CARGO_PKG_VERSION");
        return print(format!("Version: {version}\nGit Commit: unknown\nGit Version: daptop {own}\n")).await;
    }
    if args.wait {
        let wait = async |streams: &mut Streams<'_>| wait::until_ready(&args.dapr_http_port, streams).await;
        return streams::on_process(&globals, wait).await;
    }
    sidecar::run(&args, globals.log_as_json).await
}
