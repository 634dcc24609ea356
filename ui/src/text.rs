//! Text that may be shown: captured bytes are untrusted and must never move the cursor.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text with everything that a terminal could take as more than a glyph written out: control characters as `\n` or
/// `\x1b`, invisible and direction-changing characters as `\u{202e}`; with `ascii`, all that is not ASCII as well.
pub(crate) fn clean(text: &str, ascii: bool) -> Cow<'_, str> {
    let Some(first) = text.find(|c| !is_plain(c, ascii)) else { return Cow::Borrowed(text) };
    let mut cleaned = String::with_capacity(text.len() + 16);
    cleaned.push_str(&text[..first]);
    for c in text[first..].chars() {
        push_clean(&mut cleaned, c, ascii);
    }
    Cow::Owned(cleaned)
}

/// Appends a text as [`clean`] writes it.
pub(crate) fn clean_into(into: &mut String, text: &str, ascii: bool) {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        into.push_str(text);
    } else {
        text.chars().for_each(|c| push_clean(into, c, ascii));
    }
}

/// Appends one character as [`clean`] writes it.
pub(crate) fn push_clean(into: &mut String, c: char, ascii: bool) {
    if is_plain(c, ascii) {
        into.push(c);
        return;
    }
    match c {
        '\n' => into.push_str("\\n"),
        '\r' => into.push_str("\\r"),
        '\t' => into.push_str("\\t"),
        c if (c as u32) < 0x100 && c.is_control() => drop(write!(into, "\\x{:02x}", c as u32)),
        c => drop(write!(into, "\\u{{{:x}}}", c as u32)),
    }
}

fn is_plain(c: char, ascii: bool) -> bool {
    match c {
        ' '..='~' => true,
        _ if ascii => false,
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => false,
        c => !c.is_control(),
    }
}

/// The beginning of a text, at most `limit` columns wide, ending in `mark` where something was cut.
pub(crate) fn clip<'a>(text: &'a str, limit: usize, mark: &str) -> Cow<'a, str> {
    // A text of n bytes takes at most n columns: most texts need no measuring.
    if text.len() <= limit || width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let room = limit.saturating_sub(width(mark));
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        cut.push(c);
    }
    while width(&cut) > room && cut.pop().is_some() {}
    if width(mark) <= limit {
        cut.push_str(mark);
    }
    Cow::Owned(cut)
}

/// The end of a text, at most `limit` columns wide, beginning with `mark` where something was cut.
pub(crate) fn clip_front(text: &str, limit: usize, mark: &str) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let turned: String = text.chars().rev().collect();
    let end: String = clip(&turned, limit.saturating_sub(width(mark)), "").chars().rev().collect();
    if width(mark) <= limit { format!("{mark}{end}") } else { end }
}

/// Cuts a text into pieces of at most `limit` columns; an empty text is one empty piece.
pub(crate) fn wrap(text: &str, limit: usize) -> Vec<&str> {
    let limit = limit.max(2);
    let (mut pieces, mut start, mut used) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        let columns = c.width().unwrap_or(0);
        if used + columns > limit {
            pieces.push(&text[start..at]);
            (start, used) = (at, 0);
        }
        used += columns;
    }
    pieces.push(&text[start..]);
    pieces
}

/// Where a text has another one, whatever the capitals of ASCII letters; places do not overlap.
pub(crate) fn places(text: &str, part: &str) -> Vec<std::ops::Range<usize>> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let (mut places, mut at) = (Vec::new(), 0);
    let Some(first) = part.first().map(u8::to_ascii_lowercase) else { return places };
    while let Some(window) = text.get(at..at + part.len()) {
        if window[0].to_ascii_lowercase() == first && window.eq_ignore_ascii_case(part) {
            places.push(at..at + part.len());
            at += part.len();
        } else {
            at += 1;
        }
    }
    places
}

/// Cuts a text at its spaces into lines of at most `limit` columns; a word that is longer is cut itself.
pub(crate) fn words(text: &str, limit: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').flat_map(|word| wrap(word, limit)) {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && width(line) + 1 + width(word) > limit {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_could_steer_a_terminal_is_written_out() {
        let table = [
            ("plain é 世界", "plain é 世界"),
            ("a\x1b[2Jb", "a\\x1b[2Jb"),
            ("one\r\ntwo\t", "one\\r\\ntwo\\t"),
            ("\u{9b}31m", "\\x9b31m"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("\u{7f}", "\\x7f"),
        ];
        for (raw, shown) in table {
            assert_eq!(clean(raw, false), shown);
        }
        assert_eq!(clean("é", true), "\\u{e9}");
    }

    #[test]
    fn a_clipped_text_never_takes_more_columns_than_it_may() {
        for text in ["", "abc", "世界世界", "❤️❤️❤️", "é\u{301}é\u{301}"] {
            for limit in 0..9 {
                assert!(width(&clip(text, limit, "…")) <= limit, "{text} in {limit}");
            }
        }
        assert_eq!(clip("order-processor", 8, "…"), "order-p…");
    }

    #[test]
    fn a_part_is_found_wherever_it_is() {
        for (text, part, expected) in [
            ("Order, order", "ORDER", vec![(0, 5), (7, 12)]),
            ("aaa", "aa", vec![(0, 2)]),
            ("größe", "öß", vec![(2, 6)]),
            ("ab", "abc", vec![]),
            ("ab", "", vec![]),
        ] {
            let found: Vec<_> = places(text, part).into_iter().map(|place| (place.start, place.end)).collect();
            assert_eq!(found, expected, "{part} in {text}");
        }
    }

    #[test]
    fn wrapping_keeps_every_character() {
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(wrap("世界世", 4), ["世界", "世"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(words("one two three-four", 7), ["one two", "three-f", "our"]);
    }
}
