//! The mouse: a click selects, a second one opens, the wheel moves the pane under the pointer.

use daptop_model::Snapshot;

use crate::action::Step;
use crate::layout::Layout;
use crate::ui::{Pane, Ui, window_around};

/// A click.
pub(super) fn click(ui: &mut Ui, (column, row): (u16, u16), twice: bool, snapshot: &Snapshot) {
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
    let height = usize::from(place.rows.height);
    match place.pane {
        Pane::Apps => {
            let window = window_around(ui.app_position(snapshot), snapshot.apps.len(), height);
            if let Some(app) = snapshot.apps.get(window.start + index) {
                ui.app = Some(app.instance);
            }
        }
        Pane::Edges => {
            let window = window_around(ui.edge_position(snapshot), snapshot.edges.len(), height);
            if let Some(edge) = snapshot.edges.get(window.start + index) {
                ui.edge = Some((edge.from.clone(), edge.to.clone()));
            }
        }
        Pane::Calls => {
            let mut list = ui.calls.list.clone();
            let rows = ui.calls.rows(snapshot);
            let position = list.window(&rows, height).start + index;
            list.select(&rows, height, position);
            ui.calls.list = list;
            ui.calls.reselect(snapshot);
        }
        Pane::Logs => {
            let mut list = ui.logs.list.clone();
            if let Some(position) = crate::view::log_position_at(ui, snapshot, &place, index) {
                list.select(&ui.logs.rows(snapshot), height, position);
            }
            ui.logs.list = list;
        }
        Pane::Inspector | Pane::Diagnostics => {}
    }
    if twice && place.pane != Pane::Inspector {
        super::back::open(ui, snapshot);
    }
}

/// A turn of the wheel.
pub(super) fn wheel(ui: &mut Ui, (column, row): (u16, u16), down: bool, snapshot: &Snapshot) {
    let Some(layout) = Layout::of(ui, snapshot) else { return };
    let Some(place) = layout.at(column, row).copied() else { return };
    let height = usize::from(place.rows.height);
    match place.pane {
        Pane::Calls => {
            let mut list = ui.calls.list.clone();
            list.scroll(&ui.calls.rows(snapshot), height, down);
            ui.calls.list = list;
            ui.calls.reselect(snapshot);
        }
        Pane::Logs => {
            let mut list = ui.logs.list.clone();
            list.scroll(&ui.logs.rows(snapshot), height, down);
            ui.logs.list = list;
        }
        pane => super::step_in(ui, pane, if down { Step::Down } else { Step::Up }, snapshot),
    }
}
