//! The flags of the commands that open the dashboard.

use daptop_ui::ThemeName;

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
    /// The dashboard shows nothing dim, and what it tells by colour bold as well: --theme high-contrast
    #[arg(long)]
    pub(crate) high_contrast: bool,
    /// The colours of the dashboard: the terminal's own sixteen, or such as fit a dark or a light background
    #[arg(long, value_enum, value_name = "NAME", default_value_t, conflicts_with = "high_contrast")]
    pub(crate) theme: Colours,
}

/// Colours of the dashboard.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Colours {
    /// The terminal's own sixteen.
    #[default]
    #[value(name = "16")]
    Sixteen,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Nothing dim, and bold what is told by colour.
    HighContrast,
}

impl DashboardArgs {
    /// The theme that the flags ask for.
    pub(crate) fn theme(self) -> ThemeName {
        match self.theme {
            Colours::HighContrast => ThemeName::HighContrast,
            _ if self.high_contrast => ThemeName::HighContrast,
            Colours::Sixteen => ThemeName::Terminal,
            Colours::Dark => ThemeName::Dark,
            Colours::Light => ThemeName::Light,
        }
    }
}
