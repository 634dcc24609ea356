use super::super::*;
use super::events::{Plan, line, plan, text};
use crate::{CallId, Edge};

fn told(limits: Limits, plans: &[Plan]) -> Arc<Snapshot> {
    let mut store = Store::new(limits, Anchor::default());
    for plan in plans {
        store.apply(plan.start());
        store.apply(plan.end());
    }
    store.snapshot(Stamp(0))
}

fn ids(snapshot: &Snapshot, keep: impl Fn(&crate::Call) -> bool) -> Vec<u64> {
    snapshot.calls.iter().filter(|call| keep(call)).map(|call| call.id.0).collect()
}

fn bytes(snapshot: &Snapshot) -> usize {
    let answer = |call: &crate::Call| call.response.as_ref().map_or(0, |head| head.headers.size());
    let bodies = |call: &crate::Call| call.request_body.kept.len() + call.response_body.kept.len();
    snapshot.calls.iter().map(|call| call.request.size() + answer(call) + bodies(call)).sum()
}

/// What the heads of one planned call take.
fn heads() -> usize {
    let mut plan = plan(1);
    plan.body = 0;
    bytes(&told(Limits::default(), &[plan]))
}

#[test]
fn the_oldest_ended_calls_go_first_and_open_ones_never() {
    let mut store = Store::new(Limits { calls: 3, ..Limits::default() }, Anchor::default());
    store.apply(plan(1).start());
    store.apply(plan(2).start());
    for id in 3..=9 {
        store.apply(plan(id).start());
        store.apply(plan(id).end());
    }
    let snapshot = store.snapshot(Stamp(0));
    assert_eq!((ids(&snapshot, |_| true), snapshot.lost.evicted_calls), (vec![1, 2, 9], 6));
    store.apply(plan(1).end());
    store.apply(plan(10).start());
    let snapshot = store.snapshot(Stamp(0));
    assert_eq!((ids(&snapshot, |_| true), snapshot.lost.evicted_calls), (vec![2, 9, 10], 7));
    for id in 11..=20 {
        store.apply(plan(id).start());
    }
    let snapshot = store.snapshot(Stamp(0));
    assert_eq!(ids(&snapshot, |call| !call.is_open()), Vec::<u64>::new());
    assert_eq!(ids(&snapshot, crate::Call::is_open), [&[2][..], &(10..=20).collect::<Vec<_>>()].concat());
}

#[test]
fn a_late_second_end_of_a_call_that_was_given_up_is_not_counted_as_another_one() {
    let mut store = Store::new(Limits { calls: 1, ..Limits::default() }, Anchor::default());
    for event in [plan(1).start(), plan(1).end(), plan(2).start(), plan(1).end()] {
        store.apply(event);
    }
    let lost = store.snapshot(Stamp(0)).lost;
    assert_eq!((lost.evicted_calls, lost.calls), (1, 0));
}

#[test]
fn bodies_go_before_calls_and_the_newest_last() {
    let plans: Vec<_> = (1..=10).map(plan).collect();
    let snapshot = told(Limits { bytes: 10 * heads() + 3 * 14, ..Limits::default() }, &plans);
    assert_eq!(ids(&snapshot, |call| !call.request_body.evicted), [8, 9, 10]);
    assert_eq!((snapshot.calls.len(), snapshot.lost.evicted_bodies, snapshot.lost.evicted_calls), (10, 7, 0));
    assert!(snapshot.calls.find(CallId(1)).is_some_and(|call| call.request_body.seen == 14));
    let snapshot = told(Limits { bytes: 4 * heads(), ..Limits::default() }, &plans);
    assert_eq!(ids(&snapshot, |_| true), [7, 8, 9, 10]);
    assert_eq!(snapshot.lost.evicted_calls, 6);
}

#[test]
fn the_app_that_keeps_most_loses_first() {
    let mut plans: Vec<_> = (1..=20).map(plan).collect();
    for plan in &mut plans[..2] {
        (plan.from, plan.body) = ("quiet", 100);
    }
    for plan in &mut plans[2..] {
        plan.body = 1_000;
    }
    let snapshot = told(Limits { bytes: 20 * heads() + 5_200, ..Limits::default() }, &plans);
    assert_eq!(ids(&snapshot, |call| !call.request_body.evicted), [1, 2, 16, 17, 18, 19, 20]);
}

