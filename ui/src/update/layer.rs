//! What lies over the panes takes the keys: the help, questions, prompts.

use daptop_model::{Command, Snapshot};

use crate::action::{Action, Effects};
use crate::prompt::Prompt;
use crate::ui::{Layer, Question, Ui};

use super::{apps, prompt, quit_now};

/// An action while something lies over the panes. Whether it ends there.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    if passes(action) {
        return false;
    }
    let Some(layer) = ui.layer.take() else { return false };
    if action != Action::Back {
        ui.layer = match layer {
            Layer::Help { search, scroll } => Some(help(ui, search, scroll, action)),
            Layer::Question(question) => answer(ui, question, action, effects),
            Layer::Prompt(line) => prompt::act(ui, line, action, snapshot, effects),
        };
    }
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

fn answer(ui: &mut Ui, question: Question, action: Action, effects: &mut Effects) -> Option<Layer> {
    match (action, question.command) {
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
    if let Some(Layer::Prompt(prompt)) = &mut ui.layer {
        *prompt = Prompt::new(prompt.purpose, text.lines().next().unwrap_or_default());
    }
}
