//! What actions do: the only place that changes the state of the dashboard.

mod apps;
mod calls;
mod findings;
mod graph;
mod inspector;
mod layer;
mod logs;
mod mouse;
mod palette;
mod pane;
mod prompt;
mod replay;
mod sheet;
mod traces;
mod waterfall;

use daptop_model::{App, AppState, Command, Snapshot};

use crate::action::{Action, Effects};
use crate::count;
use crate::inspector::Surroundings;
use crate::layout::Layout;
use crate::palette::Palette;
use crate::prompt::{Prompt, Purpose};
use crate::theme::{Theme, ThemeName};
use crate::ui::{Layer, Pane, Question, Screen, Ui};

/// Carries out an action and says what the outside has to do.
#[must_use = "a wish that nobody carries out is lost"]
pub fn update(ui: &mut Ui, action: Action, snapshot: &Snapshot) -> Effects {
    let mut effects = Effects::default();
    let times = if matches!(action, Action::Move(_)) { ui.take_count() } else { 1 };
    for _ in 0..times {
        if !layer::act(ui, action, snapshot, &mut effects) {
            perform(ui, action, snapshot, &mut effects);
        }
    }
    if !action.is_news() && !matches!(action, Action::Digit(_) | Action::Show(_) | Action::Counted) {
        (ui.count, ui.digits) = (None, None);
    }
    traces::refresh_waterfall(ui, snapshot);
    inspector::ask(ui, snapshot, &mut effects);
    refresh_inspector(ui, snapshot);
    graph::refresh(ui, snapshot);
    effects
}

/// What an action does where nothing lies over the panes.
fn perform(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) {
    if action == Action::Back && replay::back_from_set(ui) {
        return;
    }
    if !pane::act(ui, action, snapshot, effects) {
        everywhere(ui, action, snapshot, effects);
    }
}

/// Takes the text that the user has edited, or says why there is none.
pub fn edited(ui: &mut Ui, text: std::io::Result<String>, snapshot: &Snapshot) {
    match text {
        Ok(text) => layer::edited(ui, &text),
        Err(error) => ui.say(format!("nothing was edited: {error}")),
    }
    refresh_inspector(ui, snapshot);
}

/// What an action does wherever one is.
fn everywhere(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) {
    match action {
        Action::Refresh => refresh_lists(ui, snapshot, effects),
        Action::Tick(now) => tick(ui, now, snapshot, effects),
        Action::Resize(width, height) => ui.size = (width, height),
        Action::Show(screen) => show(ui, screen),
        Action::NextScreen => show(ui, neighbour(ui.screen, 1)),
        Action::PreviousScreen => show(ui, neighbour(ui.screen, Screen::ALL.len() - 1)),
        Action::NextPane => ui.move_focus(true),
        Action::PreviousPane => ui.move_focus(false),
        Action::Back => back(ui, snapshot),
        Action::Zoom => ui.zoomed = !ui.zoomed,
        Action::Filter => ui.layer = Some(Layer::Prompt(Prompt::new(Purpose::Filter, ui.calls.filter_text()))),
        Action::Search => ui.layer = Some(Layer::Prompt(Prompt::new(Purpose::Search, ""))),
        Action::Digit(digit) => count::digit(ui, digit),
        Action::Counted => count::counted(ui),
        Action::Export => sheet::open(ui, crate::sheet::Subject::Export),
        Action::Help => ui.layer = Some(Layer::Help { search: String::new(), scroll: 0 }),
        Action::Palette => ui.layer = Some(Layer::Palette(Palette::default())),
        Action::NextTheme => next_theme(ui),
        Action::Mouse => {
            ui.mouse = !ui.mouse;
            effects.mouse = Some(ui.mouse);
            ui.say(if ui.mouse { "the mouse is daptop's" } else { "the mouse is the terminal's" }.to_owned());
        }
        Action::Quit => quit(ui, snapshot, effects),
        Action::QuitNow => quit_now(effects),
        Action::Suspend => effects.suspend = true,
        Action::Redraw => effects.redraw = true,
        Action::Click { column, row, twice } => mouse::click(ui, (column, row), twice, snapshot, effects),
        Action::Wheel { column, row, down } => mouse::wheel(ui, (column, row), down, snapshot, effects),
        _ => {}
    }
}

fn next_theme(ui: &mut Ui) {
    let all = ThemeName::COLOURED;
    match all.iter().position(|name| *name == ui.theme.name()) {
        Some(at) => {
            let name = all[(at + 1) % all.len()];
            ui.theme = Theme::new(name, ui.theme.ascii);
            ui.say(format!("colours: {}; --theme {} begins with them", name.title(), name.title()));
        }
        None => ui.say("no colours are wanted: NO_COLOR is set".to_owned()),
    }
}

fn refresh_lists(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    ui.now = ui.now.max(snapshot.taken);
    ui.calls.refresh(snapshot, ui.now);
    traces::refresh(ui, snapshot);
    ui.logs.refresh(snapshot);
    ui.findings.refresh(snapshot, ui.now);
    replay::refresh(ui, snapshot, effects);
    if ui.app.is_none() {
        ui.app = snapshot.apps.first().map(|app| app.instance);
    }
}

fn tick(ui: &mut Ui, now: daptop_model::Stamp, snapshot: &Snapshot, effects: &mut Effects) {
    ui.now = ui.now.max(now);
    if ui.message.as_ref().is_some_and(|(_, until)| *until <= ui.now) {
        ui.message = None;
    }
    let lists = ui.calls.is_behind(snapshot) || ui.traces.is_behind(snapshot) || ui.logs.is_behind(snapshot);
    if lists || ui.findings.is_due(ui.now) {
        refresh_lists(ui, snapshot, effects);
    } else {
        replay::refresh(ui, snapshot, effects);
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
        width: usize::from(place.rows.width.saturating_sub(1)),
    };
    let call = ui.inspected().cloned();
    ui.inspector.refresh(call.as_ref(), &around);
}

fn neighbour(screen: Screen, by: usize) -> Screen {
    Screen::ALL[(screen as usize + by) % Screen::ALL.len()]
}

fn show(ui: &mut Ui, screen: Screen) {
    ui.screen = screen;
    ui.zoomed = false;
}

/// One step back, where the focused pane has none of its own: out of an enlarged pane, out of a scope, to the overview.
fn back(ui: &mut Ui, snapshot: &Snapshot) {
    if ui.zoomed {
        ui.zoomed = false;
    } else if !ui.scope.is_everything() {
        ui.narrow(crate::scope::Scope::Everything, snapshot);
    } else if ui.screen != Screen::Overview {
        show(ui, Screen::Overview);
    }
}

/// How many rows of a pane are seen.
fn height(ui: &Ui, pane: Pane, snapshot: &Snapshot) -> usize {
    Layout::of(ui, snapshot).map_or(1, |layout| layout.height(pane))
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
