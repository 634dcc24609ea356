//! The findings.

use daptop_model::Snapshot;

use crate::action::{Action, Effects};
use crate::ui::{Screen, Ui};

use super::show;

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, _snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Open => show(ui, Screen::Calls),
        _ => return false,
    }
    true
}
