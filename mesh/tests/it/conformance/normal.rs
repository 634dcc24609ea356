//! What happened, in the form of the recording: values that change from run to run are replaced by their names.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::support::Message;

/// Values of this run and what they are called in the recording.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) ports: Vec<(&'static str, u16)>,
    pub(crate) address: &'static str,
}

/// The longest body that the recording holds whole.
const LONGEST_BODY: usize = 4096;
/// The length of a `traceparent`: version, trace, span and flags.
const TRACEPARENT: usize = 55;

pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

/// A body as the recording holds it.
pub(crate) fn body(bytes: &[u8]) -> Value {
    if bytes.len() > LONGEST_BODY {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let digest = digest.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        return json!({ "bytes": bytes.len(), "sha256": digest });
    }
    std::str::from_utf8(bytes).map_or_else(|_| json!({ "base64": STANDARD.encode(bytes) }), Value::from)
}

fn with_rest(mut value: Value, message: &Message) -> Value {
    value["headers"] = json!(message.headers);
    value["body"] = body(&message.body);
    if !message.trailers.is_empty() {
        value["trailers"] = json!(message.trailers);
    }
    value
}

/// A request that reached the app.
pub(crate) fn request(message: &Message) -> Value {
    with_rest(json!({ "method": message.method(), "target": message.target() }), message)
}

/// What the caller got: an answer, or none.
pub(super) fn answer(answer: io::Result<Message>) -> Value {
    match answer {
        Ok(message) => with_rest(json!({ "status": message.status() }), &message),
        Err(error) => json!({ "no_answer": error.to_string() }),
    }
}

/// The exported spans of one trace.
pub(super) fn spans(spans: &[Value]) -> Value {
    let kind = |span: &Value| span["kind"].as_str().unwrap_or("NONE").to_owned();
    let service = |span: &Value| span["localEndpoint"]["serviceName"].as_str().unwrap_or_default().to_owned();
    let parent = |span: &Value| {
        let id = span["parentId"].as_str()?;
        let above = spans.iter().find(|other| other["id"] == id);
        Some(above.map_or_else(|| "sent".to_owned(), |above| format!("{} {}", kind(above), service(above))))
    };
    let told = spans.iter().map(|span| {
        let mut tags = span["tags"].as_object().cloned().unwrap_or_default();
        tags.entry("server.port").and_modify(|port| *port = "<port>".into());
        tags.retain(|_, value| !value.is_null());
        json!({
            "name": span["name"],
            "kind": span.get("kind"),
            "service": service(span),
            "parent": parent(span),
            "tags": tags,
        })
    });
    told.collect()
}

/// Replaces what changes from run to run by its name.
pub(crate) fn normalize(value: Value, sent_trace: &str, names: &Names) -> Value {
    let mut value = walk(value, sent_trace, names);
    for part in ["client_got", "app_saw"] {
        let headers = value.get_mut(part).and_then(|part| part.get_mut("headers")).and_then(Value::as_array_mut);
        if let Some(headers) = headers {
            headers.iter_mut().for_each(normalize_header);
        }
    }
    value
}

fn walk(value: Value, trace: &str, names: &Names) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, walk(value, trace, names)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(|item| walk(item, trace, names)).collect(),
        Value::String(text) => Value::String(normalize_text(&text, trace, names)),
        other => other,
    }
}

fn normalize_text(text: &str, trace: &str, names: &Names) -> String {
    let mut text = name_traces(text, trace);
    for (name, port) in &names.ports {
        text = name_port(&text, &port.to_string(), name);
    }
    text.replace(names.address, "<address>")
}

/// Names a port wherever it stands as a number of its own: not within a longer one, or within a hash.
fn name_port(text: &str, port: &str, name: &str) -> String {
    let mut named = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(port) {
        let (before, after) = (&rest[..at], &rest[at + port.len()..]);
        let stands_alone = !named.chars().chain(before.chars()).next_back().is_some_and(char::is_alphanumeric)
            && !after.chars().next().is_some_and(char::is_alphanumeric);
        named += before;
        if stands_alone {
            named.extend(["<", name, ">"]);
        } else {
            named += port;
        }
        rest = after;
    }
    named + rest
}

/// Names the trace and the span of each `traceparent` in a text.
fn name_traces(text: &str, sent: &str) -> String {
    let mut named = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("00-") {
        let Some(found) = rest.get(at..at + TRACEPARENT).filter(|found| is_traceparent(found)) else {
            named += &rest[..at + 3];
            rest = &rest[at + 3..];
            continue;
        };
        let which = if &found[3..35] == sent { "sent" } else { "new" };
        named.extend([&rest[..at], "00-<trace:", which, ">-<span>-", &found[53..]]);
        rest = &rest[at + TRACEPARENT..];
    }
    named + rest
}

fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([2, 32, 16, 2]) && parts.iter().all(|part| is_hex(part))
}

fn normalize_header(header: &mut Value) {
    let name = header[0].as_str().unwrap_or_default().to_owned();
    match name.as_str() {
        "date" => header[1] = "<date>".into(),
        "x-forwarded-host" => header[1] = "<host>".into(),
        "grpc-trace-bin" => header[1] = "<binary>".into(),
        "forwarded" => {
            let value = header[1].as_str().unwrap_or_default();
            let parts = value.split(';').map(|part| match part.split_once("host=") {
                Some((before, host)) => {
                    let after = host.find(',').map_or("", |at| &host[at..]);
                    format!("{before}host=<host>{after}")
                }
                None => part.to_owned(),
            });
            header[1] = parts.collect::<Vec<_>>().join(";").into();
        }
        _ => {}
    }
}

#[test]
fn every_traceparent_of_a_text_is_named_and_nothing_else() {
    let sent = "4bf92f3577b34da6a3ce929d0e0e4736";
    let text = format!("a 00-{sent}-00f067aa0ba902b7-01, 00-{}-00f067aa0ba902b7-00 00-1", "0".repeat(32));
    assert_eq!(name_traces(&text, sent), "a 00-<trace:sent>-<span>-01, 00-<trace:new>-<span>-00 00-1");
}

#[test]
fn a_port_is_named_where_it_stands_alone() {
    let text = "127.0.0.1:3500, 13500, b3500, 35003500, \"3500\"";
    assert_eq!(name_port(text, "3500", "port"), "127.0.0.1:<port>, 13500, b3500, 35003500, \"<port>\"");
}
