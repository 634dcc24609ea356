//! The graph: what is selected, what is narrowed to it, and which part of the picture is seen.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, GraphAction, Step};
use crate::graph::{GraphPane, Spot, Target, Way};
use crate::layout::{Layout, Place, graph_parts, graph_room};
use crate::scope::Scope;
use crate::ui::{Pane, Screen, Ui, window_around};

use super::show;

/// Columns and rows by which what is seen moves.
const PAN: (i32, i32) = (8, 4);

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Move(step) => step_by(ui, step, snapshot),
        Action::Open => open(ui, snapshot),
        Action::Back if ui.scope.is_everything() && ui.graph.selected.is_some() => ui.graph.select(None),
        Action::Wheel { down, .. } if !ui.graph.is_list() => ui.graph.pan(0, if down { 2 } else { -2 }),
        Action::Graph(action) => return graph_action(ui, action, snapshot),
        _ => return false,
    }
    true
}

fn graph_action(ui: &mut Ui, action: GraphAction, snapshot: &Snapshot) -> bool {
    let (columns, rows) = PAN;
    let graph = &mut ui.graph;
    match action {
        GraphAction::Narrow => narrow(ui, snapshot),
        GraphAction::Left => sideways(ui, Way::Left),
        GraphAction::Right => sideways(ui, Way::Right),
        GraphAction::Next => go(graph, Way::Next),
        GraphAction::Previous => go(graph, Way::Previous),
        GraphAction::NextFailing => next_failing(ui, snapshot),
        GraphAction::PanLeft => graph.pan(-columns, 0),
        GraphAction::PanRight => graph.pan(columns, 0),
        GraphAction::PanUp => graph.pan(0, -rows),
        GraphAction::PanDown => graph.pan(0, rows),
        GraphAction::Closer => graph.zoom(true),
        GraphAction::Farther => graph.zoom(false),
        GraphAction::Fit => (graph.wanted, graph.list_wanted) = (None, None),
        GraphAction::ListOrPicture => graph.list_wanted = Some(!graph.is_list()),
        GraphAction::Fold => fold(ui, false),
        GraphAction::FoldAll => fold(ui, true),
    }
    true
}

/// Takes the snapshot into account where the graph is seen.
pub(super) fn refresh(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    let Some(place) = layout.place(Pane::Graph) else { return };
    let room = graph_room(ui, place);
    ui.graph.narrowed.refresh(&ui.calls, &ui.scope, snapshot);
    ui.graph.refresh(snapshot, room, ui.theme.ascii);
}

fn go(graph: &mut GraphPane, way: Way) {
    if let Some(spot) = graph.way(way) {
        graph.select(Some(spot));
    }
}

fn step_by(ui: &mut Ui, step: Step, snapshot: &Snapshot) {
    if ui.graph.is_list() {
        let rows = ui.graph.rows();
        let height = super::height(ui, Pane::Graph, snapshot);
        let at = ui.graph.spot().and_then(|spot| rows.iter().position(|row| *row == spot));
        let next = match at {
            Some(at) => step.apply(at, rows.len(), height),
            None if matches!(step, Step::Last) => rows.len().saturating_sub(1),
            None => 0,
        };
        return ui.graph.select(rows.get(next).copied());
    }
    let graph = &mut ui.graph;
    match step {
        Step::Up => go(graph, Way::Up),
        Step::Down => go(graph, Way::Down),
        Step::First => graph.select(graph.spots().first().copied()),
        Step::Last => graph.select(graph.spots().last().copied()),
        Step::HalfUp => graph.pan(0, -PAN.1),
        Step::HalfDown => graph.pan(0, PAN.1),
        Step::PageUp => graph.pan(0, -4 * PAN.1),
        Step::PageDown => graph.pan(0, 4 * PAN.1),
    }
}

/// Left and right; from the overview they also lead to the panes beside.
fn sideways(ui: &mut Ui, way: Way) {
    let is_among_panes = ui.screen == Screen::Overview && !ui.zoomed;
    let is_still = ui.graph.selected.is_none() || ui.graph.is_list();
    let next = if is_still && is_among_panes { None } else { ui.graph.way(way) };
    match next {
        Some(spot) => ui.graph.select(Some(spot)),
        None if is_among_panes => ui.move_focus(way == Way::Right),
        None => {}
    }
}

fn next_failing(ui: &mut Ui, snapshot: &Snapshot) {
    let facts = ui.graph.facts(snapshot, ui.now);
    let is_sought = |link: usize| facts.get(link).is_some_and(|facts| facts.is_failing || facts.is_stuck(ui.now));
    match ui.graph.next_of(is_sought) {
        Some(spot) => ui.graph.select(Some(spot)),
        None => ui.say("nothing fails and nothing is stuck".to_owned()),
    }
}

fn fold(ui: &mut Ui, all: bool) {
    if !ui.graph.fold(all) {
        ui.say("select a group to open it, or one of its members to fold it".to_owned());
    }
}

/// Opens a group; else narrows every screen to what is selected, and where that is done already, shows its calls.
fn open(ui: &mut Ui, snapshot: &Snapshot) {
    let is_group = |node: usize| ui.graph.topology.nodes[node].is_group();
    match ui.graph.spot() {
        Some(Spot::Node(node)) if is_group(node) => fold(ui, false),
        _ if selected_scope(ui).is_some_and(|scope| scope == ui.scope) => show(ui, Screen::Calls),
        _ => narrow(ui, snapshot),
    }
}

fn narrow(ui: &mut Ui, snapshot: &Snapshot) {
    match selected_scope(ui) {
        Some(scope) => ui.narrow(scope, snapshot),
        None => ui.say("select an app or an edge first, with the arrow keys; of a group, open it with c".to_owned()),
    }
}

/// What is selected, as a scope. There is none for a group.
fn selected_scope(ui: &Ui) -> Option<Scope> {
    let is_group = |node: usize| ui.graph.topology.nodes[node].is_group();
    let spot = ui.graph.spot()?;
    let is_of_group = match spot {
        Spot::Node(node) => is_group(node),
        Spot::Link(link) => {
            let ends = ui.graph.topology.links[link];
            is_group(ends.from) || is_group(ends.to)
        }
    };
    if is_of_group {
        return None;
    }
    Some(match ui.graph.target(spot)? {
        Target::Node(id) => Scope::App(id),
        Target::Link(from, to) => Scope::Edge(from, to),
    })
}

/// Selects what is seen at a column and row of the screen.
pub(super) fn click(ui: &mut Ui, place: &Place, (column, row): (u16, u16)) {
    let (picture, _) = graph_parts(ui, place);
    if !picture.contains((column, row).into()) {
        return;
    }
    let (x, y) = (column - picture.x, row - picture.y);
    let spot = if ui.graph.is_list() {
        let rows = ui.graph.rows();
        let at = ui.graph.spot().and_then(|spot| rows.iter().position(|row| *row == spot)).unwrap_or(0);
        rows.get(window_around(at, rows.len(), usize::from(picture.height)).start + usize::from(y)).copied()
    } else {
        ui.graph.at(i32::from(x) + ui.graph.origin.0, i32::from(y) + ui.graph.origin.1)
    };
    if spot.is_some() {
        ui.graph.select(spot);
    }
}
