//! The heads of messages, kept as the text they were, in one piece of memory.
//!
//! A header map a call is ruinous at 100,000 calls; one text of a few hundred bytes is not. It is parsed when looked at.

use bytes::{BufMut, Bytes, BytesMut};

/// Header lines: `name: value`, one a line, in the order of arrival, values as the bytes they were.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Head {
    text: Bytes,
}

impl Head {
    /// Each header line's name and value.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        lines(&self.text)
    }

    /// The first value of a header, the name in any case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.lines().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The first value of a header where it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// The text, to be put elsewhere.
    pub(crate) fn bytes_mut(&mut self) -> &mut Bytes {
        &mut self.text
    }

    /// How much memory the text takes, in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.lines().map(|(name, value)| (name, String::from_utf8_lossy(value)))).finish()
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text).filter_map(move |end| {
        let line = text.get(start..end)?;
        start = end + 1;
        let colon = memchr::memchr(b':', line)?;
        Some((std::str::from_utf8(line.get(..colon)?).ok()?, line.get(colon + 2..)?))
    })
}

/// Writes a [`Head`] line by line.
#[derive(Debug, Default)]
pub struct HeadBuilder {
    text: BytesMut,
}

impl HeadBuilder {
    /// A builder with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { text: BytesMut::with_capacity(capacity) }
    }

    /// Adds a line. A line break within the value, which no HTTP parser lets through, becomes a space.
    pub fn line(&mut self, name: &str, value: &[u8]) {
        self.text.reserve(name.len() + value.len() + 3);
        self.text.put_slice(name.as_bytes());
        self.text.put_slice(b": ");
        if value.contains(&b'\n') {
            self.text.extend(value.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
        } else {
            self.text.put_slice(value);
        }
        self.text.put_u8(b'\n');
    }

    /// The head. Its buffer may be larger than its text; the store frees the excess once the call has ended.
    pub fn finish(self) -> Head {
        Head { text: self.text.freeze() }
    }
}

/// The head of a request as the caller's sidecar received it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestHead {
    /// The verb, upper case as a rule: `POST`.
    pub verb: Bytes,
    /// The request target as it stood on the request line: path and query, percent-encoding untouched.
    pub target: Bytes,
    /// The path and query as the callee's app sees it, starting with `/`.
    pub path: Bytes,
    /// The header lines.
    pub headers: Head,
}

impl RequestHead {
    /// The verb as text.
    pub fn verb(&self) -> &str {
        std::str::from_utf8(&self.verb).unwrap_or("?")
    }

    /// The target as text; bytes that are not text become `?`.
    pub fn target(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.target)
    }

    /// Path and query as the callee's app sees them.
    pub fn path(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.path)
    }

    /// How much memory the head takes, in bytes.
    pub fn size(&self) -> usize {
        self.verb.len() + self.headers.size() + self.target.len() + self.path.len()
    }
}

/// The head of an answer as the caller got it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResponseHead {
    /// The HTTP status, 100 to 999.
    pub status: u16,
    /// The header lines.
    pub headers: Head,
    /// The lines that came after the body. An answer of gRPC has its status there; where it is nothing but a status they
    /// came in place of the header lines, and those are empty. In a box, as most answers have none: 100,000 calls are kept.
    pub trailers: Option<Box<Head>>,
}

impl ResponseHead {
    /// A head without trailers.
    pub fn new(status: u16, headers: Head) -> Self {
        Self { status, headers, trailers: None }
    }

    /// How much memory the head takes, in bytes.
    pub fn size(&self) -> usize {
        self.headers.size() + self.trailers.as_ref().map_or(0, |trailers| size_of::<Head>() + trailers.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_lines_come_back_as_they_were_put_in() {
        let mut builder = HeadBuilder::default();
        builder.line("Content-Type", b"text/plain");
        builder.line("x", b"");
        builder.line("X", b"a: b");
        builder.line("split", b"a\nb: c");
        let head = builder.finish();
        let lines: Vec<_> = head.lines().map(|(name, value)| (name, std::str::from_utf8(value).unwrap())).collect();
        assert_eq!(lines, [("Content-Type", "text/plain"), ("x", ""), ("X", "a: b"), ("split", "a b: c")]);
        assert_eq!(head.text("content-type"), Some("text/plain"));
        assert_eq!(head.get("absent"), None);
    }
}
