//! What a body is: what its type says, unless its bytes say otherwise.

use std::borrow::Cow;

use super::{Payload, charset, form, image, json, stream};

/// What a body is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Json,
    /// A JSON document a line.
    JsonLines,
    /// Server-sent events.
    Events,
    /// `name=value&…`.
    Form,
    /// Parts, and what is between them.
    Multipart(String),
    Xml,
    Html,
    Text,
    Image,
    Binary,
}

impl Kind {
    /// What it is called.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Json => "JSON",
            Kind::JsonLines => "JSON lines",
            Kind::Events => "events",
            Kind::Form => "a form",
            Kind::Multipart(_) => "parts",
            Kind::Xml => "XML",
            Kind::Html => "HTML",
            Kind::Text => "text",
            Kind::Image => "an image",
            Kind::Binary => "binary",
        }
    }
}

/// A body of which it is known what it is.
pub(super) struct Sorted<'a> {
    pub(super) kind: Kind,
    /// Its text, where it is text.
    pub(super) text: Option<Cow<'a, str>>,
    /// The type does not say what it is, or says something else.
    pub(super) is_sniffed: bool,
    /// What a reader must know of it.
    pub(super) notes: Vec<String>,
}

/// Finds out what a body is.
pub(super) fn sort<'a>(message: &Payload<'a>) -> Sorted<'a> {
    let declared = declared(message.content_type);
    let is_text = !matches!(declared, None | Some(Kind::Binary | Kind::Image | Kind::Multipart(_)));
    let label = parameter(message.content_type, "charset");
    let mut notes = Vec::new();
    let sorted = |kind: Kind, text, notes| {
        let is_sniffed = declared.as_ref() != Some(&kind);
        Sorted { kind, text, is_sniffed, notes }
    };
    if let Some(Kind::Multipart(boundary)) = &declared
        && contains_line(message.bytes, boundary)
    {
        return sorted(Kind::Multipart(boundary.clone()), None, notes);
    }
    if image::is_image(message.bytes) {
        return sorted(Kind::Image, None, notes);
    }
    let Some(read) = charset::read(message.bytes, label, is_text, message.whole) else {
        return sorted(Kind::Binary, None, notes);
    };
    match (read.charset, read.guessed) {
        (Some(charset), true) => notes.push(format!("is not UTF-8: read as {charset}, which is a guess")),
        (Some(charset), false) => notes.push(format!("read as {charset}")),
        (None, _) => {}
    }
    let text = read.text;
    let kind =
        agreed(declared.as_ref(), &text, message.whole, &mut notes).unwrap_or_else(|| sniffed(&text, message.whole));
    sorted(kind, Some(text), notes)
}

/// What the type says, where the text does not contradict it.
fn agreed(declared: Option<&Kind>, text: &str, whole: bool, notes: &mut Vec<String>) -> Option<Kind> {
    let trimmed = text.trim_start();
    match declared? {
        Kind::Json => {
            if !whole {
                return (!trimmed.starts_with('<')).then_some(Kind::Json);
            }
            let json::Verdict::Invalid(error) = json::check(text) else { return Some(Kind::Json) };
            if stream::is_json_lines(text, whole) {
                return Some(Kind::JsonLines);
            }
            notes.push(format!("is not valid JSON: {error}"));
            trimmed.starts_with(['{', '[']).then_some(Kind::Json)
        }
        Kind::Form => (form::is_form(text) && !json::is_structure(text)).then_some(Kind::Form),
        kind @ (Kind::Xml | Kind::Html) => trimmed.starts_with('<').then(|| kind.clone()),
        // A text of no particular form is looked at more closely.
        Kind::JsonLines | Kind::Events => declared.cloned(),
        _ => None,
    }
}

/// What a text looks like.
fn sniffed(text: &str, whole: bool) -> Kind {
    let trimmed = text.trim_start();
    let begins = |what: &str| trimmed.get(..what.len()).is_some_and(|start| start.eq_ignore_ascii_case(what));
    if trimmed.starts_with(['{', '[']) && (json::is_structure(text) || stream::is_json_lines(text, whole)) {
        return if json::is_structure(text) { Kind::Json } else { Kind::JsonLines };
    }
    if begins("<!doctype html") || begins("<html") {
        return Kind::Html;
    }
    if begins("<?xml") { Kind::Xml } else { Kind::Text }
}

/// What a type says; `None` where it says nothing.
fn declared(content_type: &str) -> Option<Kind> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (main, sub) = essence.split_once('/')?;
    Some(match (main, sub) {
        (_, "x-ndjson" | "ndjson" | "jsonl" | "jsonlines" | "x-jsonlines" | "json-seq") => Kind::JsonLines,
        (_, sub) if sub == "json" || sub.ends_with("+json") => Kind::Json,
        ("text", "event-stream") => Kind::Events,
        (_, "x-www-form-urlencoded") => Kind::Form,
        ("multipart", _) => Kind::Multipart(parameter(content_type, "boundary")?.to_owned()),
        ("text", "html") | ("application", "xhtml+xml") => Kind::Html,
        (_, sub) if sub == "xml" || sub.ends_with("+xml") => Kind::Xml,
        ("image", _) => Kind::Image,
        ("text", _) | ("application", "javascript" | "yaml" | "x-yaml" | "graphql" | "toml" | "sql") => Kind::Text,
        _ => Kind::Binary,
    })
}

/// A parameter of a type, its quotes removed.
fn parameter<'a>(content_type: &'a str, name: &str) -> Option<&'a str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut found = parameters.filter(|(other, _)| other.trim().eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().trim_matches('"')).filter(|value| !value.is_empty())
}

/// Whether bytes begin, or a line of them begins, with a boundary.
fn contains_line(bytes: &[u8], boundary: &str) -> bool {
    let delimiter = [b"--", boundary.as_bytes()].concat();
    bytes.starts_with(&delimiter) || bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(&delimiter))
}
