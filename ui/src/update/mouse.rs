//! The mouse: a click selects, a second one opens, the wheel moves the pane under the pointer.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, Step};
use crate::layout::Layout;
use crate::ui::{Pane, Ui};

use super::pane;

/// A click.
pub(super) fn click(ui: &mut Ui, (column, row): (u16, u16), twice: bool, snapshot: &Snapshot, effects: &mut Effects) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    if row == layout.header.y {
        if let Some(screen) = crate::view::screen_at(ui, usize::from(column)) {
            super::show(ui, screen);
        }
        return;
    }
    let Some(place) = layout.at(column, row).copied() else { return };
    ui.set_focus(place.pane);
    let Some(index) = row.checked_sub(place.rows.y).map(usize::from) else { return };
    if place.pane == Pane::Graph {
        super::graph::click(ui, &place, (column, row));
    } else {
        pane::select(ui, &place, index, snapshot);
    }
    if twice && place.pane != Pane::Inspector {
        pane::act_in(ui, place.pane, Action::Open, snapshot, effects);
    }
}

/// A turn of the wheel: a pane that does not scroll by it steps.
pub(super) fn wheel(ui: &mut Ui, at: (u16, u16), down: bool, snapshot: &Snapshot, effects: &mut Effects) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    let Some(place) = layout.at(at.0, at.1).copied() else { return };
    let turn = Action::Wheel { column: at.0, row: at.1, down };
    if !pane::act_in(ui, place.pane, turn, snapshot, effects) {
        let step = Action::Move(if down { Step::Down } else { Step::Up });
        pane::act_in(ui, place.pane, step, snapshot, effects);
    }
}
