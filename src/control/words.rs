//! The words of the control protocol's enumerations, as they stand in tables and in JSON.

use daptop_model::FailureKind;

use super::proto::{AppState, BodyEnd, CallSummary, Leg, Outcome, Protocol};

/// What an app does.
pub(crate) fn app_state(state: AppState) -> &'static str {
    match state {
        AppState::Unspecified => "unknown",
        AppState::Waiting => "waiting",
        AppState::Starting => "starting",
        AppState::Ready => "ready",
        AppState::Unhealthy => "unhealthy",
        AppState::Stopping => "stopping",
        AppState::Ended => "ended",
        AppState::NotStarted => "not started",
        AppState::Stopped => "stopped",
    }
}

/// Which way a call took.
pub(crate) fn leg(leg: Leg) -> &'static str {
    match leg {
        Leg::Unspecified => "unknown",
        Leg::Own => "own",
        Leg::InProcess => "in-process",
        Leg::ToProcess => "to-process",
        Leg::FromProcess => "from-process",
        Leg::External => "external",
        Leg::Unresolved => "unresolved",
    }
}

/// What the caller spoke.
pub(crate) fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Unspecified => "unknown",
        Protocol::Http1 => "http1",
        Protocol::Http2 => "http2",
        Protocol::Grpc => "grpc",
    }
}

/// What stands before a call's path: its verb, which gRPC has not.
pub(crate) fn verb(call: &CallSummary) -> &str {
    if call.protocol() == Protocol::Grpc { "gRPC" } else { &call.verb }
}

/// How a call ended.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unspecified => "unknown",
        Outcome::Pending => "pending",
        Outcome::Answered => "answered",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
    }
}

/// How a body ended, where it did not end as it should.
pub(crate) fn body_end(end: BodyEnd) -> Option<&'static str> {
    match end {
        BodyEnd::Unspecified | BodyEnd::Complete => None,
        BodyEnd::Open => Some("not read to its end"),
        BodyEnd::Broken => Some("broke off"),
        BodyEnd::Abandoned => Some("its reader went away before the end"),
    }
}

/// Why a call failed.
pub(crate) fn failure(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NoAppId => "no-app-id",
        FailureKind::UnknownApp => "unknown-app",
        FailureKind::StillStarting => "still-starting",
        FailureKind::ConnectionRefused => "connection-refused",
        FailureKind::NoAppPort => "no-app-port",
        FailureKind::Unhealthy => "unhealthy",
        FailureKind::Denied => "denied",
        FailureKind::BadRequest => "bad-request",
        FailureKind::TooLarge => "too-large",
        FailureKind::BrokenAnswer => "broken-answer",
        FailureKind::SidecarUnreachable => "sidecar-unreachable",
        FailureKind::Other => "other",
    }
}
