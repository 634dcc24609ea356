//! Paths by Go's rules: decoding, cleaning, checking and encoding (Method (path) normalization).

use std::borrow::Cow;
use std::fmt::Write as _;

/// Why a method is not allowed. Dapr reports both as `InvalidArgument`, which an HTTP caller sees as 500.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MethodError {
    /// One of `#`, `?` and NUL.
    #[error("invalid method: method contains forbidden character: {0}")]
    Forbidden(String),
    /// A control character.
    #[error("invalid method: method contains control character at position {1}: {0}")]
    Control(String, usize),
}

/// Decodes `%XX` as Go's server does with a path. `None` where an escape is not two hex digits.
pub(crate) fn decode(path: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !path.contains(&b'%') {
        return Some(Cow::Borrowed(path));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (high, low) = (hex(*tail.first()?)?, hex(*tail.get(1)?)?);
            decoded.push(high * 16 + low);
            rest = tail.get(2..)?;
        } else {
            decoded.push(byte);
            rest = tail;
        }
    }
    Some(Cow::Owned(decoded))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Decodes as Go's `url.QueryUnescape`: `+` is a space. `None` where an escape is broken.
pub(crate) fn query_unescape(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if text.contains(&b'+') {
        let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        return decode(&spaced).map(|decoded| Cow::Owned(decoded.into_owned()));
    }
    decode(text)
}

/// Go's `path.Clean` without a leading slash: no empty, `.` or resolvable `..` element. What climbs above the top is
/// dropped, since normalization strips leading `../` anyway. Empty for `.` and `..`.
pub(crate) fn clean(path: &[u8]) -> Cow<'_, [u8]> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let needs_work = path.first() == Some(&b'/')
        || path.last() == Some(&b'/')
        || path.split(|byte| *byte == b'/').any(|element| matches!(element, b"" | b"." | b".."));
    if !needs_work {
        return Cow::Borrowed(path);
    }
    let mut elements: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => {
                elements.pop();
            }
            _ => elements.push(element),
        }
    }
    Cow::Owned(elements.join(&b'/'))
}

/// Checks a decoded method and cleans it.
pub(crate) fn normalize(method: &[u8]) -> Result<Cow<'_, [u8]>, MethodError> {
    if method.iter().any(|byte| matches!(byte, b'#' | b'?' | 0)) {
        return Err(MethodError::Forbidden(quoted(method)));
    }
    if let Some(position) = method.iter().position(|byte| *byte < 0x20 || *byte == 0x7f) {
        return Err(MethodError::Control(quoted(method), position));
    }
    Ok(clean(method))
}

/// Checks a method that was not decoded and cleans it. A slash at its start stays, which `normalize` takes away.
pub(crate) fn normalize_rooted(method: &[u8]) -> Result<Vec<u8>, MethodError> {
    let clean = normalize(method)?;
    Ok(if method.starts_with(b"/") { [b"/", &*clean].concat() } else { clean.into_owned() })
}

/// Go's `%q`: a double-quoted literal.
pub(crate) fn quoted(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{7}' => out.push_str("\\a"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                '\u{b}' => out.push_str("\\v"),
                control if control.is_ascii_control() => push_escape(&mut out, "\\x", 2, u32::from(control)),
                // What cannot be printed is written by its number.
                hidden if hidden != ' ' && (hidden.is_control() || hidden.is_whitespace()) => {
                    push_escape(&mut out, "\\u", 4, u32::from(hidden));
                }
                other => out.push(other),
            }
        }
        for byte in chunk.invalid() {
            push_escape(&mut out, "\\x", 2, u32::from(*byte));
        }
    }
    out.push('"');
    out
}

fn push_escape(out: &mut String, prefix: &str, digits: usize, value: u32) {
    // Writing to a String cannot fail.
    write!(out, "{prefix}{value:0digits$x}").unwrap_or_default();
}

