use super::super::ReplayTally;
use super::super::tests::{apps, call};
use super::*;
use crate::diff::{Compared, Diff};
use crate::{AppId, BodyEnd, Event, Limits, Snapshot, Stamp, Store};

fn candidates(ids: impl IntoIterator<Item = u64>, is_replay: bool) -> Vec<Candidate> {
    ids.into_iter().map(|id| Candidate { id: CallId(id), is_replay }).collect()
}

fn filter(text: &str) -> Filter {
    Filter::parse(text).unwrap()
}

#[test]
fn calls_are_sent_oldest_first_in_whatever_order_they_are_listed() {
    let set = ReplaySet::choose(candidates([7, 3, 12, 5], false), &filter("path:/orders")).unwrap();
    assert_eq!((set.calls, set.replays), (vec![CallId(3), CallId(5), CallId(7), CallId(12)], 0));
}

#[test]
fn replays_are_left_out_and_counted_unless_the_filter_asks_for_them() {
    let listed = || candidates([1, 2], false).into_iter().chain(candidates([8, 9], true));
    for (text, calls, replays) in [
        ("", 2, 2),
        ("path:/orders", 2, 2),
        ("not replay", 2, 2),
        ("replay", 4, 0),
        ("status:5xx (open or replay)", 4, 0),
        ("not (not replay)", 4, 0),
        ("not (failed or replay)", 2, 2),
    ] {
        let set = ReplaySet::choose(listed(), &filter(text)).unwrap();
        assert_eq!((set.calls.len(), set.replays), (calls, replays), "{text:?}");
    }
}

#[test]
fn a_list_of_which_no_set_can_be_made_says_why() {
    let most = ReplaySet::MOST as u64;
    for (listed, told) in [
        (candidates([], false), "there is no call to be sent again"),
        (
            candidates([4, 5], true),
            "all calls are replays themselves, 2 of them: with replay in the filter they are sent again too",
        ),
        (candidates(0..=most, false), "more than 1000 calls are not sent again at once"),
    ] {
        assert_eq!(ReplaySet::choose(listed, &filter("")).unwrap_err().to_string(), told);
    }
    assert_eq!(ReplaySet::choose(candidates(0..most, false), &filter("")).unwrap().calls.len(), ReplaySet::MOST);
}

/// A session with calls of these verbs, of which the last two cannot be repeated.
fn session(verbs: &[&'static str]) -> Snapshot {
    let mut store = Store::new(Limits::default(), crate::Anchor { unix_micros: 0 });
    for (index, verb) in verbs.iter().enumerate() {
        let call = call(&[], "{}");
        let mut request = call.request.clone();
        request.verb = bytes::Bytes::from_static(verb.as_bytes());
        let is_cut = index + 2 >= verbs.len();
        let id = CallId(index as u64 + 1);
        store.apply(Event::CallStarted(Box::new(crate::CallStart {
            id,
            at: Stamp(id.0),
            from: AppId::from("checkout"),
            to: call.to.clone(),
            leg: call.leg,
            protocol: call.protocol,
            request,
            trace: None,
            replay_of: None,
        })));
        let mut body = call.request_body.clone();
        if is_cut {
            (body.seen, body.end) = (9, BodyEnd::Complete);
        }
        store.apply(Event::CallEnded(Box::new(crate::CallEnd {
            id,
            leg: call.leg,
            phases: call.phases,
            delays: crate::Delays::default(),
            request_body: body,
            response: call.response.clone(),
            messages: crate::Messages::default(),
            response_body: call.response_body.clone(),
            outcome: call.outcome.clone(),
            trace: None,
        })));
    }
    Snapshot::clone(&store.snapshot(Stamp(1_000)))
}

#[test]
fn before_a_set_is_sent_it_is_known_what_changes_something_and_what_cannot_be_repeated() {
    let snapshot = session(&["GET", "POST", "DELETE", "POST", "PUT", "PUT"]);
    let set = ReplaySet { calls: (1..=7).map(CallId).collect(), replays: 0 };
    let outlook = set.outlook(&snapshot.calls, &apps());
    let verbs = |verbs: &BTreeMap<String, usize>| verbs.clone().into_iter().collect::<Vec<_>>();
    assert_eq!(verbs(&outlook.changing), [("DELETE".to_owned(), 1), ("POST".to_owned(), 2)]);
    assert_eq!(verbs(&outlook.reading), [("GET".to_owned(), 1)]);
    assert_eq!((outlook.sendable(), outlook.gone), (4, 1), "#7 was never there");
    let reasons = outlook.reasons();
    assert_eq!(reasons.len(), 1, "one reason, said once: {reasons:?}");
    assert!(reasons[0].0.starts_with("only the first 2 of 9 bytes of its body were kept"), "{reasons:?}");
    assert_eq!(reasons[0].1, [CallId(5), CallId(6)]);
    let elsewhere = set.outlook(&snapshot.calls, &[]);
    assert_eq!((elsewhere.sendable(), elsewhere.obstacles.len()), (0, 6));
}

fn diff(before: (&str, &str), after: (&str, &str)) -> Diff {
    let side = |(tenant, status): (&str, &str)| Compared {
        status: status.to_owned(),
        request_headers: vec![("x-tenant".to_owned(), tenant.as_bytes().to_vec())],
        ..Compared::default()
    };
    Diff::new(&side(before), &side(after))
}

#[test]
fn what_came_of_a_set_is_told_in_a_sentence() {
    let mut tally = ReplayTally::default();
    assert_eq!(tally.to_string(), "None was sent again");
    tally.unanswered = 2;
    assert_eq!(tally.to_string(), "2 sent again: 2 not answered");
    tally.count_answered(&diff(("blue", "200"), ("red", "200")));
    tally.count_answered(&diff(("blue", "503"), ("blue", "200")));
    tally.not_sent = 3;
    assert_eq!((tally.same, tally.otherwise), (1, 1), "what was asked is no part of what was answered");
    assert_eq!(
        tally.to_string(),
        "4 sent again: 1 answered the same, 1 otherwise, 2 not at all; 3 could not be repeated"
    );
}
