//! What several calls tell together. Each rule looks back from its call; words of these rules are guesses, and say so.

use std::time::Duration;

use crate::{Call, Phase, Stamp};

use super::answers::template;
use super::scene::{Scene, ended_badly, route, serves};
use super::{Finding, FindingKind, words};

/// From this many on the same again is worth a word.
const SAME: usize = 5;

/// From this many attempts on, retries are a storm.
const ATTEMPTS: usize = 4;

/// Two calls with a longer pause between them do not belong together: a poll is no mistake.
const PAUSE: Duration = Duration::from_millis(100);

/// An attempt that comes later than this after a failure has waited.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// A call without a trace of its own, made by an app while it served one.
pub(super) fn split_trace(scene: &Scene<'_>) -> Option<Finding> {
    let call = scene.call;
    let place = call.trace?;
    if place.parent.is_some() || call.replay_of().is_some() || !is_ever_called(scene) {
        return None;
    }
    let (began, ended) = (call.phases.received, call.phases.at(Phase::Ended)?);
    let mut serving = None;
    for other in scene.before() {
        if other.to == call.from && other.from != call.from && serves(other, began) {
            let lasts = other.phases.at(Phase::Ended).is_none_or(|end| end >= ended);
            let same_trace = other.trace.is_none_or(|other| other.trace == place.trace);
            if !lasts || same_trace {
                return None;
            }
            serving.get_or_insert(other);
        } else if other.from == call.from
            && other.trace.is_some_and(|place| place.parent.is_none())
            && !is_within_any(scene, other)
        {
            // The app also calls without being asked: this may be one of those calls.
            return None;
        }
    }
    let serving = serving?;
    let (from, id) = (&call.from, serving.id);
    let text = format!(
        "{from} made this call while it served {id} ({} from {}), but passed no traceparent on: the trace seems to be split here.",
        route(serving),
        serving.from
    );
    let advice = "Copy traceparent from the request that is served to the requests that it makes.";
    Some(Finding::new(FindingKind::SplitTrace, text, advice).seeing(id))
}

/// Whether anybody calls the caller at all.
fn is_ever_called(scene: &Scene<'_>) -> bool {
    scene.snapshot.edges.iter().any(|edge| edge.to == scene.call.from && edge.from != scene.call.from)
}

/// Whether an app made a call while it served any other one.
fn is_within_any(scene: &Scene<'_>, call: &Call) -> bool {
    let at = call.phases.received;
    scene.before().any(|other| other.to == call.from && other.id < call.id && serves(other, at))
}

/// The call leads back to an app that is waiting further up in the same trace.
pub(super) fn cycle(scene: &Scene<'_>) -> Option<Finding> {
    let call = scene.call;
    // Nothing leads back from a call that began its trace.
    call.trace?.parent?;
    let of_trace =
        |other: &Call| other.trace.is_some_and(|other| call.trace.is_some_and(|own| own.trace == other.trace));
    // A look at what is near, before the whole trace is put in order.
    if call.from == call.to || !scene.before().any(|other| other.from == call.to && of_trace(other)) {
        return None;
    }
    let (trace, position) = scene.trace()?;
    let mut path = vec![call.to.as_str(), call.from.as_str()];
    let mut at = trace.calls.get(position)?.parent;
    while let Some(above) = at.and_then(|at| trace.calls.get(at)) {
        path.push(above.call.from.as_str());
        if above.call.from == call.to {
            path.reverse();
            let way = path.join(" calls ");
            let text = format!("The trace comes back to {}, which still waits: {way}.", call.to);
            let advice =
                "If that is not meant, it may go round for ever, or hang where both wait for one lock or one worker.";
            return Some(Finding::new(FindingKind::Cycle, text, advice).seeing(above.call.id));
        }
        at = above.parent;
    }
    None
}

