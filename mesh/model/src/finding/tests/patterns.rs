use super::*;
use crate::{CallId, FailureKind};

/// What is found in the last call of these kinds.
fn kinds(sketch: &mut Sketch) -> Vec<FindingKind> {
    found(sketch).iter().map(|finding| finding.kind).collect()
}

/// checkout asks order-processor for 300 ms from 1,000 ms on; 10 ms later order-processor asks the bank.
fn nested(edit: impl FnOnce(&mut sketch::Plan)) -> (Sketch, CallId) {
    let mut sketch = Sketch::shop();
    let top = sketch.call(|call| call.took = Some(300));
    sketch.call(|call| {
        (call.from, call.to, call.path) = ("order-processor", "bank", "/charge".to_owned());
        call.at = 1_010;
        edit(call);
    });
    (sketch, top)
}

#[test]
fn a_call_made_while_another_is_served_without_its_trace_splits_the_trace() {
    let (mut sketch, top) = nested(|_| {});
    let text = "order-processor made this call while it served #1 (POST /orders from checkout), but passed no traceparent \
        on: the trace seems to be split here.";
    let advice = "Copy traceparent from the request that is served to the requests that it makes.";
    says(&mut sketch, FindingKind::SplitTrace, text, advice);
    assert_eq!(found(&mut sketch)[0].see, Some(top));
}

#[test]
fn a_call_is_not_said_to_split_a_trace_where_it_does_not_or_may_not() {
    let (mut passed_on, top) = nested(|call| call.parent = Some(CallId(1)));
    assert_eq!(top, CallId(1));
    says_nothing(&mut passed_on);
    // After the answer: no part of serving.
    says_nothing(&mut nested(|call| call.at = 1_400).0);
    // It goes on longer than what is served.
    says_nothing(&mut nested(|call| call.took = Some(900)).0);
    // Somebody else calls.
    says_nothing(&mut nested(|call| call.from = "checkout").0);
    // It is a replay: nobody could pass a trace on.
    says_nothing(&mut nested(|call| call.replay_of = Some(CallId(1))).0);
    // The app also calls on its own, so that this call may be one of those.
    let mut sketch = Sketch::shop();
    sketch.call(|call| (call.from, call.to, call.at) = ("order-processor", "bank", 500));
    sketch.call(|call| (call.at, call.took) = (1_000, Some(300)));
    sketch.call(|call| (call.from, call.to, call.at) = ("order-processor", "bank", 1_010));
    says_nothing(&mut sketch);
}

#[test]
fn a_trace_that_comes_back_is_a_cycle() {
    let mut sketch = Sketch::shop();
    let top = sketch.call(|call| call.took = Some(300));
    let below = sketch.call(|call| {
        (call.from, call.to, call.parent) = ("order-processor", "bank", Some(top));
        (call.at, call.took) = (1_010, Some(200));
    });
    says_nothing(&mut sketch);
    sketch.call(|call| (call.from, call.to, call.parent, call.at) = ("bank", "order-processor", Some(below), 1_020));
    let text =
        "The trace comes back to order-processor, which still waits: order-processor calls bank calls order-processor.";
    let advice = "If that is not meant, it may go round for ever, or hang where both wait for one lock or one worker.";
    says(&mut sketch, FindingKind::Cycle, text, advice);
    assert_eq!(found(&mut sketch)[0].see, Some(below));
}

#[test]
fn apps_that_call_each_other_in_two_traces_are_no_cycle() {
    let mut sketch = Sketch::shop();
    sketch.call(|_| {});
    sketch.call(|call| (call.from, call.to) = ("order-processor", "checkout"));
    says_nothing(&mut sketch);
}

/// The same request `count` times, `pause` milliseconds after the answer before, which takes 10 ms.
fn again(count: u64, pause: u64, edit: impl Fn(u64, &mut sketch::Plan)) -> Sketch {
    let mut sketch = Sketch::shop();
    for number in 0..count {
        sketch.call(|call| {
            call.at = 1_000 + number * (10 + pause);
            edit(number, call);
        });
    }
    sketch
}

