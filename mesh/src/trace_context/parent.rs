//! `traceparent`.

use daptop_model::{SpanId, TraceId};
use http::HeaderValue;

use super::SpanContext;

const TRACEPARENT_LENGTH: usize = 55;

/// Reads a `traceparent`; `None` for a malformed one.
///
/// The version is any but `ff`; version `00` has exactly four parts, a later one may have more. Ids are of lower-case
/// digits and not all zero. Version and flags may be of either case, and of longer flags the first byte counts.
pub fn parse_traceparent(text: &[u8]) -> Option<SpanContext> {
    let mut parts = text.split(|byte| *byte == b'-');
    let version: [u8; 1] = hex(parts.next()?, Case::Any)?;
    let trace = TraceId(hex(parts.next()?, Case::Lower)?);
    let span = SpanId(hex(parts.next()?, Case::Lower)?);
    let flags = parts.next()?;
    let is_allowed = match version[0] {
        0 => parts.next().is_none(),
        255 => false,
        _ => true,
    };
    let context = SpanContext { trace, span, flags: first_byte(flags)?, state: None };
    (is_allowed && context.is_valid()).then_some(context)
}

impl SpanContext {
    /// `00-<trace>-<span>-<flags>`.
    pub fn traceparent(&self) -> HeaderValue {
        // The bytes are digits and dashes, so the fallback is never used.
        HeaderValue::from_bytes(&self.traceparent_bytes()).unwrap_or(HeaderValue::from_static(""))
    }

    /// The bytes of `00-<trace>-<span>-<flags>`.
    pub fn traceparent_bytes(&self) -> [u8; TRACEPARENT_LENGTH] {
        let mut text = [b'-'; TRACEPARENT_LENGTH];
        write_hex(&mut text[..2], &[0]);
        write_hex(&mut text[3..35], &self.trace.0);
        write_hex(&mut text[36..52], &self.span.0);
        write_hex(&mut text[53..], &[self.flags]);
        text
    }
}

fn write_hex(into: &mut [u8], bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in into.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 0x0f)];
    }
}

#[derive(Clone, Copy)]
enum Case {
    Lower,
    Any,
}

fn hex<const N: usize>(digits: &[u8], case: Case) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0], case)? << 4 | digit(pair[1], case)?;
    }
    Some(bytes)
}

fn digit(byte: u8, case: Case) -> Option<u8> {
    match (byte, case) {
        (b'0'..=b'9', _) => Some(byte - b'0'),
        (b'a'..=b'f', _) => Some(byte - b'a' + 10),
        (b'A'..=b'F', Case::Any) => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The first byte of a text of whole bytes in hex.
fn first_byte(digits: &[u8]) -> Option<u8> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut bytes = pairs.iter().map(|pair| hex::<1>(pair, Case::Any));
    let first = bytes.next()??;
    (rest.is_empty() && bytes.all(|byte| byte.is_some())).then_some(first[0])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn parse(text: &str) -> Option<SpanContext> {
        parse_traceparent(text.replace("{t}", TRACE).replace("{s}", SPAN).as_bytes())
    }

    #[test]
    fn a_well_formed_parent_is_read() {
        for (text, flags) in [
            ("00-{t}-{s}-01", 1),
            ("00-{t}-{s}-00", 0),
            ("00-{t}-{s}-03", 3),
            ("00-{t}-{s}-FF", 255),
            ("00-{t}-{s}-0100", 1),
            ("01-{t}-{s}-01", 1),
            ("01-{t}-{s}-01-more", 1),
            ("0A-{t}-{s}-01", 1),
            ("fe-{t}-{s}-00-", 0),
        ] {
            let context = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((context.trace.to_string(), context.span.to_string()), (TRACE.to_owned(), SPAN.to_owned()));
            assert_eq!(context.flags, flags, "{text}");
        }
    }

    #[test]
    fn a_malformed_parent_is_none() {
        for text in [
            "",
            "nonsense",
            "ff-{t}-{s}-01",
            "FF-{t}-{s}-01",
            "0-{t}-{s}-01",
            "000-{t}-{s}-01",
            "0g-{t}-{s}-01",
            "00-{t}-{s}",
            "00-{t}-{s}-",
            "00-{t}-{s}-1",
            "00-{t}-{s}-0x",
            "00-{t}-{s}-01-",
            "00-{t}-{s}-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-{s}-01",
            "00-{t}-00F067AA0BA902B7-01",
            "00-00000000000000000000000000000000-{s}-01",
            "00-{t}-0000000000000000-01",
            "00-{t}0-{s}-01",
            "00-{t}-{s}0-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-{s}-01",
            " 00-{t}-{s}-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(trace in 1..u128::MAX, span in 1..u64::MAX, flags: u8) {
            let (trace, span) = (TraceId(trace.to_be_bytes()), SpanId(span.to_be_bytes()));
            let context = SpanContext { trace, span, flags, state: None };
            let header = context.traceparent();
            prop_assert_eq!(header.to_str().unwrap(), format!("00-{trace}-{span}-{flags:02x}"));
            prop_assert_eq!(parse_traceparent(header.as_bytes()), Some(context));
        }

        #[test]
        fn no_bytes_are_too_strange(text: Vec<u8>) {
            if let Some(context) = parse_traceparent(&text) {
                prop_assert!(context.is_valid());
            }
        }
    }
}
