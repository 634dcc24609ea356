use proptest::prelude::*;

use super::super::*;
use super::events::{Plan, line, text};

const NAMES: [&str; 4] = ["checkout", "order-processor", "stock", "nobody"];

fn any_plan(id: impl Strategy<Value = u64>) -> impl Strategy<Value = Plan> {
    let name = || prop::sample::select(NAMES.to_vec());
    let status = prop::option::of(prop::sample::select(vec![200_u16, 404, 503]));
    (id, name(), name(), 0_u64..3_000, 0_u64..500, status, 0_usize..2_000)
        .prop_map(|(id, from, to, at, took, status, body)| Plan { id, from, to, at, took, status, body })
}

fn any_event() -> impl Strategy<Value = Event> {
    (any_plan(0_u64..12), 0..4, any::<bool>(), 0_u64..99).prop_map(|(plan, kind, waiting, seen)| match kind {
        0 => plan.start(),
        1 => plan.progress(waiting, seen),
        2 => plan.end(),
        _ => line("line"),
    })
}

/// The events of each call in their order, the calls' events mixed as the picks say.
fn mixed(plans: &[Plan], picks: &[usize]) -> Vec<Event> {
    let mut left: Vec<Vec<Event>> = plans
        .iter()
        .map(|plan| vec![plan.end(), plan.progress(false, 5), plan.progress(true, 0), plan.start()])
        .collect();
    let mut events = Vec::new();
    for pick in picks.iter().copied().chain(0..) {
        left.retain(|events| !events.is_empty());
        if left.is_empty() {
            break;
        }
        let index = pick % left.len();
        events.extend(left[index].pop());
    }
    events
}

fn fold(events: Vec<Event>, limits: Limits) -> Arc<Snapshot> {
    let mut store = Store::new(limits, Anchor::default());
    for event in events {
        store.apply(event);
    }
    store.snapshot(Stamp(3_500_000))
}

proptest! {
    #[test]
    fn the_order_in_which_calls_mix_does_not_change_them(
        mut plans in prop::collection::vec(any_plan(Just(0)), 1..12),
        one in prop::collection::vec(0_usize..12, 0..48),
        other in prop::collection::vec(0_usize..12, 0..48),
    ) {
        (1..).zip(&mut plans).for_each(|(id, plan)| plan.id = id);
        let one = fold(mixed(&plans, &one), Limits::default());
        let other = fold(mixed(&plans, &other), Limits::default());
        prop_assert!(one.calls.iter().eq(other.calls.iter()));
        let edges = |snapshot: &Snapshot| {
            let mut edges = snapshot.edges.to_vec();
            edges.sort_by(|one, other| (&one.from, &one.to).cmp(&(&other.from, &other.to)));
            edges
        };
        prop_assert_eq!(edges(&one), edges(&other));
    }

    #[test]
    fn any_events_at_all_keep_the_bounds_and_break_nothing(
        events in prop::collection::vec(any_event(), 0..120),
        calls in 0_usize..8,
        bytes in 0_usize..6_000,
        log_lines in 0_usize..5,
    ) {
        let limits = Limits { calls, bytes, log_lines, log_bytes: 10 };
        let snapshot = fold(events, limits);
        let open = snapshot.calls.iter().filter(|call| call.is_open()).count();
        prop_assert!(snapshot.calls.len() <= calls.max(open));
        prop_assert!(snapshot.logs.len() <= log_lines.min(2));
        let bodies: usize = snapshot.calls.iter().map(|call| call.request_body.kept.len()).sum();
        prop_assert!(bodies <= bytes);
        let ids: Vec<_> = snapshot.calls.iter().map(|call| call.id).collect();
        prop_assert!(ids.is_sorted_by(|one, other| one < other));
        let in_flight: u32 = snapshot.edges.iter().map(|edge| edge.in_flight).sum();
        prop_assert_eq!(in_flight as usize, open);
        prop_assert!(text(&snapshot).contains("rev"));
    }
}
