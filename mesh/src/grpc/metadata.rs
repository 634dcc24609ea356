//! Which metadata of a proxied call passes, and what is added on each leg (Transparent proxying).

use http::header::{CONTENT_TYPE, HOST, TE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::binary;
use super::timeout::GRPC_TIMEOUT;
use crate::headers::{API_TOKEN, CALLEE_APP_ID, CALLER_APP_ID};
use crate::route::APP_ID_HEADER;
use crate::trace_context::{GRPC_TRACE_BIN, SpanContext, TRACEPARENT, decode_binary, encode_binary};

/// Names the target, and is taken away.
pub(super) const APP_ID: HeaderName = HeaderName::from_static(APP_ID_HEADER);
/// What the sidecar's client of gRPC calls itself.
const AGENT: HeaderValue = HeaderValue::from_static("grpc-go/1.82.1");
/// The type of what goes out. The frames are passed on unread, whatever they carry.
const GRPC_PROTO: HeaderValue = HeaderValue::from_static("application/grpc+proto");
const TRAILERS: HeaderValue = HeaderValue::from_static("trailers");

/// The target as the caller wrote it, and by which key: `dapr-callee-app-id` goes first.
pub(super) fn target(metadata: &HeaderMap) -> Option<(&HeaderName, &str)> {
    static KEYS: [HeaderName; 2] = [CALLEE_APP_ID, APP_ID];
    KEYS.iter().find_map(|key| Some((key, metadata.get(key)?.to_str().ok()?)))
}

/// The span that a call came with: the binary form goes first, and the vendors' part is lost (Context propagation).
pub(super) fn parent(metadata: &HeaderMap) -> Option<SpanContext> {
    match metadata.get(GRPC_TRACE_BIN) {
        Some(value) => decode_binary(&binary::decode(value.as_bytes()).ok()?),
        None => Some(SpanContext { state: None, ..SpanContext::of_headers(metadata)? }),
    }
}

/// Takes away what concerns the caller's connection alone, and puts in what this client says of itself.
pub(super) fn leave_caller(metadata: &mut HeaderMap) {
    for name in [APP_ID, HOST, GRPC_TIMEOUT] {
        metadata.remove(name);
    }
    metadata.insert(CONTENT_TYPE, GRPC_PROTO);
    metadata.insert(USER_AGENT, AGENT);
    metadata.insert(TE, TRAILERS);
}

/// What the caller's sidecar adds on the remote leg: who calls whom, and its span, next to what the caller sent.
pub(super) fn introduce(metadata: &mut HeaderMap, (from, to): (&HeaderValue, HeaderValue), span: Option<&SpanContext>) {
    metadata.append(CALLER_APP_ID, from.clone());
    metadata.append(CALLEE_APP_ID, to);
    if let Some(span) = span {
        metadata.append(TRACEPARENT, span.traceparent());
        metadata.append(GRPC_TRACE_BIN, binary::encode(&encode_binary(span)));
    }
}

/// What the callee's sidecar does on the local leg: the app's token takes the place of the sidecar's.
pub(super) fn enter_app(metadata: &mut HeaderMap, app_token: Option<&HeaderValue>) {
    match app_token {
        Some(token) => drop(metadata.insert(API_TOKEN, token.clone())),
        None => drop(metadata.remove(API_TOKEN)),
    }
}
