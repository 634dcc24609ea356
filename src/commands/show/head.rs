//! The head of a message, secrets masked.

use daptop_model::{MASK, is_secret};

use crate::commands::text;
use crate::control::proto::Header;

/// A head under its title. Trailers have no first line.
pub(super) fn section(title: &str, first: Option<&str>, headers: &[Header], no_redact: bool) -> String {
    let first = first.map_or_else(String::new, |first| format!("  {first}\n"));
    let mut section = format!("\n{title}\n{first}");
    let mut masked = false;
    for header in headers {
        let secret = !no_redact && is_secret(&header.name);
        masked |= secret;
        let value = if secret { MASK.to_owned() } else { text::line_of_bytes(&header.value) };
        text::push(&mut section, format_args!("  {}: {value}\n", text::line(&header.name)));
    }
    if masked {
        section.push_str("  (*** hides a secret; --no-redact shows it)\n");
    }
    section
}
