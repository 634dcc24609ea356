//! From an action to the pane that it means.

use daptop_model::Snapshot;

use crate::action::{Action, Effects};
use crate::layout::Place;
use crate::ui::{Pane, Ui};

use super::{apps, calls, findings, graph, inspector, logs, replay, traces, waterfall};

/// An action of a pane, or what a common one does in the focused pane. Whether it was one.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    let act = match action {
        Action::Apps(_) => apps::act,
        Action::Graph(_) => graph::act,
        Action::Traces(_) => traces::act,
        Action::Calls(_) => calls::act,
        Action::Inspect(_) => inspector::act,
        Action::Logs(_) => logs::act,
        Action::Findings(_) => findings::act,
        Action::Replay(action) => {
            replay::act(ui, action, snapshot, effects);
            return true;
        }
        // An enlarged pane is left before anything in it is.
        Action::Back if ui.zoomed => return false,
        // These mean what is under the pointer.
        Action::Click { .. } | Action::Wheel { .. } => return false,
        _ => return act_in(ui, ui.focus(), action, snapshot, effects),
    };
    act(ui, action, snapshot, effects)
}

/// What an action does in a pane. Whether it does anything there.
pub(super) fn act_in(ui: &mut Ui, pane: Pane, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    match pane {
        Pane::Apps => apps::act(ui, action, snapshot, effects),
        Pane::Graph => graph::act(ui, action, snapshot, effects),
        Pane::Traces => traces::act(ui, action, snapshot, effects),
        Pane::Waterfall => waterfall::act(ui, action, snapshot, effects),
        Pane::Calls => calls::act(ui, action, snapshot, effects),
        Pane::Inspector => inspector::act(ui, action, snapshot, effects),
        Pane::Logs => logs::act(ui, action, snapshot, effects),
        Pane::Findings => findings::act(ui, action, snapshot, effects),
        Pane::Diagnostics => false,
    }
}

/// Selects what is seen in a row of a pane, counted from its first visible one.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize, snapshot: &Snapshot) {
    match place.pane {
        Pane::Apps => apps::select(ui, place, row, snapshot),
        Pane::Calls => calls::select(ui, place, row, snapshot),
        Pane::Logs => logs::select(ui, place, row, snapshot),
        Pane::Findings => findings::select(ui, place, row),
        Pane::Traces => traces::select(ui, place, row),
        Pane::Waterfall => waterfall::select(ui, place, row),
        Pane::Inspector => inspector::select(ui, row, snapshot),
        Pane::Graph | Pane::Diagnostics => {}
    }
}

/// Looks for a text in the focused pane.
pub(super) fn search(ui: &mut Ui, text: &str, snapshot: &Snapshot) {
    match ui.focus() {
        Pane::Logs => logs::search(ui, text, snapshot),
        Pane::Inspector => inspector::look_for(ui, text, snapshot),
        _ => {}
    }
}
