//! The spans of a sidecar, handed to the exporter when the head of an answer is there.

use std::net::SocketAddr;
use std::sync::Arc;

use daptop_model::{AppId, RequestHead, SpanId, Stamp, TraceId};

use crate::core::Core;
use crate::error::InvokeError;
use crate::export::{CalleeSpan, MethodSpan, RequestSpan, SpanDetail, SpanRecord};
use crate::trace_context::Begun;

/// A span that has begun and will be exported.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    trace: TraceId,
    span: SpanId,
    parent: Option<SpanId>,
    start: Stamp,
}

impl OpenSpan {
    /// The open span of a context; `None` where it is not exported.
    pub(crate) fn of(core: &Core, start: Stamp, begun: Option<&Begun>) -> Option<Self> {
        let begun = begun.filter(|begun| core.spans.is_some() && begun.is_exported())?;
        Some(Self { trace: begun.context.trace, span: begun.context.span, parent: begun.parent, start })
    }

    /// Ends the span of a request to the HTTP API.
    pub(crate) fn end_request(
        self,
        core: &Core,
        request: RequestHead,
        target: Option<AppId>,
        status: u16,
        client: Option<SocketAddr>,
    ) {
        self.end(core, || SpanDetail::Request(RequestSpan { request, target, status, client }));
    }

    /// Ends the span of a call that was passed on to this sidecar.
    pub(crate) fn end_callee(self, core: &Core, path: bytes::Bytes, error: Option<&InvokeError>) {
        let error = error.map(|error| Arc::from(error.text.as_str()));
        self.end(core, || SpanDetail::Callee(CalleeSpan { app: core.settings.app_id.clone(), path, error }));
    }

    /// Ends the span of a call that was proxied, or of a method of the gRPC API.
    pub(crate) fn end_method(self, core: &Core, detail: MethodSpan) {
        self.end(core, || SpanDetail::Method(detail));
    }

    fn end(self, core: &Core, detail: impl FnOnce() -> SpanDetail) {
        let Some(sender) = &core.spans else { return };
        let Self { trace, span, parent, start } = self;
        let end = core.shared.events.now();
        sender.send(|| SpanRecord { trace, span, parent, start, end, detail: detail() });
    }
}
