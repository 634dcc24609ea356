//! A call, or what differs between two, is copied.

use daptop_model::{Call, Snapshot};

use crate::action::{Action, CopyAs, Effects, ReplayAction};
use crate::copy;
use crate::replay::{Compared, Item, Menu};
use crate::ui::{Layer, Ui};
use crate::update::inspector;

/// What of a call is offered: the key, the thing, and what it is called.
type Offer = (char, CopyAs, &'static str);

const OF_HTTP: [Offer; 5] = [
    ('c', CopyAs::Curl, "as a command line for curl, secrets masked"),
    ('C', CopyAs::WholeCurl, "as a command line for curl, secrets included"),
    ('u', CopyAs::Url, "the URL at the caller's sidecar"),
    ('b', CopyAs::ResponseBody, "the answer's body"),
    ('B', CopyAs::RequestBody, "the request's body"),
];

const OF_GRPC: [Offer; 4] = [
    ('c', CopyAs::Curl, "as a command line for grpcurl, secrets masked"),
    ('C', CopyAs::WholeCurl, "as a command line for grpcurl, secrets included"),
    ('b', CopyAs::ResponseBody, "what the answer's messages say, as JSON"),
    ('B', CopyAs::RequestBody, "what the request's messages say, as JSON"),
];

const OF_ALL: [Offer; 3] = [
    ('j', CopyAs::Json, "everything as JSON, secrets masked"),
    ('J', CopyAs::WholeJson, "everything as JSON, secrets included"),
    ('d', CopyAs::Difference, "what differs"),
];

/// Asks what to copy. Where two calls are compared, of the second; and what differs.
pub(super) fn choose(ui: &mut Ui, below: Option<Box<Compared>>) {
    let call = below.as_ref().map(|compared| &compared.after).or(ui.calls.selected.as_ref());
    let is_grpc = call.is_some_and(|call| call.is_of_messages());
    let first: &[Offer] = if is_grpc { &OF_GRPC } else { &OF_HTTP };
    let title = call.map_or_else(|| "Copy".to_owned(), |call| format!("Copy {}", call.id));
    let offered = first.iter().chain(&OF_ALL).filter(|(_, how, _)| *how != CopyAs::Difference || below.is_some());
    let items = offered.map(|(key, how, text)| Item {
        key: key.to_string(),
        text: (*text).to_owned(),
        action: Action::Replay(ReplayAction::CopyAs(*how)),
        why_not: None,
    });
    let items = items.collect();
    ui.layer = Some(Layer::Menu(Box::new(Menu { title, items, selected: 0, below })));
}

/// Copies something of a call.
pub(super) fn copy(ui: &mut Ui, call: &Call, how: CopyAs, snapshot: &Snapshot, effects: &mut Effects) {
    if inspector::is_being_asked(ui, call, snapshot, effects) {
        return;
    }
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
