//! How a call that is proxied ends: the status of the app, or one of the sidecar's own, as trailers.

use daptop_model::{FailureFact, FailureKind};
use h2::Reason;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use prost::Message as _;
use tonic::{Code, Status};

use crate::error::InvokeError;
use crate::upstream::{SendError, UpstreamError};

/// The number of a status.
pub(super) const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// Its words, percent-encoded.
pub(super) const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// The whole status as a message, with details.
const GRPC_STATUS_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

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
            _ => match error.get_io() {
                Some(error) => Status::unavailable(format!("error reading from server: {error}")),
                None => Status::unavailable("error reading from server: EOF"),
            },
        };
        Self::new(FailureKind::BrokenAnswer, status)
    }

    /// An answer that is not one of gRPC.
    pub(super) fn not_grpc(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(CONTENT_TYPE);
        let is_grpc = kind.is_some_and(|kind| is_grpc(kind.as_bytes()));
        if status == StatusCode::OK && is_grpc {
            return None;
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

/// Whether a content type is gRPC's: `application/grpc`, with or without what it carries.
pub(super) fn is_grpc(kind: &[u8]) -> bool {
    let lower = kind.to_ascii_lowercase();
    lower.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// A status as trailers.
pub(super) fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(4);
    if status.add_header(&mut trailers).is_err() {
        // Only metadata that a status of ours never has can fail to be written.
        trailers.insert(GRPC_STATUS, HeaderValue::from(status.code() as i32));
    }
    trailers.entry(GRPC_MESSAGE).or_insert(HeaderValue::from_static(""));
    trailers
}

/// The app's trailers as they go on. Where they tell the whole status as a message, its words go first, as with Go's
/// client.
pub(super) fn pass_on(mut trailers: HeaderMap) -> HeaderMap {
    let Some(code) = code(&trailers) else {
        return self::trailers(&Status::internal("server closed the stream without sending trailers"));
    };
    if let Some(words) = trailers.get(GRPC_STATUS_DETAILS).and_then(|details| words_of_details(details, code)) {
        trailers.insert(GRPC_MESSAGE, words);
    }
    trailers.entry(GRPC_MESSAGE).or_insert(HeaderValue::from_static(""));
    trailers
}

/// The number of a status in trailers.
pub(super) fn code(trailers: &HeaderMap) -> Option<i32> {
    trailers.get(GRPC_STATUS)?.to_str().ok()?.trim().parse().ok()
}

/// The words of a status in trailers.
pub(super) fn words(trailers: &HeaderMap) -> String {
    Status::from_header_map(trailers).map(|status| status.message().to_owned()).unwrap_or_default()
}

/// An answer that is nothing but a status.
pub(super) fn head_only<B: Default>(trailers: HeaderMap, content_type: HeaderValue) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.headers_mut() = trailers;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn words_of_details(details: &HeaderValue, code: i32) -> Option<HeaderValue> {
    let told = RpcStatus::decode(super::metadata::binary(details)?.as_slice()).ok()?;
    let encoded = Status::new(Code::from(code), told.message);
    (told.code == code).then(|| trailers(&encoded).remove(GRPC_MESSAGE)).flatten()
}

/// The status that stands for a status of HTTP; `None` for a success (`Dapr.InvokeService`). `detail` is told as long as
/// it is short.
pub(super) fn of_http(status: u16, detail: &str) -> Option<Status> {
    const LONGEST: usize = 63;
    if (200..300).contains(&status) {
        return None;
    }
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let cut = (0..=LONGEST.min(detail.len())).rev().find(|at| detail.is_char_boundary(*at)).unwrap_or_default();
    let metadata = [("http.code", status.to_string()), ("http.error_message", detail[..cut].to_owned())];
    let info = ErrorInfo {
        reason: reason.to_owned(),
        domain: "dapr.io".to_owned(),
        metadata: metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
    };
    let detail = prost_types::Any {
        type_url: "type.googleapis.com/google.rpc.ErrorInfo".to_owned(),
        value: info.encode_to_vec(),
    };
    let code = code_of_app(status) as i32;
    Some(RpcStatus { code, message: reason.to_owned(), details: vec![detail] }.status())
}

/// What an app's status of HTTP means in gRPC.
fn code_of_app(status: u16) -> Code {
    match status {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        408 => Code::Cancelled,
        409 => Code::AlreadyExists,
        429 => Code::ResourceExhausted,
        501 => Code::Unimplemented,
        503 => Code::Unavailable,
        504 => Code::DeadlineExceeded,
        _ => Code::Unknown,
    }
}

/// `google.rpc.ErrorInfo`.
#[derive(Clone, PartialEq, prost::Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
    #[prost(map = "string, string", tag = "3")]
    metadata: std::collections::HashMap<String, String>,
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RpcStatus {
    /// The number.
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    /// The words.
    #[prost(string, tag = "2")]
    pub(super) message: String,
    /// What else is told.
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<prost_types::Any>,
}

impl RpcStatus {
    /// The whole status of trailers, where they tell it.
    pub(super) fn of(trailers: &HeaderMap) -> Option<Self> {
        Self::decode(super::metadata::binary(trailers.get(GRPC_STATUS_DETAILS)?)?.as_slice()).ok()
    }

    /// As a status; told whole only where there are details.
    pub(super) fn status(self) -> Status {
        let code = Code::from(self.code);
        if self.details.is_empty() {
            return Status::new(code, self.message);
        }
        let whole = self.encode_to_vec();
        Status::with_details(code, self.message, whole.into())
    }
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
