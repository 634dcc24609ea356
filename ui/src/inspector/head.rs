//! A request or an answer as a document: its first line, its headers, its body.

use daptop_model::{Call, Head, Protocol, Schema, Side};

use super::document::{Class, Document, Look, Writer};
use super::{body, outline, status};
use crate::text;

/// The most columns that the names of headers are aligned in.
const LONGEST_NAME: usize = 28;

/// A request or an answer, readable; its body only where that is not read message by message.
pub(super) fn write(call: &Call, side: Side, schema: Option<&Schema>, look: Look) -> Document {
    let mut writer = Writer::new(look);
    match (side, &call.response) {
        (Side::Request, _) => {
            let line = format!("Request  {} {}", call.verb_text(), call.request.target());
            writer.line(Class::Title, &[], &line);
            writer.hang("Request  ".len());
        }
        (Side::Response, Some(response)) if call.is_of_messages() => {
            status::title(&mut writer, call, response);
        }
        (Side::Response, Some(response)) => {
            writer.line(
                Class::Title,
                &[],
                format!("Response  {} {}", response.status, reason(response.status)).trim_end(),
            );
        }
        (Side::Response, None) => {
            writer.line(Class::Title, &[], if call.is_open() { "Response  none yet" } else { "Response  none" });
            return writer.finish();
        }
    }
    if let Some(head) = call.head(side) {
        headers(&mut writer, head);
    }
    if side == Side::Response {
        status::details(&mut writer, call, schema);
    }
    if !outline::has_messages(call, side) {
        body::write(&mut writer, call.body(side), call.head(side));
        write_trailers(&mut writer, call, side);
    }
    writer.finish()
}

/// The trailers of a direction, where there are any.
pub(super) fn trailers(call: &Call, side: Side, look: Look) -> Document {
    let mut writer = Writer::new(look);
    write_trailers(&mut writer, call, side);
    writer.finish()
}

fn write_trailers(writer: &mut Writer, call: &Call, side: Side) {
    if let Some(trailers) = call.trailers(side) {
        writer.line(Class::Title, &[], "Trailers");
        headers(writer, trailers);
    }
}

/// The headers in the order in which they were sent, their values aligned.
fn headers(writer: &mut Writer, head: &Head) {
    let count = head.lines().count();
    if count == 0 {
        return;
    }
    writer.open();
    let longest = head.lines().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(LONGEST_NAME);
    for (name, value) in head.lines() {
        let pad = longest.saturating_sub(text::width(name)) + 2;
        writer.line(Class::Field, &[name, &" ".repeat(pad)], &String::from_utf8_lossy(value));
        writer.hang(longest + 2);
    }
    writer.close();
}

/// A message as it was on the wire, as far as it is known: the first line, the headers as they were captured, an empty
/// line, and the bytes of the body, those that are no text written out.
pub(super) fn write_raw(call: &Call, side: Side, look: Look) -> Document {
    let mut writer = Writer::new(look);
    let (title, first) = match (side, &call.response) {
        (Side::Request, _) => {
            let version = if call.protocol == Protocol::Http1 { "HTTP/1.1" } else { "HTTP/2" };
            ("Request on the wire", format!("{} {} {version}", call.request.verb(), call.request.target()))
        }
        (Side::Response, Some(response)) => {
            let version = if call.protocol == Protocol::Http1 { "HTTP/1.1" } else { "HTTP/2" };
            let line = format!("{version} {} {}", response.status, reason(response.status));
            ("Response on the wire", line.trim_end().to_owned())
        }
        (Side::Response, None) => {
            writer.line(Class::Title, &[], "Response on the wire  none");
            return writer.finish();
        }
    };
    writer.line(Class::Title, &[], title);
    writer.open();
    if call.protocol != Protocol::Http1 {
        writer.line(
            Class::Note,
            &[],
            "HTTP/2 sends heads in a binary form; this is what they say, in the words of HTTP/1.1",
        );
    }
    writer.line(Class::Text, &[], &first);
    let trailers = call.trailers(side);
    // A status of gRPC without a message before it is sent as the head.
    let in_the_head = trailers.filter(|_| call.head(side).is_some_and(|head| head.size() == 0));
    for (name, value) in call.head(side).into_iter().chain(in_the_head).flat_map(Head::lines) {
        writer.line(Class::Field, &[name, ": "], &String::from_utf8_lossy(value));
        writer.hang(2);
    }
    writer.line(Class::Text, &[], "");
    let body = call.body(side);
    raw_lines(&mut writer, &body.kept);
    if let Some(trailers) = trailers.filter(|_| in_the_head.is_none()) {
        writer.line(Class::Note, &[], "trailers, after the body");
        for (name, value) in trailers.lines() {
            writer.line(Class::Field, &[name, ": "], &String::from_utf8_lossy(value));
            writer.hang(2);
        }
    }
    writer.close();
    for note in body::missing(body).into_iter().filter(|_| body.seen > 0) {
        writer.line(Class::Note, &[], &note);
    }
    writer.finish()
}

/// Bytes, a line a line feed; what is not ASCII text is written out: `\r`, `\x00`.
fn raw_lines(writer: &mut Writer, bytes: &[u8]) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let mut shown = String::with_capacity(line.len() + 2);
        for byte in line {
            match byte {
                b'\\' => shown.push_str("\\\\"),
                b' '..=b'~' => shown.push(char::from(*byte)),
                byte => shown.extend(byte.escape_ascii().map(char::from)),
            }
        }
        writer.line(Class::Text, &[], &shown);
    }
}

/// The words that go with a status.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