/// The path that goes out for a method, by the rules of Go's `url.Parse` and `URL.EscapedPath`: a method that is already
/// a valid encoding goes as it is; one character that needs escaping makes the whole path be decoded and encoded anew.
/// The error is the broken escape, as in `%zz`.
pub(crate) fn outgoing(method: &[u8]) -> Result<Vec<u8>, String> {
    let mut path = Vec::with_capacity(method.len() + 1);
    path.push(b'/');
    if let Some(broken) = broken_escape(method) {
        return Err(broken);
    }
    if method.iter().all(|byte| *byte == b'%' || is_valid_encoded(*byte)) {
        path.extend_from_slice(method);
        return Ok(path);
    }
    for byte in decode(method).unwrap_or_default().iter() {
        if must_escape(*byte) {
            path.push(b'%');
            path.push(HEX[usize::from(byte >> 4)]);
            path.push(HEX[usize::from(byte & 15)]);
        } else {
            path.push(*byte);
        }
    }
    Ok(path)
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn broken_escape(text: &[u8]) -> Option<String> {
    let at = |index: usize| text.get(index).copied().and_then(hex);
    let broken = text
        .iter()
        .enumerate()
        .find(|(index, byte)| **byte == b'%' && (at(index + 1).is_none() || at(index + 2).is_none()))?
        .0;
    let end = text.len().min(broken + 3);
    Some(String::from_utf8_lossy(text.get(broken..end)?).into_owned())
}

fn is_valid_encoded(byte: u8) -> bool {
    matches!(byte, b'!' | b'\'' | b'(' | b')' | b'*' | b'[' | b']') || !must_escape(byte)
}

fn must_escape(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_method_is_cleaned_as_posix_paths_are() {
        for (method, expect) in [
            ("orders", "orders"),
            ("orders/", "orders"),
            ("/orders", "orders"),
            ("a//b", "a/b"),
            ("a/./b", "a/b"),
            ("a/../b", "b"),
            ("../../x", "x"),
            ("admin/../public", "public"),
            ("..", ""),
            (".", ""),
            ("", ""),
            ("...", "..."),
        ] {
            assert_eq!(text(&normalize(method.as_bytes()).unwrap()), expect, "{method:?}");
        }
    }

    #[test]
    fn forbidden_characters_are_named_before_control_characters() {
        for (method, expect) in [
            ("a#b", r#"invalid method: method contains forbidden character: "a#b""#),
            ("a?b", r#"invalid method: method contains forbidden character: "a?b""#),
            ("a\0b", r#"invalid method: method contains forbidden character: "a\x00b""#),
            ("a\r#", r#"invalid method: method contains forbidden character: "a\r#""#),
            ("ab\r", r#"invalid method: method contains control character at position 2: "ab\r""#),
            ("\x7f", r#"invalid method: method contains control character at position 0: "\x7f""#),
        ] {
            assert_eq!(normalize(method.as_bytes()).unwrap_err().to_string(), expect);
        }
    }

    #[test]
    fn the_outgoing_path_follows_go() {
        for (method, expect) in [
            ("orders", "/orders"),
            ("", "/"),
            ("a b", "/a%20b"),
            ("a\"b*", "/a%22b%2A"),
            ("a\\b", "/a%5Cb"),
            ("a*b", "/a*b"),
            ("a%41b", "/a%41b"),
            ("a%2Fb", "/a%2Fb"),
            ("a%2Fb c", "/a/b%20c"),
            ("a+b", "/a+b"),
            ("caf\u{e9}", "/caf%C3%A9"),
            ("a:b@c!$&'()*,=", "/a:b@c!$&'()*,="),
            ("a;v=1/b", "/a;v=1/b"),
            ("~user", "/~user"),
        ] {
            assert_eq!(text(&outgoing(method.as_bytes()).unwrap()), expect, "{method:?}");
        }
        assert_eq!(outgoing(b"a%zz").unwrap_err(), "%zz");
        assert_eq!(outgoing(b"a%2").unwrap_err(), "%2");
    }

    #[test]
    fn decoding_refuses_broken_escapes() {
        assert_eq!(text(&decode(b"a%2Fb").unwrap()), "a/b");
        for broken in [&b"%"[..], b"%2", b"%zz", b"a%%20"] {
            assert_eq!(decode(broken), None);
        }
        assert_eq!(text(&query_unescape(b"a+b%20c").unwrap()), "a b c");
    }
}