/// The calls right before this one that ask the same of the same app, from the newest to the oldest.
fn in_a_row<'a>(scene: &Scene<'a>, most: Duration, is_alike: impl Fn(&Call, &Call) -> bool) -> Vec<&'a Call> {
    let (first, mut next) = (scene.call, scene.call.phases.received);
    let mut row = Vec::new();
    for other in scene.before().filter(|other| other.from == first.from) {
        if other.to != first.to || !is_alike(first, other) {
            // What went on beside it is not in the row, nor an end to it.
            if other.phases.at(Phase::Ended).is_none_or(|end| end > next) && other.to != first.to {
                continue;
            }
            break;
        }
        let Some(ended) = other.phases.at(Phase::Ended).filter(|ended| *ended <= next) else { break };
        if next.since(ended) > most {
            break;
        }
        next = other.phases.received;
        row.push(other.as_ref());
    }
    row
}

/// Whether two requests are the same, byte for byte, as far as they were kept.
fn is_same(one: &Call, other: &Call) -> bool {
    let bodies = (&one.request_body, &other.request_body);
    one.request.verb == other.request.verb
        && one.request.path == other.request.path
        && other.replay_of().is_none()
        && bodies.0.seen == bodies.1.seen
        && bodies.0.kept == bodies.1.kept
        && bodies.0.evicted == bodies.1.evicted
}

fn span(row: &[&Call], call: &Call) -> String {
    let began = row.last().map_or(call.phases.received, |first| first.phases.received);
    let ended = call.phases.at(Phase::Ended).unwrap_or(Stamp(call.phases.received.0));
    words::time(ended.since(began))
}

/// The same request, fast, after it had failed.
pub(super) fn retry_storm(scene: &Scene<'_>) -> Option<Finding> {
    let call = scene.call;
    if call.replay_of().is_some() {
        return None;
    }
    let row = in_a_row(scene, RETRY_PAUSE, |one, other| is_same(one, other) && ended_badly(other));
    let attempts = row.len() + 1;
    if attempts < ATTEMPTS {
        return None;
    }
    let (from, to, route) = (&call.from, &call.to, route(call));
    let text = format!(
        "{from} has sent {route} {attempts} times within {}, though it failed each time before.",
        span(&row, call)
    );
    let advice = format!("Let {from} wait longer after each failure, and give up after some; {to} may need the pause.");
    Some(Finding::new(FindingKind::RetryStorm, text, advice))
}

/// The same request several times in a row, with success.
pub(super) fn repeated(scene: &Scene<'_>) -> Option<Finding> {
    let call = scene.call;
    if call.replay_of().is_some() || ended_badly(call) || call.is_open() {
        return None;
    }
    let row = in_a_row(scene, PAUSE, |one, other| is_same(one, other) && !ended_badly(other));
    let count = row.len() + 1;
    if count < SAME {
        return None;
    }
    let (from, to) = (&call.from, &call.to);
    let text = format!("{from} has asked {to} the very same {count} times in a row within {}.", span(&row, call));
    Some(Finding::new(FindingKind::Repeated, text, format!("If the answer does not change, let {from} keep it.")))
}

/// Requests that differ in an id alone, one after the other, within one call that is served.
pub(super) fn one_by_one(scene: &Scene<'_>) -> Option<Finding> {
    let call = scene.call;
    let place = call.trace?;
    place.parent?;
    if call.replay_of().is_some() || call.is_open() {
        return None;
    }
    let asked = template(&route(call));
    if !asked.contains("{id}") {
        return None;
    }
    let row = in_a_row(scene, PAUSE, |one, other| {
        let same_parent = other.trace.is_some_and(|other| other.trace == place.trace && other.parent == place.parent);
        same_parent && other.request.path != one.request.path && template(&route(other)) == asked
    });
    let count = row.len() + 1;
    if count < SAME {
        return None;
    }
    let (from, to) = (&call.from, &call.to);
    let text = format!("While it served one call, {from} asked {to} {count} times, one after the other, for {asked}.");
    let advice = format!("Let {from} ask for all of them at once, or in parallel.");
    Some(Finding::new(FindingKind::OneByOne, text, advice))
}
