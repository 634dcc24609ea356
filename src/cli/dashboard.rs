//! The flags of the commands that open the dashboard.

/// How a run is shown.
#[derive(clap::Args, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct DashboardArgs {
    /// Print lines instead of opening the dashboard
    #[arg(long)]
    pub(crate) no_tui: bool,
    /// The dashboard keeps to ASCII
    #[arg(long)]
    pub(crate) ascii: bool,
    /// The dashboard leaves the mouse to the terminal
    #[arg(long)]
    pub(crate) no_mouse: bool,
    /// The dashboard replays POST, PUT, PATCH and DELETE without asking
    #[arg(long)]
    pub(crate) replay_at_once: bool,
    /// The dashboard shows nothing dim, and what it tells by colour bold as well
    #[arg(long)]
    pub(crate) high_contrast: bool,
}
