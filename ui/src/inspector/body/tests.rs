use std::io::Write;

use bytes::Bytes;
use daptop_model::{BodyEnd, CapturedBody, Head, HeadBuilder};
use proptest::prelude::*;

use crate::inspector::document::{Document, Look, Writer};

const LOOK: Look = Look { ascii: false, bytes: 16 };

/// What a writer was given, each line indented by two spaces a level.
pub(super) fn shown(write: impl FnOnce(&mut Writer)) -> Vec<String> {
    let mut writer = Writer::new(LOOK);
    write(&mut writer);
    lines(&writer.finish())
}

fn lines(document: &Document) -> Vec<String> {
    let line = |line| {
        let depth = document.entry(line).map_or(0, |entry| usize::from(entry.depth));
        format!("{}{}", "  ".repeat(depth), document.line(line))
    };
    (0..document.len()).map(line).collect()
}

fn head(headers: &[(&str, &str)]) -> Head {
    let mut builder = HeadBuilder::default();
    for (name, value) in headers {
        builder.line(name, value.as_bytes());
    }
    builder.finish()
}

fn body(bytes: &[u8]) -> CapturedBody {
    let kept = Bytes::copy_from_slice(bytes);
    CapturedBody { seen: kept.len() as u64, kept, end: BodyEnd::Complete, evicted: false }
}

