//! The statuses of gRPC by name.

/// The names of the gRPC statuses, each at its number, as the specification writes them.
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The name of a gRPC status as the specification writes it: `NOT_FOUND`; `None` for a number without a name.
pub fn code_name(code: u32) -> Option<&'static str> {
    NAMES.get(usize::try_from(code).ok()?).copied()
}

/// The same, or `status 99` for a number without a name.
pub fn grpc_status_name(code: u32) -> String {
    code_name(code).map_or_else(|| format!("status {code}"), str::to_owned)
}

/// The name of a gRPC status in a narrow place, as most clients write it: `NotFound`, or its number where it has none.
pub fn code_title(code: u32) -> String {
    match code_name(code) {
        None => code.to_string(),
        Some("OK") => "OK".to_owned(),
        Some(name) => name.split('_').map(capitalised).collect(),
    }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_owned() + &rest.to_ascii_lowercase()
}

/// All names in small letters, each at its number: as filters write them.
pub(crate) fn filter_names() -> Vec<String> {
    NAMES.iter().map(|name| name.to_ascii_lowercase()).collect()
}
