use proptest::prelude::*;

use super::*;
use crate::{AppId, CallStart, HeadBuilder, Outcome, Phase, Protocol, RequestHead, ResponseHead, TraceId, TraceRef};

/// A call in trace 1 whose spans are its number: the caller's `c…`, the callee's `5…`.
pub(crate) fn call(id: u64, from: &str, to: &str, start: u64, parent: Option<SpanId>) -> Call {
    let trace = TraceRef {
        trace: TraceId([1; 16]),
        parent,
        caller_span: client(id),
        callee_span: Some(server(id)),
        sampled: true,
    };
    Call::new(CallStart {
        id: CallId(id),
        at: Stamp(start),
        from: AppId::new(from),
        to: AppId::new(to),
        leg: Leg::InProcess,
        protocol: Protocol::Http1,
        request: RequestHead {
            verb: "POST".into(),
            target: "/orders".into(),
            path: "/orders".into(),
            headers: HeadBuilder::default().finish(),
        },
        trace: Some(trace),
        replay_of: None,
    })
}

fn client(id: u64) -> SpanId {
    SpanId((id | 0xc000_0000).to_be_bytes())
}

fn server(id: u64) -> SpanId {
    SpanId((id | 0x5000_0000).to_be_bytes())
}

fn ended(mut call: Call, end: u64, status: u16) -> Call {
    call.phases.mark(Phase::Ended, Stamp(end));
    call.outcome = Outcome::Answered;
    call.response = Some(ResponseHead::new(status, HeadBuilder::default().finish()));
    call
}

fn trace(calls: Vec<Call>) -> Trace {
    Trace::new(calls.into_iter().map(Arc::new).collect(), Stamp(1_000))
}

fn shape(trace: &Trace) -> Vec<(usize, u64, usize)> {
    trace.calls.iter().map(|traced| (traced.depth, traced.call.id.0, traced.below)).collect()
}

#[test]
fn calls_follow_the_call_that_they_are_within_by_start() {
    let trace = trace(vec![
        ended(call(4, "b", "d", 40, Some(server(1))), 60, 200),
        ended(call(3, "c", "d", 30, Some(server(2))), 35, 200),
        ended(call(2, "b", "c", 20, Some(client(1))), 38, 200),
        ended(call(1, "a", "b", 10, None), 90, 200),
    ]);
    assert_eq!(shape(&trace), [(0, 1, 3), (1, 2, 1), (2, 3, 0), (1, 4, 0)]);
    assert_eq!((trace.start, trace.end, trace.spans()), (Stamp(10), Stamp(90), 8));
    let links: Vec<Link> = trace.calls.iter().map(|traced| traced.link).collect();
    assert_eq!(links, [Link::Root, Link::Named, Link::Named, Link::Named]);
}

#[test]
fn a_parent_that_was_not_seen_is_guessed_only_where_there_is_no_choice() {
    let foreign = SpanId([9; 8]);
    let serving = |id, start, end| ended(call(id, "a", "b", start, None), end, 200);
    let orphan = || ended(call(7, "b", "c", 50, Some(foreign)), 60, 200);
    for (name, others, link, parent) in [
        ("nothing else", vec![], Link::Unseen(foreign), None),
        ("one that serves", vec![serving(1, 10, 90)], Link::Guessed(foreign), Some(0)),
        ("one that had ended", vec![serving(1, 10, 49)], Link::Unseen(foreign), None),
        ("one that began later", vec![serving(8, 51, 90)], Link::Unseen(foreign), None),
        ("two that serve", vec![serving(1, 10, 90), serving(2, 20, 90)], Link::Unseen(foreign), None),
        ("one that is open", vec![call(1, "a", "b", 10, None)], Link::Guessed(foreign), Some(0)),
        ("another app", vec![ended(call(1, "a", "x", 10, None), 90, 200)], Link::Unseen(foreign), None),
    ] {
        let trace = trace(others.into_iter().chain([orphan()]).collect());
        let found = &trace.calls[trace.position(CallId(7)).unwrap()];
        assert_eq!((found.link, found.parent), (link, parent), "{name}");
    }
}

