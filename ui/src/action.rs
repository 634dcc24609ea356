//! What a key, the mouse or the passing of time means.

mod apps;
mod calls;
mod findings;
mod graph;
mod inspector;
mod logs;
mod prompt;
mod replay;
mod traces;

use daptop_model::{Command, Stamp};

use crate::copy::Clip;
use crate::ui::Screen;

pub use apps::AppsAction;
pub use calls::CallsAction;
pub use findings::FindingsAction;
pub use graph::GraphAction;
pub use inspector::InspectAction;
pub use logs::LogsAction;
pub use prompt::PromptAction;
pub use replay::{CopyAs, DiffAction, FormAction, ReplayAction};
pub use traces::TracesAction;

/// What is to happen to the dashboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// There is a new snapshot.
    Refresh,
    /// Time has passed.
    Tick(Stamp),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// Show a screen.
    Show(Screen),
    /// Show the next screen.
    NextScreen,
    /// Show the screen before.
    PreviousScreen,
    /// Focus the next pane.
    NextPane,
    /// Focus the pane before.
    PreviousPane,
    /// Move within the focused pane.
    Move(Step),
    /// Open what is selected.
    Open,
    /// Go back one step: close, clear, leave. Never quits.
    Back,
    /// Give the focused pane the whole screen, or take it back.
    Zoom,
    /// Follow the newest row, or hold still.
    Follow,
    /// Narrow the calls, and with them what is folded from them.
    Filter,
    /// Look for a text in the focused pane.
    Search,
    /// Of the apps.
    Apps(AppsAction),
    /// Of the graph.
    Graph(GraphAction),
    /// Of the traces and the waterfall.
    Traces(TracesAction),
    /// Of the list of calls.
    Calls(CallsAction),
    /// Of one call in full.
    Inspect(InspectAction),
    /// Of the log.
    Logs(LogsAction),
    /// Of the findings.
    Findings(FindingsAction),
    /// Of a call that is sent again, compared or copied.
    Replay(ReplayAction),
    /// Of a request that is changed in place.
    Form(FormAction),
    /// Of two calls that are compared.
    Diff(DiffAction),
    /// Of a line that is typed.
    Prompt(PromptAction),
    /// A digit: of a screen, or of how often the next key is meant.
    Digit(u8),
    /// The next action is meant as often as the digits before it said.
    Counted,
    /// Show what became of the spans.
    Export,
    /// Show the keys.
    Help,
    /// Show every action by name.
    Palette,
    /// Show the colours of the next theme.
    NextTheme,
    /// Take the mouse, or leave it to the terminal.
    Mouse,
    /// Quit, after a question while apps run.
    Quit,
    /// Quit at once, in good order.
    QuitNow,
    /// Put daptop into the background.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Yes to the question.
    Yes,
    /// A character typed into a prompt.
    Type(char),
    /// Remove the last character of a prompt.
    Erase,
    /// A button was pressed at a column and row; twice quickly opens.
    Click {
        /// The column, from 0.
        column: u16,
        /// The row, from 0.
        row: u16,
        /// Whether it is the second click on this place.
        twice: bool,
    },
    /// The wheel was turned over a column and row.
    Wheel {
        /// The column, from 0.
        column: u16,
        /// The row, from 0.
        row: u16,
        /// Towards the user.
        down: bool,
    },
}

impl Action {
    /// Whether digits before its letter say how often it is meant.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Action::Move(step) if step.counts())
            || matches!(
                self,
                Action::Logs(LogsAction::NextFound | LogsAction::PreviousFound)
                    | Action::Inspect(InspectAction::NextHit | InspectAction::PreviousHit)
                    | Action::Replay(ReplayAction::Send)
            )
    }

    /// Whether it comes from the outside, not from somebody who wants something.
    pub(crate) fn is_news(self) -> bool {
        matches!(self, Action::Refresh | Action::Tick(_) | Action::Resize(..))
    }
}

/// A move within a list or a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl Step {
    /// Whether it leads towards the first row.
    pub(crate) fn is_up(self) -> bool {
        matches!(self, Step::Up | Step::HalfUp | Step::PageUp | Step::First)
    }

    /// Whether it may be taken several times: an end is reached at once.
    fn counts(self) -> bool {
        !matches!(self, Step::First | Step::Last)
    }

    /// Where a move leads from a position in `len` rows of which `page` are visible.
    pub(crate) fn apply(self, position: usize, len: usize, page: usize) -> usize {
        let page = page.max(1);
        let half = page.div_ceil(2);
        let target = match self {
            Step::Up => position.saturating_sub(1),
            Step::Down => position.saturating_add(1),
            Step::HalfUp => position.saturating_sub(half),
            Step::HalfDown => position.saturating_add(half),
            Step::PageUp => position.saturating_sub(page),
            Step::PageDown => position.saturating_add(page),
            Step::First => 0,
            Step::Last => usize::MAX,
        };
        target.min(len.saturating_sub(1))
    }
}

/// What the outside has to do after an [`Action`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effects {
    /// Wishes for the supervisor.
    pub commands: Vec<Command>,
    /// Leave the dashboard.
    pub quit: bool,
    /// Put the process into the background.
    pub suspend: bool,
    /// Draw every cell anew, not only what changed.
    pub redraw: bool,
    /// Leave the terminal and let the user edit a text; what becomes of it is told to [`edited`](crate::edited).
    pub edit: Option<Edit>,
    /// Put this into the clipboard.
    pub copy: Option<Clip>,
    /// Take the mouse (true) or leave it to the terminal (false).
    pub mouse: Option<bool>,
}

/// A text for the user's editor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The text.
    pub text: String,
    /// How the name of its file ends, for the editor's colours: `.json`.
    pub ending: &'static str,
}
