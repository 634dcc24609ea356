//! Where the body of an answer ends.

use bytes::{Buf as _, Bytes, BytesMut};

/// The most bytes of a body that are copied out of the read buffer; larger pieces are cut off it instead.
const COPIED: usize = 4096;
/// The most bytes of a body's chunk extensions and trailers.
const LARGEST_TAIL: usize = 64 << 10;

/// Reads a body from what comes over the connection.
#[derive(Debug)]
pub(super) enum Decoder {
    /// So many bytes are left.
    Length(u64),
    /// Chunks.
    Chunks(Chunks),
    /// It ends with the connection.
    UntilClose,
}

/// Where a reader of chunks is.
#[derive(Debug)]
pub(super) struct Chunks {
    at: At,
    /// Bytes of extensions and trailers so far.
    tail: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    /// In front of the line with the size of a chunk.
    Size,
    /// So many bytes of a chunk are left.
    Data(u64),
    /// In front of the line end after a chunk.
    DataEnd,
    /// In the lines after the last chunk.
    Trailers,
    /// Behind all of it.
    End,
}

impl Decoder {
    /// A body of so many bytes.
    pub(super) fn length(length: u64) -> Self {
        Self::Length(length)
    }

    /// A body in chunks.
    pub(super) fn chunks() -> Self {
        Self::Chunks(Chunks { at: At::Size, tail: 0 })
    }

    /// Whether all of the body has been read.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunks(chunks) => chunks.at == At::End,
            Self::UntilClose => false,
        }
    }

    /// How much is left, where that is known.
    pub(super) fn left(&self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(*left),
            Self::Chunks(chunks) => (chunks.at == At::End).then_some(0),
            Self::UntilClose => None,
        }
    }

    /// Takes the next piece of the body off the front of what was read. `None` where more must be read first, or where
    /// the body [is done](Self::is_done).
    pub(super) fn take(&mut self, read: &mut BytesMut) -> Result<Option<Bytes>, &'static str> {
        match self {
            Self::Length(left) => Ok(cut(read, left)),
            Self::UntilClose => {
                let mut all = u64::MAX;
                Ok(cut(read, &mut all))
            }
            Self::Chunks(chunks) => {
                chunks.skip(read)?;
                let At::Data(left) = &mut chunks.at else { return Ok(None) };
                let piece = cut(read, left);
                if *left == 0 {
                    chunks.at = At::DataEnd;
                    chunks.skip(read)?;
                }
                Ok(piece)
            }
        }
    }
}

fn cut(read: &mut BytesMut, left: &mut u64) -> Option<Bytes> {
    let size = read.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
    *left -= size as u64;
    match size {
        0 => None,
        1..=COPIED => {
            let piece = Bytes::copy_from_slice(read.get(..size)?);
            read.advance(size);
            Some(piece)
        }
        _ => Some(read.split_to(size).freeze()),
    }
}

impl Chunks {
    /// Reads what is not data, as far as it has come.
    fn skip(&mut self, read: &mut BytesMut) -> Result<(), &'static str> {
        while matches!(self.at, At::Size | At::DataEnd | At::Trailers) {
            let Some(end) = read.iter().position(|byte| *byte == b'\n') else {
                let too_long = self.tail + read.len() > LARGEST_TAIL;
                return if too_long { Err("http: suspiciously long trailer after chunked body") } else { Ok(()) };
            };
            let line = read.get(..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.tail += line.len();
            if self.tail > LARGEST_TAIL {
                return Err("http: suspiciously long trailer after chunked body");
            }
            self.at = match self.at {
                At::Size => match size(line)? {
                    0 => At::Trailers,
                    size => {
                        self.tail = 0;
                        At::Data(size)
                    }
                },
                At::DataEnd if line.is_empty() => At::Size,
                At::DataEnd => return Err("malformed chunked encoding"),
                At::Trailers if line.is_empty() => At::End,
                at => at,
            };
            read.advance(end + 1);
        }
        Ok(())
    }
}

/// The size of a chunk: hexadecimal, before any extension.
fn size(line: &[u8]) -> Result<u64, &'static str> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err("invalid byte in chunk length");
    }
    let text = std::str::from_utf8(digits).unwrap_or_default();
    u64::from_str_radix(text, 16).map_err(|_| "http chunk length too large")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKED: &str =
        "4\r\nWiki\r\n6;name=\"value\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: x\r\n\r\nNEXT";

    /// Reads pieces of `size` bytes; what was decoded, whether it is done, and what is left over.
    fn decode(mut reader: Decoder, text: &str, size: usize) -> Result<(String, bool, String), &'static str> {
        let (mut read, mut decoded) = (BytesMut::new(), String::new());
        for piece in text.as_bytes().chunks(size) {
            read.extend_from_slice(piece);
            while let Some(data) = reader.take(&mut read)? {
                decoded.push_str(std::str::from_utf8(&data).unwrap());
            }
        }
        Ok((decoded, reader.is_done(), String::from_utf8(read.to_vec()).unwrap()))
    }

    #[test]
    fn chunks_are_joined_wherever_they_are_cut() {
        for size in 1..=CHUNKED.len() {
            let (decoded, done, rest) = decode(Decoder::chunks(), CHUNKED, size).unwrap();
            assert_eq!(
                (decoded.as_str(), done, rest.as_str()),
                ("Wikipedia in \r\n\r\nchunks.", true, "NEXT"),
                "{size}"
            );
        }
    }

    #[test]
    fn the_end_is_known_with_the_last_piece_where_it_has_come_too() {
        let mut read = BytesMut::from("2\r\nok\r\n0\r\n\r\n");
        let mut decoder = Decoder::chunks();
        assert_eq!(decoder.take(&mut read).unwrap().unwrap(), "ok");
        assert!(decoder.is_done());
    }

    #[test]
    fn a_length_is_kept_and_what_comes_after_it_is_left() {
        let (decoded, done, rest) = decode(Decoder::length(4), "bodyNEXT", 3).unwrap();
        assert_eq!((decoded.as_str(), done, rest.as_str()), ("body", true, "NEXT"));
        assert_eq!(decode(Decoder::length(9), "body", 9).unwrap(), ("body".to_owned(), false, String::new()));
        assert!(!decode(Decoder::UntilClose, "body", 9).unwrap().1);
    }

    #[test]
    fn what_are_not_chunks_is_refused() {
        for text in ["\r\n", "x\r\n", "-1\r\n", "11111111111111111\r\n", "2\r\nokay\r\n"] {
            assert!(decode(Decoder::chunks(), text, 100).is_err(), "{text:?}");
        }
        let endless = format!("0\r\n{}", "A: b\r\n".repeat(20_000));
        assert!(decode(Decoder::chunks(), &endless, 1000).is_err());
        assert!(decode(Decoder::chunks(), &"1".repeat(100_000), 1000).is_err());
    }
}
