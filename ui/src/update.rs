//! What actions do: the only place that changes the state of the dashboard.

mod back;
mod mouse;

use daptop_model::{App, AppState, Command, Snapshot};

use crate::action::{Action, Effects, Step};
use crate::inspector::Surroundings;
use crate::layout::Layout;
use crate::ui::{Layer, Pane, Question, Screen, Ui};

/// Carries out an action and says what the outside has to do.
pub fn update(ui: &mut Ui, action: Action, snapshot: &Snapshot) -> Effects {
    let mut effects = Effects::default();
    if ui.layer.is_some() && update_layer(ui, action, snapshot, &mut effects) {
        return effects;
    }
    match action {
        Action::Refresh => refresh_lists(ui, snapshot),
        Action::Tick(now) => tick(ui, now, snapshot),
        Action::Resize(width, height) => ui.size = (width, height),
        Action::Show(screen) => show(ui, screen),
        Action::NextScreen => show(ui, neighbour(ui.screen, 1)),
        Action::PreviousScreen => show(ui, neighbour(ui.screen, Screen::ALL.len() - 1)),
        Action::NextPane => ui.move_focus(true),
        Action::PreviousPane => ui.move_focus(false),
        Action::Move(step) => step_in(ui, ui.focus(), step, snapshot),
        Action::Open => back::open(ui, snapshot),
        Action::Back => back::back(ui, snapshot),
        Action::Zoom => ui.zoomed = !ui.zoomed,
        Action::Follow => follow(ui, snapshot),
        Action::NextTab => ui.inspector.turn(true),
        Action::PreviousTab => ui.inspector.turn(false),
        Action::Filter => ui.layer = Some(Layer::Filter { text: ui.calls.filter_text().to_owned() }),
        Action::FailedOnly => failed_only(ui, snapshot),
        Action::NextLog => next_log(ui, snapshot),
        Action::Diagnostics => ui.diagnostics = !ui.diagnostics,
        Action::Restart => restart(ui, snapshot),
        Action::StopOrStart => stop_or_start(ui, snapshot, &mut effects),
        Action::Help => ui.layer = Some(Layer::Help { search: String::new(), scroll: 0 }),
        Action::Mouse => {
            ui.mouse = !ui.mouse;
            effects.mouse = Some(ui.mouse);
            ui.say(if ui.mouse { "the mouse is daptop's" } else { "the mouse is the terminal's" }.to_owned());
        }
        Action::Quit => quit(ui, snapshot, &mut effects),
        Action::QuitNow => quit_now(&mut effects),
        Action::Suspend => effects.suspend = true,
        Action::Redraw => effects.redraw = true,
        Action::Click { column, row, twice } => mouse::click(ui, (column, row), twice, snapshot),
        Action::Wheel { column, row, down } => mouse::wheel(ui, (column, row), down, snapshot),
        Action::Yes | Action::Type(_) | Action::Erase => {}
    }
    refresh_inspector(ui, snapshot);
    effects
}

/// An action while something lies over the panes. Whether it ends there.
fn update_layer(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    let Some(layer) = ui.layer.take() else { return false };
    match (layer, action) {
        (Layer::Help { .. } | Layer::Question(_) | Layer::Filter { .. }, Action::Back) => {}
        (Layer::Question(question), Action::Yes) => match question.command {
            Command::Quit => quit_now(effects),
            command => {
                ui.say(done(&command));
                effects.commands.push(command);
            }
        },
        (Layer::Help { mut search, .. }, Action::Type(c)) => {
            search.push(c);
            ui.layer = Some(Layer::Help { search, scroll: 0 });
        }
        (Layer::Help { mut search, .. }, Action::Erase) => {
            search.pop();
            ui.layer = Some(Layer::Help { search, scroll: 0 });
        }
        (Layer::Help { search, scroll }, Action::Move(step)) => {
            let page = usize::from(ui.size.1.saturating_sub(4));
            let len = crate::view::help_len(&search, ui);
            let scroll = step.apply(scroll, len.saturating_sub(page) + 1, page);
            ui.layer = Some(Layer::Help { search, scroll });
        }
        (Layer::Filter { text }, Action::Open) => back::use_filter(ui, text, snapshot),
        (Layer::Filter { mut text }, Action::Type(c)) => {
            if text.len() < 1_000 {
                text.push(c);
            }
            ui.layer = Some(Layer::Filter { text });
        }
        (Layer::Filter { mut text }, Action::Erase) => {
            text.pop();
            ui.layer = Some(Layer::Filter { text });
        }
        (Layer::Filter { .. }, Action::Move(Step::First)) => ui.layer = Some(Layer::Filter { text: String::new() }),
        (layer, action) => {
            ui.layer = Some(layer);
            return matches!(action, Action::Click { .. } | Action::Wheel { .. });
        }
    }
    refresh_inspector(ui, snapshot);
    true
}

