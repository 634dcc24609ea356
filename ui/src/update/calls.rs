//! The list of calls.

use daptop_model::{CallId, Snapshot};

use crate::action::{Action, CallsAction, Effects};
use crate::layout::Place;
use crate::list::{List, Rows};
use crate::prompt::{Prompt, Purpose};
use crate::scope::Scope;
use crate::ui::{Layer, Pane, Screen, Ui};

use super::{height, show};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    let height = height(ui, Pane::Calls, snapshot).saturating_sub(crate::view::noise_rows(ui)).max(1);
    match action {
        Action::Move(step) => ui.calls.with_list(snapshot, |list, rows| list.step(rows, height, step)),
        Action::Follow => ui.calls.with_list(snapshot, |list, rows| list.toggle_follow(rows, height)),
        Action::Wheel { down, .. } => ui.calls.with_list(snapshot, |list, rows| list.scroll(rows, height, down)),
        Action::Open => {
            // What is looked at stays, however many calls come.
            ui.calls.with_list(snapshot, |list, rows| list.hold(rows, height));
            show(ui, Screen::Calls);
            ui.set_focus(Pane::Inspector);
        }
        Action::Back if !ui.calls.filter_text().is_empty() => use_filter(ui, "", snapshot),
        Action::Calls(CallsAction::FailedOnly) => {
            let text = if ui.calls.filter_text() == "failed" { "" } else { "failed" };
            use_filter(ui, text, snapshot);
        }
        Action::Calls(CallsAction::Filter) => turn_filter(ui, snapshot),
        Action::Calls(CallsAction::Sort) => ui.calls.sort(snapshot, ui.now),
        Action::Calls(CallsAction::Noise) => ui.calls.turn_noise(snapshot, ui.now),
        _ => return false,
    }
    true
}

/// Lists all calls for a moment, or again those that the last filter takes.
fn turn_filter(ui: &mut Ui, snapshot: &Snapshot) {
    let text = ui.calls.filter_text().to_owned();
    if !text.is_empty() {
        use_filter(ui, "", snapshot);
        ui.say(format!("the filter is off: F brings {text} back"));
    } else if ui.calls.filter_aside().is_empty() {
        ui.say("there was no filter yet: / narrows the list".to_owned());
    } else {
        let aside = ui.calls.filter_aside().to_owned();
        use_filter(ui, &aside, snapshot);
    }
}

/// Shows a call in full, whatever the list is narrowed to: where the call is left out, all are listed again.
pub(super) fn show_call(ui: &mut Ui, id: CallId, snapshot: &Snapshot) {
    let is_listed = |ui: &Ui| {
        let rows = ui.calls.rows(snapshot);
        let position = rows.position(id.0);
        position < rows.len() && rows.id(position) == id.0
    };
    if !is_listed(ui) {
        use_filter(ui, "", snapshot);
        ui.narrow(Scope::Everything, snapshot);
    }
    show(ui, Screen::Calls);
    let height = height(ui, Pane::Calls, snapshot);
    ui.calls.with_list(snapshot, |list, rows| {
        let position = rows.position(id.0);
        list.select(rows, height, position);
    });
    ui.set_focus(Pane::Inspector);
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize, snapshot: &Snapshot) {
    let folded = crate::view::noise_rows(ui);
    let height = usize::from(place.rows.height) - folded.min(usize::from(place.rows.height));
    let Some(row) = row.checked_sub(folded) else { return };
    ui.calls.with_list(snapshot, |list: &mut List, rows| {
        let position = list.window(rows, height).start + row;
        list.select(rows, height, position);
    });
}

/// Narrows the calls, or says why not and leaves the prompt open.
pub(super) fn use_filter(ui: &mut Ui, text: &str, snapshot: &Snapshot) {
    match ui.calls.set_filter(text) {
        Ok(()) => {
            ui.calls.refresh(snapshot, ui.now);
            super::traces::refresh(ui, snapshot);
        }
        Err(error) => {
            ui.say(error.to_string());
            ui.layer = Some(Layer::Prompt(Prompt::new(Purpose::Filter, text)));
        }
    }
}
