//! Calls that are sent again, compared and copied.

mod compare;
mod copy;
mod form;
mod menu;
mod set;

use std::sync::Arc;

use daptop_model::{Call, CallId, Command, Replay, ReplayRequest, Snapshot, obstacle};

use crate::action::{Action, Effects, ReplayAction};
use crate::replay::Awaited;
use crate::ui::{Layer, Pane, Question, Ui};

pub(super) use compare::act as act_compared;
pub(super) use form::{act as act_form, edited, leave};
pub(super) use menu::act as act_menu;
pub(super) use set::{act as act_set, back as back_from_set};

/// What an action does with the selected call.
pub(super) fn act(ui: &mut Ui, action: ReplayAction, snapshot: &Snapshot, effects: &mut Effects) {
    match action {
        ReplayAction::Again => return again(ui, snapshot, effects),
        ReplayAction::SendListed => return set::propose(ui, snapshot),
        ReplayAction::ListSent => return set::list(ui, snapshot),
        _ => {}
    }
    let Some(call) = ui.calls.selected.clone() else {
        return ui.say("no call is selected".to_owned());
    };
    match action {
        ReplayAction::Send => send_selected(ui, &call, snapshot, effects),
        ReplayAction::Again | ReplayAction::Always | ReplayAction::SendListed | ReplayAction::ListSent => {}
        ReplayAction::Edit => form::open(ui, &call, None, snapshot, effects),
        ReplayAction::EditOutside => {
            form::open(ui, &call, None, snapshot, effects);
            form::outside(ui, effects);
        }
        ReplayAction::Original => original(ui, &call),
        ReplayAction::Mark => mark(ui, &call),
        ReplayAction::Compare => compare::selected(ui, &call, snapshot),
        ReplayAction::Other => other(ui, &call, snapshot),
        ReplayAction::Copy => copy::choose(ui, None),
        ReplayAction::CopyAs(how) => copy::copy(ui, &call, how, snapshot, effects),
        ReplayAction::Actions => menu::actions(ui, snapshot),
    }
}

fn send_selected(ui: &mut Ui, call: &Arc<Call>, snapshot: &Snapshot, effects: &mut Effects) {
    let times = u32::try_from(ui.take_count()).unwrap_or(Replay::MOST).clamp(1, Replay::MOST);
    match obstacle(call, &snapshot.apps) {
        Some(obstacle) => ui.say(format!("{} is not sent again: {obstacle}", call.id)),
        None => ask(ui, Replay { times, ..Replay::of(call) }, snapshot, effects),
    }
}

fn again(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    match ui.replay.last.clone() {
        Some(replay) => ask(ui, replay, snapshot, effects),
        None => ui.say("nothing was sent again yet: r sends the selected call".to_owned()),
    }
}

/// Sends a replay, after a question where it may change something.
pub(super) fn ask(ui: &mut Ui, replay: Replay, snapshot: &Snapshot, effects: &mut Effects) {
    if !(ui.replay.asks && replay.request.may_change_something()) {
        return send(ui, replay, snapshot, effects);
    }
    let text = question(ui, &replay, snapshot);
    ui.layer = Some(Layer::Question(Question { text, command: Command::Replay(Box::new(replay)) }));
}

/// What is asked: in the caller's words where it is the same place, otherwise as it is written.
fn question(ui: &Ui, replay: &Replay, snapshot: &Snapshot) -> String {
    let ReplayRequest { verb, target, .. } = &replay.request;
    let verb = if replay.request.is_grpc() { "gRPC" } else { verb };
    let times = if replay.times > 1 { format!(" {} times", replay.times) } else { String::new() };
    let original = found(ui, replay.original, snapshot).filter(|call| call.request.target() == *target);
    let cut = ui.theme.glyphs.cut;
    let room = usize::from(ui.size.0).saturating_sub(64).max(16);
    if let Some(call) = original {
        let path = call.request.path();
        let (path, to) = (crate::text::clip(&path, room, cut), crate::text::clip(call.to.as_str(), room, cut));
        return format!("Send {verb} {path} to {to} again{times}?");
    }
    format!("Send {verb} {} again{times}?", crate::text::clip(target, room, cut))
}

