//! A choice of things that can be done.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, ReplayAction, Step};
use crate::keys::{self, Place};
use crate::replay::{Item, Menu};
use crate::ui::{Layer, Ui};

use super::{copy, why_not};

/// Offers everything that can be done in the focused pane.
pub(super) fn actions(ui: &mut Ui, snapshot: &Snapshot) {
    let here = keys::table().filter(|row| row.place == Place::In(ui.focus()));
    let offered = here.filter(|row| row.action != Action::Replay(ReplayAction::Actions));
    let item = |row: &keys::Binding| Item {
        key: row.keys.first().map(|key| key.name(ui.theme.ascii)).unwrap_or_default(),
        text: row.text.to_owned(),
        action: row.action,
        why_not: match row.action {
            Action::Replay(action) => why_not(ui, action, snapshot),
            _ => None,
        },
    };
    let mut items: Vec<Item> = offered.map(item).collect();
    items.sort_by_key(|item| item.why_not.is_some());
    let call = ui.calls.selected.as_ref().map(|call| format!(" with {}", call.id)).unwrap_or_default();
    let menu = Menu { title: format!("What can be done{call}"), items, selected: 0, below: None };
    ui.layer = Some(Layer::Menu(Box::new(menu)));
}

/// What an action does to the choice, and what lies over the panes then.
pub(in super::super) fn act(
    ui: &mut Ui,
    mut menu: Box<Menu>,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    let chosen = match action {
        Action::Move(step) => {
            menu.selected = step.apply(menu.selected, menu.items.len(), 1);
            None
        }
        Action::Wheel { down, .. } => {
            let step = if down { Step::Down } else { Step::Up };
            menu.selected = step.apply(menu.selected, menu.items.len(), 1);
            None
        }
        Action::Open => Some(menu.selected),
        Action::Type(key) => menu.find(key),
        _ => None,
    };
    let Some(item) = chosen.and_then(|chosen| menu.items.get(chosen)) else { return Some(Layer::Menu(menu)) };
    if let Some(why) = &item.why_not {
        ui.say(format!("not possible: {why}"));
        return Some(Layer::Menu(menu));
    }
    let action = item.action;
    if let (Action::Replay(ReplayAction::CopyAs(how)), Some(compared)) = (action, menu.below) {
        copy::of_compared(ui, &compared, how, snapshot, effects);
        return Some(Layer::Diff(compared));
    }
    super::super::perform(ui, action, snapshot, effects);
    ui.layer.take()
}
