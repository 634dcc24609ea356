//! All calls that the list shows are sent again.

use daptop_model::{CallId, Candidate, Command, Filter, Replay, ReplaySet, ReplaySetError, Snapshot, obstacle};

use crate::action::{Action, Effects};
use crate::list::Rows as _;
use crate::replay::{Awaited, Proposal, Sending};
use crate::scope::Scope;
use crate::ui::{Layer, Ui};

/// Asks whether to send what the list shows.
pub(super) fn propose(ui: &mut Ui, snapshot: &Snapshot) {
    match proposal(ui, snapshot) {
        Ok(proposal) => ui.layer = Some(Layer::Set(Box::new(proposal))),
        Err(why) => ui.say(format!("nothing is sent: {why}")),
    }
}

/// The set that would be sent, or why there is none.
pub(super) fn proposal(ui: &Ui, snapshot: &Snapshot) -> Result<Proposal, String> {
    if ui.replay.set.as_ref().is_some_and(|sending| !sending.is_over()) {
        return Err("a set is being sent already".to_owned());
    }
    if ui.calls.is_behind(snapshot) {
        return Err("the list is not complete yet, try again in a moment".to_owned());
    }
    let rows = ui.calls.rows(snapshot);
    let listed = (0..rows.len()).filter_map(|position| rows.get(position).1);
    let candidates = listed.map(|call| Candidate { id: call.id, is_replay: call.replay_of().is_some() });
    let filter = Filter::parse(ui.calls.filter_text()).map_err(|error| error.to_string())?;
    let set = ReplaySet::choose(candidates, &filter).map_err(|error| match error {
        ReplaySetError::TooMany => format!("{error}; a filter narrows the list"),
        _ => error.to_string(),
    })?;
    let outlook = set.outlook(&snapshot.calls, &snapshot.apps);
    Ok(Proposal { set, outlook, folded: ui.calls.noise() })
}

/// What an action does while the question is asked, and what lies over the panes then.
pub(in super::super) fn act(
    ui: &mut Ui,
    proposal: Box<Proposal>,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    if action != Action::Yes {
        return Some(Layer::Set(proposal));
    }
    if proposal.outlook.sendable() == 0 {
        ui.say("none of these calls can be repeated".to_owned());
        return Some(Layer::Set(proposal));
    }
    ui.replay.set = Some(Sending::new(&proposal));
    refresh(ui, snapshot, effects);
    None
}

/// Sends the next call of the set once the one before has its answer.
pub(super) fn refresh(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    let Some(mut sending) = ui.replay.set.take() else { return };
    sending.settle(snapshot, ui.now);
    while let Some(id) = sending.next() {
        let call = snapshot.calls.find(id).filter(|call| obstacle(call, &snapshot.apps).is_none());
        let Some(call) = call else {
            sending.skip();
            continue;
        };
        effects.commands.push(Command::Replay(Box::new(Replay::of(call))));
        let after = snapshot.calls.iter().next_back().map_or(CallId(0), |call| call.id);
        sending.sent(Awaited { original: call.clone(), after, sent: ui.now });
    }
    ui.replay.set = Some(sending);
}

/// One step back from a set: first nothing more is sent, then the line about it goes. Whether there was one.
pub(in super::super) fn back(ui: &mut Ui) -> bool {
    let Some(sending) = &mut ui.replay.set else { return false };
    if !sending.stop() {
        ui.replay.set = None;
    }
    true
}

/// Lists the calls that came of the set.
pub(super) fn list(ui: &mut Ui, snapshot: &Snapshot) {
    let Some(filter) = filter(ui) else { return ui.say(NOTHING.to_owned()) };
    if matches!(ui.scope, Scope::Trace(_)) {
        // Each replay has a trace of its own.
        ui.narrow(Scope::Everything, snapshot);
    }
    super::super::calls::use_filter(ui, &filter, snapshot);
}

/// A filter that takes what came of the set.
pub(super) fn filter(ui: &Ui) -> Option<String> {
    ui.replay.set.as_ref().and_then(Sending::filter)
}

/// Where no set has brought about a call.
pub(super) const NOTHING: &str = "no set was sent: S sends all calls again that are listed";
