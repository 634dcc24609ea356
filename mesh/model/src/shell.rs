//! Words for a POSIX shell: whatever they consist of, the shell hands it on as it is, and no control character of it stands
//! on the line.

use std::fmt::Write;

/// Whether bytes can stand between single quotes and on a screen: text without control characters but line breaks and
/// tabs, and without those that turn the direction of writing.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = |c: char| (!c.is_control() || matches!(c, '\n' | '\t')) && !turns(c);
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(plain))
}

/// One word for a shell that stands for exactly these bytes.
pub(crate) fn word(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_plain(bytes) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => format!("\"$(printf {})\"", octal(bytes)),
    }
}

/// The argument that makes `printf` write these bytes: what could mean something to it or to the shell as its number.
pub(crate) fn octal(bytes: &[u8]) -> String {
    let mut text = String::from("'");
    for byte in bytes {
        match byte {
            b' '..=b'~' if !b"'\\%-".contains(byte) => text.push(char::from(*byte)),
            _ => push(&mut text, format_args!("\\{byte:03o}")),
        }
    }
    text + "'"
}

/// Appends to a text, which cannot fail.
pub(crate) fn push(text: &mut String, formatted: std::fmt::Arguments<'_>) {
    text.write_fmt(formatted).unwrap_or_default();
}
