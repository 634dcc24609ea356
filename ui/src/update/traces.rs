//! The list of traces, and what every screen is narrowed to by it.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, TracesAction};
use crate::layout::{Layout, Place};
use crate::scope::Scope;
use crate::ui::{Pane, Screen, Ui};

use super::{calls, height, show, waterfall};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    let height = height(ui, Pane::Traces, snapshot);
    match action {
        Action::Move(step) => ui.traces.with_list(|list, rows| list.step(rows, height, step)),
        Action::Follow => ui.traces.with_list(|list, rows| list.toggle_follow(rows, height)),
        Action::Wheel { down, .. } => ui.traces.with_list(|list, rows| list.scroll(rows, height, down)),
        Action::Open => ui.set_focus(Pane::Waterfall),
        Action::Back if !ui.calls.filter_text().is_empty() => calls::use_filter(ui, "", snapshot),
        Action::Traces(TracesAction::OfCall) => of_call(ui, snapshot),
        Action::Traces(TracesAction::Narrow) => narrow(ui, snapshot),
        Action::Traces(TracesAction::Graph) => graph(ui, snapshot),
        Action::Traces(TracesAction::Sort) => ui.traces.sort_next(ui.now),
        Action::Traces(action) => return waterfall::of_traces(ui, action),
        _ => return false,
    }
    true
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize) {
    let height = usize::from(place.rows.height);
    ui.traces.with_list(|list, rows| {
        let position = list.window(rows, height).start + row;
        list.select(rows, height, position);
    });
}

/// Takes a snapshot into account, and the trace that is looked at where it is seen.
pub(super) fn refresh(ui: &mut Ui, snapshot: &Snapshot) {
    ui.traces.refresh(snapshot, ui.calls.filter_text(), &ui.scope, ui.now);
}

/// Lays the selected trace out anew where it is seen.
pub(super) fn refresh_waterfall(ui: &mut Ui, snapshot: &Snapshot) {
    if ui.screen != Screen::Traces {
        return;
    }
    match ui.focus() {
        Pane::Inspector => ui.traces.opened = true,
        Pane::Traces => ui.traces.opened = false,
        _ => {}
    }
    let sees = |pane| Layout::of(ui, snapshot).is_some_and(|layout| layout.place(pane).is_some());
    if sees(Pane::Waterfall) || sees(Pane::Inspector) {
        ui.waterfall.refresh(ui.traces.selected, snapshot, ui.now);
    }
}

/// Shows the trace of the call that is looked at, and nothing else.
fn of_call(ui: &mut Ui, snapshot: &Snapshot) {
    match ui.inspected().map(|call| (call.id, call.trace)) {
        Some((id, Some(place))) => {
            let trace = place.trace;
            ui.traces.select(trace);
            ui.narrow(Scope::Trace(trace), snapshot);
            show(ui, Screen::Traces);
            ui.traces.opened = false;
            ui.set_focus(Pane::Waterfall);
            ui.waterfall.refresh(Some(trace), snapshot, ui.now);
            ui.waterfall.select(id);
        }
        Some((_, None)) => ui.say("this call has no trace: tracing is off".to_owned()),
        None => ui.say("no call is selected".to_owned()),
    }
}

/// Narrows every screen to the selected trace, or takes that back.
fn narrow(ui: &mut Ui, snapshot: &Snapshot) {
    match (&ui.scope, ui.traces.selected) {
        (Scope::Trace(_), _) => ui.narrow(Scope::Everything, snapshot),
        (_, Some(trace)) => {
            ui.traces.select(trace);
            ui.narrow(Scope::Trace(trace), snapshot);
        }
        (_, None) => ui.say("no trace is selected".to_owned()),
    }
}

/// Shows who calls whom in the selected trace.
fn graph(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(trace) = ui.traces.selected else { return ui.say("no trace is selected".to_owned()) };
    ui.traces.select(trace);
    ui.narrow(Scope::Trace(trace), snapshot);
    show(ui, Screen::Graph);
}
