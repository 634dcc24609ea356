//! One call in full.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, InspectAction};
use crate::ui::{Pane, Screen, Ui};

use super::{height, waterfall};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Move(step) => {
            let height = height(ui, Pane::Inspector, snapshot).saturating_sub(1);
            ui.inspector.step(step, height);
        }
        Action::Open => ui.zoomed = !ui.zoomed,
        Action::Back if ui.screen == Screen::Traces => waterfall::close_call(ui),
        Action::Back => ui.set_focus(Pane::Calls),
        Action::Inspect(InspectAction::NextTab) => ui.inspector.turn(true),
        Action::Inspect(InspectAction::PreviousTab) => ui.inspector.turn(false),
        _ => return false,
    }
    true
}
