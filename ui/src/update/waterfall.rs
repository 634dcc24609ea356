//! One trace over time.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, TracesAction};
use crate::layout::{Layout, Place};
use crate::ui::{Pane, Ui};
use crate::view::waterfall_rows;

use super::height;

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Move(step) => {
            let height = waterfall_rows(height(ui, Pane::Waterfall, snapshot));
            ui.waterfall.step(step, height);
        }
        Action::Open => {
            if ui.waterfall.selected().is_some() {
                ui.traces.opened = true;
                ui.zoomed = false;
                ui.set_focus(Pane::Inspector);
            }
        }
        Action::Back if ui.traces.opened => ui.traces.opened = false,
        Action::Back => ui.set_focus(Pane::Traces),
        _ => return false,
    }
    true
}

/// Back from the call that was opened. Where both are seen it stays, and shows whichever call is selected.
pub(super) fn leave_call(ui: &mut Ui, snapshot: &Snapshot) {
    ui.set_focus(Pane::Waterfall);
    ui.traces.opened = Layout::of(ui, snapshot).is_some_and(|layout| layout.place(Pane::Inspector).is_some());
}

/// What only the waterfall does.
pub(super) fn of_traces(ui: &mut Ui, action: TracesAction) -> bool {
    let now = ui.now;
    match action {
        TracesAction::ZoomIn => ui.waterfall.zoom(true, now),
        TracesAction::ZoomOut => ui.waterfall.zoom(false, now),
        TracesAction::Whole => ui.waterfall.zoom_out(),
        TracesAction::ZoomToCall => ui.waterfall.zoom_to_call(now),
        TracesAction::Earlier | TracesAction::Later => {
            if !ui.waterfall.pan(action == TracesAction::Later, now) {
                ui.say("all of the time is seen: + sees less of it".to_owned());
            }
        }
        TracesAction::Fold => ui.waterfall.fold(),
        TracesAction::FoldLevel => ui.waterfall.fold_level(),
        TracesAction::UnfoldLevel => ui.waterfall.unfold_level(),
        TracesAction::FoldAll => ui.waterfall.fold_all(),
        TracesAction::NextWrong | TracesAction::PreviousWrong => {
            if !ui.waterfall.select_wrong(action == TracesAction::NextWrong) {
                ui.say("no call went wrong there".to_owned());
            }
        }
        TracesAction::OfCall | TracesAction::Narrow | TracesAction::Graph | TracesAction::Sort => return false,
    }
    true
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize) {
    if let Some(index) = crate::view::waterfall_row_at(ui, place, row) {
        ui.waterfall.select_row(index);
    }
}
