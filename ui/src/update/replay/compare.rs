//! Two calls are compared.

use std::sync::Arc;

use daptop_model::{Call, CallId, Snapshot};

use crate::action::{Action, DiffAction, Effects, ReplayAction, Step};
use crate::replay::Compared;
use crate::ui::{Layer, Pane, Screen, Ui};

/// What to do where there is nothing to compare with.
pub(super) const NOTHING: &str = "m marks one call, d on another compares the two";

/// What the selected call is compared with: the marked call; else the one that it repeats; else its newest replay. In the
/// order of their age.
pub(super) fn pair(ui: &Ui, call: &Arc<Call>, snapshot: &Snapshot) -> Option<(Arc<Call>, Arc<Call>)> {
    let find = |id: CallId| snapshot.calls.find(id).cloned();
    let marked = ui.replay.marked.clone().filter(|marked| marked.id != call.id);
    let other =
        marked.or_else(|| find(call.replay_of()?)).or_else(|| snapshot.replays.of(call.id).rev().find_map(find))?;
    let call = Arc::clone(call);
    Some(if other.id < call.id { (other, call) } else { (call, other) })
}

/// Compares the selected call.
pub(super) fn selected(ui: &mut Ui, call: &Arc<Call>, snapshot: &Snapshot) {
    match pair(ui, call, snapshot) {
        Some((before, after)) => ui.layer = Some(Layer::Diff(Box::new(Compared::new(&before, &after, snapshot)))),
        None => ui.say(format!("nothing to compare {} with: {NOTHING}", call.id)),
    }
}

/// The answer to a replay is there: it is compared at once, unless somebody does something else.
pub(super) fn answered(ui: &mut Ui, original: &Arc<Call>, replay: &Arc<Call>, snapshot: &Snapshot) {
    let at_calls = matches!(ui.focus(), Pane::Calls | Pane::Inspector);
    match &ui.layer {
        Some(Layer::Diff(compared)) if compared.before.id == original.id => {}
        None if at_calls => {}
        _ => return ui.say(format!("{} has its answer, as {}: d on it shows what differs", original.id, replay.id)),
    }
    ui.message = None;
    ui.layer = Some(Layer::Diff(Box::new(Compared::new(original, replay, snapshot))));
}

/// What an action does while two calls are compared, and what lies over the panes then.
pub(in super::super) fn act(
    ui: &mut Ui,
    mut compared: Box<Compared>,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    match action {
        Action::Move(step) => scroll(ui, &mut compared, step),
        Action::Wheel { down, .. } => scroll(ui, &mut compared, if down { Step::Down } else { Step::Up }),
        Action::Diff(DiffAction::Same) => (compared.same, compared.scroll) = (!compared.same, 0),
        Action::Diff(DiffAction::Next) => turn(ui, &mut compared, true, snapshot),
        Action::Diff(DiffAction::Previous) => turn(ui, &mut compared, false, snapshot),
        Action::Open => {
            ui.screen = Screen::Calls;
            ui.set_focus(Pane::Inspector);
            if !super::show(ui, compared.after.id, snapshot) {
                ui.say(format!("{} is not among the calls that are listed: Esc lists them all", compared.after.id));
            }
            return None;
        }
        Action::Replay(ReplayAction::Mark) => {
            super::mark(ui, &compared.after);
            return None;
        }
        Action::Replay(ReplayAction::Edit) => {
            super::edit_last(ui, &compared.before, snapshot, effects);
            return ui.layer.take().or(Some(Layer::Diff(compared)));
        }
        Action::Replay(ReplayAction::Copy) => {
            super::copy::choose(ui, Some(compared));
            return ui.layer.take();
        }
        Action::Replay(ReplayAction::Again) => {
            again(ui, &compared, snapshot, effects);
            // A question takes its place; the answer brings it back.
            return ui.layer.take().or(Some(Layer::Diff(compared)));
        }
        _ => {}
    }
    Some(Layer::Diff(compared))
}

/// Sends once more what made the second call.
fn again(ui: &mut Ui, compared: &Compared, snapshot: &Snapshot, effects: &mut Effects) {
    let last = ui.replay.last.clone().filter(|last| last.original == compared.before.id);
    match last {
        Some(replay) => super::ask(ui, replay, snapshot, effects),
        None => super::send_selected(ui, &compared.before.clone(), snapshot, effects),
    }
}

fn scroll(ui: &Ui, compared: &mut Compared, step: Step) {
    let page = usize::from(ui.size.1.saturating_sub(3)).max(1);
    let len = crate::view::diff_len(ui, compared);
    compared.scroll = step.apply(compared.scroll, len.saturating_sub(page) + 1, page);
}

/// Compares with the next replay of the same call, or the one before.
fn turn(ui: &mut Ui, compared: &mut Compared, forward: bool, snapshot: &Snapshot) {
    let (replays, at) = compared.place(snapshot);
    let next = match at {
        Some(at) if forward => replays.get(at + 1),
        Some(at) => at.checked_sub(1).and_then(|at| replays.get(at)),
        None => replays.first(),
    };
    match next.and_then(|id| snapshot.calls.find(*id)) {
        Some(call) => {
            let same = compared.same;
            *compared = Compared::new(&compared.before, call, snapshot);
            compared.same = same;
        }
        None => ui.say(format!("{} has no other replay in this direction", compared.before.id)),
    }
}
