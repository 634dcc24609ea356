use std::sync::Arc;

use super::super::*;
use super::events::{line, plan, text};
use crate::{
    App, AppId, AppPorts, AppState, AppTimes, CallId, Failure, FailureKind, InstanceId, Leg, Outcome, Protocol, Reason,
    TraceId,
};

fn store(events: impl IntoIterator<Item = Event>) -> Store {
    let mut store = Store::new(Limits::default(), Anchor::default());
    events.into_iter().for_each(|event| store.apply(event));
    store
}

#[test]
fn calls_and_edges_tell_what_the_events_told() {
    let (answered, mut failed, mut refused, held, stream) = (plan(1), plan(2), plan(3), plan(14), plan(15));
    (failed.status, failed.to) = (None, "nobody");
    (refused.status, refused.took) = (Some(503), 30);
    let mut store = store([
        answered.start(),
        failed.start(),
        answered.end(),
        failed.end(),
        refused.start(),
        refused.end(),
        held.start(),
        held.progress(true, 0),
        stream.start(),
        stream.progress(false, 50),
        stream.progress(false, 70),
        line("started"),
    ]);
    store.count_lost(2, 3);
    insta::assert_snapshot!(text(&store.snapshot(Stamp(2_500_000))), @r"
    #1 checkout -> order-processor /orders 200 10ms, request 14/14, answer 0/0
    #2 checkout -> nobody /orders no such app 10ms, request 14/14, answer 0/0
    #3 checkout -> order-processor /orders 503 30ms, request 14/14, answer 0/0
    #14 checkout -> order-processor /orders waiting, request 0/14, answer 0/0
    #15 checkout -> order-processor /orders open, request 0/14, answer 0/70
    checkout -> order-processor: 4 calls, 2 in flight, 0 failed, 1 errors, 56+70 bytes, p50 10000 us, p95 30000 us, recent [0, 0, 0, 0, 0, 0, 0, 0, 2, 2], newest #15
    checkout -> nobody: 1 calls, 0 in flight, 1 failed, 0 errors, 14+0 bytes, p50 10000 us, p95 10000 us, recent [0, 0, 0, 0, 0, 0, 0, 0, 1, 0], newest #2
    checkout: started
    rev 13, Lost { calls: 2, log_lines: 3, evicted_calls: 0, evicted_bodies: 0, evicted_log_lines: 0, evicted_edges: 0 }
    ");
}

#[test]
fn what_contradicts_an_earlier_event_changes_nothing() {
    let (call, mut other) = (plan(1), plan(1));
    (other.to, other.status, other.body) = ("elsewhere", None, 99);
    let mut told_once = store([call.start(), call.end()]);
    let mut told_often = store([
        call.progress(true, 9),
        call.start(),
        other.start(),
        call.end(),
        call.progress(true, 9),
        other.end(),
        other.start(),
    ]);
    assert_eq!(text(&told_often.snapshot(Stamp(0))), text(&told_once.snapshot(Stamp(0))));
}

#[test]
fn the_end_of_a_call_that_never_started_is_counted_as_a_call_not_captured() {
    let mut store = store([plan(1).end()]);
    let snapshot = store.snapshot(Stamp(0));
    assert_eq!((snapshot.calls.len(), snapshot.lost.calls), (0, 1));
}

#[test]
fn an_end_that_does_not_say_how_is_a_failure_that_says_so() {
    let mut end = plan(1).end();
    if let Event::CallEnded(end) = &mut end {
        (end.outcome, end.response) = (Outcome::Pending, None);
        end.phases = crate::Phases::new(Stamp(0));
    }
    let snapshot = store([plan(1).start(), end]).snapshot(Stamp(0));
    let call = snapshot.calls.find(CallId(1)).unwrap();
    assert!(call.failed() && !call.is_open() && call.phases.duration().is_some());
}

#[test]
fn calls_are_sorted_by_number_and_found_by_it() {
    let mut ids: Vec<u64> = (1..=3_000).map(|id| id * 2).collect();
    ids.chunks_mut(7).for_each(<[u64]>::reverse);
    let snapshot = store(ids.iter().map(|id| plan(*id).start())).snapshot(Stamp(0));
    assert!(snapshot.calls.iter().map(|call| call.id.0).eq((1..=3_000).map(|id| id * 2)));
    for id in 0..=6_001 {
        let position = snapshot.calls.position(CallId(id));
        assert_eq!(position, (id > 0 && id <= 6_000 && id % 2 == 0).then(|| id as usize / 2 - 1));
        assert_eq!(position.and_then(|at| snapshot.calls.get(at)).map(|call| call.id.0), position.map(|_| id));
    }
}

#[test]
fn a_snapshot_stays_as_it_was() {
    let mut store = store([plan(1).start(), line("one")]);
    let before = store.snapshot(Stamp(0));
    let told = text(&before);
    for event in [plan(1).end(), plan(2).start(), line("two")] {
        store.apply(event);
    }
    assert_eq!(text(&before), told);
    assert_ne!(text(&store.snapshot(Stamp(0))), told);
}

#[test]
fn a_trace_holds_the_spans_of_its_calls_alone() {
    let snapshot = store((1..=2_000).map(|id| plan(id).start())).snapshot(Stamp(0));
    let calls = |trace| {
        let tree = snapshot.trace(TraceId([trace; 16]));
        let mut calls: Vec<_> = tree.spans.iter().map(|(_, span)| span.call.0).collect();
        calls.sort_unstable();
        calls.dedup();
        calls
    };
    assert_eq!(calls(8), (0..10).map(|round| round * 200 + 7).collect::<Vec<_>>());
    assert!(calls(250).is_empty());
}

#[test]
fn calls_of_one_edge_share_its_names() {
    let snapshot = store([plan(1).start(), plan(2).start()]).snapshot(Stamp(0));
    let name = |index| snapshot.calls.get(index).unwrap().from.as_str().as_ptr();
    assert_eq!(name(0), name(1));
}

#[test]
fn a_snapshot_grows_stale_by_the_second_while_the_last_ten_count_calls() {
    let mut store = store([plan(1).start(), plan(1).end()]);
    let mut at = |micros| {
        let snapshot = store.snapshot(Stamp(micros));
        (snapshot.edges[0].recent.iter().sum::<u32>(), snapshot.stale_from())
    };
    assert_eq!(at(500_000), (0, Some(Stamp(1_000_000))));
    assert_eq!(at(1_000_000), (1, Some(Stamp(2_000_000))));
    assert_eq!(at(10_900_000), (1, Some(Stamp(11_000_000))));
    assert_eq!(at(11_000_000), (0, None));
}

fn app(id: &str, instance: u32, spawned: Option<u64>) -> Event {
    Event::AppChanged(Box::new(App {
        instance: InstanceId(instance),
        id: AppId::new(id),
        state: AppState::Starting,
        ports: AppPorts::default(),
        pid: None,
        command: "".into(),
        folder: "".into(),
        log_file: None,
        env: Arc::from([]),
        restarts: 0,
        times: AppTimes { spawned: spawned.map(|millis| Stamp(millis * 1_000)), ..AppTimes::default() },
        cpu_percent: None,
        memory: None,
        listens_on: None,
    }))
}

#[test]
fn the_first_call_of_an_app_is_that_of_its_latest_start() {
    let first = |events: Vec<Event>| {
        let snapshot = store(events).snapshot(Stamp(0));
        snapshot.apps.iter().map(|app| app.times.first_call.map(|at| at.0 / 1_000)).collect::<Vec<_>>()
    };
    let caller = |spawned| app("checkout", 1, spawned);
    let processor = |spawned| app("order-processor", 0, spawned);
    let table = [
        (vec![caller(Some(50)), processor(Some(60)), app("idle", 2, Some(1))], vec![None, None, None]),
        (vec![caller(Some(50)), processor(Some(60)), plan(1).start(), plan(2).start()], vec![Some(100), Some(100)]),
        (vec![caller(Some(50)), plan(2).start(), plan(1).start()], vec![Some(100)]),
        (vec![caller(None), plan(1).start()], vec![Some(100)]),
        (vec![caller(Some(50)), plan(1).start(), caller(Some(50))], vec![Some(100)]),
        (vec![caller(Some(50)), plan(1).start(), caller(Some(150))], vec![None]),
        (vec![caller(Some(50)), plan(1).start(), caller(Some(150)), plan(2).start()], vec![Some(200)]),
        // The call overtook the news of the start.
        (vec![plan(1).start(), plan(2).start(), caller(Some(150))], vec![Some(200)]),
    ];
    for (events, expected) in table {
        assert_eq!(first(events.clone()), expected, "{events:?}");
    }
}

#[test]
fn an_edge_keeps_why_its_last_bad_call_ended_badly_and_the_newest_that_ended_well() {
    let (first, mut failed, mut refused, last) = (plan(1), plan(2), plan(3), plan(4));
    failed.status = None;
    refused.status = Some(503);
    let mut store = store([first.start(), first.end()]);
    let mut told = Vec::new();
    for call in [failed, refused, last] {
        store.apply(call.start());
        store.apply(call.end());
        let edge = store.snapshot(Stamp(2_500_000)).edges.first().cloned().unwrap();
        let trouble = edge.trouble.clone().unwrap();
        told.push((trouble.call, trouble.reason, edge.last_well.0, edge.recent_bad.iter().sum(), edge.is_failing()));
    }
    let refused = Reason::Status(503);
    let failure = Failure { kind: FailureKind::UnknownApp, text: "no such app".into(), fact: None };
    assert_eq!(
        told,
        [
            (CallId(2), Reason::Failed(failure), 1, 1_u32, true),
            (CallId(3), refused.clone(), 1, 2, true),
            (CallId(3), refused, 4, 2, true),
        ]
    );
    let later = store.snapshot(Stamp(20_000_000)).edges.first().cloned().unwrap();
    assert!(!later.is_failing(), "what went wrong long ago, and well since, is over");
    assert_eq!(later.protocols.iter().collect::<Vec<_>>(), [Protocol::Http1]);
    assert_eq!((later.leg, later.errors, later.failed), (Leg::InProcess, 1, 1));
}
