//! A request as one text, to be edited in an editor: request line, headers, an empty line, the body; of gRPC the body is
//! the message as JSON.

use std::borrow::Cow;

use bytes::Bytes;

use super::ReplayRequest;
use crate::{EncodeError, Schema};

/// What stands for the verb of a gRPC request, which is always POST.
const GRPC: &str = "gRPC";

/// Why an edited text is not a request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct DocumentError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, and what should stand there.
    pub problem: String,
}

impl DocumentError {
    fn new(line: usize, problem: impl Into<String>) -> Self {
        Self { line, problem: problem.into() }
    }
}

/// The text of a request. Values and a body that are not text are named, not written: as long as the line that names them
/// stays, they are sent as they were. The message of a gRPC request is JSON where `schema` tells what it is.
pub fn write_document(request: &ReplayRequest, schema: Option<&Schema>) -> Vec<u8> {
    let verb = if request.is_grpc() { GRPC } else { &request.verb };
    let mut text = format!("{verb} {}\n", request.target).into_bytes();
    for (name, value) in &request.headers {
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(printable(value).unwrap_or(&not_text(value)).as_bytes());
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(&body_text(request, schema));
    // An editor ends the last line; what it adds is what reading takes away.
    text.push(b'\n');
    text
}

/// A body as it stands in the text.
fn body_text<'a>(request: &'a ReplayRequest, schema: Option<&Schema>) -> Cow<'a, [u8]> {
    if request.is_grpc()
        && let Ok(message) = request.message(schema)
    {
        return message.into_bytes().into();
    }
    match std::str::from_utf8(&request.body) {
        Ok(body) if !body.contains('\0') => body.as_bytes().into(),
        _ => not_text(&request.body).into_bytes().into(),
    }
}

/// Reads an edited text back. `original` and `schema` are what the text was written from. A message that is not changed is
/// sent byte by byte as it was.
///
/// # Errors
/// With the line and what is wrong there.
pub fn read_document(
    text: &[u8],
    original: &ReplayRequest,
    schema: Option<&Schema>,
) -> Result<ReplayRequest, DocumentError> {
    let (head, body) = split(text);
    let head = std::str::from_utf8(head).map_err(|error| {
        let line = memchr::memchr_iter(b'\n', &text[..error.valid_up_to()]).count() + 1;
        DocumentError::new(line, "this is not UTF-8 text")
    })?;
    let mut lines = head.lines().zip(1..);
    let (first, _) =
        lines.next().ok_or_else(|| DocumentError::new(1, "the request line is missing, as in: GET /path"))?;
    let (verb, target) = request_line(first, original)?;
    let mut headers = Vec::new();
    for (line, number) in lines {
        headers.push(header(line, number, original)?);
    }
    let is_named = body == not_text(&original.body).as_bytes();
    let (body_line, is_changed) = (head.lines().count() + 2, target != original.target);
    let mut request = ReplayRequest { verb, target, headers, body: original.body.clone(), chunked: original.chunked };
    if original.is_grpc() {
        let same = is_named || body.is_empty() && original.body.is_empty();
        if !(same || !is_changed && body == &*body_text(original, schema)) {
            message(&mut request, body, body_line, schema)?;
        }
    } else if body != original.body && !is_named {
        request.set_body(Bytes::copy_from_slice(body));
    }
    Ok(request)
}

/// Reads the message of a gRPC request, which begins at a line.
fn message(
    request: &mut ReplayRequest,
    text: &[u8],
    first: usize,
    schema: Option<&Schema>,
) -> Result<(), DocumentError> {
    let text = std::str::from_utf8(text).map_err(|_| DocumentError::new(first, "this is not UTF-8 text"))?;
    request.set_message(text, schema).map_err(|error| match error {
        EncodeError::Wrong { message, problem, line, column } => {
            DocumentError::new(first + line - 1, format!("this is not a {message}: {problem}, at column {column}"))
        }
        EncodeError::Unknown { .. } => DocumentError::new(first, error.to_string()),
    })
}

/// The head, and the body behind the first empty line.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(length) = text[at..].iter().position(|byte| *byte == b'\n') {
        let line = &text[at..at + length];
        if line.is_empty() || line == b"\r" {
            let body = &text[at + length + 1..];
            return (&text[..at], body.strip_suffix(b"\n").unwrap_or(body));
        }
        at += length + 1;
    }
    (text, b"")
}

