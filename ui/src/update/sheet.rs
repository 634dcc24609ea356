//! A page about one thing, over all panes.

use daptop_model::Snapshot;

use crate::action::{Action, AppsAction, Effects};
use crate::sheet::{Sheet, Subject};
use crate::ui::{Layer, Ui};

use super::apps;

/// Opens a page.
pub(super) fn open(ui: &mut Ui, subject: Subject) {
    ui.layer = Some(Layer::Sheet(Sheet::of(subject)));
}

/// What an action does while a page is open, and what lies over the panes then.
pub(super) fn act(
    ui: &mut Ui,
    sheet: Sheet,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    match (action, sheet.subject) {
        (Action::Open, _) => return None,
        (Action::Move(step), _) => {
            let page = usize::from(ui.size.1.saturating_sub(3));
            let last = crate::view::sheet_len(ui, snapshot, sheet).saturating_sub(page);
            let scroll = step.apply(sheet.scroll.min(last), last + 1, page);
            return Some(Layer::Sheet(Sheet { scroll, ..sheet }));
        }
        (Action::Apps(AppsAction::Log), Subject::App(instance)) => {
            ui.app = Some(instance);
            apps::show_log(ui, snapshot);
            return None;
        }
        (Action::Apps(_), Subject::App(instance)) => {
            ui.app = Some(instance);
            apps::act(ui, action, snapshot, effects);
        }
        _ => {}
    }
    // A question comes over the page.
    ui.layer.take().or(Some(Layer::Sheet(sheet)))
}
