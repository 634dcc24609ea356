//! Why calls end badly, in a word or two.

use daptop_model::{FailureKind, Reason, code_title};

/// A word or two for a label.
pub(super) fn short(reason: &Reason) -> String {
    match reason {
        Reason::Status(status) => status.to_string(),
        Reason::Grpc(code) => code_title(*code),
        Reason::Cancelled => "caller left".to_owned(),
        Reason::Failed(failure) => kind(failure.kind).to_owned(),
    }
}

/// What happened, as the end of a sentence that begins with a call.
pub(super) fn long(reason: &Reason) -> String {
    match reason {
        Reason::Status(status) => format!("was answered with {status}"),
        Reason::Grpc(code) => format!("was answered with the gRPC status {}", code_title(*code)),
        Reason::Cancelled => "was left by its caller before the answer was complete".to_owned(),
        Reason::Failed(failure) => format!("was not answered: {}", failure.text),
    }
}

fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NoAppId => "no app id",
        FailureKind::UnknownApp => "unknown",
        FailureKind::StillStarting => "starting",
        FailureKind::ConnectionRefused => "refused",
        FailureKind::NoAppPort => "no port",
        FailureKind::Denied => "denied",
        FailureKind::Unhealthy => "unhealthy",
        FailureKind::BadRequest => "bad request",
        FailureKind::TooLarge => "too large",
        FailureKind::BrokenAnswer => "broken",
        FailureKind::SidecarUnreachable => "unreachable",
        FailureKind::Other => "failed",
    }
}
