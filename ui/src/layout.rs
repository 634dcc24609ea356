//! Where things are: a pure function of the size, the state and the number of rows, used by drawing and by the mouse.

use daptop_model::Snapshot;
use ratatui::layout::Rect;

use crate::graph::Room;
use crate::ui::{Layer, Pane, Screen, Ui};

/// The least size that is worth drawing on.
pub(crate) const LEAST: (u16, u16) = (60, 16);
/// From this width on, panes stand side by side.
const WIDE: u16 = 110;

/// From this width on, the apps get more than two fifths of it.
const ROOMY: u16 = 140;

/// From this width on, a trace and a call of it stand side by side.
const WIDEST: u16 = 140;
/// A waterfall is not made lower than this, its rule included, to show the traces above it.
const LEAST_WATERFALL: u16 = 16;
/// On less columns, the graph is a list.
const LEAST_PICTURE: u16 = 100;

/// From this width on, a call stands beside the list of calls.
const BESIDE: u16 = 150;
/// The list of calls is then at least so wide that the verb has its place.
const LEAST_BESIDE: u16 = 80;
/// From this height on, below it; else over it.
const LEAST_SPLIT: u16 = 24;

/// A list is not made lower than this, its rule included, to show another pane above it.
const LEAST_LIST: u16 = 9;

/// A pane's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// Which pane.
    pub(crate) pane: Pane,
    /// The rule line above it, which carries its title.
    pub(crate) rule: Rect,
    /// Its rows.
    pub(crate) rows: Rect,
}

/// Where things are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Layout {
    /// The line at the top.
    pub(crate) header: Rect,
    /// The line at the bottom.
    pub(crate) footer: Rect,
    /// The panes that are seen.
    pub(crate) panes: Vec<Place>,
    /// The walls between panes side by side.
    pub(crate) walls: Vec<Rect>,
    /// Above the footer: how a set of replays goes; no rows where none is under way.
    pub(crate) progress: Rect,
    /// Between the header and what is below.
    pub(crate) body: Rect,
}

impl Layout {
    /// The layout of the screen that is shown; `None` where the terminal is too small for any.
    pub(crate) fn of(ui: &Ui, snapshot: &Snapshot) -> Option<Self> {
        let (width, height) = ui.size;
        if width < LEAST.0 || height < LEAST.1 {
            return None;
        }
        let between = Rect::new(0, 1, width, height - 2);
        let (body, progress) = cut(between, between.height - progress_rows(ui).min(between.height / 4));
        let mut layout = Layout {
            header: Rect::new(0, 0, width, 1),
            footer: Rect::new(0, height - 1, width, 1),
            progress,
            body,
            ..Layout::default()
        };
        if ui.zoomed {
            layout.add(ui.focus(), body);
            return Some(layout);
        }
        match ui.screen {
            Screen::Overview if width >= WIDE => layout.wide_overview(ui, snapshot),
            Screen::Overview => layout.narrow_overview(ui, snapshot),
            Screen::Graph => layout.add(Pane::Graph, body),
            Screen::Traces => layout.traces(ui),
            Screen::Calls => layout.calls(ui),
            Screen::Logs => layout.logs(ui),
        }
        Some(layout)
    }

    /// The place of a pane, where it is seen.
    pub(crate) fn place(&self, pane: Pane) -> Option<&Place> {
        self.panes.iter().find(|place| place.pane == pane)
    }

    /// How many rows of a pane are seen.
    pub(crate) fn height(&self, pane: Pane) -> usize {
        self.place(pane).map_or(1, |place| usize::from(place.rows.height)).max(1)
    }

    /// The pane at a column and row.
    pub(crate) fn at(&self, column: u16, row: u16) -> Option<&Place> {
        let inside = |area: Rect| area.contains((column, row).into());
        self.panes.iter().find(|place| inside(place.rule) || inside(place.rows))
    }

    fn add(&mut self, pane: Pane, area: Rect) {
        let rule = Rect { height: 1.min(area.height), ..area };
        let rows = Rect { y: area.y + rule.height, height: area.height - rule.height, ..area };
        self.panes.push(Place { pane, rule, rows });
    }

    fn wide_overview(&mut self, ui: &Ui, snapshot: &Snapshot) {
        // Two rows an app or edge are enough for most pictures.
        let rows = snapshot.apps.len().max(snapshot.edges.len()).saturating_mul(2).min(100) as u16;
        let (top, below) = cut(self.body, (rows + 3).clamp(6, (self.body.height * 2 / 5).max(6)));
        let left = if top.width < ROOMY { top.width * 2 / 5 } else { top.width * 9 / 20 }.clamp(46, 96);
        self.add(Pane::Apps, Rect { width: left, ..top });
        self.add(Pane::Graph, Rect { x: left + 1, width: top.width - left - 1, ..top });
        self.walls.push(Rect { x: left, width: 1, ..top });
        self.calls_and_log(ui, below, true);
    }

