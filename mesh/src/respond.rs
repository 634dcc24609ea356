//! The only place that turns an error into a reply of the HTTP API.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::body::AnswerBody;
use crate::error::InvokeError;

/// A reply of the HTTP API that tells of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// `errorCode`.
    pub(crate) code: &'static str,
    /// `message`.
    pub(crate) message: String,
    /// `details`, where the building block tells some: JSON text.
    pub(crate) details: Option<String>,
}

impl ApiError {
    /// An error without details.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: None }
    }

    /// `E(x)` of the error table: 500 `ERR_DIRECT_INVOKE`, with the target as it was asked for.
    /// What access control denies is 403.
    pub(crate) fn invoke(target: &str, error: &InvokeError) -> Self {
        let message = format!("failed to invoke, id: {target}, err: {}", error.text);
        let status = if error.is_denied() { StatusCode::FORBIDDEN } else { StatusCode::INTERNAL_SERVER_ERROR };
        Self::new(status, "ERR_DIRECT_INVOKE", message)
    }

    /// No app id anywhere.
    pub(crate) fn no_app_id() -> Self {
        let message = "failed getting app id either from the URL path or the header dapr-app-id";
        Self::new(StatusCode::NOT_FOUND, "ERR_DIRECT_INVOKE", message)
    }

    /// The reply.
    pub(crate) fn response(&self) -> Response<AnswerBody> {
        let details = self.details.as_ref().map_or_else(String::new, |details| format!(",\"details\":{details}"));
        let body = format!("{{\"errorCode\":{},\"message\":{}{details}}}", go_json(self.code), go_json(&self.message));
        json(self.status, body)
    }
}

/// A JSON string as Go writes it: `<`, `>` and `&` are escaped too.
pub(crate) fn go_json(text: &str) -> String {
    let plain = serde_json::Value::from(text).to_string();
    plain.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A reply with a JSON body.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<AnswerBody> {
    with_type(status, "application/json", body)
}

/// A reply of Go's `http.Error`: plain text that is not to be sniffed.
pub(crate) fn text_error(status: StatusCode, text: impl Into<String>) -> Response<AnswerBody> {
    let mut response = with_type(status, "text/plain; charset=utf-8", text.into() + "\n");
    response.headers_mut().insert(http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A reply with a body of a type.
pub(crate) fn with_type(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::bytes(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A reply without a body.
pub(crate) fn empty(status: StatusCode) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::empty());
    *response.status_mut() = status;
    response
}