/// The answer to the question: what lies over the panes then.
pub(super) fn answer(
    ui: &mut Ui,
    replay: Replay,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Replay> {
    match action {
        Action::Yes => send(ui, replay, snapshot, effects),
        Action::Replay(ReplayAction::Always) => {
            ui.replay.asks = false;
            send(ui, replay, snapshot, effects);
        }
        Action::Replay(ReplayAction::Edit) => {
            if let Some(call) = found(ui, replay.original, snapshot) {
                form::open(ui, &call, Some(&replay), snapshot, effects);
            }
        }
        _ => return Some(replay),
    }
    None
}

/// Sends a replay; its answer is awaited.
pub(super) fn send(ui: &mut Ui, replay: Replay, snapshot: &Snapshot, effects: &mut Effects) {
    let newest = snapshot.calls.iter().next_back().map_or(CallId(0), |call| call.id);
    if let Some(original) = found(ui, replay.original, snapshot) {
        ui.replay.awaited = Some(Awaited { original, after: newest, sent: ui.now });
    }
    let times = if replay.times > 1 { format!(", {} times", replay.times) } else { String::new() };
    ui.say(format!("{} is sent again{times}", replay.original));
    ui.replay.last = Some(replay.clone());
    effects.commands.push(Command::Replay(Box::new(replay)));
}

/// A call that is still there, or is looked at.
fn found(ui: &Ui, id: CallId, snapshot: &Snapshot) -> Option<Arc<Call>> {
    let known = [&ui.calls.selected, &ui.replay.marked].into_iter().flatten();
    snapshot.calls.find(id).or_else(|| known.clone().find(|call| call.id == id)).cloned()
}

fn original(ui: &mut Ui, call: &Call) {
    let drafted = ui.replay.draft.as_ref().is_some_and(|(id, _)| *id == call.id);
    if drafted {
        ui.replay.draft = None;
        ui.say(format!("the changes of {} are forgotten", call.id));
    } else {
        ui.say(format!("{} is unchanged: e changes it", call.id));
    }
}

pub(super) fn mark(ui: &mut Ui, call: &Arc<Call>) {
    if ui.replay.marked.take().is_some_and(|marked| marked.id == call.id) {
        return ui.say(format!("{} is no longer marked", call.id));
    }
    ui.replay.marked = Some(Arc::clone(call));
    ui.say(format!("{} is marked: d on another call shows what differs", call.id));
}

/// From a replay to its original, from an original to its newest replay.
fn other(ui: &mut Ui, call: &Call, snapshot: &Snapshot) {
    let Some(id) = call.replay_of().or_else(|| snapshot.replays.of(call.id).next_back()) else {
        return ui.say(format!("{} repeats no call, and none repeats it", call.id));
    };
    if snapshot.calls.find(id).is_none() {
        return ui.say(format!("{id} was given up to stay within the limits"));
    }
    if !show(ui, id, snapshot) {
        ui.say(format!("{id} is not among the calls that are listed: Esc lists them all"));
    }
}

/// Selects a call in the list; `false` where it is not listed.
pub(super) fn show(ui: &mut Ui, id: CallId, snapshot: &Snapshot) -> bool {
    use crate::list::Rows as _;
    let height = super::height(ui, Pane::Calls, snapshot);
    let mut listed = false;
    ui.calls.with_list(snapshot, |list, rows| {
        let position = rows.position(id.0);
        listed = position < rows.len() && rows.id(position) == id.0;
        if listed {
            list.select(rows, height, position);
        }
    });
    listed
}

/// Takes a snapshot, or that time has passed, into account: the answer to a replay is compared with that to its original, at
/// once; of a set, the next call is sent.
pub(super) fn refresh(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    set::refresh(ui, snapshot, effects);
    if let Some(Layer::Diff(compared)) = &mut ui.layer {
        compared.refresh(snapshot);
    }
    let Some(awaited) = ui.replay.awaited.clone() else { return };
    match awaited.found(snapshot) {
        Some(call) if !call.is_open() => {
            let call = Arc::clone(call);
            ui.replay.awaited = None;
            compare::answered(ui, &awaited.original, &call, snapshot);
        }
        None if awaited.is_late(ui.now) => {
            ui.replay.awaited = None;
            ui.say(format!("the replay of {} was not captured: 5 shows daptop's diagnostics", awaited.original.id));
        }
        _ => {}
    }
}

/// Opens the form for a replay that was compared.
pub(super) fn edit_last(ui: &mut Ui, call: &Arc<Call>, snapshot: &Snapshot, effects: &mut Effects) {
    let last = ui.replay.last.clone().filter(|last| last.original == call.id);
    form::open(ui, call, last.as_ref(), snapshot, effects);
}

/// Why an action of this kind can do nothing with the selected call.
pub(super) fn why_not(ui: &Ui, action: ReplayAction, snapshot: &Snapshot) -> Option<String> {
    match action {
        ReplayAction::SendListed => return set::proposal(ui, snapshot).err(),
        ReplayAction::ListSent => return set::filter(ui).is_none().then(|| set::NOTHING.to_owned()),
        _ => {}
    }
    let call = ui.calls.selected.as_ref();
    let Some(call) = call else { return Some("no call is selected".to_owned()) };
    match action {
        ReplayAction::Send => obstacle(call, &snapshot.apps).map(|obstacle| obstacle.to_string()),
        ReplayAction::Edit | ReplayAction::EditOutside => form::why_not(call, snapshot),
        ReplayAction::Again => ui.replay.last.is_none().then(|| "nothing was sent again yet".to_owned()),
        ReplayAction::Original => {
            let drafted = ui.replay.draft.as_ref().is_some_and(|(id, _)| *id == call.id);
            (!drafted).then(|| "it is unchanged".to_owned())
        }
        ReplayAction::Compare => compare::pair(ui, call, snapshot).is_none().then(|| compare::NOTHING.to_owned()),
        ReplayAction::Other => {
            let linked = call.replay_of().is_some() || snapshot.replays.of(call.id).next().is_some();
            (!linked).then(|| "it repeats no call, and none repeats it".to_owned())
        }
        _ => None,
    }
}