#[test]
fn a_call_from_another_process_is_within_the_call_that_left_for_it_where_that_is_seen() {
    let mut out = call(1, "a", "b", 10, None);
    out.leg = Leg::ToProcess;
    if let Some(place) = &mut out.trace {
        place.callee_span = None;
    }
    let mut coming = call(2, "a", "b", 12, None);
    coming.leg = Leg::FromProcess;
    if let Some(place) = &mut coming.trace {
        place.caller_span = client(1);
    }
    let both = trace(vec![out, coming.clone()]);
    assert_eq!(shape(&both), [(0, 1, 1), (1, 2, 0)]);
    assert_eq!(both.spans(), 2);
    assert_eq!(trace(vec![coming]).calls[0].link, Link::Unseen(client(1)));
}

#[test]
fn of_calls_that_are_within_each_other_the_first_becomes_a_root() {
    let circle = trace(vec![
        call(1, "a", "b", 10, Some(server(3))),
        call(2, "b", "c", 20, Some(server(1))),
        call(3, "c", "a", 30, Some(server(2))),
        call(4, "x", "y", 40, Some(server(4))),
    ]);
    assert_eq!(shape(&circle), [(0, 1, 2), (1, 2, 1), (2, 3, 0), (0, 4, 0)]);
    assert_eq!(circle.calls[0].link, Link::Unseen(server(3)));
}

#[test]
fn the_critical_path_leads_back_from_the_end_over_what_ended_last() {
    let within = Some(server(1));
    // Within 1 (0–100): 2 (10–40) and 3 (20–30) at once, then 4 (50–95) with 5 (55–70) in it.
    let trace = trace(vec![
        ended(call(1, "a", "b", 0, None), 100, 200),
        ended(call(2, "b", "c", 10, within), 40, 200),
        ended(call(3, "b", "d", 20, within), 30, 200),
        ended(call(4, "b", "c", 50, within), 95, 200),
        ended(call(5, "c", "e", 55, Some(server(4))), 70, 200),
    ]);
    let path = |id| -> Vec<(u64, u64)> {
        let traced = &trace.calls[trace.position(CallId(id)).unwrap()];
        traced.critical.iter().map(|part| (part.start.0, part.end.0)).collect()
    };
    assert_eq!(path(1), [(0, 10), (40, 50), (95, 100)]);
    assert_eq!(path(2), [(10, 40)]);
    assert_eq!(path(3), []);
    assert_eq!(path(4), [(50, 55), (70, 95)]);
    assert_eq!(path(5), [(55, 70)]);
}

#[test]
fn what_outlives_its_caller_counts_up_to_the_callers_end_only() {
    let trace =
        trace(vec![ended(call(1, "a", "b", 0, None), 50, 200), ended(call(2, "b", "c", 20, Some(server(1))), 80, 200)]);
    assert_eq!(trace.calls[0].critical, [Stamp(0)..Stamp(20)]);
    assert_eq!(trace.calls[1].critical, [Stamp(20)..Stamp(50)]);
    assert_eq!(trace.end, Stamp(80));
}

