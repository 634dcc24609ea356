//! `tracestate`.

use http::HeaderValue;

/// The most members that are accepted.
const MAX_MEMBERS: usize = 32;
/// The longest text that is passed on, in bytes.
const MAX_LENGTH: usize = 512;

/// Reads a `tracestate` and gives it back as it is passed on: spaces around members and empty members removed. `None`
/// for a malformed one (one bad member spoils all), an empty one, and one of more than 512 bytes.
pub fn parse_tracestate(text: &[u8]) -> Option<HeaderValue> {
    let mut members: Vec<(&[u8], &[u8])> = Vec::new();
    for member in text.split(|byte| *byte == b',').filter(|member| !member.is_empty()) {
        let equals = member.iter().position(|byte| *byte == b'=')?;
        let key = trim_start(member.get(..equals)?);
        let value = trim_end(member.get(equals + 1..)?);
        let is_new = members.iter().all(|(other, _)| *other != key);
        if !(is_key(key) && is_value(value) && is_new && members.len() < MAX_MEMBERS) {
            return None;
        }
        members.push((key, value));
    }
    let mut written = Vec::with_capacity(text.len());
    for (key, value) in members {
        if !written.is_empty() {
            written.push(b',');
        }
        written.extend_from_slice(key);
        written.push(b'=');
        written.extend_from_slice(value);
    }
    let fits = !written.is_empty() && written.len() <= MAX_LENGTH;
    fits.then(|| HeaderValue::from_maybe_shared(bytes::Bytes::from(written)).ok()).flatten()
}

fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// A simple key, or `tenant@system`.
fn is_key(key: &[u8]) -> bool {
    match key.iter().position(|byte| *byte == b'@') {
        None => is_key_part(key, 256, u8::is_ascii_lowercase),
        Some(at) => {
            let starts_tenant = |first: &u8| first.is_ascii_lowercase() || first.is_ascii_digit();
            is_key_part(&key[..at], 241, starts_tenant) && is_key_part(&key[at + 1..], 14, u8::is_ascii_lowercase)
        }
    }
}

fn is_key_part(part: &[u8], max: usize, starts: impl Fn(&u8) -> bool) -> bool {
    let goes_on = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/');
    part.first().is_some_and(starts) && part.len() <= max && part.iter().all(goes_on)
}

fn is_value(value: &[u8]) -> bool {
    let is_allowed = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    value.len() <= 256 && value.iter().all(is_allowed) && value.last().is_some_and(|last| *last != b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<String> {
        parse_tracestate(text.as_bytes()).map(|state| state.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_well_formed_state_is_passed_on_without_spaces() {
        for (text, state) in [
            ("vendor=1,other=2", "vendor=1,other=2"),
            (" a=b ,\tc=d\t", "a=b,c=d"),
            ("a=b,,c=d,", "a=b,c=d"),
            ("1tenant@system=x y", "1tenant@system=x y"),
            ("a*/-_0=!#~", "a*/-_0=!#~"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(state), "{text:?}");
        }
    }

    #[test]
    fn a_malformed_state_is_dropped_whole() {
        let long_key = format!("a{}=1", "b".repeat(256));
        let long_value = format!("a={}", "b".repeat(257));
        let long_tenant = format!("{}@s=1", "t".repeat(242));
        for text in [
            "",
            ",",
            "a",
            "a=",
            "=b",
            "A=b",
            "1a=b",
            "a b=c",
            "a =b",
            "a=b=c",
            "a=b,a=c",
            "good=1,BAD=2",
            "a=b, ",
            "t@1=b",
            "@s=b",
            "t@=b",
            "t@aaaaaaaaaaaaaaa=b",
            "a=\u{e9}",
            &long_key,
            &long_value,
            &long_tenant,
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn up_to_32_members_and_512_bytes_are_passed_on() {
        let members = |count| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        assert!(parse(&members(32)).is_some());
        assert_eq!(parse(&members(33)), None);
        let of_length = |length: usize| format!("a={},b={}", "x".repeat(250), "y".repeat(length - 255));
        assert!(parse(&of_length(511)).is_some());
        assert_eq!(parse(&of_length(512)).map(|state| state.len()), None, "a value of 257");
        let of_length = |length: usize| format!("a={},b={},c=1", "x".repeat(250), "y".repeat(length - 259));
        assert_eq!(parse(&of_length(512)).map(|state| state.len()), Some(512));
        assert_eq!(parse(&of_length(513)), None);
    }

    proptest! {
        #[test]
        fn what_is_passed_on_is_passed_on_again_as_it_is(text in "[ a-c=,@1\\t]{0,40}") {
            if let Some(state) = parse(&text) {
                prop_assert_eq!(parse(&state), Some(state));
            }
        }
    }
}
