//! The critical path: which calls determine when the trace ends.
//!
//! Seen from the end of a call backwards: what ended last within it determined its end; before that began, what had ended
//! last until then; the time in between is the call's own. What ran meanwhile and ended earlier could have taken longer
//! without anybody noticing.

use std::ops::Range;

use super::Trace;
use crate::Stamp;

/// Marks the stretches of each call. They do not overlap. With one root they cover it from its start to its end.
pub(super) fn mark(trace: &mut Trace, now: Stamp) {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); trace.calls.len()];
    let mut roots = Vec::new();
    for (at, traced) in trace.calls.iter().enumerate() {
        match traced.parent {
            Some(parent) => children[parent].push(at),
            None => roots.push(at),
        }
    }
    let spans: Vec<Range<Stamp>> = trace.calls.iter().map(|traced| traced.start()..traced.end(now)).collect();
    let last_first = |calls: &mut Vec<usize>| calls.sort_by_key(|at| std::cmp::Reverse((spans[*at].end, *at)));
    let mut open = Vec::new();
    last_first(&mut roots);
    // Between roots nobody of ours did anything.
    walk(&roots, trace.start..trace.end, &spans, &mut open);
    while let Some((at, within)) = open.pop() {
        last_first(&mut children[at]);
        let own = walk(&children[at], within, &spans, &mut open);
        trace.calls[at].critical = own;
    }
}

/// Goes back from the end of a stretch over the calls in it, the last to end first. What is left over, in order.
fn walk(
    calls: &[usize],
    within: Range<Stamp>,
    spans: &[Range<Stamp>],
    open: &mut Vec<(usize, Range<Stamp>)>,
) -> Vec<Range<Stamp>> {
    let mut own = Vec::new();
    let mut cursor = within.end;
    let mut first = true;
    for at in calls {
        let span = &spans[*at];
        // What goes on after its caller has ended determines that end no more than what ends with it.
        let end = if first { span.end.min(within.end) } else { span.end };
        let start = span.start.max(within.start);
        if end > cursor || start > end {
            continue;
        }
        if end < cursor {
            own.push(end..cursor);
        }
        open.push((*at, start..end));
        (cursor, first) = (start, false);
    }
    if within.start < cursor {
        own.push(within.start..cursor);
    }
    own.reverse();
    own
}
