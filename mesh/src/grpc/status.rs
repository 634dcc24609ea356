//! How a call that is proxied ends: the status of the app, or one of the sidecar's own, as trailers.

use std::io;

use daptop_model::{FailureFact, FailureKind};
use h2::Reason;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, utf8_percent_encode};
use tonic::{Code, Status};

use super::binary;
use super::rpc_status::RpcStatus;
use crate::error::InvokeError;
use crate::upstream::{SendError, UpstreamError};

/// The number of a status.
pub(super) const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// Its words, percent-encoded.
pub(super) const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// The whole status as a message, with details.
pub(crate) const GRPC_STATUS_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// A call that ends with the sidecar's own status.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// What the caller gets.
    pub(super) status: Status,
    /// What went wrong, to branch on.
    pub(super) kind: FailureKind,
    /// A figure that belongs to it.
    pub(super) fact: Option<FailureFact>,
}

impl Refusal {
    /// A refusal with a status.
    pub(super) fn new(kind: FailureKind, status: Status) -> Self {
        Self { status, kind, fact: None }
    }

    /// The refusal as a record takes it.
    pub(super) fn error(&self) -> InvokeError {
        InvokeError::new(self.kind, self.status.message()).with(self.fact)
    }

    /// The caller's patience is over.
    pub(super) fn deadline() -> Self {
        Self::new(FailureKind::Other, Status::deadline_exceeded("context deadline exceeded"))
    }

    /// A message was longer than it may be.
    pub(super) fn too_large(status: Status, limit: Option<u64>) -> Self {
        Self { fact: limit.map(FailureFact::BodyLimit), ..Self::new(FailureKind::TooLarge, status) }
    }

    /// No connection to the app, or to the other sidecar, in the words of Go's client.
    pub(super) fn unsent(error: &SendError, unreachable: FailureKind) -> Self {
        let text = match error {
            SendError::Open(error @ UpstreamError::Connect { .. }) => {
                format!("connection error: desc = \"transport: Error while dialing: {error}\"")
            }
            SendError::Open(error) => {
                format!("connection error: desc = \"transport: authentication handshake failed: {error}\"")
            }
            SendError::Http2(error) => format!("connection error: desc = \"error reading server preface: {error}\""),
        };
        let fact = match error {
            SendError::Open(error) => error.fact(),
            SendError::Http2(_) => None,
        };
        Self { fact, ..Self::new(unreachable, Status::unavailable(text)) }
    }

    /// A stream, or the connection below it, that ended before its status came.
    pub(super) fn broken(error: &h2::Error) -> Self {
        let status = match error.reason() {
            Some(reason) if error.is_reset() => Status::new(
                code_of(reason),
                format!("stream terminated by RST_STREAM with error code: {}", name(reason)),
            ),
            Some(reason) if error.is_go_away() => {
                Status::unavailable(format!("closing transport due to: connection error: GOAWAY {}", name(reason)))
            }
            _ => Status::unavailable(unread(error.get_io())),
        };
        Self::new(FailureKind::BrokenAnswer, status)
    }

    /// An answer that is not one of gRPC, or whose metadata cannot be read.
    pub(super) fn not_grpc(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(CONTENT_TYPE);
        let is_grpc = kind.is_some_and(|kind| is_grpc(kind.as_bytes()));
        if status == StatusCode::OK && is_grpc {
            return malformed(headers).map(|status| Self::new(FailureKind::BrokenAnswer, status));
        }
        let malformed = match kind {
            None => "malformed header: missing HTTP content-type".to_owned(),
            Some(kind) => format!("transport: received unexpected content-type {kind:?}"),
        };
        let (code, text) = if status == StatusCode::OK {
            (Code::Unknown, malformed)
        } else {
            let reason = status.canonical_reason().unwrap_or_default();
            let said = format!("unexpected HTTP status code received from server: {} ({reason})", status.as_u16());
            (code_of_http(status), if is_grpc { said } else { format!("{said}; {malformed}") })
        };
        Some(Self::new(FailureKind::BrokenAnswer, Status::new(code, text)))
    }
}

/// That a connection has ended within an answer, in Go's words. That its other end has closed it is no more than the end
/// of what can be read, which the HTTP/2 library takes for a pipe that broke.
pub(crate) fn unread(error: Option<&io::Error>) -> String {
    let reason = match error.map(|error| (error.kind(), error)) {
        Some((io::ErrorKind::ConnectionReset, _)) => "read: connection reset by peer".to_owned(),
        None | Some((io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof, _)) => "EOF".to_owned(),
        Some((_, error)) => error.to_string(),
    };
    format!("error reading from server: {reason}")
}

/// Whether a content type is gRPC's: `application/grpc`, with or without what it carries.
pub(super) fn is_grpc(kind: &[u8]) -> bool {
    let lower = kind.to_ascii_lowercase();
    lower.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// A status as trailers.
pub(crate) fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(4);
    if status.add_header(&mut trailers).is_err() {
        // Only metadata that a status of ours never has can fail to be written.
        trailers.insert(GRPC_STATUS, HeaderValue::from(status.code() as i32));
    }
    word(&mut trailers);
    trailers
}