#[test]
fn the_same_request_in_a_row() {
    let text = "checkout has asked order-processor the very same 5 times in a row within 90 ms.";
    let advice = "If the answer does not change, let checkout keep it.";
    says(&mut again(5, 10, |_, _| {}), FindingKind::Repeated, text, advice);
    says_nothing(&mut again(4, 10, |_, _| {}));
    // A poll pauses.
    says_nothing(&mut again(20, 1_000, |_, _| {}));
    says_nothing(&mut again(9, 10, |number, call| call.path = format!("/orders/{number}")));
    says_nothing(&mut again(9, 10, |number, call| call.body = [&b"a"[..], b"b"][number as usize % 2]));
    says_nothing(&mut again(9, 10, |number, call| call.verb = ["GET", "POST"][number as usize % 2]));
    // Several at once are not one after the other.
    says_nothing(&mut again(9, 0, |_, call| call.took = Some(500)));
}

#[test]
fn what_another_app_does_meanwhile_does_not_interrupt_a_row() {
    let mut sketch = again(5, 10, |number, call| {
        if number == 2 {
            (call.from, call.to) = ("bank", "order-processor");
        }
    });
    says_nothing(&mut sketch);
    sketch.call(|call| call.at = 1_100);
    assert_eq!(kinds(&mut sketch), [FindingKind::Repeated]);
}

#[test]
fn the_same_request_after_failures_is_a_storm() {
    let fails = |_, call: &mut sketch::Plan| call.status = Some(503);
    let mut storm = again(4, 50, fails);
    let found = found(&mut storm);
    assert_eq!(
        found.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::ServerError, FindingKind::RetryStorm]
    );
    assert_eq!(
        found[1].text,
        "checkout has sent POST /orders 4 times within 190 ms, though it failed each time before."
    );
    assert_eq!(kinds(&mut again(3, 50, fails)), [FindingKind::ServerError]);
    // Whoever waits between two attempts makes no storm.
    assert_eq!(kinds(&mut again(9, 2_000, fails)), [FindingKind::ServerError]);
    // The last attempt may go well.
    let mut relieved = again(6, 50, |number, call| call.status = Some(if number == 5 { 200 } else { 503 }));
    assert_eq!(kinds(&mut relieved), [FindingKind::RetryStorm]);
    let mut unknown = again(6, 5, |_, call| {
        call.outcome = sketch::failed(FailureKind::UnknownApp, "no such app", None);
    });
    assert_eq!(kinds(&mut unknown), [FindingKind::UnknownApp, FindingKind::RetryStorm]);
}

#[test]
fn requests_that_differ_in_an_id_within_one_call_go_one_by_one() {
    let mut sketch = Sketch::shop();
    let top = sketch.call(|call| call.took = Some(900));
    let item = |number: u64, parent: Option<CallId>| {
        move |call: &mut sketch::Plan| {
            (call.from, call.to, call.verb) = ("order-processor", "stock", "GET");
            (call.path, call.parent) = (format!("/items/{number}"), parent);
            call.at = 1_010 + number * 20;
        }
    };
    for number in 1..=4 {
        sketch.call(item(number, Some(top)));
    }
    says_nothing(&mut sketch);
    sketch.call(item(5, Some(top)));
    let text =
        "While it served one call, order-processor asked stock 5 times, one after the other, for GET /items/{id}.";
    let advice = "Let order-processor ask for all of them at once, or in parallel.";
    says(&mut sketch, FindingKind::OneByOne, text, advice);
    // Without the trace nobody knows that they belong together: then at most the trace is split.
    let mut loose = Sketch::shop();
    for number in 1..=9 {
        loose.call(item(number, None));
    }
    says_nothing(&mut loose);
}
