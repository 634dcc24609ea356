//! Calls that are made over and over and hardly ever looked at: they are folded into one row.

use std::time::Duration;

use daptop_model::{Call, Stamp};

/// Paths that are asked to learn whether an app is well, and what it wants of its sidecar.
const PATHS: [&str; 11] = [
    "/healthz",
    "/health",
    "/livez",
    "/readyz",
    "/live",
    "/ready",
    "/dapr/config",
    "/dapr/subscribe",
    "/v1.0/healthz",
    "/v1.0/healthz/outbound",
    "/v1.0/metadata",
];

/// One that takes longer than this is worth a look.
const LONG: Duration = Duration::from_secs(1);

/// Whether a call is a probe of health, configuration or metadata that goes well. One that fails never is.
pub(super) fn is_noise(call: &Call, now: Stamp) -> bool {
    let path = call.request.path.split(|byte| *byte == b'?').next().unwrap_or_default();
    let is_probe = || PATHS.iter().any(|probe| probe.as_bytes() == path);
    let is_read = matches!(&*call.request.verb, b"GET" | b"HEAD" | b"OPTIONS");
    let is_well = !call.failed() && !call.is_error() && call.outcome != daptop_model::Outcome::Cancelled;
    let is_quick = !call.is_open() || call.age(now) < LONG;
    is_read && is_well && is_quick && call.replay_of().is_none() && is_probe()
}