fn request_line(line: &str, original: &ReplayRequest) -> Result<(String, String), DocumentError> {
    let wrong = |problem: String| Err(DocumentError::new(1, problem));
    let words: Vec<&str> = line.split_whitespace().collect();
    let (verb, target) = match words.as_slice() {
        [verb, target] => (*verb, *target),
        [verb, target, version] if version.starts_with("HTTP/") => (*verb, *target),
        [_] => return wrong(format!("the path is missing behind {line:?}, as in: GET /path")),
        _ => {
            return wrong(
                "a verb and a path are needed, as in: GET /path (a space in a path is written %20)".to_owned(),
            );
        }
    };
    let verb = if original.is_grpc() { grpc_verb(verb)? } else { verb };
    check_verb(verb).map_err(|problem| DocumentError::new(1, problem))?;
    if target != original.target {
        check_target(target).map_err(|problem| DocumentError::new(1, problem))?;
    }
    Ok((verb.to_owned(), target.to_owned()))
}

/// The verb of a gRPC request.
fn grpc_verb(verb: &str) -> Result<&'static str, DocumentError> {
    if verb.eq_ignore_ascii_case(GRPC) || verb.eq_ignore_ascii_case("POST") {
        return Ok("POST");
    }
    Err(DocumentError::new(1, format!("a gRPC call has no verb but POST: write {GRPC} /package.Service/Method")))
}

fn header(line: &str, number: usize, original: &ReplayRequest) -> Result<(String, Bytes), DocumentError> {
    let wrong = |problem: String| DocumentError::new(number, problem);
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| wrong("a header is written as name: value; an empty line ends the headers".to_owned()))?;
    check_header_name(name).map_err(|problem| wrong(format!("{problem}; an empty line ends the headers")))?;
    let value = value.trim();
    let unchanged = original.headers.iter().find(|(other, bytes)| {
        other.eq_ignore_ascii_case(name) && printable(bytes).is_none() && value == not_text(bytes)
    });
    if let Some((_, bytes)) = unchanged {
        return Ok((name.to_owned(), bytes.clone()));
    }
    check_header_value(value).map_err(wrong)?;
    Ok((name.to_owned(), Bytes::copy_from_slice(value.as_bytes())))
}

impl ReplayRequest {
    /// Whether this can be sent as a request; what is wrong otherwise.
    ///
    /// # Errors
    /// With a sentence.
    pub fn check(&self) -> Result<(), String> {
        check_verb(&self.verb)?;
        check_target(&self.target)?;
        for (name, value) in &self.headers {
            check_header_name(name)?;
            if value.iter().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) {
                return Err(format!("the value of {name} has a control character"));
            }
        }
        Ok(())
    }
}

fn check_verb(verb: &str) -> Result<(), String> {
    if !verb.is_empty() && verb.bytes().all(is_token) {
        return Ok(());
    }
    Err(format!("{verb:?} is not a verb, such as GET or POST"))
}

fn check_target(target: &str) -> Result<(), String> {
    if !target.starts_with('/') {
        return Err(format!("the path {target:?} must begin with /"));
    }
    match target.chars().find(|c| c.is_whitespace() || c.is_control() || "<>`#".contains(*c) || !c.is_ascii()) {
        Some(c) => {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).bytes();
            let coded = bytes.fold(String::new(), |coded, byte| format!("{coded}%{byte:02X}"));
            Err(format!("{c:?} cannot stand in a path: write it as {coded}"))
        }
        None => Ok(()),
    }
}

fn check_header_name(name: &str) -> Result<(), String> {
    if !name.is_empty() && name.bytes().all(is_token) {
        return Ok(());
    }
    Err(format!("{name:?} is not the name of a header"))
}

fn check_header_value(value: &str) -> Result<(), String> {
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Err("the value has a control character".to_owned());
    }
    Ok(())
}

/// What verbs and names of headers consist of.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The value as text that can stand on a line.
fn printable(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|text| check_header_value(text).is_ok() && text.trim() == *text)
}

/// The line that stands for what is not text.
fn not_text(bytes: &[u8]) -> String {
    format!("<{} bytes that are not text, sent as they were while this line stays>", bytes.len())
}
