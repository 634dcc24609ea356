//! The log.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, LogsAction};
use crate::layout::Place;
use crate::list::Rows;
use crate::ui::{Pane, Screen, Ui};

use super::{height, show};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    let height = height(ui, Pane::Logs, snapshot);
    match action {
        Action::Move(step) => ui.logs.with_list(snapshot, |list, rows| list.step(rows, height, step)),
        Action::Follow => ui.logs.with_list(snapshot, |list, rows| list.toggle_follow(rows, height)),
        Action::Wheel { down, .. } => ui.logs.with_list(snapshot, |list, rows| list.scroll(rows, height, down)),
        Action::Open => show(ui, Screen::Logs),
        Action::Back if ui.screen == Screen::Logs && ui.logs.app().is_some() => ui.logs.choose(None, snapshot),
        Action::Logs(LogsAction::NextApp) => next_app(ui, snapshot),
        Action::Logs(LogsAction::Diagnostics) => ui.diagnostics = !ui.diagnostics,
        Action::Logs(LogsAction::NextFound) => go_to_found(ui, true, snapshot),
        Action::Logs(LogsAction::PreviousFound) => go_to_found(ui, false, snapshot),
        Action::Back if !ui.logs.searched().is_empty() => ui.logs.search("", snapshot),
        _ => return false,
    }
    true
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize, snapshot: &Snapshot) {
    if let Some(position) = crate::view::log_position_at(ui, snapshot, place, row) {
        let height = usize::from(place.rows.height);
        ui.logs.with_list(snapshot, |list, rows| list.select(rows, height, position));
    }
}

fn next_app(ui: &mut Ui, snapshot: &Snapshot) {
    let mut ids: Vec<_> = snapshot.apps.iter().map(|app| &app.id).collect();
    ids.dedup();
    let next = match ui.logs.app() {
        None => ids.first(),
        Some(app) => ids.iter().position(|id| *id == app).and_then(|at| ids.get(at + 1)),
    };
    ui.logs.choose(next.map(|id| (*id).clone()), snapshot);
}

/// Looks for a text, backwards from the selected line; an empty one ends the search.
pub(super) fn search(ui: &mut Ui, text: &str, snapshot: &Snapshot) {
    ui.logs.search(text, snapshot);
    if text.is_empty() {
        return;
    }
    match ui.logs.found_at_cursor() {
        Some(id) => {
            let height = height(ui, Pane::Logs, snapshot);
            ui.logs.with_list(snapshot, |list, rows| list.select(rows, height, rows.position(id)));
        }
        None => go_to_found(ui, false, snapshot),
    }
}

fn go_to_found(ui: &mut Ui, forward: bool, snapshot: &Snapshot) {
    if ui.logs.searched().is_empty() {
        return ui.say("nothing is looked for: / asks for a text".to_owned());
    }
    let height = height(ui, Pane::Logs, snapshot);
    for _ in 0..ui.take_count() {
        match ui.logs.found_from_cursor(forward) {
            Some((id, wrapped)) => {
                ui.logs.with_list(snapshot, |list, rows| list.select(rows, height, rows.position(id)));
                if wrapped {
                    ui.say(if forward { "on from the oldest line" } else { "on from the newest line" }.to_owned());
                }
            }
            None => ui.say(format!("no line has {:?}", ui.logs.searched())),
        }
    }
}
