//! Captured text for a terminal. It is untrusted: no control character of it gets there raw.

use std::borrow::Cow;
use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// One line: every control character is escaped, line breaks and tabs too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_unsafe)
}

/// Text of many lines: line breaks and tabs stay.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |letter| is_unsafe(letter) && !matches!(letter, '\n' | '\t'))
}

/// One line of bytes: those that are not text are escaped too.
pub(crate) fn line_of_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(&line(chunk.valid()));
        for byte in chunk.invalid() {
            push(&mut text, format_args!("\\x{byte:02x}"));
        }
    }
    text
}

/// A value as one line of JSON, whose control characters beyond ASCII are escaped as well.
pub(crate) fn json_line(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    if !json.contains(is_unsafe) {
        return Ok(json);
    }
    let mut escaped = String::new();
    for letter in json.chars() {
        match letter {
            letter if is_unsafe(letter) => push(&mut escaped, format_args!("\\u{:04x}", u32::from(letter))),
            letter => escaped.push(letter),
        }
    }
    Ok(escaped)
}

/// Control characters, and those that turn the direction of what follows.
fn is_unsafe(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(text: &str, escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            letter if !escaped(letter) => safe.push(letter),
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            letter if letter.is_ascii() => push(&mut safe, format_args!("\\x{:02x}", u32::from(letter))),
            letter => push(&mut safe, format_args!("\\u{{{:x}}}", u32::from(letter))),
        }
    }
    Cow::Owned(safe)
}

/// Bytes as `00000010  68 65 6c 6c 6f  |hello|`, sixteen a line.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, row) in bytes.chunks(16).enumerate() {
        push(&mut text, format_args!("{:08x} ", number * 16));
        for column in 0..16 {
            if column % 8 == 0 {
                text.push(' ');
            }
            match row.get(column) {
                Some(byte) => push(&mut text, format_args!("{byte:02x} ")),
                None => text.push_str("   "),
            }
        }
        let shown = row.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' });
        push(&mut text, format_args!(" |{}|\n", shown.collect::<String>()));
    }
    text
}

/// A duration with three or four digits that matter: `0.25 ms`, `4.21 ms`, `421.3 ms`, `1.23 s`, `2m03s`.
pub(crate) fn duration(micros: u64) -> String {
    let millis = micros as f64 / 1e3;
    match micros {
        0..10_000 => format!("{millis:.2} ms"),
        10_000..1_000_000 => format!("{millis:.1} ms"),
        1_000_000..60_000_000 => format!("{:.2} s", millis / 1e3),
        _ => format!("{}m{:02}s", micros / 60_000_000, micros / 1_000_000 % 60),
    }
}

/// A moment as the user's clock shows it, in a format of `strftime`. Empty for a moment that no clock shows.
pub(crate) fn local_time(unix_micros: u64, format: &str) -> String {
    moment(unix_micros).map(|at| at.to_zoned(TimeZone::system()).strftime(format).to_string()).unwrap_or_default()
}

/// A moment in RFC 3339, in UTC.
pub(crate) fn utc_time(unix_micros: u64) -> String {
    moment(unix_micros).map(|at| at.to_string()).unwrap_or_default()
}

fn moment(unix_micros: u64) -> Option<Timestamp> {
    Timestamp::from_microsecond(i64::try_from(unix_micros).ok()?).ok()
}

/// Appends to a text, which cannot fail.
pub(crate) fn push(text: &mut String, formatted: std::fmt::Arguments<'_>) {
    text.write_fmt(formatted).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_gets_through() {
        let nasty = "a\u{1b}[2Jb\u{7}\u{9b}31m\u{202e}\u{7f}\r\n\té";
        assert_eq!(line(nasty), r"a\x1b[2Jb\x07\u{9b}31m\u{202e}\x7f\r\n\té");
        assert_eq!(lines(nasty), "a\\x1b[2Jb\\x07\\u{9b}31m\\u{202e}\\x7f\\r\n\té");
        assert_eq!(line_of_bytes(b"caf\xe9 \x1b\xc3\xa9"), r"caf\xe9 \x1bé");
        assert_eq!(json_line(&nasty).unwrap(), r#""a\u001b[2Jb\u0007\u009b31m\u202e\u007f\r\n\té""#);
        assert_eq!(serde_json::from_str::<String>(&json_line(&nasty).unwrap()).unwrap(), nasty);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert!(matches!(line("café {\"orderId\": 1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn durations_keep_the_digits_that_matter() {
        for (micros, text) in [
            (0, "0.00 ms"),
            (250, "0.25 ms"),
            (9_999, "10.00 ms"),
            (421_340, "421.3 ms"),
            (1_234_000, "1.23 s"),
            (123_000_000, "2m03s"),
        ] {
            assert_eq!(duration(micros), text);
        }
    }

    #[test]
    fn bytes_are_shown_sixteen_a_line() {
        let shown = hex(b"hello, \x00\x01\xff world");
        assert_eq!(shown, "00000000  68 65 6c 6c 6f 2c 20 00  01 ff 20 77 6f 72 6c 64  |hello, ... world|\n");
        assert_eq!(hex(b"a"), format!("00000000  61 {}|a|\n", " ".repeat(47)));
    }
}