#[test]
fn the_bodies_of_failed_calls_go_after_the_others_of_their_app() {
    let mut plans: Vec<_> = (1..=6).map(plan).collect();
    for plan in &mut plans {
        plan.body = 1_000;
    }
    plans[0].status = None;
    plans[2].status = None;
    let snapshot = told(Limits { bytes: 6 * heads() + 3_000, ..Limits::default() }, &plans);
    assert_eq!(ids(&snapshot, |call| !call.request_body.evicted), [1, 3, 6]);
    let snapshot = told(Limits { bytes: 6 * heads() + 1_000, ..Limits::default() }, &plans);
    assert_eq!(ids(&snapshot, |call| !call.request_body.evicted), [3]);
}

#[test]
fn log_lines_are_bounded_by_number_and_by_size() {
    for (limits, left) in [
        (Limits { log_lines: 2, ..Limits::default() }, "8 9"),
        (Limits { log_bytes: 3, ..Limits::default() }, "7 8 9"),
        (Limits { log_lines: 0, ..Limits::default() }, ""),
    ] {
        let mut store = Store::new(limits, Anchor::default());
        (0..10).for_each(|number| store.apply(line(&number.to_string())));
        let snapshot = store.snapshot(Stamp(0));
        let lines: Vec<_> = snapshot.logs.iter().map(|line| line.text.to_string()).collect();
        assert_eq!(lines.join(" "), left);
        assert_eq!(snapshot.lost.evicted_log_lines as usize + lines.len(), 10);
    }
}

#[test]
fn edges_are_bounded_and_the_one_quiet_for_longest_goes() {
    let mut store = Store::new(Limits::default(), Anchor::default());
    let names: Vec<&'static str> =
        (0..Edge::MOST + 5).map(|number| &*Box::leak(format!("app-{number}").into_boxed_str())).collect();
    for (id, to) in (1..).zip(names) {
        let plan = Plan { to, ..plan(id) };
        store.apply(plan.start());
        if id != 2 {
            store.apply(plan.end());
        }
    }
    let snapshot = store.snapshot(Stamp(0));
    assert_eq!((snapshot.edges.len(), snapshot.lost.evicted_edges), (Edge::MOST, 5));
    assert_eq!(snapshot.edges[..2].iter().map(|edge| edge.last_call.0).collect::<Vec<_>>(), [2, 7]);
}

#[test]
fn whatever_the_bounds_the_text_of_a_snapshot_can_be_told() {
    let plans: Vec<_> = (1..=30).map(plan).collect();
    for limit in [0, 1, 100, 1_000, 10_000] {
        let snapshot = told(Limits { bytes: limit, ..Limits::default() }, &plans);
        assert!(bytes(&snapshot) <= limit && text(&snapshot).contains("rev"));
        assert_eq!(snapshot.calls.len() as u64 + snapshot.lost.evicted_calls, 30);
    }
}

#[test]
fn a_call_knows_its_replays_until_they_are_given_up() {
    let mut store = Store::new(Limits { calls: 4, ..Limits::default() }, Anchor::default());
    let replay = |id, original| {
        let crate::Event::CallStarted(mut start) = plan(id).start() else { panic!("a start") };
        start.replay_of = Some(CallId(original));
        crate::Event::CallStarted(start)
    };
    for (id, original) in [(2, 1), (3, 1), (4, 2)] {
        store.apply(replay(id, original));
        store.apply(plan(id).end());
    }
    let snapshot = store.snapshot(Stamp(0));
    let replays = |snapshot: &Snapshot, id| snapshot.replays.of(CallId(id)).map(|id| id.0).collect::<Vec<_>>();
    assert_eq!([1, 2, 3].map(|id| replays(&snapshot, id)), [vec![2, 3], vec![4], vec![]]);
    store.apply(plan(5).start());
    store.apply(plan(6).start());
    let snapshot = store.snapshot(Stamp(0));
    assert_eq!([1, 2, 3].map(|id| replays(&snapshot, id)), [vec![3], vec![4], vec![]]);
}
