//! Spans and traces, derived from calls.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{AppId, Call, CallId, SpanId, Stamp, TraceId};

/// Where a call stands in a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceRef {
    /// The trace.
    pub trace: TraceId,
    /// The span that the caller's app named as parent; `None` for a new trace.
    pub parent: Option<SpanId>,
    /// The caller's sidecar's span (CLIENT). For a call from another process it is that process's span.
    pub caller_span: SpanId,
    /// The callee's sidecar's span (SERVER), where a sidecar of this process served it. A call to one's own app has none.
    pub callee_span: Option<SpanId>,
    /// Whether the trace is sampled, that is, exported.
    pub sampled: bool,
}

/// Which side of a call a span tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpanKind {
    /// The caller's side.
    Client,
    /// The callee's side.
    Server,
}

/// One side of a call, on the time axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Span {
    /// Its id.
    pub id: SpanId,
    /// Its trace.
    pub trace: TraceId,
    /// The span above it; it may be unknown here.
    pub parent: Option<SpanId>,
    /// The name, as it is exported: `CallLocal/order-processor/orders`.
    pub name: Arc<str>,
    /// The app whose sidecar made it.
    pub app: AppId,
    /// Which side it tells of.
    pub kind: SpanKind,
    /// When it began.
    pub start: Stamp,
    /// When it ended; `None` while the call runs.
    pub end: Option<Stamp>,
    /// The call that it belongs to.
    pub call: CallId,
    /// The HTTP status, if there is one.
    pub status: Option<u16>,
    /// The status of gRPC, if there is one.
    pub grpc_status: Option<u32>,
}

impl Span {
    /// The spans of a call. See [`Call::spans`].
    pub(crate) fn of_call(call: &Call) -> Vec<Span> {
        let Some(trace) = call.trace else { return Vec::new() };
        let path = call.request.path();
        let method = path.split('?').next().unwrap_or_default().trim_start_matches('/');
        let name: Arc<str> = format!("CallLocal/{}/{method}", call.to).into();
        let span = |id, parent, app: &AppId, kind| Span {
            id,
            trace: trace.trace,
            parent,
            name: Arc::clone(&name),
            app: app.clone(),
            kind,
            start: call.phases.received,
            end: call.phases.at(crate::Phase::Ended),
            call: call.id,
            status: call.status(),
            grpc_status: call.grpc_status(),
        };
        let mut spans = Vec::with_capacity(2);
        if call.leg != crate::Leg::FromProcess {
            spans.push(span(trace.caller_span, trace.parent, &call.from, SpanKind::Client));
        }
        if let Some(callee) = trace.callee_span {
            spans.push(span(callee, Some(trace.caller_span), &call.to, SpanKind::Server));
        }
        spans
    }
}

/// The spans of one trace, parents before children.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TraceTree {
    /// Each span with its depth: 0 for a root, or for a span whose parent is not known here.
    pub spans: Vec<(usize, Span)>,
}

impl TraceTree {
    /// Puts spans in order: roots by start, each followed by its children by start. Every span is there once, whatever
    /// the parents say: of spans that are each other's parents the first one becomes a root.
    pub fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_by_key(|span| (span.start, span.kind == SpanKind::Server));
        let mut first_of_id = HashMap::new();
        for (index, span) in spans.iter().enumerate() {
            first_of_id.entry(span.id).or_insert(index);
        }
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
        let mut roots = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            match span.parent.and_then(|parent| first_of_id.get(&parent)) {
                Some(parent) if *parent != index => children[*parent].push(index),
                _ => roots.push(index),
            }
        }
        let mut left: Vec<Option<Span>> = spans.into_iter().map(Some).collect();
        let mut ordered = Vec::with_capacity(left.len());
        let on_a_circle = 0..left.len();
        for root in roots.into_iter().chain(on_a_circle) {
            let mut open = vec![(0, root)];
            while let Some((depth, index)) = open.pop() {
                if let Some(span) = left[index].take() {
                    open.extend(children[index].iter().rev().map(|child| (depth + 1, *child)));
                    ordered.push((depth, span));
                }
            }
        }
        Self { spans: ordered }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(call: u64, id: u8, parent: Option<u8>, start: u64) -> Span {
        Span {
            id: SpanId([id; 8]),
            trace: TraceId([1; 16]),
            parent: parent.map(|parent| SpanId([parent; 8])),
            name: "CallLocal/b/orders".into(),
            app: AppId::new("a"),
            kind: SpanKind::Client,
            start: Stamp(start),
            end: None,
            call: CallId(call),
            status: None,
            grpc_status: None,
        }
    }

    fn shape(spans: Vec<Span>) -> Vec<(usize, u64)> {
        TraceTree::new(spans).spans.iter().map(|(depth, span)| (*depth, span.call.0)).collect()
    }

    #[test]
    fn children_follow_their_parent_by_start_and_a_span_of_an_unknown_parent_is_a_root() {
        let spans = vec![
            span(5, 5, Some(9), 50),
            span(4, 4, Some(1), 40),
            span(3, 3, Some(2), 30),
            span(2, 2, Some(1), 20),
            span(1, 1, None, 10),
        ];
        assert_eq!(shape(spans), [(0, 1), (1, 2), (2, 3), (1, 4), (0, 5)]);
    }

    #[test]
    fn of_spans_on_a_circle_the_first_becomes_a_root() {
        assert_eq!(shape(vec![span(1, 1, Some(2), 10), span(2, 2, Some(1), 20)]), [(0, 1), (1, 2)]);
        assert_eq!(shape(vec![span(1, 1, Some(1), 10)]), [(0, 1)]);
    }

    proptest! {
        #[test]
        fn every_span_is_there_once_whatever_the_parents_say(
            links in prop::collection::vec((0_u8..8, prop::option::of(0_u8..10), 0_u64..4), 0..24),
        ) {
            let numbered = (0..).zip(&links);
            let spans = numbered.map(|(call, (id, parent, start))| span(call, *id, *parent, *start)).collect();
            let tree = shape(spans);
            let mut calls: Vec<_> = tree.iter().map(|(_, call)| *call).collect();
            calls.sort_unstable();
            prop_assert!(calls.into_iter().eq(0..links.len() as u64));
            prop_assert!(tree.windows(2).all(|pair| pair[1].0 <= pair[0].0 + 1), "{:?}", tree);
        }
    }
}
