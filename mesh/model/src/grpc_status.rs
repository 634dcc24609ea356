//! The statuses of gRPC by name.

/// The names of the gRPC statuses, each at its number, in small letters.
pub(crate) const NAMES: [&str; 17] = [
    "ok",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// The name of a gRPC status as the specification writes it: `NOT_FOUND`; `status 99` for a number without a name.
pub fn grpc_status_name(code: u32) -> String {
    let name = usize::try_from(code).ok().and_then(|code| NAMES.get(code));
    name.map_or_else(|| format!("status {code}"), |name| name.to_uppercase())
}
