//! What the path of a call hands over.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{AppId, RequestHead, SpanId, Stamp, TraceId};

/// A span that has ended and is sampled ([`Begun::is_exported`](crate::trace_context::Begun::is_exported)); no other is
/// handed over. Making one copies ids and shares texts, nothing more.
///
/// Which spans a request makes:
///
/// | request | spans |
/// |---|---|
/// | to the caller's own app | one [`SpanDetail::Request`] with a target |
/// | to another app | that, and at the callee's sidecar one [`SpanDetail::Callee`] below it, through the callee's sender |
/// | to another app that is not found, or whose sidecar is not reached | only the caller's, with the status of the error |
/// | to another app whose process is not reached | both; the callee's with an error |
/// | to an external URL | one [`SpanDetail::Request`]; the target is the URL's `scheme://host:port` |
/// | to anything else of the API: metadata, an unknown path | one [`SpanDetail::Request`] without a target |
/// | proxied gRPC to the caller's own app | one [`SpanDetail::Method`] of kind SERVER |
/// | proxied gRPC to another app | one of kind CLIENT, and at the callee's sidecar one of kind SERVER below it |
/// | with `/healthz` in its path, or not sampled | none |
/// | refused for its `baggage` | none |
#[derive(Clone, PartialEq, Debug)]
pub struct SpanRecord {
    /// The trace.
    pub trace: TraceId,
    /// The span's id.
    pub span: SpanId,
    /// The span above it; `None` where the trace begins with this span.
    pub parent: Option<SpanId>,
    /// When the request's head was received (at the callee: when the request was handed to its sidecar).
    pub start: Stamp,
    /// When the answer's head was written, not when the body ended.
    pub end: Stamp,
    /// What it tells of.
    pub detail: SpanDetail,
}

/// What a span tells of.
#[derive(Clone, PartialEq, Debug)]
pub enum SpanDetail {
    /// A request to a sidecar's HTTP API: kind CLIENT.
    Request(RequestSpan),
    /// A call that another sidecar passed on to this one: kind SERVER.
    Callee(CalleeSpan),
    /// A call over gRPC that is named by its full method.
    Method(MethodSpan),
}

/// A request to a sidecar's HTTP API.
#[derive(Clone, PartialEq, Debug)]
pub struct RequestSpan {
    /// The request's head as it was received.
    pub request: RequestHead,
    /// The app (or external URL) that is invoked; `None` for a request that is no invocation, which is named by its
    /// path.
    pub target: Option<AppId>,
    /// The status of the answer. 400 and above make the span an error.
    pub status: u16,
    /// The address that the request came from; `None` on a Unix socket.
    pub client: Option<SocketAddr>,
}

/// A call that another sidecar passed on to this one.
#[derive(Clone, PartialEq, Debug)]
pub struct CalleeSpan {
    /// The callee's app id.
    pub app: AppId,
    /// The path and query as the app sees it, [`RequestHead::path`].
    pub path: Bytes,
    /// Why the app was not reached. An answer of the app is no error here, whatever its status.
    pub error: Option<Arc<str>>,
}

/// A call over gRPC that is named by its full method: proxied, or a method of the sidecar's own that invokes nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct MethodSpan {
    /// Kind SERVER: the sidecar of the app that is called. Otherwise CLIENT.
    pub server: bool,
    /// The request's head as this sidecar got it; its path is the full method.
    pub request: RequestHead,
    /// The app that is asked for through the API's `InvokeService`; its method is the head's path then.
    pub invoked: Option<AppId>,
    /// The words of a status that is not OK.
    pub error: Option<Arc<str>>,
}
