//! The findings: which one is selected, and the way to its newest call.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, FindingsAction};
use crate::layout::Place;
use crate::scope::Scope;
use crate::ui::{Pane, Screen, Ui, window_around};

use super::{height, show};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Move(step) => {
            let height = height(ui, Pane::Findings, snapshot);
            ui.findings.step(step, height);
        }
        Action::Open => open(ui, snapshot),
        Action::Back if !ui.zoomed => ui.set_focus(Pane::Calls),
        Action::Findings(FindingsAction::Show) => {
            show(ui, Screen::Overview);
            ui.set_focus(Pane::Findings);
        }
        Action::Findings(FindingsAction::Narrow) => {
            if let Some(group) = ui.findings.selected() {
                let scope = Scope::Edge(group.from.clone(), group.to.clone());
                ui.narrow(scope, snapshot);
            }
        }
        _ => return false,
    }
    true
}

fn open(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(id) = ui.findings.selected().map(|group| group.newest) else { return };
    if snapshot.calls.find(id).is_none() {
        return ui.say(format!("{id} was given up to stay within the limits"));
    }
    super::calls::show_call(ui, id, snapshot);
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize) {
    let (list, _) = crate::view::findings_parts(ui, place.rows);
    let window = window_around(ui.findings.position(), ui.findings.found().len(), usize::from(list.height));
    if window.start + row < window.end {
        ui.findings.select(window.start + row);
    }
}
