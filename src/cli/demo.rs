//! `daptop demo`.

use std::path::PathBuf;

/// `daptop demo`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DemoArgs {
    /// Write the demo's dapr.yaml and sources into this folder instead of running it
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,
    /// Print lines instead of opening the dashboard
    #[arg(long)]
    pub(crate) no_tui: bool,
}
