//! A request or an answer as a document: its first line, its headers, its body.

use daptop_model::{Call, CapturedBody, Head, Protocol};

use super::body;
use super::document::{Class, Document, Look, Writer};
use crate::text;

/// The most columns that the names of headers are aligned in.
const LONGEST_NAME: usize = 28;

/// One of the two messages of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Side {
    /// What was asked.
    #[default]
    Request,
    /// What was answered.
    Response,
}

impl Side {
    /// The body of this side.
    pub(super) fn body(self, call: &Call) -> &CapturedBody {
        match self {
            Side::Request => &call.request_body,
            Side::Response => &call.response_body,
        }
    }

    /// The headers of this side, where there are any.
    pub(super) fn head(self, call: &Call) -> Option<&Head> {
        match self {
            Side::Request => Some(&call.request.headers),
            Side::Response => call.response.as_ref().map(|response| &response.headers),
        }
    }

    /// The trailers of this side, where there are any.
    fn trailers(self, call: &Call) -> Option<&Head> {
        call.response.as_ref().filter(|_| self == Side::Response)?.trailers.as_deref()
    }
}

/// A message, readable.
pub(super) fn write(call: &Call, side: Side, look: Look) -> Document {
    let mut writer = Writer::new(look);
    match (side, &call.response) {
        (Side::Request, _) => {
            let line = format!("Request  {} {}", call.request.verb(), call.request.target());
            writer.line(Class::Title, &[], &line);
            writer.hang("Request  ".len());
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
    if let Some(head) = side.head(call) {
        headers(&mut writer, head);
    }
    body::write(&mut writer, side.body(call), side.head(call));
    if let Some(trailers) = side.trailers(call) {
        writer.line(Class::Title, &[], "Trailers");
        headers(&mut writer, trailers);
    }
    writer.finish()
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
    let trailers = side.trailers(call);
    // A status of gRPC without a message before it is sent as the head.
    let in_the_head = trailers.filter(|_| side.head(call).is_some_and(|head| head.size() == 0));
    for (name, value) in side.head(call).into_iter().chain(in_the_head).flat_map(Head::lines) {
        writer.line(Class::Field, &[name, ": "], &String::from_utf8_lossy(value));
        writer.hang(2);
    }
    writer.line(Class::Text, &[], "");
    let body = side.body(call);
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

impl std::ops::Not for Side {
    type Output = Side;

    fn not(self) -> Side {
        if self == Side::Request { Side::Response } else { Side::Request }
    }
}

/// The words that go with a status.
fn reason(status: u16) -> &'static str {
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
