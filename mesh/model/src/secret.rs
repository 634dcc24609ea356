//! Headers whose values are secrets: masked in everything that leaves the process, unless it is asked for whole.

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Whether the value of a header, its name in any case, is a secret.
pub fn is_secret(header: &str) -> bool {
    const SECRET: [&str; 9] = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "dapr-api-token",
        "x-api-key",
        "api-key",
        "x-auth-token",
        "x-csrf-token",
    ];
    SECRET.iter().any(|secret| header.eq_ignore_ascii_case(secret))
}
