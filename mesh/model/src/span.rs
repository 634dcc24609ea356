//! Spans and traces, derived from calls.

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
    /// Puts spans in order: roots by start, each followed by its children by start.
    pub fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_by_key(|span| (span.start, span.kind == SpanKind::Server));
        let known: std::collections::HashSet<SpanId> = spans.iter().map(|span| span.id).collect();
        let mut children: std::collections::HashMap<SpanId, Vec<Span>> = std::collections::HashMap::new();
        let mut open: Vec<(usize, Span)> = Vec::new();
        for span in spans {
            match span.parent {
                Some(parent) if known.contains(&parent) && parent != span.id => {
                    children.entry(parent).or_default().push(span);
                }
                _ => open.push((0, span)),
            }
        }
        open.reverse();
        let mut ordered = Vec::new();
        while let Some((depth, span)) = open.pop() {
            let below = children.remove(&span.id).unwrap_or_default();
            open.extend(below.into_iter().rev().map(|child| (depth + 1, child)));
            ordered.push((depth, span));
        }
        Self { spans: ordered }
    }
}
