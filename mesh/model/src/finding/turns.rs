//! Calls that wait for their turn, because their app takes only so many at once.

use std::time::Duration;

use crate::{AppId, Leg, Outcome};

use super::scene::Scene;
use super::{Finding, FindingKind, words};

/// A shorter wait is not what makes a call slow.
const NOTICED: Duration = Duration::from_millis(100);

/// It waits now.
pub(super) fn waits(scene: &Scene<'_>) -> Option<Finding> {
    scene.call.waits_for_turn()?;
    let waited = scene.call.waited_for_turn(scene.call.age(scene.now()));
    let text = format!("{}: this call waits for its turn, {} so far.", reached(scene)?, words::time(waited));
    Some(Finding::new(FindingKind::WaitsForTurn, text, advice(scene)))
}

/// It was answered well, and most of its time was the wait.
pub(super) fn waited(scene: &Scene<'_>) -> Option<Finding> {
    let waited = mostly(scene)?;
    if scene.call.outcome != Outcome::Answered || scene.call.is_error() || waited < NOTICED {
        return None;
    }
    let (whole, reached) = (words::time(scene.call.age(scene.now())), reached(scene)?);
    let text = format!("{reached}: of its {whole} this call waited {} for its turn.", words::time(waited));
    Some(Finding::new(FindingKind::WaitedForTurn, text, advice(scene)))
}

/// Its caller went away after so long, most of which was the wait.
pub(super) fn gave_up(scene: &Scene<'_>, after: Duration) -> Option<Finding> {
    let (waited, reached) = (words::time(mostly(scene)?), reached(scene)?);
    let (from, to, after) = (&scene.call.from, &scene.call.to, words::time(after));
    let text = if scene.call.delays.turn()?.came.is_none() {
        format!("{reached}: this call waited {waited} for its turn, until {from} went away. {to} never got it.")
    } else if scene.call.response.is_none() {
        format!("{reached}: this call waited {waited} for its turn, and {from} went away after {after}, unanswered.")
    } else {
        return None;
    };
    Some(Finding::new(FindingKind::GaveUp, text, advice(scene)))
}

/// How long it waited, where that is half of its time or more.
fn mostly(scene: &Scene<'_>) -> Option<Duration> {
    scene.call.delays.turn()?;
    let age = scene.call.age(scene.now());
    Some(scene.call.waited_for_turn(age)).filter(|waited| *waited * 2 >= age)
}

/// That the limit was reached.
fn reached(scene: &Scene<'_>) -> Option<String> {
    let limit = scene.call.delays.turn()?.limit;
    let calls = if limit == 1 { "call" } else { "calls" };
    Some(match scene.call.leg {
        Leg::External => format!("The limit of {}, {limit} {calls} to this place at once, was reached", whose(scene)),
        _ => format!("The limit of {}, {limit} {calls} at once, was reached", whose(scene)),
    })
}

/// Whose limit it is: for places outside the caller's own holds.
fn whose<'a>(scene: &Scene<'a>) -> &'a AppId {
    if scene.call.leg == Leg::External { &scene.call.from } else { &scene.call.to }
}

fn advice(scene: &Scene<'_>) -> String {
    let app = whose(scene);
    format!(
        "Raise appMaxConcurrency (--app-max-concurrency) of {app} if it can serve more, or let calls take less time."
    )
}
