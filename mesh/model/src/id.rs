//! Identifiers: newtypes, so that one cannot be taken for another.

use std::fmt;
use std::sync::Arc;

/// The name of an app, as other apps call it. For an external URL it is the URL's `scheme://host:port`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppId(Arc<str>);

impl AppId {
    /// Wraps a name; clones share it.
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for AppId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppId({})", self.0)
    }
}

impl From<&str> for AppId {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The number of a call within its session, counted from 1 in the order of arrival. Shown as `#12`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CallId(pub u64);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A W3C trace id: 16 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(pub [u8; 16]);

/// A W3C span id: 8 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(pub [u8; 8]);

macro_rules! hex_id {
    ($id:ident, $bytes:literal) => {
        impl $id {
            /// Reads exactly the hexadecimal digits of an id, in either case; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                let digits = text.as_bytes();
                if digits.len() != 2 * $bytes {
                    return None;
                }
                let mut id = [0; $bytes];
                for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
                    let high = char::from(pair[0]).to_digit(16)?;
                    let low = char::from(pair[1]).to_digit(16)?;
                    *byte = (high * 16 + low) as u8;
                }
                Some(Self(id))
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

impl TraceId {
    /// Whether the id begins with these hexadecimal digits, in either case.
    pub fn starts_with(&self, digits: &str) -> bool {
        let own = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.len() <= 32 && digits.chars().zip(own).all(|(digit, own)| digit.to_digit(16) == Some(u32::from(own)))
    }
}

hex_id!(TraceId, 16);
hex_id!(SpanId, 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_the_hex_that_it_was_read_from() {
        let text = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(TraceId::parse(text).unwrap().to_string(), text);
        assert_eq!(SpanId::parse("00F067AA0BA902B7").unwrap().to_string(), "00f067aa0ba902b7");
    }

    #[test]
    fn what_is_not_exactly_hex_digits_is_no_id() {
        for text in
            ["", "00f067aa0ba902b", "00f067aa0ba902b77", "00f067aa0ba902bg", "00f067aa0ba902+7", "é0f067aa0ba902b"]
        {
            assert_eq!(SpanId::parse(text), None, "{text:?}");
        }
    }
}
