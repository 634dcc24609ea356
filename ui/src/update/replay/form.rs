//! A request is changed before it is sent.

use std::sync::Arc;

use daptop_model::{Call, Obstacle, Replay, Snapshot, obstacle};

use crate::action::{Action, Edit, Effects, FormAction};
use crate::replay::{Form, MOST, document, schema};
use crate::ui::{Layer, Ui};
use crate::update::inspector;

/// Opens the form for a call, where it is known or cannot be known what its messages are: with `replay`, else with what was left of an earlier change, else as it was.
pub(super) fn open(ui: &mut Ui, call: &Arc<Call>, replay: Option<&Replay>, snapshot: &Snapshot, effects: &mut Effects) {
    if let Some(why) = why_not(call, snapshot) {
        return ui.say(format!("{} is not sent again: {why}", call.id));
    }
    if inspector::is_being_asked(ui, call, snapshot, effects) {
        return;
    }
    // That it had to be waited for is over.
    ui.message = None;
    let draft = ui.replay.draft.take().filter(|(id, _)| *id == call.id).map(|(_, text)| text);
    let schema = schema(call, snapshot);
    let text = replay.map(|replay| document(&replay.request, schema.as_deref())).or(draft);
    let times = replay.map_or(1, |replay| replay.times);
    ui.layer = Some(Layer::Form(Box::new(Form::new(call, text.as_deref(), times, snapshot))));
}

/// Why no change makes a call one that can be sent.
pub(super) fn why_not(call: &Call, snapshot: &Snapshot) -> Option<String> {
    let obstacle = obstacle(call, &snapshot.apps).filter(|obstacle| !obstacle.is_of_body());
    obstacle.map(|obstacle| obstacle.to_string())
}

/// Lets the user go on in an editor.
pub(super) fn outside(ui: &Ui, effects: &mut Effects) {
    if let Some(Layer::Form(form)) = &ui.layer {
        effects.edit = Some(Edit { text: form.area.text(), ending: ".http" });
    }
}

/// Takes the text that the user has edited.
pub(in super::super) fn edited(form: &mut Form, text: &str) {
    form.rewrite(text);
    if let Some((line, _)) = &form.mistake {
        form.area.go_to_line(*line);
    }
}

/// Leaves the form; what is written is there again the next time.
pub(in super::super) fn leave(ui: &mut Ui, form: &Form) {
    if form.is_changed() {
        ui.replay.draft = Some((form.call.id, form.area.text()));
        ui.say(format!("the changes of {} are kept: e goes on, V forgets them", form.call.id));
    }
}

/// What an action does to the form, and what lies over the panes then.
pub(in super::super) fn act(
    ui: &mut Ui,
    mut form: Box<Form>,
    action: Action,
    snapshot: &Snapshot,
    effects: &mut Effects,
) -> Option<Layer> {
    let page = usize::from(ui.size.1.saturating_sub(5)).max(1);
    let area = &mut form.area;
    match action {
        Action::Type(c) if area.size() < MOST => area.insert(c),
        Action::Type(_) => ui.say("there is no room for more here: Ctrl-O opens $EDITOR".to_owned()),
        Action::Erase => area.erase(),
        Action::Move(step) => area.step(step, page),
        Action::Wheel { down, .. } => area.step(if down { crate::Step::Down } else { crate::Step::Up }, page),
        Action::Form(FormAction::NewLine) => area.insert('\n'),
        Action::Form(FormAction::Delete) => area.delete(),
        Action::Form(FormAction::Cut) => area.cut(),
        Action::Form(FormAction::Left) => area.go(false),
        Action::Form(FormAction::Right) => area.go(true),
        Action::Form(FormAction::Begin) => area.go_to_end(false),
        Action::Form(FormAction::End) => area.go_to_end(true),
        Action::Form(FormAction::Original) => form.revert(),
        Action::Form(FormAction::Outside) => {
            effects.edit = Some(Edit { text: form.area.text(), ending: ".http" });
        }
        Action::Form(FormAction::Send) => return send(ui, form, snapshot, effects),
        _ => {}
    }
    form.check();
    Some(Layer::Form(form))
}

fn send(ui: &mut Ui, mut form: Box<Form>, snapshot: &Snapshot, effects: &mut Effects) -> Option<Layer> {
    form.check();
    let Some(replay) = form.replay() else {
        let line = form.mistake.as_ref().map_or(0, |(line, _)| *line);
        form.area.go_to_line(line);
        ui.say(format!("line {} is not right yet", line + 1));
        return Some(Layer::Form(form));
    };
    let same_body = replay.request.body == form.original.body;
    let obstacle: Option<Obstacle> = obstacle(&form.call, &snapshot.apps);
    if let Some(obstacle) = obstacle.filter(|obstacle| same_body || !obstacle.is_of_body()) {
        ui.say(format!("not sent: {obstacle}"));
        return Some(Layer::Form(form));
    }
    ui.replay.draft = Some((form.call.id, form.area.text())).filter(|_| form.is_changed());
    super::ask(ui, replay, snapshot, effects);
    ui.layer.take()
}
