//! The whole status of a call as a message: number, words, and details.

use http::{HeaderMap, StatusCode};
use prost::Message as _;
use tonic::{Code, Status};

use super::binary;
use super::status::GRPC_STATUS_DETAILS;

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
    /// The whole status of trailers, where they tell one.
    pub(super) fn of(trailers: &HeaderMap) -> Option<Self> {
        let mut told = trailers.get_all(GRPC_STATUS_DETAILS).into_iter();
        let (Some(whole), None) = (told.next(), told.next()) else { return None };
        Self::decode(binary::decode(whole.as_bytes()).ok()?.as_slice()).ok()
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
