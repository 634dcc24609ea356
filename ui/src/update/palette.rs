//! The palette: what is chosen there is done as if its key had been pressed in its place.

use daptop_model::Snapshot;

use crate::action::{Action, Effects};
use crate::keys::{Binding, Place};
use crate::palette::Palette;
use crate::ui::{Layer, Screen, Ui};

use super::{everywhere, pane, show};

/// What an action does to the palette, and what lies over the panes then.
pub(super) fn act(
    ui: &mut Ui,
    mut palette: Palette,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    match action {
        Action::Open => {
            if let Some(entry) = palette.entries(ui).get(palette.selected) {
                carry_out(ui, entry, snapshot, effects);
                return ui.layer.take();
            }
        }
        Action::Type(c) => palette.push(c),
        Action::Erase => palette.pop(),
        Action::Move(step) => {
            let height = usize::from(ui.size.1.saturating_sub(4));
            palette.step(ui, step, height);
        }
        _ => {}
    }
    Some(Layer::Palette(palette))
}

fn carry_out(ui: &mut Ui, entry: &Binding, snapshot: &Snapshot, effects: &mut Effects) {
    if let Place::In(pane) = entry.place {
        if !ui.screen.panes().contains(&pane)
            && let Some(screen) = Screen::ALL.into_iter().find(|screen| screen.panes().contains(&pane))
        {
            show(ui, screen);
        }
        ui.set_focus(pane);
    }
    if !pane::act(ui, entry.action, snapshot, effects) {
        everywhere(ui, entry.action, snapshot, effects);
    }
}
