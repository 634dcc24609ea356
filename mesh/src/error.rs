//! Why a call got no answer, in the words that Dapr uses (HTTP error table).

use daptop_model::{FailureFact, FailureKind};

use crate::body::TOO_LARGE;
use crate::method::MethodError;
use crate::upstream::UpstreamError;

/// How Go prints the status of a refusal by access control.
const DENIED: &str = "rpc error: code = PermissionDenied desc = ";

/// A call that no app answered. The text is what stands behind `err: ` in the error that the caller gets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct InvokeError {
    /// What went wrong, to branch on.
    pub(crate) kind: FailureKind,
    /// The words.
    pub(crate) text: String,
    /// A figure that belongs to it.
    pub(crate) fact: Option<FailureFact>,
}

impl InvokeError {
    /// An error in words.
    pub(crate) fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), fact: None }
    }

    /// The error with a figure that belongs to it.
    pub(crate) fn with(self, fact: impl Into<Option<FailureFact>>) -> Self {
        Self { fact: fact.into(), ..self }
    }

    /// The callee's access control said no. `description` is the status' own.
    pub(crate) fn denied(description: &str) -> Self {
        Self::new(FailureKind::Denied, format!("{DENIED}{description}"))
    }

    /// Whether the callee's access control said no: the only error that is not told as 500.
    pub(crate) fn is_denied(&self) -> bool {
        self.kind == FailureKind::Denied
    }

    /// The description of the status that says no; `None` for every other error.
    pub(crate) fn denied_description(&self) -> Option<&str> {
        self.text.strip_prefix(DENIED).filter(|_| self.is_denied())
    }

    /// The error as the callee's sidecar tells it to the caller's: the code is flattened to text.
    pub(crate) fn told_by_callee(self) -> Self {
        if self.is_denied() {
            return self;
        }
        // An oversized body fails at the caller's own sidecar, which reads it.
        if self.text.ends_with(TOO_LARGE) {
            return Self { text: TOO_LARGE.to_owned(), ..self };
        }
        Self { text: internal(&self.callee_description()), ..self }
    }

    /// What the callee's sidecar says, as the description of a status of code Internal.
    pub(crate) fn callee_description(&self) -> String {
        if self.kind == FailureKind::NoAppPort {
            return self.text.clone();
        }
        format!("error invoking app channel: {}", self.text)
    }
}

impl From<MethodError> for InvokeError {
    fn from(error: MethodError) -> Self {
        Self::new(FailureKind::BadRequest, format!("rpc error: code = InvalidArgument desc = {error}"))
    }
}

/// A gRPC status of code Internal as Go prints it.
pub(crate) fn internal(description: &str) -> String {
    format!("rpc error: code = Internal desc = {description}")
}

/// Words a request to an app that failed: Go's client names verb and URL first.
pub(crate) fn request_failed(verb: &http::Method, url: &str, error: &UpstreamError) -> InvokeError {
    let kind = match error {
        UpstreamError::Connect { .. } => FailureKind::ConnectionRefused,
        UpstreamError::Handshake(_)
        | UpstreamError::Closed
        | UpstreamError::Malformed(..)
        | UpstreamError::Broken(_) => FailureKind::BrokenAnswer,
    };
    InvokeError::new(kind, format!("{} \"{url}\": {error}", go_verb(verb))).with(error.fact())
}

/// Go's client writes verbs like names: `Get`, `Post`.
pub(crate) fn go_verb(verb: &http::Method) -> String {
    let lower = verb.as_str().to_ascii_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