fn refresh_lists(ui: &mut Ui, snapshot: &Snapshot) {
    ui.now = ui.now.max(snapshot.taken);
    ui.calls.refresh(snapshot, ui.now);
    ui.logs.refresh(snapshot);
    if ui.app.is_none() {
        ui.app = snapshot.apps.first().map(|app| app.instance);
    }
}

fn tick(ui: &mut Ui, now: daptop_model::Stamp, snapshot: &Snapshot) {
    ui.now = ui.now.max(now);
    if ui.message.as_ref().is_some_and(|(_, until)| *until <= ui.now) {
        ui.message = None;
    }
    if ui.calls.is_behind(snapshot) || ui.logs.is_behind(snapshot) {
        refresh_lists(ui, snapshot);
    }
}

/// Lays the selected call out anew where the inspector is seen.
fn refresh_inspector(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    let Some(place) = layout.place(Pane::Inspector) else { return };
    let around = Surroundings {
        snapshot,
        now: ui.now,
        clock_offset: ui.clock_offset,
        theme: ui.theme,
        width: usize::from(place.rows.width.saturating_sub(2)),
    };
    ui.inspector.refresh(ui.calls.selected.as_ref(), &around);
}

fn neighbour(screen: Screen, by: usize) -> Screen {
    Screen::ALL[(screen as usize + by) % Screen::ALL.len()]
}

fn show(ui: &mut Ui, screen: Screen) {
    ui.screen = screen;
    ui.zoomed = false;
}

/// Moves within a pane.
fn step_in(ui: &mut Ui, pane: Pane, step: Step, snapshot: &Snapshot) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    let height = layout.height(pane);
    match pane {
        Pane::Apps | Pane::Edges => ui.step_fixed(pane, snapshot, height, step),
        Pane::Calls => {
            let mut list = ui.calls.list.clone();
            list.step(&ui.calls.rows(snapshot), height, step);
            ui.calls.list = list;
            ui.calls.reselect(snapshot);
        }
        Pane::Logs => {
            let mut list = ui.logs.list.clone();
            list.step(&ui.logs.rows(snapshot), height, step);
            ui.logs.list = list;
        }
        Pane::Inspector => ui.inspector.step(step, layout.height(Pane::Inspector).saturating_sub(1)),
        Pane::Diagnostics => {}
    }
}

fn follow(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    let pane = ui.focus();
    let height = layout.height(pane);
    if pane == Pane::Logs {
        let mut list = ui.logs.list.clone();
        list.toggle_follow(&ui.logs.rows(snapshot), height);
        ui.logs.list = list;
    } else {
        let mut list = ui.calls.list.clone();
        list.toggle_follow(&ui.calls.rows(snapshot), height);
        ui.calls.list = list;
        ui.calls.reselect(snapshot);
    }
}

fn failed_only(ui: &mut Ui, snapshot: &Snapshot) {
    let text = if ui.calls.filter_text() == "failed" { "" } else { "failed" };
    back::use_filter(ui, text.to_owned(), snapshot);
}

fn next_log(ui: &mut Ui, snapshot: &Snapshot) {
    let mut ids: Vec<_> = snapshot.apps.iter().map(|app| &app.id).collect();
    ids.dedup();
    let next = match ui.logs.app() {
        None => ids.first(),
        Some(app) => ids.iter().position(|id| *id == app).and_then(|at| ids.get(at + 1)),
    };
    ui.logs.choose(next.map(|id| (*id).clone()), snapshot);
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

fn quit(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    let running = snapshot.apps.iter().filter(|app| !has_ended(app)).count();
    if running == 0 {
        return quit_now(effects);
    }
    let text = format!("Stop {} and quit?", crate::format::plural(running, "app"));
    ui.layer = Some(Layer::Question(Question { text, command: Command::Quit }));
}

fn quit_now(effects: &mut Effects) {
    effects.commands.push(Command::Quit);
    effects.quit = true;
}

fn has_ended(app: &App) -> bool {
    matches!(app.state, AppState::Ended(_) | AppState::NotStarted(_))
}

fn done(command: &Command) -> String {
    match command {
        Command::Restart(app) => format!("restarting {app}"),
        Command::Stop(app) => format!("stopping {app}"),
        Command::Start(app) => format!("starting {app}"),
        Command::Quit => String::new(),
    }
}