fn document(body: &CapturedBody, headers: &[(&str, &str)], look: Look) -> Document {
    let mut writer = Writer::new(look);
    super::write(&mut writer, body, Some(&head(headers)));
    writer.finish()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The smallest PNG: 1 × 1 pixels.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// Types, bytes, and how they are shown; of some the heading is left out.
const SHOWN: &[(&str, &[u8], &[&str])] = &[
    ("application/json", b"{\"a\":1}", &["Body  7 B  application/json", "  {", "    \"a\": 1", "  }"]),
    ("application/json; charset=utf-8", b"42", &["Body  2 B  application/json; charset=utf-8", "  42"]),
    ("application/cloudevents+json", b"[]", &["Body  2 B  application/cloudevents+json", "  []"]),
    ("text/plain", b"[1]", &["Body  3 B  text/plain  (JSON by its bytes)", "  [", "    1", "  ]"]),
    ("", b"plain\ttext\n\nmore", &["Body  16 B  (text by its bytes)", "  plain    text", "  ", "  more"]),
    (
        "application/json",
        b"{\"a\":1,}",
        &[
            "Body  8 B  application/json",
            "  is not valid JSON: key must be a string at line 1 column 8",
            "  {",
            "    \"a\": 1,",
            "  }",
        ],
    ),
    (
        "application/json",
        b"<html>no</html>",
        &[
            "Body  15 B  application/json  (HTML by its bytes)",
            "  is not valid JSON: expected value at line 1 column 1",
            "  <html>no</html>",
        ],
    ),
    (
        "application/json",
        b"{\"a\":1}\n{\"b\":2}\n",
        &[
            "Body  16 B  application/json  (JSON lines by its bytes)",
            "  line 1: {",
            "    \"a\": 1",
            "  }",
            "  line 2: {",
            "    \"b\": 2",
            "  }",
        ],
    ),
    ("application/x-ndjson", b"1\n2", &["Body  3 B  application/x-ndjson", "  line 1: 1", "  line 2: 2"]),
    ("text/event-stream", b"data: hi\n\n", &["Body  10 B  text/event-stream", "  event 1", "    data: hi"]),
    ("application/x-www-form-urlencoded", b"a=1", &["Body  3 B  application/x-www-form-urlencoded", "  a = 1"]),
    (
        "application/x-www-form-urlencoded",
        b"[1]",
        &["Body  3 B  application/x-www-form-urlencoded  (JSON by its bytes)", "  [", "    1", "  ]"],
    ),
    ("text/xml", b"<a/>", &["Body  4 B  text/xml", "  <a/>"]),
    ("application/soap+xml", b"oops", &["Body  4 B  application/soap+xml  (text by its bytes)", "  oops"]),
    ("text/html", b"<p>x", &["Body  4 B  text/html", "  <p>", "    x"]),
    (
        "text/plain",
        b"caf\xe9",
        &["Body  4 B  text/plain", "  is not UTF-8: read as windows-1252, which is a guess", "  café"],
    ),
    (
        "text/plain; charset=latin1",
        b"\xe9",
        &["Body  1 B  text/plain; charset=latin1", "  read as windows-1252", "  é"],
    ),
    (
        "application/octet-stream",
        b"\0\x01\x02",
        &["Body  3 B  application/octet-stream", "  00000000  00 01 02                                         ..."],
    ),
    (
        "application/json",
        b"\xff\0",
        &[
            "Body  2 B  application/json  (binary by its bytes)",
            "  00000000  ff 00                                            ..",
        ],
    ),
    ("multipart/form-data; boundary=\"x\"", b"--x\r\n\r\nhi\r\n--x--", &["", "  part 1  2 B", "    hi"]),
    ("multipart/mixed", b"no parts", &["Body  8 B  multipart/mixed  (text by its bytes)", "  no parts"]),
];

#[test]
fn a_body_is_shown_by_its_type_and_by_its_bytes_where_the_type_lies() {
    for (content_type, bytes, expected) in SHOWN {
        let found = lines(&document(&body(bytes), &[("Content-Type", content_type)], LOOK));
        let skip = usize::from(expected[0].is_empty());
        assert_eq!(found[skip..], expected[skip..], "{content_type} {bytes:?}");
    }
}

#[test]
fn an_image_is_told_by_its_format_and_its_size_and_its_bytes_are_folded() {
    for content_type in ["image/png", "application/octet-stream"] {
        let document = document(&body(PNG), &[("content-type", content_type)], LOOK);
        assert_eq!(document.line(1), "PNG image  1 × 1 pixels  33 B");
        assert_eq!((document.line(2), document.entry(2).unwrap().folded), ("its bytes", true));
        assert_eq!(document.entry(2).unwrap().inner, 3);
    }
}

#[test]
fn a_compressed_body_says_from_how_much_to_how_much() {
    let json = format!("[{}0]", "1234567, ".repeat(300));
    let packed = gzip(json.as_bytes());
    for (headers, said) in [
        (&[("Content-Encoding", "gzip"), ("Content-Type", "application/json")][..], ""),
        (&[("Content-Type", "application/gzip")], "  (JSON by its bytes)"),
    ] {
        let document = document(&body(&packed), headers, LOOK);
        let content_type = headers.last().unwrap().1;
        assert_eq!(
            document.line(0),
            format!("Body  2.6 KiB  {content_type}{said}  gzip, {} B → 2.6 KiB", packed.len())
        );
        assert_eq!((document.line(1), document.line(2)), ("[", "1234567,"));
    }
}

/// A body, its headers, and what is said of it.
type Missing<'a> = (CapturedBody, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn what_is_missing_is_said_aloud() {
    let json = [("content-type", "application/json")];
    let gzipped = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let whole = || body(b"[1, 2");
    let long: String = (0..90_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string()).collect();
    let packed = gzip(long.as_bytes());
    let bomb = gzip(&vec![b' '; 5 << 20]);
    let table: Vec<Missing<'_>> = vec![
        (
            CapturedBody { seen: 9_999_999, ..whole() },
            &json,
            "captured 5 B of 9.5 MiB: the rest passed, and was not kept",
        ),
        (
            CapturedBody { kept: Bytes::new(), evicted: true, ..whole() },
            &json,
            "given up to stay within the memory limit: 5 B passed, none is kept",
        ),
        (
            CapturedBody { end: BodyEnd::Broken, ..whole() },
            &json,
            "broke off after 5 B: its sender or the connection failed",
        ),
        (
            CapturedBody { end: BodyEnd::Abandoned, ..whole() },
            &json,
            "left after 5 B: its receiver went away before the end",
        ),
        (
            CapturedBody { end: BodyEnd::Open, kept: Bytes::new(), ..whole() },
            &json,
            "not ended: 5 B so far, shown when it has",
        ),
        (
            CapturedBody { seen: 0, end: BodyEnd::Broken, ..body(b"") },
            &json,
            "broke off after 0 B: its sender or the connection failed",
        ),
        (body(&bomb), &gzipped, "decompressed as far as 4.0 MiB: there is more"),
        (body(b"[]"), &gzipped, "is not compressed in the way that its head says: shown as it is"),
        (
            body(&packed[..packed.len() / 2]),
            &gzipped,
            "cannot be decompressed any further than this: its bytes are wrong",
        ),
        (
            CapturedBody { seen: packed.len() as u64, ..body(&packed[..packed.len() / 2]) },
            &gzipped,
            "decompressed as far as it is here",
        ),
        (
            body(b"[]"),
            &[("content-encoding", "aws-chunked")],
            "has the coding aws-chunked, which daptop cannot undo: shown as it is",
        ),
    ];
    for (body, headers, expected) in table {
        let found = lines(&document(&body, headers, LOOK));
        assert!(found.iter().any(|line| line.trim() == expected), "{expected}: {:?}", &found[..found.len().min(4)]);
    }
    assert_eq!(lines(&document(&body(b""), &json, LOOK)), ["No body"]);
}

