//! What lies over the panes takes the keys: the help, questions, prompts.

use daptop_model::{Command, Snapshot};

use crate::action::{Action, Effects};
use crate::prompt::Prompt;
use crate::ui::{Layer, Question, Ui};

use super::{apps, palette, prompt, quit_now, replay, sheet};

/// An action while something lies over the panes. Whether it ends there.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    if passes(action) {
        return false;
    }
    let Some(layer) = ui.layer.take() else { return false };
    ui.layer = match (layer, action) {
        (Layer::Form(form), Action::Back) => {
            replay::leave(ui, &form);
            None
        }
        (Layer::Menu(menu), Action::Back) => menu.below.map(Layer::Diff),
        (_, Action::Back) => None,
        (Layer::Help { search, scroll }, _) => Some(help(ui, search, scroll, action)),
        (Layer::Sheet(page), _) => sheet::act(ui, page, action, snapshot, effects),
        (Layer::Palette(palette), _) => palette::act(ui, palette, action, snapshot, effects),
        (Layer::Question(question), _) => answer(ui, question, action, snapshot, effects),
        (Layer::Prompt(line), _) => prompt::act(ui, line, action, snapshot, effects),
        (Layer::Diff(compared), _) => replay::act_compared(ui, compared, action, snapshot, effects),
        (Layer::Form(form), _) => replay::act_form(ui, form, action, snapshot, effects),
        (Layer::Menu(menu), _) => replay::act_menu(ui, menu, action, snapshot, effects),
        (Layer::Set(proposal), _) => replay::act_set(ui, proposal, action, snapshot, effects),
    };
    true
}

/// What does not come from somebody who sees the layer, or holds also while it is there.
fn passes(action: Action) -> bool {
    matches!(
        action,
        Action::Refresh | Action::Tick(_) | Action::Resize(..) | Action::QuitNow | Action::Suspend | Action::Redraw
    )
}

fn help(ui: &Ui, mut search: String, scroll: usize, action: Action) -> Layer {
    match action {
        Action::Type(c) => search.push(c),
        Action::Erase => drop(search.pop()),
        Action::Move(step) => {
            let page = usize::from(ui.size.1.saturating_sub(4));
            let len = crate::view::help_len(&search, ui);
            let scroll = step.apply(scroll, len.saturating_sub(page) + 1, page);
            return Layer::Help { search, scroll };
        }
        _ => return Layer::Help { search, scroll },
    }
    Layer::Help { search, scroll: 0 }
}

fn answer(
    ui: &mut Ui,
    question: Question,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    match (action, question.command) {
        (_, Command::Replay(replay)) => {
            let Some(asked) = replay::answer(ui, *replay, action, snapshot, effects) else { return ui.layer.take() };
            let command = Command::Replay(Box::new(asked));
            return Some(Layer::Question(Question { command, ..question }));
        }
        (Action::Yes, Command::Quit) => quit_now(effects),
        (Action::Yes, command) => {
            ui.say(apps::done(&command));
            effects.commands.push(command);
        }
        (_, command) => return Some(Layer::Question(Question { command, ..question })),
    }
    None
}

/// Takes the text that the user has edited for what lies over the panes.
pub(super) fn edited(ui: &mut Ui, text: &str) {
    match &mut ui.layer {
        Some(Layer::Prompt(prompt)) => {
            *prompt = Prompt::new(prompt.purpose, text.lines().next().unwrap_or_default());
        }
        Some(Layer::Form(form)) => replay::edited(form, text),
        _ => {}
    }
}