    fn narrow_overview(&mut self, ui: &Ui, snapshot: &Snapshot) {
        let apps = (snapshot.apps.len() as u16).clamp(1, self.body.height / 3);
        let (top, mut below) = cut(self.body, apps + 1);
        self.add(Pane::Apps, top);
        let edges = (snapshot.edges.len() as u16).clamp(1, self.body.height / 4);
        let tall = below.height >= edges + 1 + LEAST_LIST;
        if tall {
            let (middle, rest) = cut(below, edges + 1);
            self.add(Pane::Graph, middle);
            below = rest;
        }
        self.calls_and_log(ui, below, tall);
    }

    fn calls_and_log(&mut self, ui: &Ui, area: Rect, edges_are_seen: bool) {
        if edges_are_seen && area.height >= 2 * LEAST_LIST {
            let (calls, log) = cut(area, area.height * 11 / 20);
            self.add(Pane::Calls, calls);
            self.add(if ui.slot == Pane::Findings { Pane::Findings } else { Pane::Logs }, log);
        } else {
            let slot = if edges_are_seen && ui.slot == Pane::Graph { Pane::Calls } else { ui.slot };
            self.add(slot, area);
        }
    }

    /// The calls with the selected one beside them where it is wide, below them where it is tall, else over them.
    fn calls(&mut self, ui: &Ui) {
        if self.body.width >= BESIDE {
            let left = (self.body.width * 9 / 20).max(LEAST_BESIDE);
            self.add(Pane::Calls, Rect { width: left, ..self.body });
            self.add(Pane::Inspector, Rect { x: left + 1, width: self.body.width - left - 1, ..self.body });
            self.walls.push(Rect { x: left, width: 1, ..self.body });
        } else if self.body.height >= LEAST_SPLIT {
            self.list_and_detail(ui, Pane::Calls, Pane::Inspector);
        } else {
            self.add(ui.focus(), self.body);
        }
    }

    /// A list with what is selected in it below, or, where the screen is low, the focused one of the two.
    fn list_and_detail(&mut self, ui: &Ui, list: Pane, detail: Pane) {
        if self.body.height < 20 {
            self.add(ui.focus(), self.body);
            return;
        }
        let (above, below) = cut(self.body, (self.body.height * 2 / 5).min(20));
        self.add(list, above);
        self.add(detail, below);
    }

    /// The traces over the selected one; once a call of it is opened, that beside or below it.
    fn traces(&mut self, ui: &Ui) {
        if self.body.height < LEAST_LIST + LEAST_WATERFALL {
            self.add(ui.focus(), self.body);
        } else if !ui.traces.opened {
            self.list_and_detail(ui, Pane::Traces, Pane::Waterfall);
        } else if self.body.width < WIDEST {
            self.list_and_detail(ui, Pane::Waterfall, Pane::Inspector);
        } else {
            let left = self.body.width / 2;
            self.add(Pane::Waterfall, Rect { width: left, ..self.body });
            self.add(Pane::Inspector, Rect { x: left + 1, width: self.body.width - left - 1, ..self.body });
            self.walls.push(Rect { x: left, width: 1, ..self.body });
        }
    }

    fn logs(&mut self, ui: &Ui) {
        if ui.diagnostics && self.body.height >= 18 {
            let (logs, diagnostics) = cut(self.body, self.body.height - self.body.height / 5 - 1);
            self.add(Pane::Logs, logs);
            self.add(Pane::Diagnostics, diagnostics);
        } else {
            self.add(Pane::Logs, self.body);
        }
    }
}

/// How many columns of its rows are not for the words on how a set of replays goes.
pub(crate) const PROGRESS_MARGIN: u16 = 4;

/// How many rows say how a set of replays goes: they give way to what lies over the panes.
fn progress_rows(ui: &Ui) -> u16 {
    let columns = usize::from(ui.size.0 - PROGRESS_MARGIN);
    let set = ui.replay.set.as_ref().filter(|_| ui.layer.is_none());
    set.map_or(0, |set| set.lines(columns).len() as u16)
}

/// The graph's own parts: the picture, and below it what is selected.
pub(crate) fn graph_parts(ui: &Ui, place: &Place) -> (Rect, Rect) {
    let rows = place.rows;
    let details = match rows.height {
        _ if ui.screen != Screen::Graph && !ui.zoomed => 0,
        18.. => 7,
        12.. => 4,
        _ => 0,
    };
    let (picture, details) = cut(rows, rows.height - details);
    (picture, details)
}

/// What the graph has room for.
pub(crate) fn graph_room(ui: &Ui, place: &Place) -> Room {
    let (picture, _) = graph_parts(ui, place);
    Room {
        size: (picture.width, picture.height),
        must_fit: ui.screen != Screen::Graph && !ui.zoomed,
        is_narrow: ui.size.0 < LEAST_PICTURE,
    }
}

/// Where the help lies.
pub(crate) fn help_area(body: Rect) -> Rect {
    in_the_middle(body, 84)
}

/// Where the palette lies.
pub(crate) fn palette_area(body: Rect) -> Rect {
    in_the_middle(body, 110)
}

fn in_the_middle(body: Rect, most: u16) -> Rect {
    let width = body.width.min(most);
    Rect { x: body.x + (body.width - width) / 2, width, ..body }
}

/// Whether the help is shown.
pub(crate) fn shows_help(ui: &Ui) -> bool {
    matches!(ui.layer, Some(Layer::Help { .. }))
}

fn cut(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}