#[test]
fn a_body_that_was_announced_and_that_nobody_took_is_not_said_to_be_none() {
    let abandoned = CapturedBody { end: BodyEnd::Abandoned, ..body(b"") };
    for (headers, told) in [
        (&[("content-length", "14")][..], "Body not read: nobody took it, so it is not known here"),
        (&[("transfer-encoding", "chunked")], "Body not read: nobody took it, so it is not known here"),
        (&[("content-length", "0")], "No body"),
        (&[], "No body"),
    ] {
        assert_eq!(lines(&document(&abandoned, headers, LOOK)), [told]);
    }
    assert_eq!(lines(&document(&body(b""), &[("content-length", "14")], LOOK)), ["No body"], "the answer to HEAD");
}

/// A type, bytes, and the paths of some lines.
type Paths<'a> = (&'a str, &'a [u8], &'a [(usize, &'a str)]);

#[test]
fn the_path_of_a_line_says_where_it_is() {
    let table: &[Paths<'_>] = &[
        (
            "application/json",
            b"{\"items\":[{\"price\":1},[2]],\"two words\":{},\"9\":null}",
            &[
                (0, ""),
                (1, "$"),
                (2, "$.items"),
                (3, "$.items[0]"),
                (4, "$.items[0].price"),
                (5, "$.items[0]"),
                (6, "$.items[1]"),
                (7, "$.items[1][0]"),
                (9, "$.items"),
                (10, "$[\"two words\"]"),
                (11, "$[\"9\"]"),
                (12, "$"),
            ],
        ),
        ("application/x-ndjson", b"{\"a\":1}\n{\"b\":2}", &[(1, "line 1 › $"), (5, "line 2 › $.b")]),
        (
            "text/event-stream",
            b"event: x\ndata: {\"a\":1}",
            &[(1, "event 1"), (2, "event 1 › event"), (4, "event 1 › data › $.a")],
        ),
        ("text/xml", b"<a><b><c>1</c></b>t</a>", &[(2, "/a/b"), (3, "/a/b/c"), (4, "/a/b"), (5, "/a")]),
        ("application/x-www-form-urlencoded", b"order=1&x=2", &[(1, "order"), (2, "x")]),
        ("text/plain", b"one\ntwo", &[(1, ""), (2, "")]),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n--x--",
            &[(1, "part 1"), (2, "part 1 › Content-Type"), (4, "part 1 › $.a")],
        ),
    ];
    for (content_type, bytes, paths) in table {
        let document = document(&body(bytes), &[("content-type", content_type)], LOOK);
        for (line, expected) in *paths {
            assert_eq!(document.path(*line), *expected, "line {line} of {:?}", lines(&document));
        }
    }
}

const TYPES: [&str; 14] = [
    "",
    "application/json",
    "application/x-ndjson",
    "text/event-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/xml",
    "text/html; charset=utf-16",
    "text/plain; charset=shift_jis",
    "image/png",
    "image/svg+xml",
    "application/grpc",
    "nonsense;;=;\"",
    "text/plain; charset=iso-8859-1",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_of_any_type_are_lines_without_control_characters(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[\\[\\]{}\",:a1 \\\\\n\r\u{1b}\u{202e}é<>/&=;!-]{0,120}".prop_map(String::into_bytes),
            "(--x\r?\n?([A-Za-z-]{1,12}: ?[a-z/]{0,9}\r?\n){0,2}\r?\n?[a-z{}\"]{0,9}\r?\n?){0,4}".prop_map(String::into_bytes),
        ],
        content_type in proptest::sample::select(&TYPES[..]),
        encoding in proptest::sample::select(vec!["", "gzip", "br", "zstd", "deflate", "x"]),
        missing in 0_u64..3,
        ascii in any::<bool>(),
    ) {
        let body = CapturedBody { seen: bytes.len() as u64 + missing, ..body(&bytes) };
        let headers = [("content-type", content_type), ("content-encoding", encoding)];
        let document = document(&body, &headers, Look { ascii, bytes: 8 });
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        prop_assert!(!document.text().contains(steers));
        prop_assert!(!ascii || document.text().is_ascii());
        for line in 0..document.len() {
            let entry = document.entry(line).unwrap();
            prop_assert!(line + (entry.inner as usize) < document.len());
            prop_assert!(entry.parent as usize <= line);
            prop_assert!(document.line(line).is_char_boundary(entry.key as usize));
            prop_assert!(!document.line(line).contains('\n'));
            document.path(line);
        }
    }
}
