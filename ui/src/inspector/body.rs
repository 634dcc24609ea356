//! Bodies as lines: what a body is, by its type and by its bytes, and what is known of it besides.

mod charset;
mod form;
mod hex;
mod image;
mod json;
mod kind;
mod markup;
mod stream;

use daptop_model::{BodyEnd, CapturedBody, Coding, CodingEnd, Decoded, Head};

use super::document::{Class, Writer};
use crate::format;
use kind::{Kind, Sorted};

pub(super) use hex::bytes_in;

/// The most bytes that come out of a compressed body.
const MOST_DECODED: usize = 4 << 20;

/// How deep parts within parts are looked into.
const MOST_NESTED: usize = 4;

/// Writes a JSON document.
pub(super) fn json(writer: &mut Writer, text: &str) {
    json::write(writer, "", text);
}

/// Writes bytes in hexadecimal.
pub(super) fn hex(writer: &mut Writer, bytes: &[u8]) {
    hex::write(writer, bytes);
}

/// Bytes of a type.
pub(super) struct Payload<'a> {
    bytes: &'a [u8],
    content_type: &'a str,
    /// Nothing is missing at the end.
    whole: bool,
    /// How many multipart bodies it is in.
    nested: usize,
}

/// Writes a body: a heading with its size and type, what is missing or guessed, and its content.
pub(super) fn write(writer: &mut Writer, body: &CapturedBody, head: Option<&Head>) {
    if body.seen == 0 && body.end != BodyEnd::Broken {
        let told = match body.end {
            BodyEnd::Open => "No body yet",
            BodyEnd::Abandoned if announces_one(head) => "Body not read: nobody took it, so it is not known here",
            _ => "No body",
        };
        return writer.line(Class::Title, &[], told);
    }
    let content_type = head.and_then(|head| head.text("content-type")).unwrap_or_default();
    let decoded = decode(body, head);
    let message = Payload { bytes: &decoded.bytes, content_type, whole: is_whole(body, &decoded), nested: 0 };
    let sorted = kind::sort(&message);
    writer.line(Class::Title, &[], &title(body, content_type, &decoded, &sorted));
    writer.open();
    for note in missing(body).into_iter().chain(coding(body, &decoded)) {
        writer.line(Class::Note, &[], &note);
    }
    write_sorted(writer, &message, &sorted);
    writer.close();
}

/// Whether a head says that a body follows.
fn announces_one(head: Option<&Head>) -> bool {
    let names = |name| head.and_then(|head| head.text(name));
    names("content-length").is_some_and(|length| length.trim() != "0") || names("transfer-encoding").is_some()
}

/// The body without its codings: those that the head names, or, without any, the one that its bytes show.
fn decode<'a>(body: &'a CapturedBody, head: Option<&Head>) -> Decoded<'a> {
    let none = Head::default();
    let mut decoded = body.decoded(head.unwrap_or(&none), MOST_DECODED);
    if decoded.codings.is_empty()
        && decoded.end == CodingEnd::Whole
        && let Some(coding) = Coding::of_bytes(&body.kept)
    {
        let (bytes, end) = coding.undo(&body.kept, MOST_DECODED);
        if !bytes.is_empty() {
            decoded = Decoded { bytes: bytes.into(), codings: vec![coding], end, unknown: None };
        }
    }
    decoded
}

fn is_whole(body: &CapturedBody, decoded: &Decoded<'_>) -> bool {
    body.kept.len() as u64 == body.seen && decoded.end == CodingEnd::Whole
}

