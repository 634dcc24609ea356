//! The state of the dashboard: where somebody is and what they look at. Changed by `update` alone.

use std::sync::Arc;

use daptop_model::{App, Call, Command, InstanceId, Snapshot, Stamp};

use crate::calls::CallsPane;
use crate::count::Digits;
use crate::findings::FindingsPane;
use crate::graph::GraphPane;
use crate::inspector::Inspector;
use crate::logs::LogsPane;
use crate::palette::Palette;
use crate::prompt::Prompt;
use crate::replay::{Compared, Form, Menu, Proposal, Replays};
use crate::scope::Scope;
use crate::sheet::Sheet;
use crate::theme::Theme;
use crate::traces::TracesPane;
use crate::waterfall::Waterfall;

/// A screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Screen {
    /// Apps, who calls whom, the newest calls and log lines.
    #[default]
    Overview,
    /// Who calls whom, as a graph.
    Graph,
    /// The traces, and one of them over time.
    Traces,
    /// The calls, and one of them in full.
    Calls,
    /// The log.
    Logs,
}

impl Screen {
    /// All screens in the order of their numbers, from 1.
    pub const ALL: [Screen; 5] = [Screen::Overview, Screen::Graph, Screen::Traces, Screen::Calls, Screen::Logs];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Screen::Overview => "Overview",
            Screen::Graph => "Graph",
            Screen::Traces => "Traces",
            Screen::Calls => "Calls",
            Screen::Logs => "Logs",
        }
    }

    /// Its panes, in the order in which the focus goes through them.
    pub fn panes(self) -> &'static [Pane] {
        match self {
            Screen::Overview => &[Pane::Apps, Pane::Graph, Pane::Calls, Pane::Logs, Pane::Findings],
            Screen::Graph => &[Pane::Graph],
            Screen::Traces => &[Pane::Traces, Pane::Waterfall, Pane::Inspector],
            Screen::Calls => &[Pane::Calls, Pane::Inspector],
            Screen::Logs => &[Pane::Logs],
        }
    }
}

/// A part of a screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pane {
    /// The apps.
    Apps,
    /// Who calls whom.
    Graph,
    /// The traces.
    Traces,
    /// One trace over time.
    Waterfall,
    /// The calls.
    Calls,
    /// One call in full.
    Inspector,
    /// The log lines.
    Logs,
    /// What is suspicious, in words.
    Findings,
    /// daptop's own diagnostics; never focused.
    Diagnostics,
}

impl Pane {
    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Pane::Apps => "Apps",
            Pane::Graph => "Who calls whom",
            Pane::Traces => "Traces",
            Pane::Waterfall => "Trace",
            Pane::Calls => "Calls",
            Pane::Inspector => "Call",
            Pane::Logs => "Log",
            Pane::Findings => "Findings",
            Pane::Diagnostics => "daptop's diagnostics",
        }
    }
}

/// What lies over the panes and takes the keys.
#[derive(Clone, Debug)]
pub(crate) enum Layer {
    /// The keys.
    Help {
        /// What they are narrowed to.
        search: String,
        /// The first visible row.
        scroll: usize,
    },
    /// A page about one thing.
    Sheet(Sheet),
    /// Every action by name.
    Palette(Palette),
    /// A question before something that cannot be undone.
    Question(Question),
    /// A line is typed.
    Prompt(Prompt),
    /// Two calls are compared.
    Diff(Box<Compared>),
    /// A request is changed.
    Form(Box<Form>),
    /// Something is chosen.
    Menu(Box<Menu>),
    /// A question before all calls of the list are sent again.
    Set(Box<Proposal>),
}

/// A question, and what a yes means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Question {
    /// The question.
    pub(crate) text: String,
    /// What is sent on a yes.
    pub(crate) command: Command,
}

/// The state of the dashboard.
#[derive(Debug)]
pub struct Ui {
    /// What is run.
    pub(crate) title: String,
    /// How things look.
    pub(crate) theme: Theme,
    /// Seconds east of UTC, for the time of day.
    pub(crate) clock_offset: i32,
    /// Columns and rows of the terminal.
    pub(crate) size: (u16, u16),
    /// The time, on the session's clock.
    pub(crate) now: Stamp,
    /// The screen that is shown.
    pub(crate) screen: Screen,
    focus: [Pane; Screen::ALL.len()],
    /// Which of the overview's panes is shown where not all of them fit.
    pub(crate) slot: Pane,
    /// The focused pane has the whole screen.
    pub(crate) zoomed: bool,
    /// What lies over the panes.
    pub(crate) layer: Option<Layer>,
    /// What every screen is narrowed to.
    pub(crate) scope: Scope,
    /// The selected app.
    pub(crate) app: Option<InstanceId>,
    /// Who calls whom.
    pub(crate) graph: GraphPane,
    /// The calls.
    pub(crate) calls: CallsPane,
    /// The selected call in full.
    pub(crate) inspector: Inspector,
    /// The traces.
    pub(crate) traces: TracesPane,
    /// The selected trace over time.
    pub(crate) waterfall: Waterfall,
    /// The log.
    pub(crate) logs: LogsPane,
    /// What is wrong with the calls.
    pub(crate) findings: FindingsPane,
    /// What is remembered of replays.
    pub(crate) replay: Replays,
    /// daptop's own diagnostics are shown.
    pub(crate) diagnostics: bool,
    /// The mouse is taken.
    pub(crate) mouse: bool,
    /// The digits that were typed last.
    pub(crate) digits: Option<Digits>,
    /// How often the action under way is meant, where that was said.
    pub(crate) count: Option<usize>,
    /// A short message, and until when it is shown.
    pub(crate) message: Option<(String, Stamp)>,
}

