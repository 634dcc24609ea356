use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use daptop_model::{
    Anchor, AppId, CallEnd, CallId, CallStart, CapturedBody, Event, HeadBuilder, Leg, Limits, Outcome, Phase, Phases,
    Protocol, RequestHead, ResponseHead, SpanId, Store, TraceRef,
};
use proptest::prelude::*;

use super::*;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Start { call: u64, trace: u8 },
    End { call: u64, status: u16 },
    Look,
    Freeze(bool),
    Sort,
    Filter(bool),
}

fn start(call: u64, trace: u8) -> Event {
    Event::CallStarted(Box::new(CallStart {
        id: CallId(call),
        at: Stamp(call * 10),
        from: AppId::new("a"),
        to: AppId::new(if call.is_multiple_of(3) { "c" } else { "b" }),
        leg: Leg::InProcess,
        protocol: Protocol::Http1,
        request: RequestHead {
            verb: "GET".into(),
            target: "/".into(),
            path: "/".into(),
            headers: HeadBuilder::default().finish(),
        },
        trace: (trace > 0).then_some(TraceRef {
            trace: TraceId([trace; 16]),
            parent: None,
            caller_span: SpanId(call.to_be_bytes()),
            callee_span: None,
            sampled: true,
        }),
        replay_of: None,
    }))
}

fn end(call: u64, trace: u8, status: u16) -> Event {
    let mut phases = Phases::new(Stamp(call * 10));
    phases.mark(Phase::Ended, Stamp(call * 10 + u64::from(status)));
    let Event::CallStarted(begun) = start(call, trace) else { unreachable!() };
    Event::CallEnded(Box::new(CallEnd {
        id: CallId(call),
        leg: Leg::InProcess,
        phases,
        delays: daptop_model::Delays::default(),
        request_body: CapturedBody::default(),
        response: Some(ResponseHead::new(status, HeadBuilder::default().finish())),
        messages: daptop_model::Messages::default(),
        response_body: CapturedBody::default(),
        outcome: Outcome::Answered,
        trace: begun.trace,
    }))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_u64..120, 0_u8..9).prop_map(|(call, trace)| Step::Start { call, trace }),
        5 => (1_u64..120, prop_oneof![Just(200_u16), Just(503)]).prop_map(|(call, status)| Step::End { call, status }),
        3 => Just(Step::Look),
        1 => any::<bool>().prop_map(Step::Freeze),
        1 => Just(Step::Sort),
        1 => any::<bool>().prop_map(Step::Filter),
    ]
}

/// What is listed: the trace, its calls that are there, those that went wrong, and those that are open.
type Listed = BTreeMap<TraceId, (usize, u32, u32)>;

fn expected(snapshot: &Snapshot, filter: &Filter) -> Listed {
    let mut traces: BTreeMap<TraceId, Vec<Arc<Call>>> = BTreeMap::new();
    for call in snapshot.calls.iter() {
        if let Some(place) = call.trace {
            traces.entry(place.trace).or_default().push(Arc::clone(call));
        }
    }
    traces.retain(|_, calls| calls.iter().any(|call| filter.matches(call, Stamp(0))));
    let count = |calls: &[Arc<Call>], test: fn(&Call) -> bool| calls.iter().filter(|call| test(call)).count() as u32;
    traces
        .into_iter()
        .map(|(id, calls)| (id, (calls.len(), count(&calls, Call::went_wrong), count(&calls, Call::is_open))))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_list_is_what_looking_at_every_call_anew_would_give(
        steps in prop::collection::vec(step(), 1..300),
        limit in prop_oneof![Just(1_000_usize), Just(20)],
    ) {
        let mut store = Store::new(Limits { calls: limit, ..Limits::default() }, Anchor::default());
        let mut pane = TracesPane::default();
        let mut traces: BTreeMap<u64, u8> = BTreeMap::new();
        let mut text = "";
        for step in steps.into_iter().chain([Step::Freeze(true), Step::Look]) {
            match step {
                Step::Start { call, trace } => {
                    // A number is given once.
                    if let Entry::Vacant(number) = traces.entry(call) {
                        store.apply(start(call, *number.insert(trace)));
                    }
                }
                Step::End { call, status } => {
                    store.apply(end(call, traces.get(&call).copied().unwrap_or_default(), status));
                }
                Step::Look => {
                    let snapshot = store.snapshot(Stamp(5_000));
                    // What came very late is found by looking through all calls once more.
                    for _ in 0..3 {
                        pane.refresh(&snapshot, text, &Scope::Everything, Stamp(5_000));
                    }
                    check(&pane, &snapshot, text)?;
                }
                Step::Freeze(follow) => pane.list.follow = follow,
                Step::Sort => pane.sort_next(Stamp(5_000)),
                Step::Filter(some) => text = if some { "to:c" } else { "" },
            }
        }
    }
}

fn check(pane: &TracesPane, snapshot: &Snapshot, text: &str) -> Result<(), TestCaseError> {
    let rows = pane.rows();
    let expected = expected(snapshot, &Filter::parse(text).unwrap_or_default());
    let keys: Vec<u64> = (0..rows.len()).filter_map(|position| rows.get(position)?.placed).collect();
    prop_assert!(keys.is_sorted() && keys.len() == rows.len(), "{:?}", keys);
    for position in 0..rows.len() {
        prop_assert_eq!(rows.position(rows.id(position)), position);
    }
    if !pane.list.follow {
        return Ok(());
    }
    let listed = (0..rows.len()).filter_map(|position| rows.get(position));
    let listed: Listed = listed.map(|entry| (entry.trace, (entry.calls as usize, entry.errors, entry.open))).collect();
    let errors_of_what_is_gone = |trace: &TraceId| pane.entry(*trace).map_or(0, |entry| entry.given_up);
    prop_assert_eq!(listed.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (trace, (calls, errors, open)) in &listed {
        let (there, wrong, pending) = expected[trace];
        prop_assert_eq!((*calls, *open), (there, pending));
        prop_assert!(*errors >= wrong && *errors <= wrong + errors_of_what_is_gone(trace));
    }
    Ok(())
}
