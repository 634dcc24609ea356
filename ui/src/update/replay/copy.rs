//! A call, or what differs between two, is copied.

use daptop_model::{Call, Snapshot};

use crate::action::{Action, CopyAs, Effects, ReplayAction};
use crate::copy;
use crate::replay::{Compared, Item, Menu};
use crate::ui::{Layer, Ui};

/// Asks what to copy. Where two calls are compared, of the second; and what differs.
pub(super) fn choose(ui: &mut Ui, below: Option<Box<Compared>>) {
    let id = below.as_ref().map(|compared| compared.after.id).or(ui.calls.selected.as_ref().map(|call| call.id));
    let rows = [
        ('c', CopyAs::Curl, "as a command line for curl, secrets masked"),
        ('C', CopyAs::WholeCurl, "as a command line for curl, secrets included"),
        ('u', CopyAs::Url, "the URL at the caller's sidecar"),
        ('b', CopyAs::ResponseBody, "the answer's body"),
        ('B', CopyAs::RequestBody, "the request's body"),
        ('j', CopyAs::Json, "everything as JSON, secrets masked"),
        ('J', CopyAs::WholeJson, "everything as JSON, secrets included"),
        ('d', CopyAs::Difference, "what differs"),
    ];
    let offered = rows.into_iter().filter(|(_, how, _)| *how != CopyAs::Difference || below.is_some());
    let items = offered.map(|(key, how, text)| Item {
        key: key.to_string(),
        text: text.to_owned(),
        action: Action::Replay(ReplayAction::CopyAs(how)),
        why_not: None,
    });
    let title = id.map_or_else(|| "Copy".to_owned(), |id| format!("Copy {id}"));
    let items = items.collect();
    ui.layer = Some(Layer::Menu(Box::new(Menu { title, items, selected: 0, below })));
}

/// Copies something of a call.
pub(super) fn copy(ui: &mut Ui, call: &Call, how: CopyAs, snapshot: &Snapshot, effects: &mut Effects) {
    match copy::clip(call, how, snapshot) {
        Ok(clip) => effects.copy = Some(clip),
        Err(why) => ui.say(format!("nothing is copied: {why}")),
    }
}

/// Copies something of two calls that are compared.
pub(super) fn of_compared(ui: &mut Ui, compared: &Compared, how: CopyAs, snapshot: &Snapshot, effects: &mut Effects) {
    if how == CopyAs::Difference {
        effects.copy = Some(copy::difference(&compared.before, &compared.after, &compared.diff));
    } else {
        copy(ui, &compared.after, how, snapshot, effects);
    }
}
