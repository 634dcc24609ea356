//! The body of a message: as text where it is text, otherwise as bytes, and what is not there is said.

use crate::commands::text;
use crate::control::proto::{Body, Header};
use crate::control::words;

/// A body under its title, and its bytes, unless they are shown as messages.
pub(super) fn section(title: &str, (body, bytes): (Option<&Body>, bool), headers: &[Header]) -> String {
    let Some(body) = body else { return String::new() };
    let mut notes = vec![if body.seen == 1 { "1 byte".to_owned() } else { format!("{} bytes", body.seen) }];
    let kept = body.kept.len() as u64;
    if body.evicted {
        notes.push("given up to stay within the limits of memory".to_owned());
    } else if kept < body.seen {
        notes.push(format!("cut: only the first {kept} were kept"));
    }
    notes.extend(words::body_end(body.end()).map(str::to_owned));
    let encoding = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-encoding"));
    if let Some(encoding) = encoding.filter(|_| kept > 0) {
        notes.push(format!("encoded: {}", text::line_of_bytes(&encoding.value)));
    }
    let mut section = format!("\n{title} ({})\n", notes.join("; "));
    if !bytes {
        return section;
    }
    let shown = match as_text(&body.kept, kept < body.seen) {
        Some(shown) => text::lines(shown).into_owned(),
        None => text::hex(&body.kept),
    };
    for line in shown.lines() {
        text::push(&mut section, format_args!("  {line}\n"));
    }
    section
}

/// The bytes as text, if they are. The last letter of a body that was cut may be cut too.
fn as_text(bytes: &[u8], cut: bool) -> Option<&str> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(text).filter(|text| !text.contains('\0')),
        Err(error) => error,
    };
    let whole = bytes.get(..error.valid_up_to())?;
    (cut && error.error_len().is_none()).then(|| std::str::from_utf8(whole).ok())?
}