/// What Go's server escapes in the words of a status, besides what is not ASCII.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// Writes the words of a status as Go's server does, who leaves more as it is than others do, and says also that there are
/// none.
pub(super) fn word(trailers: &mut HeaderMap) {
    let words = trailers.get_all(GRPC_MESSAGE).iter().next_back().cloned();
    let is_plain =
        |words: &HeaderValue| words.as_bytes().iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'%');
    let words = match words {
        Some(words) if is_plain(&words) => words,
        Some(_) => {
            let words = utf8_percent_encode(&self::words(trailers), ESCAPED).to_string();
            HeaderValue::try_from(words).unwrap_or(HeaderValue::from_static(""))
        }
        None => HeaderValue::from_static(""),
    };
    trailers.insert(GRPC_MESSAGE, words);
}

/// What is wrong with metadata, or with trailers, for Go's client: a status that is no number, a binary value that is not
/// base64. It ends the call.
pub(crate) fn malformed(metadata: &HeaderMap) -> Option<Status> {
    if let Some(number) = metadata.get_all(GRPC_STATUS).iter().find(|number| number_of(number).is_none()) {
        let text = String::from_utf8_lossy(number.as_bytes());
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let why = if is_number { "value out of range" } else { "invalid syntax" };
        let text = format!("transport: malformed grpc-status: strconv.ParseInt: parsing {text:?}: {why}");
        return Some(Status::unknown(text));
    }
    let binary::Malformed { name, why, .. } = binary::malformed(metadata)?;
    Some(Status::internal(format!("transport: malformed {name}: {why}")))
}

/// The app's trailers as they go on; empty where there were none. Where they tell the whole status as a message, its words
/// go first, as with Go's client.
pub(super) fn pass_on(mut trailers: HeaderMap) -> HeaderMap {
    if trailers.is_empty() {
        return self::trailers(&Status::internal("server closed the stream without sending trailers"));
    }
    if let Some(status) = malformed(&trailers) {
        return self::trailers(&status);
    }
    let code = code(&trailers).unwrap_or(Code::Unknown as i32);
    trailers.entry(GRPC_STATUS).or_insert(HeaderValue::from(code));
    if let Some(told) = RpcStatus::of(&trailers) {
        let status = if told.code == code {
            Status::new(Code::from(code), told.message)
        } else {
            let status = mismatch(code, &words(&trailers), &told);
            trailers.insert(GRPC_STATUS, HeaderValue::from(status.code() as i32));
            status
        };
        if let Some(words) = self::trailers(&status).remove(GRPC_MESSAGE) {
            trailers.insert(GRPC_MESSAGE, words);
        }
    }
    word(&mut trailers);
    trailers
}

/// The two numbers that an app tells are not the same.
fn mismatch(code: i32, words: &str, told: &RpcStatus) -> Status {
    let name = code_name(Code::from(code));
    let details = format!("code:{} message:{:?}", told.code, told.message);
    Status::internal(format!(
        "grpc-status-details-bin mismatch: grpc-status={name}, grpc-message={words:?}, grpc-status-details-bin={details}"
    ))
}

/// The number of a status in trailers.
pub(super) fn code(trailers: &HeaderMap) -> Option<i32> {
    number_of(trailers.get_all(GRPC_STATUS).iter().next_back()?)
}

fn number_of(value: &HeaderValue) -> Option<i32> {
    value.to_str().ok()?.parse().ok()
}

/// The words of a status in trailers.
pub(super) fn words(trailers: &HeaderMap) -> String {
    let words = trailers.get_all(GRPC_MESSAGE).iter().next_back();
    words.map(|words| percent_decode(words.as_bytes()).decode_utf8_lossy().into_owned()).unwrap_or_default()
}

/// An answer that is nothing but a status.
pub(super) fn head_only<B: Default>(trailers: HeaderMap, content_type: HeaderValue) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.headers_mut() = trailers;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// What Go's client makes of a reset.
fn code_of(reason: Reason) -> Code {
    match reason {
        Reason::FLOW_CONTROL_ERROR | Reason::ENHANCE_YOUR_CALM => Code::ResourceExhausted,
        Reason::REFUSED_STREAM => Code::Unavailable,
        Reason::CANCEL => Code::Cancelled,
        Reason::INADEQUATE_SECURITY => Code::PermissionDenied,
        _ => Code::Internal,
    }
}

/// Go's name of a code.
pub(crate) fn code_name(code: Code) -> String {
    match code {
        Code::Ok => "OK".to_owned(),
        Code::Cancelled => "Canceled".to_owned(),
        other => format!("{other:?}"),
    }
}

fn code_of_http(status: StatusCode) -> Code {
    match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// A reason as HTTP/2 calls it.
fn name(reason: Reason) -> String {
    let names = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
    let number = u32::from(reason);
    names.get(number as usize).map_or_else(|| format!("unknown error code 0x{number:x}"), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_status_are_escaped_as_go_does_it() {
        for (written, expected) in [
            (Some("no such order"), "no such order"),
            (Some("no%20such%20order"), "no such order"),
            (Some("%22a%22: 100%25"), "\"a\": 100%25"),
            (Some("caf%c3%a9%0A"), "caf%C3%A9%0A"),
            (Some("%FF"), "%EF%BF%BD"),
            (Some("50% off"), "50%25 off"),
            (Some(""), ""),
            (None, ""),
        ] {
            let mut trailers = HeaderMap::new();
            if let Some(written) = written {
                trailers.insert(GRPC_MESSAGE, HeaderValue::from_static(written));
            }
            word(&mut trailers);
            assert_eq!(trailers[GRPC_MESSAGE], expected);
        }
        let status = Status::internal("a \"quoted\" word, caf\u{e9}");
        assert_eq!(trailers(&status)[GRPC_MESSAGE], "a \"quoted\" word, caf%C3%A9");
    }
}
