//! Forms: `application/x-www-form-urlencoded`, and the parts of `multipart/…`.

use super::{Payload, content};
use crate::format;
use crate::inspector::document::{Class, Writer};
use crate::text;

/// The most columns that the names of fields are aligned in.
const LONGEST_NAME: usize = 24;

/// Writes the fields of a form, percent-encoding undone, in the order in which they were sent.
pub(super) fn fields(writer: &mut Writer, bytes: &[u8]) {
    let pairs: Vec<_> = form_urlencoded::parse(bytes.trim_ascii()).collect();
    let longest = pairs.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(LONGEST_NAME);
    for (name, value) in pairs {
        let pad = longest.saturating_sub(text::width(&name));
        writer.line(Class::Field, &[&name, &" ".repeat(pad), " = "], &value);
        writer.hang(longest + 3);
    }
}

/// Whether a text may be a form: pairs, and nothing that would have been encoded.
pub(super) fn is_form(text: &str) -> bool {
    let text = text.trim_ascii();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}<>\"".contains(&byte))
}

/// Writes the parts of a multipart body, each with its head and its content by its own type.
pub(super) fn parts(writer: &mut Writer, bytes: &[u8], boundary: &str, whole: bool, nested: usize) {
    let delimiter = [b"--", boundary.as_bytes()].concat();
    let mut pieces = split(bytes, &delimiter).into_iter();
    // Before the first delimiter there may be text for readers that do not know of parts.
    let preamble = pieces.next().unwrap_or_default();
    if !preamble.trim_ascii().is_empty() {
        writer.line(Class::Text, &[], &String::from_utf8_lossy(preamble.trim_ascii()));
    }
    let pieces: Vec<&[u8]> = pieces.take_while(|piece| !piece.starts_with(b"--")).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let is_cut = !whole && index + 1 == pieces.len();
        part(writer, index + 1, piece, !is_cut, nested);
    }
}

fn part(writer: &mut Writer, number: usize, piece: &[u8], whole: bool, nested: usize) {
    let (head, body) = head_and_body(piece);
    let fields: Vec<(&str, &str)> = head.lines().filter_map(|line| line.split_once(':')).collect();
    let value = |name: &str| {
        let found = fields.iter().find(|(other, _)| other.trim().eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    };
    let name = value("content-disposition").split(';').skip(1).map(str::trim).collect::<Vec<_>>().join(" ");
    let content_type = value("content-type");
    let title = [&format!("part {number}"), &name, content_type, &format::bytes(body.len() as u64)];
    let title: Vec<&str> = title.into_iter().filter(|word| !word.is_empty()).collect();
    writer.line(Class::Title, &[], &title.join("  "));
    writer.open();
    for (name, value) in &fields {
        writer.line(Class::Field, &[name, ": "], value.trim());
    }
    content(writer, &Payload { bytes: body, content_type, whole, nested: nested + 1 });
    writer.close();
}

/// Cuts a part at its first empty line.
fn head_and_body(piece: &[u8]) -> (String, &[u8]) {
    let piece = piece.strip_prefix(b"\r\n").or_else(|| piece.strip_prefix(b"\n")).unwrap_or(piece);
    let found = [&b"\r\n\r\n"[..], b"\n\n"].into_iter().filter_map(|end| Some((find(piece, end)?, end.len()))).min();
    let (head, body) = match found {
        // A part without header lines begins with the empty line.
        _ if piece.starts_with(b"\r\n") => (&piece[..0], &piece[2..]),
        Some((at, length)) => (&piece[..at], &piece[at + length..]),
        None => (piece, &piece[..0]),
    };
    let body = body.strip_suffix(b"\r\n").or_else(|| body.strip_suffix(b"\n")).unwrap_or(body);
    (String::from_utf8_lossy(head).into_owned(), body)
}

/// Cuts at the lines that begin with a delimiter.
fn split<'a>(bytes: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let (mut pieces, mut start, mut from) = (Vec::new(), 0, 0);
    while let Some(at) = bytes.get(from..).and_then(|rest| find(rest, delimiter)).map(|at| at + from) {
        from = at + delimiter.len();
        let goes_on = bytes.get(from).is_some_and(|byte| !b"\r\n- \t".contains(byte));
        if (at == 0 || bytes[at - 1] == b'\n') && !goes_on {
            pieces.push(&bytes[start..at]);
            start = from;
        }
    }
    pieces.push(&bytes[start..]);
    pieces
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let (first, rest) = what.split_first()?;
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.map(|(at, _)| at).find(|at| bytes[at + 1..].starts_with(rest))
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    #[test]
    fn a_form_is_decoded_and_aligned_in_the_order_of_its_fields() {
        let lines = shown(|writer| fields(writer, b"orderId=41&coupon=a+b%26c&note=&x&orderId=42%C3%A9\r\n"));
        assert_eq!(lines, ["orderId = 41", "coupon  = a b&c", "note    = ", "x       = ", "orderId = 42é"]);
        for (text, expected) in [("a=1&b=2", true), ("a", true), ("{\"a\":1}", false), ("", false), ("a b", false)] {
            assert_eq!(is_form(text), expected, "{text}");
        }
    }

    #[test]
    fn each_part_has_its_head_and_its_content_by_its_type() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"order\"\r\nContent-Type: application/json\r\n\r\n\
            {\"a\":1}\r\n--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n--xylophone\r\n--x\r\n\r\nbare\r\n--x--\r\n";
        let lines = shown(|writer| parts(writer, body, "x", true, 0));
        assert_eq!(
            lines,
            [
                "part 1  name=\"order\"  application/json  7 B",
                "  Content-Disposition: form-data; name=\"order\"",
                "  Content-Type: application/json",
                "  {",
                "    \"a\": 1",
                "  }",
                "part 2  name=\"note\"  11 B",
                "  Content-Disposition: form-data; name=\"note\"",
                "  --xylophone",
                "part 3  4 B",
                "  bare"
            ]
        );
    }

    #[test]
    fn a_part_that_was_cut_is_shown_as_far_as_it_goes() {
        let body = b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nA: b\r\n\r\nc\r\n--x--";
        for cut in 0..body.len() {
            shown(|writer| parts(writer, &body[..cut], "x", false, 0));
        }
        assert!(shown(|writer| parts(writer, &body[..38], "x", false, 0)).contains(&"  hello".to_owned()));
    }
}
