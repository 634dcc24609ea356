//! The content type that Go guesses where an app sent none: the MIME Sniffing standard as Go's server applies it
//! (Response back to the caller).

/// Guesses from the first bytes of a body.
pub(crate) fn content_type(body: &[u8]) -> &'static str {
    let body = body.get(..512).unwrap_or(body);
    let text = body.trim_ascii_start();
    if let Some((_, found)) =
        HTML.iter().map(|tag| (tag, "text/html; charset=utf-8")).find(|(tag, _)| is_tag(text, tag))
    {
        return found;
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    if let Some((_, found)) = EXACT.iter().find(|(magic, _)| body.starts_with(magic)) {
        return found;
    }
    if let Some((_, _, found)) =
        RIFF.iter().find(|(outer, inner, _)| body.starts_with(outer) && body.get(8..8 + inner.len()) == Some(inner))
    {
        return found;
    }
    if is_mp4(body) {
        return "video/mp4";
    }
    if body.iter().any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)) {
        return "application/octet-stream";
    }
    "text/plain; charset=utf-8"
}

const HTML: [&[u8]; 17] = [
    b"<!DOCTYPE HTML",
    b"<HTML",
    b"<HEAD",
    b"<SCRIPT",
    b"<IFRAME",
    b"<H1",
    b"<DIV",
    b"<FONT",
    b"<TABLE",
    b"<A",
    b"<STYLE",
    b"<TITLE",
    b"<B",
    b"<BODY",
    b"<BR",
    b"<P",
    b"<!--",
];

const EXACT: [(&[u8], &str); 22] = [
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xFE\xFF\x00", "text/plain; charset=utf-16be"),
    (b"\xFF\xFE\x00", "text/plain; charset=utf-16le"),
    (b"\xEF\xBB\xBF", "text/plain; charset=utf-8"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x00\x00\x02\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b"\x1A\x45\xDF\xA3", "video/webm"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x1F\x8B\x08", "application/x-gzip"),
    (b"PK\x03\x04", "application/zip"),
];

const RIFF: [(&[u8], &[u8], &str); 4] = [
    (b"RIFF", b"WEBPVP", "image/webp"),
    (b"FORM", b"AIFF", "audio/aiff"),
    (b"RIFF", b"AVI ", "video/avi"),
    (b"RIFF", b"WAVE", "audio/wave"),
];

fn is_tag(text: &[u8], tag: &[u8]) -> bool {
    let (Some(start), Some(end)) = (text.get(..tag.len()), text.get(tag.len())) else { return false };
    start.eq_ignore_ascii_case(tag) && (tag == b"<!--" || matches!(end, b' ' | b'>'))
        || text.starts_with(b"<!--") && tag == b"<!--"
}

fn is_mp4(body: &[u8]) -> bool {
    let Some(size) = body.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes) as usize) else { return false };
    let brands = || (8..size.min(body.len())).step_by(4).filter(|at| *at != 12);
    body.len() >= 12
        && body.len() >= size
        && size.is_multiple_of(4)
        && body.get(4..8) == Some(b"ftyp")
        && brands().any(|at| body.get(at..at + 3) == Some(b"mp4"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guess_is_the_one_of_go() {
        for (body, expect) in [
            (&b"hello"[..], "text/plain; charset=utf-8"),
            (b"", "text/plain; charset=utf-8"),
            (b"{\"ok\":true}", "text/plain; charset=utf-8"),
            (b"  <html>", "text/html; charset=utf-8"),
            (b"<p>hi</p>", "text/html; charset=utf-8"),
            (b"<pre>", "text/plain; charset=utf-8"),
            (b"<!-- x", "text/html; charset=utf-8"),
            (b"<?xml version", "text/xml; charset=utf-8"),
            (b"%PDF-1.7", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n..", "image/png"),
            (b"RIFF....WEBPVP8 ", "image/webp"),
            (b"\x00\x00\x00\x14ftypmp42\x00\x00\x00\x00mp42", "video/mp4"),
            (b"\x00\x01\xff", "application/octet-stream"),
            (b"caf\xe9", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(content_type(body), expect, "{:?}", String::from_utf8_lossy(body));
        }
    }
}