/// `Body  2.1 KiB  application/json  gzip, 312 B → 2.1 KiB`.
fn title(body: &CapturedBody, content_type: &str, decoded: &Decoded<'_>, sorted: &Sorted<'_>) -> String {
    let size = if decoded.codings.is_empty() { body.seen } else { decoded.bytes.len() as u64 };
    let mut title = format!("Body  {}", format::bytes(size));
    let mut add = |text: &str| {
        title.push_str(if text.is_empty() { "" } else { "  " });
        title.push_str(text);
    };
    add(content_type);
    if sorted.is_sniffed && !body.kept.is_empty() {
        add(&format!("({} by its bytes)", sorted.kind.name()));
    }
    if !decoded.codings.is_empty() {
        let names: Vec<&str> = decoded.codings.iter().rev().map(|coding| coding.name()).collect();
        let [packed, unpacked] = [body.kept.len(), decoded.bytes.len()].map(|size| format::bytes(size as u64));
        add(&format!("{}, {packed} \u{2192} {unpacked}", names.join(", ")));
    }
    title
}

/// What of a body is not here.
pub(super) fn missing(body: &CapturedBody) -> Vec<String> {
    let mut notes = Vec::new();
    let [kept, seen] = [body.kept.len() as u64, body.seen].map(format::bytes);
    if body.evicted {
        notes.push(format!("given up to stay within the memory limit: {seen} passed, none is kept"));
    } else if (body.kept.len() as u64) < body.seen && body.end != BodyEnd::Open {
        notes.push(format!("captured {kept} of {seen}: the rest passed, and was not kept"));
    }
    match body.end {
        BodyEnd::Open => notes.push(format!("not ended: {seen} so far, shown when it has")),
        BodyEnd::Broken => notes.push(format!("broke off after {seen}: its sender or the connection failed")),
        BodyEnd::Abandoned => notes.push(format!("left after {seen}: its receiver went away before the end")),
        BodyEnd::Complete => {}
    }
    notes
}

/// What became of a body's codings, where that was not simply undone.
fn coding(body: &CapturedBody, decoded: &Decoded<'_>) -> Option<String> {
    if let Some(unknown) = &decoded.unknown {
        return Some(format!("has the coding {unknown}, which daptop cannot undo: shown as it is"));
    }
    let is_cut = (body.kept.len() as u64) < body.seen || body.end != BodyEnd::Complete;
    match decoded.end {
        CodingEnd::Whole => None,
        CodingEnd::Limit => {
            Some(format!("decompressed as far as {}: there is more", format::bytes(MOST_DECODED as u64)))
        }
        CodingEnd::Broken if decoded.codings.is_empty() => {
            Some("is not compressed in the way that its head says: shown as it is".to_owned())
        }
        CodingEnd::Broken if is_cut => Some("decompressed as far as it is here".to_owned()),
        CodingEnd::Broken => Some("cannot be decompressed any further than this: its bytes are wrong".to_owned()),
    }
}

/// Writes bytes by their type.
fn content(writer: &mut Writer, message: &Payload<'_>) {
    let sorted = kind::sort(message);
    write_sorted(writer, message, &sorted);
}

fn write_sorted(writer: &mut Writer, message: &Payload<'_>, sorted: &Sorted<'_>) {
    if message.bytes.is_empty() {
        return;
    }
    for note in &sorted.notes {
        writer.line(Class::Note, &[], note);
    }
    let text = sorted.text.as_deref().unwrap_or_default();
    writer.reserve(text.len() + text.len() / 2);
    match &sorted.kind {
        Kind::Json => json::write(writer, "", text),
        Kind::JsonLines => stream::json_lines(writer, text),
        Kind::Events => stream::events(writer, text),
        Kind::Form => form::fields(writer, text.as_bytes()),
        Kind::Multipart(boundary) if message.nested < MOST_NESTED => {
            form::parts(writer, message.bytes, boundary, message.whole, message.nested);
        }
        Kind::Xml => markup::write(writer, text, false),
        Kind::Html => markup::write(writer, text, true),
        Kind::Text => {
            for line in text.lines() {
                writer.line(Class::Text, &[], &line.replace('\t', "    "));
            }
        }
        Kind::Image => image::write(writer, message.bytes),
        Kind::Binary | Kind::Multipart(_) => hex::write(writer, message.bytes),
    }
    if writer.is_full() {
        writer.allow_one_more();
        writer.line(Class::Note, &[], "there are more lines than this: they are not laid out");
    }
}

#[cfg(test)]
mod tests;
