//! `baggage`: checked, and passed on as it came.

use std::collections::HashSet;

use http::{HeaderMap, HeaderValue};

use super::BAGGAGE;
use crate::method::quoted;

/// The most members of different keys.
const MAX_MEMBERS: usize = 180;
/// The longest member, in bytes.
const MAX_MEMBER_LENGTH: usize = 4096;
/// The longest header, in bytes.
const MAX_LENGTH: usize = 8192;

/// A malformed `baggage` header: the request is answered with 400 and this text (a line break follows it, as Go's
/// error answers have).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invalid baggage header: {0}")]
pub struct BaggageError(String);

/// The baggage of a request, as it is told to the app and in the answer: its lines, joined by commas. `None` without
/// one.
pub fn baggage(headers: &HeaderMap) -> Result<Option<HeaderValue>, BaggageError> {
    let mut lines = headers.get_all(BAGGAGE).iter();
    let Some(first) = lines.next() else { return Ok(None) };
    let joined = match lines.next() {
        None => first.clone(),
        Some(second) => {
            let lines: Vec<&[u8]> = [first, second].into_iter().chain(lines).map(HeaderValue::as_bytes).collect();
            HeaderValue::from_bytes(&lines.join(&b',')).map_err(|error| BaggageError(error.to_string()))?
        }
    };
    if joined.is_empty() {
        return Ok(None);
    }
    check(joined.as_bytes()).map_err(BaggageError)?;
    Ok(Some(joined))
}

fn check(text: &[u8]) -> Result<(), String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("baggage-string too large: {}", text.len()));
    }
    let mut keys = HashSet::new();
    for member in text.split(|byte| *byte == b',') {
        keys.insert(check_member(member)?);
    }
    if keys.len() > MAX_MEMBERS {
        return Err("too many list-members in baggage-string".to_owned());
    }
    Ok(())
}

/// Checks `key=value;property;property=value` and gives its key.
fn check_member(member: &[u8]) -> Result<&[u8], String> {
    if member.len() > MAX_MEMBER_LENGTH {
        return Err(format!("list-member too large: {}", member.len()));
    }
    let mut parts = member.split(|byte| *byte == b';');
    let pair = parts.next().unwrap_or_default();
    for property in parts.filter(|property| !property.is_empty()) {
        if !is_property(property) {
            return Err(format!("invalid baggage list-member property: {}", quoted(property)));
        }
    }
    let Some((key, value)) = split_pair(pair) else {
        return Err(format!("invalid baggage list-member: {}", quoted(member)));
    };
    let key = trim(key);
    if key.is_empty() || !key.iter().copied().all(is_key_byte) {
        return Err(format!("invalid key: {}", quoted(key)));
    }
    if !trim(value).iter().copied().all(is_value_byte) {
        return Err(format!("invalid value: {}", quoted(value)));
    }
    match bad_escape(trim(value)) {
        Some(escape) => Err(format!("invalid value: invalid URL escape {}", quoted(escape))),
        None => Ok(key),
    }
}

/// `key`, or `key=value`, with spaces and tabs anywhere between.
fn is_property(property: &[u8]) -> bool {
    let (key, value) = split_pair(property).unwrap_or((property, &[]));
    let (key, value) = (trim(key), trim(value));
    !key.is_empty()
        && key.iter().copied().all(is_key_byte)
        && value.iter().copied().all(is_value_byte)
        && bad_escape(value).is_none()
}

fn split_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    Some((&pair[..equals], &pair[equals + 1..]))
}

