//! W3C trace context: what a sidecar reads from a request, and what it tells onward and back (Context propagation).
//!
//! Everything here is pure, and cheap enough for the path of a call: a request without tracestate and baggage costs
//! one allocation for each header that is written.

mod baggage;
mod begin;
mod binary;
mod ids;
mod parent;
mod sampling;
mod state;

use daptop_model::{SpanId, TraceId};
use http::{HeaderMap, HeaderName, HeaderValue};

pub use baggage::{BaggageError, baggage};
pub(crate) use begin::DEFAULT_RATE;
pub use begin::{Begun, Tracing};
pub use binary::{decode_binary, encode_binary};
pub use ids::{new_span_id, new_trace_id};
pub use parent::parse_traceparent;
pub use sampling::Sampler;
pub use state::parse_tracestate;

/// The header of a context: `00-<trace>-<span>-<flags>`.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The header of the vendors' part of a context.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The header of the users' values that travel along.
pub const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
/// The binary form of a context in gRPC metadata.
pub const GRPC_TRACE_BIN: HeaderName = HeaderName::from_static("grpc-trace-bin");

/// The flag of a sampled trace.
const SAMPLED: u8 = 0x01;

/// A place in a trace, as it travels in headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpanContext {
    /// The trace; all zero where there is none.
    pub trace: TraceId,
    /// The span; all zero where there is none.
    pub span: SpanId,
    /// The flags. Bit 0 says that the trace is sampled; the others pass through.
    pub flags: u8,
    /// The vendors' part, ready to be sent.
    pub state: Option<HeaderValue>,
}

impl SpanContext {
    /// No place at all: what Dapr sends where spans are not made and none came in.
    pub const NONE: Self = Self { trace: TraceId([0; 16]), span: SpanId([0; 8]), flags: 0, state: None };

    /// The context that a request came with, from the first `traceparent` and the first `tracestate`; `None` where
    /// there is none, or a malformed one, which is ignored.
    pub fn of_headers(headers: &HeaderMap) -> Option<Self> {
        let mut context = parse_traceparent(headers.get(TRACEPARENT)?.as_bytes())?;
        context.state = headers.get(TRACESTATE).and_then(|state| parse_tracestate(state.as_bytes()));
        Some(context)
    }

    /// Whether the trace is sampled, that is, exported.
    pub fn sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Whether both ids are there.
    pub fn is_valid(&self) -> bool {
        self.trace.0 != [0; 16] && self.span.0 != [0; 8]
    }

    /// Sets `traceparent` and, where there is one, `tracestate`, in place of those that were there.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        headers.insert(TRACEPARENT, self.traceparent());
        match &self.state {
            Some(state) => headers.insert(TRACESTATE, state.clone()),
            None => headers.remove(TRACESTATE),
        };
    }
}
