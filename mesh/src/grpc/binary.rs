//! Binary metadata: the values of keys that end with `-bin` are base64 on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};

/// How many characters of base64 stand for three bytes.
const QUANTUM: usize = 4;

/// The bytes of a value. Padding is taken where the length fits it and not otherwise, and bits that are left over are not
/// looked at, as with Go. The error is the place that Go's decoder names.
pub(super) fn decode(value: &[u8]) -> Result<Vec<u8>, usize> {
    let padded = value.len().is_multiple_of(QUANTUM);
    let end = value.iter().position(|character| digit(*character).is_none()).unwrap_or(value.len());
    check_end(value, end, padded)?;
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(value.len() * 3 / QUANTUM), 0_u32, 0);
    for digit in value.iter().take(end).filter_map(|character| digit(*character)) {
        (bits, count) = (bits << 6 | u32::from(digit), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Ok(bytes)
}

/// Whether the digits, which go up to `end`, may end there.
fn check_end(value: &[u8], end: usize, padded: bool) -> Result<(), usize> {
    let last = end % QUANTUM;
    if end == value.len() {
        return if last == 1 { Err(end - last) } else { Ok(()) };
    }
    match value.get(end..).unwrap_or_default() {
        b"=" if padded && last == 3 => Ok(()),
        b"==" if padded && last == 2 => Ok(()),
        [b'=', b'=', ..] if padded && last == 2 => Err(end + 2),
        [b'=', ..] if padded && last == 3 => Err(end + 1),
        _ => Err(end),
    }
}

fn digit(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// The value of bytes.
pub(super) fn encode(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_str(&STANDARD_NO_PAD.encode(bytes)).unwrap_or(HeaderValue::from_static(""))
}

/// A value that is not base64.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Malformed<'a> {
    /// Its key.
    pub(super) name: &'a HeaderName,
    /// The value.
    pub(super) value: &'a HeaderValue,
    /// Why, in Go's words.
    pub(super) why: String,
}

/// The last value of metadata that should be base64 and is not.
pub(super) fn malformed(metadata: &HeaderMap) -> Option<Malformed<'_>> {
    let binary = metadata.iter().filter(|(name, _)| name.as_str().ends_with("-bin"));
    let wrong = binary.filter_map(|(name, value)| Some((name, value, decode(value.as_bytes()).err()?)));
    let (name, value, place) = wrong.last()?;
    Some(Malformed { name, value, why: format!("illegal base64 data at input byte {place}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_go_refuses_is_refused_at_the_same_place() {
        // Each place is what `base64.StdEncoding`, or `RawStdEncoding` where the length is no multiple of four, tells.
        let rows: [(&str, Result<&[u8], usize>); 18] = [
            ("", Ok(b"")),
            ("QQ==", Ok(b"A")),
            ("QQ", Ok(b"A")),
            ("QR", Ok(b"A")),
            ("QUI=", Ok(b"AB")),
            ("QUI", Ok(b"AB")),
            ("QUJD", Ok(b"ABC")),
            ("QQ=", Err(2)),
            ("Q===", Err(1)),
            ("====", Err(0)),
            ("QUJDR", Err(4)),
            ("QQ==QQ==", Err(4)),
            ("QUI=QUI=", Err(4)),
            ("QQ=A", Err(2)),
            ("!QUJ", Err(0)),
            ("QU-_", Err(2)),
            ("not base64", Err(3)),
            ("QUJD,QUJD", Err(4)),
        ];
        for (text, told) in rows {
            assert_eq!(decode(text.as_bytes()), told.map(<[u8]>::to_vec), "{text}");
        }
    }

    #[test]
    fn only_binary_keys_are_looked_at() {
        let mut metadata = HeaderMap::new();
        metadata.insert("x-text", HeaderValue::from_static("!"));
        metadata.insert("x-good-bin", encode(&[0, 255]));
        assert_eq!(malformed(&metadata), None);
        metadata.insert("x-bad-bin", HeaderValue::from_static("!"));
        assert_eq!(malformed(&metadata).unwrap().why, "illegal base64 data at input byte 0");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Ok(bytes));
        }

        #[test]
        fn nothing_makes_the_decoder_panic(value in prop::collection::vec(any::<u8>(), 0..64)) {
            drop(decode(&value));
        }
    }
}