/// Without spaces and tabs at both ends; other white space does not get through an HTTP parser.
fn trim(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let start = text.iter().position(is_text).unwrap_or(text.len());
    let end = text.iter().rposition(is_text).map_or(start, |last| last + 1);
    &text[start..end]
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_value_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

/// The first `%` that no two hex digits follow, with up to two bytes more.
fn bad_escape(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = &rest[at..];
        let escape = &rest[..rest.len().min(3)];
        if !(escape.len() == 3 && escape[1..].iter().all(u8::is_ascii_hexdigit)) {
            return Some(escape);
        }
        rest = &rest[3..];
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_lines(lines: &[&[u8]]) -> Result<Option<String>, String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(BAGGAGE, HeaderValue::from_bytes(line).unwrap());
        }
        match baggage(&headers) {
            Ok(value) => Ok(value.map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn well_formed_baggage_is_passed_on_as_it_came() {
        for text in [
            "user=1,tenant=a;p=1",
            "a=b;c;d = e ;;f=",
            " a = b , c = d ",
            "a=",
            "a=b=c",
            "a=%20%C3%A9%ff",
            "!#$%&'*+-.^_`|~=[]{}()<>@:/?",
        ] {
            assert_eq!(of_lines(&[text.as_bytes()]), Ok(Some(text.to_owned())));
        }
        assert_eq!(of_lines(&[]), Ok(None));
        assert_eq!(of_lines(&[b""]), Ok(None));
    }

    #[test]
    fn several_lines_become_one() {
        assert_eq!(of_lines(&[b"a=1", b"b=2;p", b"c=3"]), Ok(Some("a=1,b=2;p,c=3".to_owned())));
        assert_eq!(of_lines(&[b"a=1", b""]), Err(r#"invalid baggage header: invalid baggage list-member: """#.into()));
    }

    #[test]
    fn malformed_baggage_is_named() {
        for (text, error) in [
            ("not valid", r#"invalid baggage list-member: "not valid""#),
            ("a=1,b", r#"invalid baggage list-member: "b""#),
            ("a=1,", r#"invalid baggage list-member: """#),
            ("b;p=1", r#"invalid baggage list-member: "b;p=1""#),
            ("=1", r#"invalid key: """#),
            (" a b = 1", r#"invalid key: "a b""#),
            ("k\"=1", r#"invalid key: "k\"""#),
            ("a= x y ", r#"invalid value: " x y ""#),
            ("a=\\", r#"invalid value: "\\""#),
            ("a=\u{e9}", "invalid value: \"\u{e9}\""),
            ("a=%zz1", r#"invalid value: invalid URL escape "%zz""#),
            ("a=1%2", r#"invalid value: invalid URL escape "%2""#),
            ("a=1;p q", r#"invalid baggage list-member property: "p q""#),
            ("a=1;=q", r#"invalid baggage list-member property: "=q""#),
            ("a=1;p=q r", r#"invalid baggage list-member property: "p=q r""#),
            ("a=1;p=%", r#"invalid baggage list-member property: "p=%""#),
        ] {
            assert_eq!(of_lines(&[text.as_bytes()]), Err(format!("invalid baggage header: {error}")));
        }
        let error = r#"invalid baggage header: invalid value: "\xff""#;
        assert_eq!(of_lines(&[b"a=\xff"]), Err(error.to_owned()));
    }

    #[test]
    fn baggage_has_limits() {
        let large = format!("a={}", "b".repeat(4095));
        let error = "invalid baggage header: list-member too large: 4097";
        assert_eq!(of_lines(&[large.as_bytes()]), Err(error.to_owned()));
        let error = "invalid baggage header: baggage-string too large: 8195";
        assert_eq!(of_lines(&[large.as_bytes(), large.as_bytes()]), Err(error.to_owned()));
        let members = |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        assert!(of_lines(&[members(180).as_bytes()]).is_ok());
        assert!(of_lines(&[members(180).as_bytes(), b"k0=again"]).is_ok());
        let error = "invalid baggage header: too many list-members in baggage-string";
        assert_eq!(of_lines(&[members(181).as_bytes()]), Err(error.to_owned()));
    }

    proptest! {
        #[test]
        fn no_baggage_is_too_strange(text in "[ -~\\t]{0,60}") {
            if let Ok(Some(same)) = of_lines(&[text.as_bytes()]) {
                prop_assert_eq!(same, text);
            }
        }
    }
}
