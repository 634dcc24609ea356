//! The traces and the waterfall.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, TracesAction};
use crate::scope::Scope;
use crate::ui::{Pane, Screen, Ui};

use super::show;

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Open if ui.focus() == Pane::Traces => ui.set_focus(Pane::Waterfall),
        Action::Back if ui.focus() == Pane::Waterfall => ui.set_focus(Pane::Traces),
        Action::Traces(TracesAction::OfCall) => of_call(ui, snapshot),
        _ => return false,
    }
    true
}

fn of_call(ui: &mut Ui, snapshot: &Snapshot) {
    match ui.calls.selected.as_ref().map(|call| call.trace) {
        Some(Some(place)) => {
            ui.narrow(Scope::Trace(place.trace), snapshot);
            show(ui, Screen::Traces);
        }
        Some(None) => ui.say("this call has no trace: tracing is off".to_owned()),
        None => ui.say("no call is selected".to_owned()),
    }
}
