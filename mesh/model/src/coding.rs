//! Content codings: what a body was before it was compressed for the way.

use std::borrow::Cow;
use std::io::Read;

use crate::{CapturedBody, Head};

/// How much is read at a time, in bytes.
const CHUNK: usize = 16 << 10;

/// The most codings that are undone, one after the other.
const DEEPEST: usize = 4;

/// A way of compressing a body, as the header `content-encoding` names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    /// `gzip`.
    Gzip,
    /// `deflate`: a zlib stream; some servers send it without zlib's head.
    Deflate,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

impl Coding {
    /// Its name, as in the header.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match () {
            () if is("gzip") || is("x-gzip") => Some(Coding::Gzip),
            () if is("deflate") => Some(Coding::Deflate),
            () if is("br") => Some(Coding::Brotli),
            () if is("zstd") => Some(Coding::Zstd),
            () => None,
        }
    }

    /// The coding that bytes have by their first ones, whatever a header says. `deflate` and `br` have no sure sign.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Some(Coding::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Coding::Zstd),
            _ => None,
        }
    }

    /// Undoes the coding, as far as `most` bytes.
    pub fn undo(self, bytes: &[u8], most: usize) -> (Vec<u8>, CodingEnd) {
        match self {
            Coding::Gzip => read(flate2::read::MultiGzDecoder::new(bytes), most),
            Coding::Deflate if has_zlib_head(bytes) => read(flate2::read::ZlibDecoder::new(bytes), most),
            Coding::Deflate => read(flate2::read::DeflateDecoder::new(bytes), most),
            Coding::Brotli => read(brotli_decompressor::Decompressor::new(bytes, CHUNK), most),
            Coding::Zstd => zstd(bytes, most),
        }
    }
}

/// How far a coding could be undone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CodingEnd {
    /// To the end.
    #[default]
    Whole,
    /// Up to the limit that was given; there is more.
    Limit,
    /// Up to a place from which on the bytes are not what the coding says, or where they end too early.
    Broken,
}

/// A body without its codings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded<'a> {
    /// The bytes, as far as they could be had.
    pub bytes: Cow<'a, [u8]>,
    /// The codings that were undone, the last one that was put on first.
    pub codings: Vec<Coding>,
    /// How far that went.
    pub end: CodingEnd,
    /// A coding that the header names and nobody here knows; the bytes still have it.
    pub unknown: Option<String>,
}

impl CapturedBody {
    /// The kept bytes without the codings that the message's head names, at most `most` bytes of them where there is any.
    pub fn decoded(&self, head: &Head, most: usize) -> Decoded<'_> {
        let mut decoded =
            Decoded { bytes: Cow::Borrowed(&self.kept), codings: Vec::new(), end: CodingEnd::Whole, unknown: None };
        let named = |(name, _): &(&str, &[u8])| name.eq_ignore_ascii_case("content-encoding");
        let values = head.lines().filter(named).filter_map(|(_, value)| std::str::from_utf8(value).ok());
        let codings: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
        for name in codings.into_iter().rev().filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        {
            let coding = Coding::parse(name).filter(|_| decoded.codings.len() < DEEPEST);
            let Some(coding) = coding else {
                decoded.unknown = Some(name.to_owned());
                break;
            };
            if self.kept.is_empty() {
                break;
            }
            let (bytes, end) = coding.undo(&decoded.bytes, most);
            if bytes.is_empty() && end == CodingEnd::Broken {
                // Not what the header says at all: the bytes themselves say more than nothing.
                decoded.end = CodingEnd::Broken;
                break;
            }
            (decoded.bytes, decoded.end) = (Cow::Owned(bytes), if end == CodingEnd::Whole { decoded.end } else { end });
            decoded.codings.push(coding);
        }
        decoded
    }
}

/// RFC 1950: the method is deflate, and the two bytes are a multiple of 31.
fn has_zlib_head(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

fn read(mut source: impl Read, most: usize) -> (Vec<u8>, CodingEnd) {
    let mut bytes = Vec::new();
    let end = read_into(&mut source, &mut bytes, most);
    (bytes, end)
}

fn read_into(source: &mut impl Read, bytes: &mut Vec<u8>, most: usize) -> CodingEnd {
    let mut chunk = [0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return CodingEnd::Whole,
            Ok(count) => {
                let room = most - bytes.len();
                bytes.extend_from_slice(chunk.get(..count.min(room)).unwrap_or_default());
                if count > room {
                    return CodingEnd::Limit;
                }
            }
            Err(_) => return CodingEnd::Broken,
        }
    }
}

