//! The log.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, LogsAction};
use crate::layout::Place;
use crate::list::Rows;
use crate::logs::{Belonging, Level};
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
        Action::Logs(LogsAction::NextApp) => next_app(ui, snapshot),
        Action::Logs(LogsAction::Diagnostics) => {
            ui.diagnostics = ui.screen != Screen::Logs || !ui.diagnostics;
            show(ui, Screen::Logs);
        }
        Action::Logs(LogsAction::NextFound) => go_to_found(ui, true, snapshot),
        Action::Logs(LogsAction::PreviousFound) => go_to_found(ui, false, snapshot),
        Action::Logs(LogsAction::NextLevel) => next_level(ui, snapshot),
        Action::Logs(LogsAction::Mark) => mark(ui, snapshot),
        Action::Logs(LogsAction::OfCall) => of_call(ui, snapshot),
        Action::Logs(LogsAction::OfCalls) => of_calls(ui, snapshot),
        Action::Back => return back(ui, snapshot),
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

/// One step back: out of a search, then out of what the list is narrowed to, the latest wish first.
fn back(ui: &mut Ui, snapshot: &Snapshot) -> bool {
    let choice = &ui.logs.choice;
    if !ui.logs.searched().is_empty() {
        ui.logs.search("", snapshot);
    } else if choice.belonging.is_some() {
        ui.logs.choose(snapshot, |choice| choice.belonging = None);
    } else if ui.screen == Screen::Logs && choice.level.is_some() {
        ui.logs.choose(snapshot, |choice| choice.level = None);
    } else if ui.screen == Screen::Logs && choice.app.is_some() {
        ui.logs.choose(snapshot, |choice| choice.app = None);
    } else {
        return false;
    }
    true
}

fn next_app(ui: &mut Ui, snapshot: &Snapshot) {
    let mut ids: Vec<_> = snapshot.apps.iter().map(|app| &app.id).collect();
    ids.dedup();
    let next = match &ui.logs.choice.app {
        None => ids.first(),
        Some(app) => ids.iter().position(|id| *id == app).and_then(|at| ids.get(at + 1)),
    };
    let next = next.map(|id| (*id).clone());
    ui.logs.choose(snapshot, |choice| choice.app = next);
}

fn next_level(ui: &mut Ui, snapshot: &Snapshot) {
    ui.logs.choose(snapshot, |choice| {
        choice.level = match choice.level {
            None | Some(Level::Trace | Level::Debug) => Some(Level::Info),
            Some(Level::Info) => Some(Level::Warn),
            Some(Level::Warn) => Some(Level::Error),
            Some(Level::Error) => None,
        };
    });
}

fn mark(ui: &mut Ui, snapshot: &Snapshot) {
    if snapshot.logs.is_empty() {
        return ui.say("there is no line yet to set a marker below".to_owned());
    }
    ui.logs.mark(ui.now, snapshot);
}

/// Shows what was written for the selected call.
fn of_call(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(call) = ui.calls.selected.clone() else { return ui.say("no call is selected".to_owned()) };
    let belonging = Belonging::of_calls(format!("call {}", call.id), std::iter::once(&*call), snapshot);
    ui.logs.choose(snapshot, |choice| (choice.app, choice.belonging) = (None, Some(belonging)));
    show(ui, Screen::Logs);
}

/// Shows what was written for the calls that are listed.
fn of_calls(ui: &mut Ui, snapshot: &Snapshot) {
    let rows = ui.calls.rows(snapshot);
    let label = match (rows.len(), Belonging::MOST) {
        (len, most) if len > most => format!("the newest {most} of {} calls", crate::format::count(len as u64)),
        (len, _) => crate::format::plural(len, "call"),
    };
    let newest = (0..rows.len()).rev().filter_map(|position| rows.get(position).1).map(|call| &**call);
    let belonging = Belonging::of_calls(label, newest, snapshot);
    ui.logs.choose(snapshot, |choice| choice.belonging = Some(belonging));
    show(ui, Screen::Logs);
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
