//! Callers that went away, and those that still wait.

use std::sync::Arc;
use std::time::Duration;

use crate::{Call, Outcome, Phase};

use super::scene::{Scene, route};
use super::{Finding, FindingKind, turns, words};

/// A caller that leaves sooner has not lost its patience.
const IMPATIENT: Duration = Duration::from_millis(50);

/// From when on an answer is missed.
const LONG: Duration = Duration::from_secs(5);

/// Answers that are looked at to tell how long the app usually takes.
const USUAL: usize = 32;

/// Seconds that people choose as time-outs.
const TIMEOUTS: [f64; 14] = [0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 100.0, 120.0];

/// The app was slower than the caller waited.
pub(super) fn gave_up(scene: &Scene<'_>) -> Option<Finding> {
    let waited = cancelled_after(scene)?;
    if waited >= IMPATIENT
        && let Some(finding) = turns::gave_up(scene, waited)
    {
        return Some(finding);
    }
    let began = scene.call.phases.at(Phase::FirstByte).is_some() && scene.call.response.is_some();
    if began || scene.call.phases.at(Phase::Connected).is_none() || waited < IMPATIENT {
        return None;
    }
    let (from, to) = (&scene.call.from, &scene.call.to);
    let mut text = format!("{from} waited {} and went away; {to} had not begun to answer.", words::time(waited));
    if looks_chosen(waited) {
        text = format!("{text} That looks like a time-out of {from}.");
    }
    if let Some((usual, answers)) = usual(scene) {
        let of = if answers == 1 { "its only other answer".to_owned() } else { format!("the median of {answers}") };
        text = format!("{text} {to} took {} for the same lately ({of}).", words::time(usual));
    }
    let advice = format!("Let {from} wait longer, or find out in the log of {to} what takes so long.");
    Some(Finding::new(FindingKind::GaveUp, text, advice))
}

fn cancelled_after(scene: &Scene<'_>) -> Option<Duration> {
    (scene.call.outcome == Outcome::Cancelled).then(|| scene.call.age(scene.now()))
}

/// Whether a time is within two hundredths of one that people choose.
fn looks_chosen(waited: Duration) -> bool {
    let seconds = waited.as_secs_f64();
    TIMEOUTS.into_iter().any(|chosen| (seconds - chosen).abs() <= chosen * 0.02)
}

/// How long the app took to answer the same lately, and of how many answers that is the median.
fn usual(scene: &Scene<'_>) -> Option<(Duration, usize)> {
    let asked = route(scene.call);
    let same = |call: &&Call| {
        call.to == scene.call.to
            && call.from == scene.call.from
            && call.outcome == Outcome::Answered
            && route(call) == asked
    };
    let answered = scene.before().map(AsRef::as_ref).filter(same);
    let mut times: Vec<Duration> =
        answered.filter_map(|call| call.phases.offset(Phase::FirstByte)).take(USUAL).collect();
    times.sort_unstable();
    Some((*times.get(times.len() / 2)?, times.len()))
}

/// The caller went away for another reason: in the middle of the answer, before the app had the request, or at once.
pub(super) fn went_away(scene: &Scene<'_>) -> Option<Finding> {
    let after = cancelled_after(scene)?;
    if gave_up(scene).is_some() {
        return None;
    }
    let (from, to, after) = (&scene.call.from, &scene.call.to, words::time(after));
    let seen = scene.call.response_body.seen;
    let text = if scene.call.response.is_some() {
        format!("{from} went away after {after}, in the middle of the answer: {} had come.", words::size(seen))
    } else if scene.call.phases.at(Phase::Connected).is_none() {
        format!("{from} went away after {after}, before {to} got the request.")
    } else {
        format!("{from} went away after {after}, before the answer.")
    };
    let advice = format!("If {from} did not mean to, look into its log at that time.");
    Some(Finding::new(FindingKind::WentAway, text, advice))
}

/// It is held for an app that is starting.
pub(super) fn held(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.call.is_open() || !scene.call.waiting {
        return None;
    }
    let (to, on) = (&scene.call.to, scene.on_port());
    let age = words::time(scene.call.age(scene.now()));
    let text = format!("{to} is still starting: the call is held until it answers{on}, {age} so far.");
    let ports = scene.callee().and_then(|app| app.listens_on.as_deref()).unwrap_or_default();
    let own = scene.callee().map_or(0, |app| app.ports.app);
    let advice = match ports {
        [other] if *other != own => {
            format!("{to} listens on :{other} instead: set its appPort to that, if it is the one.")
        }
        _ => format!("Nothing yet; see the log of {to} if it takes too long."),
    };
    Some(Finding::new(FindingKind::Held, text, advice))
}

/// The app has the request and gives no answer: says what it waits for itself, where that is known.
pub(super) fn hanging(scene: &Scene<'_>) -> Option<Finding> {
    let call = scene.call;
    let age = call.age(scene.now());
    let answers = call.response.is_some() || call.phases.at(Phase::FirstByte).is_some();
    if !call.is_open() || call.is_held() || answers || age < LONG {
        return None;
    }
    let (to, age) = (&call.to, words::time(age));
    if let Some(below) = deepest_open(scene) {
        let text = format!("No answer for {age}: it waits for {} asking {} ({}).", below.from, below.to, below.id);
        let advice = format!("Open {}: that is where it hangs.", below.id);
        return Some(Finding::new(FindingKind::Hanging, text, advice).seeing(below.id));
    }
    let text = format!("No answer for {age}, though {to} waits for no other call that daptop sees.");
    let advice = format!("Look into the log of {to}; a lock, a database or a debugger may hold it.");
    Some(Finding::new(FindingKind::Hanging, text, advice))
}

/// Of the open calls that were made to serve this one, the deepest.
fn deepest_open(scene: &Scene<'_>) -> Option<Arc<Call>> {
    let (trace, position) = scene.below()?;
    let below = trace.calls.get(position + 1..=position + trace.calls[position].below)?;
    let deepest = below.iter().filter(|traced| traced.call.is_open()).max_by_key(|traced| traced.depth)?;
    Some(Arc::clone(&deepest.call))
}
