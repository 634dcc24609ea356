//! What is told of a gRPC call when it ends: its record, and the spans of the sidecars that it passed.

use std::sync::Arc;

use daptop_model::{AppId, BodyEnd, RequestHead, Side};
use http::HeaderMap;

use super::status;
use crate::capture::Record;
use crate::core::Core;
use crate::export::MethodSpan;
use crate::spans::OpenSpan;

/// Everybody who wants to know how a call ends.
#[derive(Debug, Default)]
pub(super) struct Observed {
    record: Option<Record>,
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Span {
    core: Arc<Core>,
    open: OpenSpan,
    detail: MethodSpan,
}

impl Observed {
    /// A call with a record, or without.
    pub(super) fn new(record: Option<Record>) -> Self {
        Self { record, spans: Vec::new() }
    }

    /// The record of the call.
    pub(super) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Lets a span end with the call.
    pub(super) fn span(&mut self, core: &Arc<Core>, open: OpenSpan, server: bool, request: RequestHead) {
        let detail = MethodSpan { server, request, invoked: None, error: None };
        self.spans.push(Span { core: Arc::clone(core), open, detail });
    }

    /// Lets the span of an invocation end with the call.
    pub(super) fn invocation(&mut self, core: &Arc<Core>, open: OpenSpan, request: RequestHead, target: AppId) {
        let detail = MethodSpan { server: false, request, invoked: Some(target), error: None };
        self.spans.push(Span { core: Arc::clone(core), open, detail });
    }

    /// The call ended with a status. `end` is how the answer's body did.
    pub(super) fn end(mut self, trailers: &HeaderMap, end: BodyEnd) {
        if let Some(record) = self.record.take() {
            record.trailers(trailers);
            record.ended(Side::Response, end);
        }
        let failed = status::code(trailers) != Some(0);
        self.end_spans(failed.then(|| status::words(trailers)).as_deref());
    }

    fn end_spans(&mut self, error: Option<&str>) {
        for Span { core, open, detail } in self.spans.drain(..).rev() {
            open.end_method(&core, MethodSpan { error: error.map(Arc::from), ..detail });
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            record.ended(Side::Response, BodyEnd::Abandoned);
        }
        // In Go's words of a call that its caller took back.
        self.end_spans(Some("context canceled"));
    }
}
