//! One call in full.

use daptop_model::{Call, Snapshot};

use crate::action::{Action, Effects, InspectAction};
use crate::layout::Layout;
use crate::ui::{Pane, Screen, Ui};

use super::{height, waterfall};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    let height = text_height(ui, snapshot);
    match action {
        Action::Move(step) => ui.inspector.step(step, height),
        Action::Wheel { down, .. } => ui.inspector.scroll(down, height),
        Action::Open if ui.inspector.is_at_message() => ui.inspector.fold(),
        Action::Open => ui.zoomed = !ui.zoomed,
        Action::Back if !ui.inspector.search_text().is_empty() => ui.inspector.look_for("", height),
        Action::Back if ui.screen == Screen::Traces => waterfall::leave_call(ui, snapshot),
        Action::Back => ui.set_focus(Pane::Calls),
        Action::Inspect(InspectAction::Ask) => ask_again(ui, snapshot, effects),
        Action::Inspect(wish) => inspect(ui, wish, height),
        _ => return false,
    }
    true
}

/// Where the messages of a gRPC call are looked at and nobody has told what they are, the app is asked.
pub(super) fn ask(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    let Some(call) = ui.inspected().cloned() else { return };
    let is_seen = Layout::of(ui, snapshot).is_some_and(|layout| layout.place(Pane::Inspector).is_some());
    if is_seen {
        effects.commands.extend(ui.inspector.questions.about(&call, snapshot, ui.now));
    }
}

/// Whether the app of a call has not told yet what its messages are. Where it has not been asked, it is asked now.
pub(super) fn is_being_asked(ui: &mut Ui, call: &Call, snapshot: &Snapshot, effects: &mut Effects) -> bool {
    effects.commands.extend(ui.inspector.questions.about(call, snapshot, ui.now));
    let is_asked = ui.inspector.questions.are_under_way(call);
    if is_asked {
        ui.say(format!("{} is being asked what its messages are: press the key again in a moment", call.to));
    }
    is_asked
}

fn ask_again(ui: &mut Ui, snapshot: &Snapshot, effects: &mut Effects) {
    let Some(call) = ui.inspected().cloned() else { return ui.say("no call is selected".to_owned()) };
    match ui.inspector.questions.again(&call, snapshot, ui.now) {
        Ok(command) => {
            ui.say(format!("{} is asked again what its messages are", call.to));
            effects.commands.push(command);
        }
        Err(why) => ui.say(why),
    }
}

fn inspect(ui: &mut Ui, wish: InspectAction, height: usize) {
    let inspector = &mut ui.inspector;
    match wish {
        InspectAction::NextTab => inspector.turn(true),
        InspectAction::PreviousTab => inspector.turn(false),
        InspectAction::ToggleFold => inspector.fold(),
        InspectAction::Left => inspector.pan(false),
        InspectAction::Right => inspector.pan(true),
        InspectAction::FoldAll => inspector.fold_all(),
        InspectAction::FoldMore => inspector.fold_level(true),
        InspectAction::FoldLess => inspector.fold_level(false),
        InspectAction::Wrap => {
            let wrapped = inspector.wrap();
            ui.say(
                if wrapped { "long lines are wrapped" } else { "long lines are left whole: < and > go along them" }
                    .to_owned(),
            );
        }
        InspectAction::Ask => {}
        InspectAction::OtherRaw => inspector.turn_raw(),
        InspectAction::NextHit | InspectAction::PreviousHit if inspector.search_text().is_empty() => {
            ui.say("nothing is looked for: / does".to_owned());
        }
        InspectAction::NextHit => inspector.next_hit(true, height),
        InspectAction::PreviousHit => inspector.next_hit(false, height),
    }
}

/// Looks for a text in the call that is shown.
pub(super) fn look_for(ui: &mut Ui, text: &str, snapshot: &Snapshot) {
    let height = text_height(ui, snapshot);
    ui.inspector.look_for(text, height);
}

/// Puts the cursor on a visible row.
pub(super) fn select(ui: &mut Ui, row: usize, snapshot: &Snapshot) {
    let height = text_height(ui, snapshot);
    if let Some(row) = row.checked_sub(crate::view::inspector_lead(ui, snapshot)) {
        ui.inspector.select(row, height);
    }
}

/// How many rows of the call's text are seen.
fn text_height(ui: &Ui, snapshot: &Snapshot) -> usize {
    let height = height(ui, Pane::Inspector, snapshot);
    height.saturating_sub(crate::view::inspector_lead(ui, snapshot) + 1).max(1)
}