#[test]
fn the_same_asked_again_after_an_error_is_another_try() {
    let within = Some(server(1));
    let body = |mut call: Call, body: &'static str| {
        call.request_body.kept = body.into();
        call.request_body.seen = body.len() as u64;
        call
    };
    let charge = |id: u64, status| ended(call(id, "b", "c", id * 10, within), id * 10 + 5, status);
    let tries = |calls: Vec<Call>| -> Vec<(u64, Option<(usize, usize)>)> {
        let root = ended(call(1, "a", "b", 0, None), 900, 200);
        let trace = trace([root].into_iter().chain(calls).collect());
        let number = |traced: &TracedCall| traced.attempt.map(|attempt| (attempt.number, attempt.of));
        trace.calls.iter().skip(1).map(|traced| (traced.call.id.0, number(traced))).collect()
    };
    assert_eq!(
        tries(vec![charge(2, 503), charge(3, 503), charge(4, 200), charge(5, 200)]),
        [(2, Some((1, 3))), (3, Some((2, 3))), (4, Some((3, 3))), (5, None)]
    );
    assert_eq!(tries(vec![charge(2, 200), charge(3, 200)]), [(2, None), (3, None)]);
    assert_eq!(tries(vec![body(charge(2, 503), "1"), body(charge(3, 200), "2")]), [(2, None), (3, None)]);
    let meanwhile = ended(call(3, "b", "c", 22, within), 40, 200);
    assert_eq!(tries(vec![charge(2, 503), meanwhile]), [(2, None), (3, None)]);
    let open = body(call(3, "b", "c", 30, within), "");
    assert_eq!(tries(vec![body(charge(2, 503), "1"), open]), [(2, Some((1, 2))), (3, Some((2, 2)))]);
}

proptest! {
    #[test]
    fn every_call_is_there_once_and_the_path_never_overlaps_whatever_the_spans_say(
        wishes in prop::collection::vec(
            (0_u8..9, prop::option::of(0_u8..12), 0_u64..40, prop::option::of(0_u64..60), 0_usize..3, 0_usize..3, any::<bool>()),
            0..28,
        ),
    ) {
        let apps = ["a", "b", "c"];
        let calls = (1..).zip(&wishes).map(|(id, (span, parent, start, end, from, to, other))| {
            let mut call = call(id, apps[*from], apps[*to], *start, parent.map(|parent| SpanId([parent; 8])));
            if let Some(place) = &mut call.trace {
                place.caller_span = SpanId([*span; 8]);
                place.callee_span = Some(SpanId([*span + 1; 8]));
            }
            if *other {
                call.leg = Leg::FromProcess;
            }
            if let Some(end) = end {
                call = ended(call, start + end, if end % 2 == 0 { 200 } else { 503 });
            }
            Arc::new(call)
        });
        let now = Stamp(50);
        let trace = Trace::new(calls.collect(), now);
        let mut ids: Vec<u64> = trace.calls.iter().map(|traced| traced.call.id.0).collect();
        ids.sort_unstable();
        prop_assert!(ids.into_iter().eq(1..=wishes.len() as u64));
        for (at, traced) in trace.calls.iter().enumerate() {
            let parent = traced.parent.map(|parent| &trace.calls[parent]);
            prop_assert_eq!(traced.depth, parent.map_or(0, |parent| parent.depth + 1));
            prop_assert!(traced.parent.is_none_or(|parent| parent < at && at <= parent + trace.calls[parent].below));
            let (start, end) = (traced.start(), traced.end(now));
            for part in &traced.critical {
                prop_assert!(part.start < part.end && part.start >= start && part.end <= end);
            }
            let attempt = traced.attempt;
            prop_assert!(attempt.is_none_or(|attempt| (1..=attempt.of).contains(&attempt.number)));
        }
        let mut path: Vec<Range<Stamp>> = trace.calls.iter().flat_map(|traced| traced.critical.clone()).collect();
        path.sort_by_key(|part| part.start);
        prop_assert!(path.windows(2).all(|pair| pair[0].end <= pair[1].start), "{:?}", path);
        let roots: Vec<&TracedCall> = trace.calls.iter().filter(|traced| traced.parent.is_none()).collect();
        if let [root] = roots[..] {
            let covered: u64 = path.iter().map(|part| part.end.0 - part.start.0).sum();
            let own = root.end(now).min(trace.end).0 - root.start().0;
            prop_assert!(covered <= own && (covered == own || trace.start < root.start() || trace.end > root.end(now)));
        }
    }
}
