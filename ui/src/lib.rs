//! The dashboard: shows snapshots, turns keys into actions, sends commands. It sees only `daptop-model`.

use std::sync::Arc;

use daptop_model::{Command, Snapshot};
use tokio::sync::{mpsc, watch};

/// What the dashboard is told at the start.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is run, for the title: the run file's name, or the app's id.
    pub title: String,
    /// Colour is not wanted (`NO_COLOR`).
    pub no_color: bool,
    /// Only ASCII characters are wanted.
    pub ascii: bool,
}

/// Runs the dashboard until the user quits or the snapshots end. Blocks; call it on a thread of its own. The terminal
/// is restored on every way out.
pub fn run(
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
    options: Options,
) -> std::io::Result<()> {
    drop((snapshots, commands, options));
    Ok(())
}
