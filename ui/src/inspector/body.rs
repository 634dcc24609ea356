//! Bodies as lines: JSON one entry a line, text as it is, everything else as bytes.

use daptop_model::{BodyEnd, CapturedBody, Head};
use ratatui::style::Style;
use ratatui::text::Line;

use crate::row::Row;
use crate::theme::Theme;
use crate::{format, json, text};

/// How much of a body is laid out, in bytes. A person reads the beginning; laying out the rest would cost every key press.
const SHOWN: usize = 256 << 10;

/// What is known of a body, and its text, in lines of at most `width` columns.
pub(super) fn lines(body: &CapturedBody, head: Option<&Head>, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![facts(body, head, theme, width)];
    let kept = &body.kept[..body.kept.len().min(SHOWN)];
    let whole = kept.len() as u64 == body.seen;
    let indent = |line: &str, style| Row::new(theme, width).gap(2).put(line, style).finish();
    match readable(kept, whole) {
        _ if kept.is_empty() => {}
        Some(readable) => {
            let content_type = head.and_then(|head| head.text("content-type")).unwrap_or_default();
            let cut_json = !whole && content_type.contains("json");
            let raw = if cut_json || json::is_json(readable) {
                json::pretty(readable)
            } else {
                readable.lines().map(|line| line.replace('\t', "    ")).collect()
            };
            for line in &raw {
                let cleaned = text::clean(line, theme.ascii);
                let pieces = text::wrap(&cleaned, width.saturating_sub(2));
                lines.extend(pieces.into_iter().map(|piece| indent(piece, Style::new())));
            }
        }
        None => lines.extend(hex(kept, width.saturating_sub(2)).iter().map(|line| indent(line, Style::new()))),
    }
    if body.kept.len() > SHOWN {
        let more = format::bytes((body.kept.len() - SHOWN) as u64);
        lines.push(indent(
            &format!("{more} more are kept; the first {} are shown", format::bytes(SHOWN as u64)),
            theme.waiting(),
        ));
    }
    lines
}

/// `Body  33 B  application/json`, and what is missing.
fn facts(body: &CapturedBody, head: Option<&Head>, theme: Theme, width: usize) -> Line<'static> {
    let mut row = Row::new(theme, width);
    if body.seen == 0 && body.end != BodyEnd::Broken {
        return row.put("No body", theme.dim()).finish();
    }
    let header = |name| head.and_then(|head| head.text(name)).unwrap_or_default();
    row.put("Body", theme.strong()).gap(2).put(&format::bytes(body.seen), theme.plain());
    row.gap(2).put(header("content-type"), theme.dim());
    let encoding = header("content-encoding");
    if !encoding.is_empty() {
        row.gap(2).put(encoding, theme.dim());
    }
    if body.evicted {
        row.gap(2).put("given up to stay within the memory limit", theme.strong());
    } else if (body.kept.len() as u64) < body.seen {
        row.gap(2).put(&format!("only the first {} are kept", format::bytes(body.kept.len() as u64)), theme.strong());
    }
    let end = match body.end {
        BodyEnd::Open => "not ended",
        BodyEnd::Complete => "",
        BodyEnd::Broken => "broke off",
        BodyEnd::Abandoned => "its receiver went away",
    };
    if !end.is_empty() {
        row.gap(2).put(end, if body.end == BodyEnd::Broken { theme.bad() } else { theme.waiting() });
    }
    row.finish()
}

/// The bytes as text, where they are; of a body that was cut, without the piece of a character at its end.
fn readable(bytes: &[u8], whole: bool) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if !whole && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    // A text with many control characters is binary that happens to be UTF-8.
    let controls = text.bytes().filter(|byte| *byte < 32 && !b"\t\n\r\x1b".contains(byte)).count();
    (controls * 20 <= text.len()).then_some(text)
}

/// `00000010  7b 22 6f …  {"o…`, as many bytes a line as fit: 16 or 8 or 4.
fn hex(bytes: &[u8], width: usize) -> Vec<String> {
    let each = [16, 8].into_iter().find(|each| 10 + each * 3 + 1 + each <= width).unwrap_or(4);
    let line = |(index, chunk): (usize, &[u8])| {
        let mut line = format!("{:08x}  ", index * each);
        line.extend(chunk.iter().map(|byte| format!("{byte:02x} ")));
        line.push_str(&"   ".repeat(each - chunk.len()));
        line.push(' ');
        line.extend(chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }));
        line
    };
    bytes.chunks(each).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_text_is_shown_as_bytes() {
        assert_eq!(
            hex(b"\x00\x01hello world\xff\xfe", 80),
            ["00000000  00 01 68 65 6c 6c 6f 20 77 6f 72 6c 64 ff fe     ..hello world.."]
        );
        assert_eq!(readable(b"\xff\xfe", true), None);
        assert_eq!(readable(b"\x00\x01\x02", true), None);
        assert_eq!(readable("a\u{1b}[31mlong text é".as_bytes(), true), Some("a\u{1b}[31mlong text é"));
    }

    #[test]
    fn a_character_cut_in_two_at_the_cap_does_not_make_a_text_binary() {
        assert_eq!(readable(&"caf\u{e9}".as_bytes()[..4], false), Some("caf"));
        assert_eq!(readable(&"caf\u{e9}".as_bytes()[..4], true), None);
    }
}
