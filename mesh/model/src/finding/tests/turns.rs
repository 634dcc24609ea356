use super::*;
use crate::{Leg, Outcome, Phase};

const RAISE: &str = "Raise appMaxConcurrency (--app-max-concurrency) of order-processor if it can serve more, or let calls take less time.";

#[test]
fn a_call_that_waits_for_its_turn_says_which_limit_was_reached_and_for_how_long() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| (call.took, call.phases, call.turn) = (None, vec![Phase::Resolved], Some((3, 1, None))));
    sketch.now += 9_001;
    let text = "The limit of order-processor, 3 calls at once, was reached: this call waits for its turn, 9 s so far.";
    says(&mut sketch, FindingKind::WaitsForTurn, text, RAISE);
}

#[test]
fn a_call_that_the_wait_has_made_slow_says_so_and_one_that_it_has_not_says_nothing() {
    let reached = "The limit of order-processor, 1 call at once, was reached";
    for (took, turn, text) in [
        (1_300, (1, 0, Some(1_200)), Some(": of its 1.3 s this call waited 1.2 s for its turn.")),
        (3_000, (1, 0, Some(1_200)), None),
        (90, (1, 0, Some(80)), None),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| (call.took, call.turn) = (Some(took), Some(turn)));
        match text {
            Some(text) => says(&mut sketch, FindingKind::WaitedForTurn, &format!("{reached}{text}"), RAISE),
            None => says_nothing(&mut sketch),
        }
    }
}

#[test]
fn a_caller_that_went_away_because_of_the_wait_is_told_with_the_limit() {
    let reached = "The limit of order-processor, 2 calls at once, was reached: this call waited";
    for (came, text) in [
        (None, "5 s for its turn, until checkout went away. order-processor never got it."),
        (Some(4_000), "4 s for its turn, and checkout went away after 5 s, unanswered."),
        (Some(100), ""),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| {
            (call.took, call.status, call.outcome) = (Some(5_000), None, Outcome::Cancelled);
            call.phases = if came.is_some() { vec![Phase::Resolved, Phase::Connected] } else { vec![Phase::Resolved] };
            call.turn = Some((2, 0, came));
        });
        if text.is_empty() {
            let snapshot = sketch.snapshot();
            let found = Finding::of(snapshot.calls.iter().next().unwrap(), &snapshot, snapshot.taken);
            assert!(found[0].text.starts_with("checkout waited 5 s and went away"), "{found:?}");
        } else {
            says(&mut sketch, FindingKind::GaveUp, &format!("{reached} {text}"), RAISE);
        }
    }
}

#[test]
fn for_a_place_outside_it_is_the_limit_of_the_caller() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| {
        (call.to, call.leg) = ("http://api.example", Leg::External);
        (call.took, call.phases, call.turn) = (None, vec![Phase::Resolved], Some((1, 0, None)));
    });
    sketch.now += 2_000;
    let text =
        "The limit of checkout, 1 call to this place at once, was reached: this call waits for its turn, 2 s so far.";
    let advice = "Raise appMaxConcurrency (--app-max-concurrency) of checkout if it can serve more, or let calls take less time.";
    says(&mut sketch, FindingKind::WaitsForTurn, text, advice);
}
