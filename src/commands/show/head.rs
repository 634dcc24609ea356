//! The head of a message, secrets masked.

use crate::commands::text;
use crate::control::proto::Header;

/// Headers whose values are secrets.
const SECRET: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "dapr-api-token", "x-api-key"];

/// A head under its title.
pub(super) fn section(title: &str, first: &str, headers: &[Header], no_redact: bool) -> String {
    let mut section = format!("\n{title}\n  {first}\n");
    let mut masked = false;
    for header in headers {
        let secret = !no_redact && SECRET.iter().any(|name| header.name.eq_ignore_ascii_case(name));
        masked |= secret;
        let value = if secret { "***".to_owned() } else { text::line_of_bytes(&header.value) };
        text::push(&mut section, format_args!("  {}: {value}\n", text::line(&header.name)));
    }
    if masked {
        section.push_str("  (*** hides a secret; --no-redact shows it)\n");
    }
    section
}