impl Ui {
    /// The dashboard of a run at its start.
    pub fn new(title: &str, theme: Theme, clock_offset: i32, mouse: bool) -> Self {
        Self {
            title: title.to_owned(),
            theme,
            clock_offset,
            size: (0, 0),
            now: Stamp::default(),
            screen: Screen::default(),
            focus: [Pane::Calls, Pane::Graph, Pane::Traces, Pane::Calls, Pane::Logs],
            slot: Pane::Calls,
            zoomed: false,
            layer: None,
            scope: Scope::default(),
            app: None,
            graph: GraphPane::default(),
            calls: CallsPane::default(),
            inspector: Inspector::default(),
            traces: TracesPane::default(),
            waterfall: Waterfall::default(),
            logs: LogsPane::default(),
            findings: FindingsPane::default(),
            replay: Replays::default(),
            diagnostics: true,
            mouse,
            digits: None,
            count: None,
            message: None,
        }
    }

    /// Sends calls again without asking, also where that may change something.
    pub fn replay_at_once(&mut self) {
        self.replay.asks = false;
    }

    /// The focused pane.
    pub fn focus(&self) -> Pane {
        self.focus[self.screen as usize]
    }

    /// The pane of a screen that is focused while it is shown.
    pub(crate) fn focus_on(&self, screen: Screen) -> Pane {
        self.focus[screen as usize]
    }

    /// Focuses a pane of the screen that is shown.
    pub(crate) fn set_focus(&mut self, pane: Pane) {
        if self.screen.panes().contains(&pane) {
            self.focus[self.screen as usize] = pane;
            if self.screen == Screen::Overview && pane != Pane::Apps {
                self.slot = pane;
            }
        }
    }

    /// Focuses the pane that is `by` panes further on this screen.
    pub(crate) fn move_focus(&mut self, forward: bool) {
        let panes = self.screen.panes();
        let at = panes.iter().position(|pane| *pane == self.focus()).unwrap_or(0);
        let next = if forward { at + 1 } else { at + panes.len() - 1 };
        self.set_focus(panes[next % panes.len()]);
    }

    /// Narrows every screen.
    pub(crate) fn narrow(&mut self, scope: Scope, snapshot: &Snapshot) {
        self.scope = scope;
        self.calls.narrow(self.scope.clone());
        self.calls.refresh(snapshot, self.now);
        self.traces.refresh(snapshot, self.calls.filter_text(), &self.scope, self.now);
        self.logs.narrow(self.scope.clone(), snapshot);
    }

    /// How often the action under way is meant; asked for once.
    pub(crate) fn take_count(&mut self) -> usize {
        self.count.take().unwrap_or(1)
    }

    /// The call that is looked at in full: on the traces the one that is selected in the trace, else in the list of calls.
    pub(crate) fn inspected(&self) -> Option<&Arc<Call>> {
        if self.screen == Screen::Traces { self.waterfall.selected() } else { self.calls.selected.as_ref() }
    }

    /// Shows a message for some seconds.
    pub(crate) fn say(&mut self, message: String) {
        self.message = Some((message, self.now.plus(std::time::Duration::from_secs(4))));
    }

    /// The app that `restart` and `stop` mean: on the overview the selected one, in the log the one whose log it is.
    pub(crate) fn target_app<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Arc<App>> {
        match self.focus() {
            Pane::Logs => snapshot.apps.iter().find(|app| Some(&app.id) == self.logs.choice.app.as_ref()),
            _ => snapshot.apps.get(self.app_position(snapshot)),
        }
    }

    /// Where the selected app stands; 0 where none is selected.
    pub(crate) fn app_position(&self, snapshot: &Snapshot) -> usize {
        let selected = |app: &Arc<App>| Some(app.instance) == self.app;
        snapshot.apps.iter().position(selected).unwrap_or(0)
    }
}

/// The visible part of `len` rows of which `selected` must be seen, as few rows from the top as possible.
pub(crate) fn window_around(selected: usize, len: usize, height: usize) -> std::ops::Range<usize> {
    let start = (selected + 1).saturating_sub(height);
    start..len.min(start + height)
}