/// All frames, one after the other.
fn zstd(mut bytes: &[u8], most: usize) -> (Vec<u8>, CodingEnd) {
    let mut decoded = Vec::new();
    while !bytes.is_empty() {
        let Ok(mut frame) = ruzstd::decoding::StreamingDecoder::new(&mut bytes) else {
            return (decoded, CodingEnd::Broken);
        };
        let end = read_into(&mut frame, &mut decoded, most);
        if end != CodingEnd::Whole {
            return (decoded, end);
        }
    }
    (decoded, CodingEnd::Whole)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use bytes::Bytes;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;
    use crate::HeadBuilder;

    const TEXT: &[u8] = b"{\"orderId\": 41, \"items\": [41, 41, 41, 41, 41, 41]}";
    /// `TEXT`, as Node.js compresses it.
    const BROTLI: &[u8] = b"\x1b1\x00\xf8-\x0a\xecfa\x12R\x13\xd734\xbd\x19z\x95d{}-B\x93\xb4\xb5bt\x02\xa4X\xbaz\x0fI&\x19H\x81\xb0H1c\x08\xf8\xf0";
    /// `TEXT`, as the `zstd` command compresses it.
    const ZSTD: &[u8] =
        b"(\xb5/\xfd\x04X=\x01\x00\x04\x02{\x22orderId\x22: 41, \x22items\x22: [41, ]}\x01\x00\xee9'\xca\xa4=x";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn message(bytes: &[u8], encoding: &str) -> (CapturedBody, Head) {
        let mut head = HeadBuilder::default();
        head.line("Content-Encoding", encoding.as_bytes());
        let kept = Bytes::copy_from_slice(bytes);
        (CapturedBody { seen: kept.len() as u64, kept, ..CapturedBody::default() }, head.finish())
    }

    #[test]
    fn each_coding_is_undone() {
        let table: &[(&str, Vec<u8>, &[Coding])] = &[
            ("", TEXT.to_vec(), &[]),
            ("identity", TEXT.to_vec(), &[]),
            ("gzip", gzip(TEXT), &[Coding::Gzip]),
            ("X-GZIP", gzip(TEXT), &[Coding::Gzip]),
            ("gzip", [gzip(&TEXT[..9]), gzip(&TEXT[9..])].concat(), &[Coding::Gzip]),
            ("deflate", zlib(TEXT), &[Coding::Deflate]),
            ("deflate", raw_deflate(TEXT), &[Coding::Deflate]),
            ("br", BROTLI.to_vec(), &[Coding::Brotli]),
            ("zstd", ZSTD.to_vec(), &[Coding::Zstd]),
            ("deflate, gzip", gzip(&zlib(TEXT)), &[Coding::Gzip, Coding::Deflate]),
        ];
        for (encoding, bytes, codings) in table {
            let (body, head) = message(bytes, encoding);
            let decoded = body.decoded(&head, 1_000);
            assert_eq!(
                (&*decoded.bytes, &*decoded.codings, decoded.end),
                (TEXT, *codings, CodingEnd::Whole),
                "{encoding}"
            );
        }
        let (body, head) = message(&[ZSTD, ZSTD].concat(), "zstd");
        assert_eq!(*body.decoded(&head, 1_000).bytes, [TEXT, TEXT].concat(), "two frames");
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = gzip(&gzip(&vec![0; 50 << 20]));
        let (body, head) = message(&bomb, "gzip, gzip");
        let decoded = body.decoded(&head, 1 << 20);
        assert_eq!((decoded.bytes.len(), decoded.end), (1 << 20, CodingEnd::Limit));
        let (body, head) = message(&gzip(TEXT), "gzip");
        assert_eq!(body.decoded(&head, TEXT.len()).end, CodingEnd::Whole, "as much as the limit is no bomb");
    }

    #[test]
    fn what_was_cut_is_undone_as_far_as_it_goes() {
        let long: Vec<u8> =
            (0..60_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let packed = gzip(&long);
        let (body, head) = message(&packed[..packed.len() / 2], "gzip");
        let decoded = body.decoded(&head, 1 << 20);
        assert_eq!(decoded.end, CodingEnd::Broken);
        assert!(decoded.bytes.len() > long.len() / 4 && long.starts_with(&decoded.bytes), "{}", decoded.bytes.len());
    }

    #[test]
    fn a_header_that_lies_leaves_the_bytes_as_they_are() {
        for encoding in ["gzip", "deflate", "br", "zstd"] {
            let (body, head) = message(b"\xff\xff plain \xff", encoding);
            let decoded = body.decoded(&head, 1_000);
            assert_eq!((&*decoded.bytes, decoded.end), (&b"\xff\xff plain \xff"[..], CodingEnd::Broken), "{encoding}");
        }
        let (body, head) = message(TEXT, "aws-chunked");
        let decoded = body.decoded(&head, 1_000);
        assert_eq!((&*decoded.bytes, decoded.unknown.as_deref()), (TEXT, Some("aws-chunked")));
    }
}
