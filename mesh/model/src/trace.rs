//! One trace as people read it: calls within calls, on one time axis.
//!
//! A call is one row here, although it stands for two spans: both tell of the same stretch of time.

mod attempts;
mod critical;
mod parents;
#[cfg(test)]
pub(crate) mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::{Call, CallId, Leg, SpanId, Stamp};

/// The calls of one trace, callers before what they called.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The calls.
    pub calls: Vec<TracedCall>,
    /// When the first call was received.
    pub start: Stamp,
    /// When the last call ended; while one is open, the moment at which this was built.
    pub end: Stamp,
}

/// A call and its place in its trace.
#[derive(Clone, Debug)]
pub struct TracedCall {
    /// The call.
    pub call: Arc<Call>,
    /// 0 for a call that is not within another one.
    pub depth: usize,
    /// How it is known where it belongs.
    pub link: Link,
    /// The position of the call that it is within.
    pub parent: Option<usize>,
    /// How many calls are within it, at any depth. They follow it.
    pub below: usize,
    /// The stretches in which this call, and none within it, determines when the trace ends.
    pub critical: Vec<Range<Stamp>>,
    /// Which try it is, where the same was asked more than once because the answer before was an error.
    pub attempt: Option<Attempt>,
}

/// How it is known within which call another one belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// Its caller began the trace.
    Root,
    /// It names a span of the call that it is within.
    Named,
    /// It names a span that nobody told us of: one of the app's own, or of another process.
    Unseen(SpanId),
    /// As `Unseen`, but there is only one call that its caller was serving when it called.
    Guessed(SpanId),
}

/// One of several tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// When the try before had ended; `None` for the first.
    pub previous_end: Option<Stamp>,
}

impl Trace {
    /// Puts calls in order: by start, each followed by those within it. Every call is there once, whatever the spans
    /// say: of calls that are within each other the first one becomes a root. `now` gives open calls an end.
    pub fn new(mut calls: Vec<Arc<Call>>, now: Stamp) -> Self {
        calls.sort_by_key(|call| (call.phases.received, call.id));
        calls.dedup_by_key(|call| call.id);
        let (parents, links) = parents::of(&calls);
        let order = order(&parents);
        let mut position = vec![0; calls.len()];
        for (at, (_, index)) in order.iter().enumerate() {
            position[*index] = at;
        }
        let traced = |(depth, index): &(usize, usize)| TracedCall {
            call: Arc::clone(&calls[*index]),
            depth: *depth,
            link: links[*index],
            parent: parents[*index].map(|parent| position[parent]),
            below: 0,
            critical: Vec::new(),
            attempt: None,
        };
        let mut trace = Self { calls: order.iter().map(traced).collect(), ..Self::default() };
        trace.start = trace.calls.iter().map(TracedCall::start).min().unwrap_or_default();
        trace.end = trace.calls.iter().map(|traced| traced.end(now)).max().unwrap_or_default();
        for at in (0..trace.calls.len()).rev() {
            if let Some(parent) = trace.calls[at].parent {
                trace.calls[parent].below += 1 + trace.calls[at].below;
            }
        }
        attempts::number(&mut trace.calls);
        critical::mark(&mut trace, now);
        trace
    }

    /// Where a call stands.
    pub fn position(&self, id: CallId) -> Option<usize> {
        self.calls.iter().position(|traced| traced.call.id == id)
    }

    /// Whether a call has not ended.
    pub fn is_open(&self) -> bool {
        self.calls.iter().any(|traced| traced.call.is_open())
    }

    /// How many spans the calls stand for.
    pub fn spans(&self) -> usize {
        self.calls.iter().map(|traced| traced.call.span_count()).sum()
    }
}

impl TracedCall {
    /// When it was received.
    pub fn start(&self) -> Stamp {
        self.call.phases.received
    }

    /// When it ended; `now` while it is open.
    pub fn end(&self, now: Stamp) -> Stamp {
        let start = self.start();
        self.call.phases.at(crate::Phase::Ended).unwrap_or(now).max(start)
    }
}

impl Call {
    /// How many spans it stands for. See [`Call::spans`].
    pub fn span_count(&self) -> usize {
        self.trace
            .map_or(0, |place| usize::from(self.leg != Leg::FromProcess) + usize::from(place.callee_span.is_some()))
    }

    /// Whether no good answer came: it failed, was left, or was answered with an error.
    pub fn went_wrong(&self) -> bool {
        self.failed() || self.is_error()
    }
}

/// The indices in the order of a tree, each with its depth.
fn order(parents: &[Option<usize>]) -> Vec<(usize, usize)> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for (index, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children[*parent].push(index);
        }
    }
    let mut ordered = Vec::with_capacity(parents.len());
    let mut open: Vec<(usize, usize)> = Vec::new();
    for root in (0..parents.len()).filter(|index| parents[*index].is_none()) {
        open.push((0, root));
        while let Some((depth, index)) = open.pop() {
            ordered.push((depth, index));
            open.extend(children[index].iter().rev().map(|child| (depth + 1, *child)));
        }
    }
    ordered
}
