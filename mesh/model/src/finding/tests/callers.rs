use super::*;
use crate::{AppState, Outcome, Phase};

fn cancelled(took: u64, phases: &[Phase]) -> impl FnOnce(&mut sketch::Plan) {
    let phases = phases.to_vec();
    move |call| {
        (call.took, call.phases, call.status) = (Some(took), phases, None);
        call.outcome = Outcome::Cancelled;
    }
}

const SENT: [Phase; 3] = [Phase::Resolved, Phase::Connected, Phase::Sent];

#[test]
fn a_caller_that_waited_less_than_the_app_takes() {
    for (before, took, text) in [
        (vec![], 1_300, "checkout waited 1.3 s and went away; order-processor had not begun to answer."),
        (
            vec![],
            5_003,
            "checkout waited 5 s and went away; order-processor had not begun to answer. That looks like a time-out of \
             checkout.",
        ),
        (
            vec![700, 900, 800],
            570,
            "checkout waited 570 ms and went away; order-processor had not begun to answer. order-processor took 800 ms \
             for the same lately (the median of 3).",
        ),
        (
            vec![700],
            570,
            "checkout waited 570 ms and went away; order-processor had not begun to answer. order-processor took 700 ms \
             for the same lately (its only other answer).",
        ),
    ] {
        let mut sketch = Sketch::shop();
        for took in before {
            sketch.call(|call| call.took = Some(took));
        }
        sketch.call(|call| call.path = "/other".to_owned());
        sketch.call(cancelled(took, &SENT));
        let advice = "Let checkout wait longer, or find out in the log of order-processor what takes so long.";
        says(&mut sketch, FindingKind::GaveUp, text, advice);
    }
}

#[test]
fn a_caller_that_left_for_another_reason_is_not_said_to_have_lost_its_patience() {
    for (took, phases, text) in [
        (20, &SENT[..], "checkout went away after 20 ms, before the answer."),
        (900, &[Phase::Resolved][..], "checkout went away after 900 ms, before order-processor got the request."),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(cancelled(took, phases));
        let advice = "If checkout did not mean to, look into its log at that time.";
        says(&mut sketch, FindingKind::WentAway, text, advice);
    }
    let mut sketch = Sketch::shop();
    sketch.call(cancelled(900, &[Phase::Connected, Phase::Sent, Phase::FirstByte]));
    sketch.call(|call| {
        cancelled(900, &[Phase::Connected, Phase::Sent, Phase::FirstByte])(call);
        call.status = Some(200);
    });
    let text = "checkout went away after 900 ms, in the middle of the answer: 2 bytes had come.";
    let advice = "If checkout did not mean to, look into its log at that time.";
    says(&mut sketch, FindingKind::WentAway, text, advice);
}

#[test]
fn a_call_that_is_held_says_for_what() {
    for (listens, advice) in [
        (None, "Nothing yet; see the log of bank if it takes too long."),
        (Some(8080), "bank listens on :8080 instead: set its appPort to that, if it is the one."),
    ] {
        let mut sketch = Sketch::shop();
        sketch.app("bank", 7003, AppState::Starting, |app| app.listens_on = listens.map(|port| [port].into()));
        sketch.call(|call| (call.to, call.took, call.waiting, call.phases) = ("bank", None, true, vec![]));
        sketch.now += 12_000;
        let text = "bank is still starting: the call is held until it answers on :7003, 12 s so far.";
        says(&mut sketch, FindingKind::Held, text, advice);
    }
}

#[test]
fn a_call_without_an_answer_says_what_it_waits_for_itself() {
    let mut sketch = Sketch::shop();
    let top = sketch.call(|call| (call.took, call.phases) = (None, vec![]));
    sketch.now += 4_000;
    says_nothing(&mut sketch);
    sketch.now += 4_000;
    let text = "No answer for 8 s, though order-processor waits for no other call that daptop sees.";
    let advice = "Look into the log of order-processor; a lock, a database or a debugger may hold it.";
    says(&mut sketch, FindingKind::Hanging, text, advice);
    let below = sketch.call(|call| {
        (call.from, call.to, call.parent, call.at) = ("order-processor", "bank", Some(top), 1_100);
        (call.took, call.phases) = (None, vec![]);
    });
    let snapshot = sketch.snapshot();
    let found = Finding::of(snapshot.calls.find(top).unwrap(), &snapshot, snapshot.taken);
    assert_eq!(found[0].text, "No answer for 8 s: it waits for order-processor asking bank (#2).");
    assert_eq!(found[0].see, Some(below));
}
