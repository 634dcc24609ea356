//! JSON, one entry a line, without changing a token: numbers, escapes, the order of keys and duplicates stay as they
//! were sent. Works on the beginning of a document too.

use crate::inspector::document::{Class, Writer};

/// What a text is as JSON.
pub(super) enum Verdict {
    /// It is.
    Valid,
    /// It is not; why.
    Invalid(String),
}

/// Whether a text is JSON.
pub(super) fn check(text: &str) -> Verdict {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Verdict::Valid,
        // What nests too deep for that reader is no mistake of the sender.
        Err(error) if error.to_string().starts_with("recursion limit") => Verdict::Valid,
        Err(error) => Verdict::Invalid(error.to_string()),
    }
}

/// Whether a text is a JSON object or array, as a whole.
pub(super) fn is_structure(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && matches!(check(text), Verdict::Valid)
}

/// Writes a document. `label` stands before its first line.
pub(super) fn write(writer: &mut Writer, label: &str, json: &str) {
    let base = writer.depth();
    let mut rest = json.trim_ascii_start();
    let mut key = "";
    let mut label = label;
    while let Some(&first) = rest.as_bytes().first() {
        if writer.is_full() {
            break;
        }
        let (token, after) = rest.split_at(token_end(rest, first));
        rest = after.trim_ascii_start();
        if first == b'"' && key.is_empty() && writer.depth() > base && rest.starts_with(':') {
            key = token;
            rest = rest[1..].trim_ascii_start();
            continue;
        }
        match first {
            b',' => writer.append(","),
            b':' => writer.append(":"),
            b'}' | b']' if writer.depth() > base => writer.close_with(token),
            _ => {
                let pieces: &[&str] = if key.is_empty() { &[label] } else { &[key, ": "] };
                value(writer, pieces, token, first, &mut rest);
                (key, label) = ("", "");
            }
        }
    }
    if !key.is_empty() {
        writer.line(Class::Text, &[key, ": "], "");
    }
    writer.close_to(base);
}

fn value(writer: &mut Writer, key: &[&str], token: &str, first: u8, rest: &mut &str) {
    let class = match first {
        b'{' => Class::Object,
        b'[' => Class::Array,
        b'"' => Class::String,
        b'-' | b'0'..=b'9' => Class::Number,
        b't' | b'f' | b'n' => Class::Literal,
        _ => Class::Text,
    };
    let end = match class {
        Class::Object => '}',
        Class::Array => ']',
        _ => {
            writer.line(class, key, token);
            writer.hang(2);
            return;
        }
    };
    // An opening bracket whose closing one follows at once stays on its line.
    if let Some(after) = rest.strip_prefix(end) {
        writer.line(class, key, if end == '}' { "{}" } else { "[]" });
        *rest = after.trim_ascii_start();
    } else {
        writer.line(class, key, token);
        writer.open();
    }
}

fn token_end(text: &str, first: u8) -> usize {
    match first {
        b'{' | b'[' | b'}' | b']' | b',' | b':' => 1,
        b'"' => string_end(text),
        _ => {
            let ends = |byte: &u8| b"{}[],:\"".contains(byte) || byte.is_ascii_whitespace();
            text.as_bytes().iter().skip(1).position(ends).map_or(text.len(), |at| at + 1)
        }
    }
}

fn string_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    fn pretty(json: &str) -> Vec<String> {
        shown(|writer| write(writer, "", json))
    }

    #[test]
    fn tokens_stay_as_they_were_sent() {
        let json = r#"{"n":1.0e2,"b":{},"a":[1,[ ],"x,\"{y"],"n":12345678901234567890}"#;
        let expected = [
            "{",
            "  \"n\": 1.0e2,",
            "  \"b\": {},",
            "  \"a\": [",
            "    1,",
            "    [],",
            "    \"x,\\\"{y\"",
            "  ],",
            "  \"n\": 12345678901234567890",
            "}",
        ];
        assert_eq!(pretty(json), expected);
    }

    #[test]
    fn the_beginning_of_a_document_is_printed_as_far_as_it_goes() {
        assert_eq!(pretty(r#"{"a":[1,2,"thr"#), ["{", "  \"a\": [", "    1,", "    2,", "    \"thr"]);
        assert_eq!(pretty(r#"{"a":1,"b""#), ["{", "  \"a\": 1,", "  \"b\""]);
        assert_eq!(pretty(r#"{"a":1,"b":"#), ["{", "  \"a\": 1,", "  \"b\": "]);
        assert_eq!(pretty("\"a\\"), ["\"a\\"]);
        assert_eq!(pretty("]}]"), ["]", "}", "]"]);
        assert_eq!(pretty(""), Vec::<String>::new());
    }

    #[test]
    fn whatever_nests_however_deep_is_written() {
        assert_eq!(pretty(&"[".repeat(30_000)).len(), 30_000);
        let balanced = "[".repeat(30_000) + &"]".repeat(30_000);
        assert_eq!(pretty(&balanced).len(), 59_999);
    }

    #[test]
    fn only_objects_and_arrays_that_parse_count_as_json() {
        for (text, expected) in [("{\"a\":1}", true), (" [1] ", true), ("1", false), ("{a}", false), ("", false)] {
            assert_eq!(is_structure(text), expected, "{text}");
        }
    }
}
