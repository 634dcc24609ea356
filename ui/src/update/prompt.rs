//! A line that is typed.

use daptop_model::Snapshot;

use crate::action::{Action, Edit, Effects, PromptAction};
use crate::prompt::{Prompt, Purpose};
use crate::ui::{Layer, Ui};

use super::{calls, pane};

/// What an action does to the line, and what lies over the panes then.
pub(super) fn act(
    ui: &mut Ui,
    mut line: Prompt,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    match action {
        Action::Open => {
            match line.purpose {
                Purpose::Filter => calls::use_filter(ui, line.text(), snapshot),
                Purpose::Search => pane::search(ui, line.text(), snapshot),
            }
            return ui.layer.take();
        }
        Action::Type(c) => line.insert(c),
        Action::Erase => line.erase(),
        Action::Prompt(action) => edit(&mut line, action, snapshot, effects),
        _ => {}
    }
    Some(Layer::Prompt(line))
}

fn edit(line: &mut Prompt, action: PromptAction, snapshot: &Snapshot, effects: &mut Effects) {
    match action {
        PromptAction::Left => line.go(false),
        PromptAction::Right => line.go(true),
        PromptAction::First => line.go_to_end(false),
        PromptAction::Last => line.go_to_end(true),
        PromptAction::EraseWord => line.erase_word(),
        PromptAction::Clear => line.clear(),
        PromptAction::Complete => line.complete(true, snapshot),
        PromptAction::CompleteBack => line.complete(false, snapshot),
        PromptAction::Write => effects.edit = Some(Edit { text: format!("{}\n", line.text()), ending: ".txt" }),
    }
}
