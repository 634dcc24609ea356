//! Which calls ask the same again because the answer before was an error.

use std::collections::HashMap;

use super::{Attempt, Link, TracedCall};
use crate::{Call, Outcome, Phase, SpanId, Stamp};

/// The calls that asked the same so far.
struct Series {
    /// Their positions.
    tries: Vec<usize>,
    /// When the last one ended, if it did not go well.
    wrong_end: Option<Stamp>,
}

/// What tries have in common: where they stand, who asks whom, and for what.
#[derive(PartialEq, Eq, Hash)]
struct Wish<'a> {
    parent: Option<usize>,
    unseen: Option<SpanId>,
    from: &'a str,
    to: &'a str,
    verb: &'a [u8],
    target: &'a [u8],
}

/// Numbers the tries.
pub(super) fn number(calls: &mut [TracedCall]) {
    let mut found: Vec<(usize, Attempt)> = Vec::new();
    {
        let mut series: HashMap<Wish<'_>, Series> = HashMap::new();
        for (position, traced) in calls.iter().enumerate() {
            let call = &traced.call;
            let series = series.entry(wish(traced)).or_insert_with(|| Series { tries: Vec::new(), wrong_end: None });
            let repeats = series.wrong_end.is_some_and(|end| end <= traced.start())
                && series.tries.last().is_some_and(|last| same_body(&calls[*last].call, call));
            if !repeats {
                finish(series, calls, &mut found);
                series.tries.clear();
            }
            series.tries.push(position);
            let wrong = call.went_wrong() || call.outcome == Outcome::Cancelled;
            series.wrong_end = call.phases.at(Phase::Ended).filter(|_| wrong);
        }
        for series in series.values() {
            finish(series, calls, &mut found);
        }
    }
    for (position, attempt) in found {
        calls[position].attempt = Some(attempt);
    }
}

fn wish(traced: &TracedCall) -> Wish<'_> {
    let call = &*traced.call;
    let unseen = match traced.link {
        Link::Unseen(span) | Link::Guessed(span) => Some(span),
        Link::Root | Link::Named => None,
    };
    Wish {
        parent: traced.parent,
        unseen,
        from: call.from.as_str(),
        to: call.to.as_str(),
        verb: &call.request.verb,
        target: &call.request.target,
    }
}

/// Whether two requests had the same body, as far as both are known.
fn same_body(one: &Call, other: &Call) -> bool {
    let [one_body, other_body] = [&one.request_body, &other.request_body];
    other.is_open()
        || one_body.seen == other_body.seen
            && (one_body.evicted || other_body.evicted || one_body.kept == other_body.kept)
}

fn finish(series: &Series, calls: &[TracedCall], found: &mut Vec<(usize, Attempt)>) {
    let of = series.tries.len();
    if of < 2 {
        return;
    }
    let mut previous_end = None;
    for (index, position) in series.tries.iter().enumerate() {
        found.push((*position, Attempt { number: index + 1, of, previous_end }));
        previous_end = calls[*position].call.phases.at(Phase::Ended);
    }
}
