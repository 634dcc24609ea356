//! Which call is within which.

use std::collections::HashMap;
use std::sync::Arc;

use super::Link;
use crate::{Call, Leg, Phase, SpanId};

/// Where more calls to one app are in a trace than this, none of them is guessed to be a parent.
const MOST_CANDIDATES: usize = 64;

/// The index of the call that each call is within, and how that is known. The calls are sorted by start; what comes out
/// has no circle.
pub(super) fn of(calls: &[Arc<Call>]) -> (Vec<Option<usize>>, Vec<Link>) {
    let mut owners: HashMap<SpanId, usize> = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        let Some(place) = call.trace else { continue };
        // The caller's span of a call from another process is the other process's, and the link to it.
        let own = (call.leg != Leg::FromProcess).then_some(place.caller_span);
        for span in own.into_iter().chain(place.callee_span) {
            owners.entry(span).or_insert(index);
        }
    }
    let (mut parents, mut links) = (vec![None; calls.len()], vec![Link::Root; calls.len()]);
    for (index, call) in calls.iter().enumerate() {
        let Some(span) = named(call) else { continue };
        links[index] = match owners.get(&span) {
            Some(owner) if *owner != index => {
                parents[index] = Some(*owner);
                Link::Named
            }
            _ => Link::Unseen(span),
        };
    }
    break_circles(&mut parents, &mut links, calls);
    guess(&mut parents, &mut links, calls);
    (parents, links)
}

/// The span that a call says it is within.
fn named(call: &Call) -> Option<SpanId> {
    let place = call.trace?;
    if call.leg == Leg::FromProcess { Some(place.caller_span) } else { place.parent }
}

/// Makes the first call of each circle a root.
fn break_circles(parents: &mut [Option<usize>], links: &mut [Link], calls: &[Arc<Call>]) {
    // The walk in which a call was met; 0 where it was not.
    let mut met = vec![0; parents.len()];
    for start in 0..parents.len() {
        let mut at = start;
        while met[at] == 0 {
            met[at] = start + 1;
            let Some(parent) = parents[at] else { break };
            at = parent;
        }
        if met[at] == start + 1 && parents[at].is_some() {
            // The walk came back to itself. Of the calls on the circle the first is the one with the least index.
            let (mut first, mut next) = (at, parents[at]);
            while let Some(other) = next.filter(|other| *other != at) {
                first = first.min(other);
                next = parents[other];
            }
            parents[first] = None;
            links[first] = named(&calls[first]).map_or(Link::Root, Link::Unseen);
        }
    }
}

/// Puts calls whose parent was not seen into the one call that their caller was serving when it called.
fn guess(parents: &mut [Option<usize>], links: &mut [Link], calls: &[Arc<Call>]) {
    let mut callees: HashMap<&str, Vec<usize>> = HashMap::new();
    if !links.iter().any(|link| matches!(link, Link::Unseen(_))) {
        return;
    }
    for (index, call) in calls.iter().enumerate() {
        callees.entry(call.to.as_str()).or_default().push(index);
    }
    for index in 0..calls.len() {
        let Link::Unseen(span) = links[index] else { continue };
        let call = &calls[index];
        // The caller of a call from another process served elsewhere.
        if call.leg == Leg::FromProcess {
            continue;
        }
        let Some(candidates) = callees.get(call.from.as_str()).filter(|calls| calls.len() <= MOST_CANDIDATES) else {
            continue;
        };
        let at = call.phases.received;
        let serves = |other: &&usize| {
            let phases = &calls[**other].phases;
            **other < index && phases.received <= at && phases.at(Phase::Ended).is_none_or(|end| end >= at)
        };
        let mut serving = candidates.iter().filter(serves);
        if let (Some(parent), None) = (serving.next(), serving.next())
            && top(parents, *parent) != index
        {
            parents[index] = Some(*parent);
            links[index] = Link::Guessed(span);
        }
    }
}

/// The root that a call is within.
fn top(parents: &[Option<usize>], mut at: usize) -> usize {
    while let Some(parent) = parents[at] {
        at = parent;
    }
    at
}
