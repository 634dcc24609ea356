//! The apps: which one is selected, and what is done with it.

use daptop_model::{Command, Snapshot};

use crate::action::{Action, AppsAction, Effects};
use crate::layout::Place;
use crate::scope::Scope;
use crate::sheet::Subject;
use crate::ui::{Layer, Pane, Question, Screen, Ui, window_around};

use super::{has_ended, height, sheet, show};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    match action {
        Action::Move(step) => {
            let position = step.apply(ui.app_position(snapshot), snapshot.apps.len(), height(ui, Pane::Apps, snapshot));
            ui.app = snapshot.apps.get(position).map(|app| app.instance);
        }
        Action::Open => {
            if let Some(app) = snapshot.apps.get(ui.app_position(snapshot)) {
                sheet::open(ui, Subject::App(app.instance));
            }
        }
        Action::Apps(AppsAction::CopyEnvironment) => {
            effects.copy = ui.target_app(snapshot).map(|app| crate::sheet::exports(app));
        }
        Action::Apps(AppsAction::Log) => show_log(ui, snapshot),
        Action::Apps(AppsAction::Restart) => restart(ui, snapshot),
        Action::Apps(AppsAction::StopOrStart) => stop_or_start(ui, snapshot, effects),
        Action::Apps(AppsAction::Narrow) => {
            if let Some(app) = ui.target_app(snapshot) {
                ui.narrow(Scope::App(app.id.clone()), snapshot);
            }
        }
        _ => return false,
    }
    true
}

/// Shows the log of the selected app.
pub(super) fn show_log(ui: &mut Ui, snapshot: &Snapshot) {
    let app = snapshot.apps.get(ui.app_position(snapshot)).map(|app| app.id.clone());
    ui.logs.choose(snapshot, |choice| choice.app = app);
    show(ui, Screen::Logs);
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize, snapshot: &Snapshot) {
    let window = window_around(ui.app_position(snapshot), snapshot.apps.len(), usize::from(place.rows.height));
    if let Some(app) = snapshot.apps.get(window.start + row) {
        ui.app = Some(app.instance);
    }
}

/// What is said when a command is sent.
pub(super) fn done(command: &Command) -> String {
    match command {
        Command::Restart(app) => format!("restarting {app}"),
        Command::Stop(app) => format!("stopping {app}"),
        Command::Start(app) => format!("starting {app}"),
        Command::Replay(_) | Command::Describe { .. } | Command::Quit => String::new(),
    }
}

fn restart(ui: &mut Ui, snapshot: &Snapshot) {
    match ui.target_app(snapshot) {
        Some(app) => {
            let text = format!("Restart {}?", app.id);
            ui.layer = Some(Layer::Question(Question { text, command: Command::Restart(app.id.clone()) }));
        }
        None => ui.say("choose an app first: press a until its log is shown".to_owned()),
    }
}

fn stop_or_start(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    let Some(app) = ui.target_app(snapshot) else {
        ui.say("choose an app first: press a until its log is shown".to_owned());
        return;
    };
    let command = if has_ended(app) { Command::Start(app.id.clone()) } else { Command::Stop(app.id.clone()) };
    ui.say(done(&command));
    effects.commands.push(command);
}
