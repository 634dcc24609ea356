//! One message, read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use prost_reflect::{DynamicMessage, ReflectMessage as _, SerializeOptions, Value};

use super::{Schema, SchemaSource, fields, json};
use crate::{Call, Coding, CodingEnd, Message, grpc_method};

/// The most bytes that come out of a compressed message.
const MOST: usize = 4 << 20;

/// What a message says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The full name of the message, where it is known.
    pub name: Option<String>,
    /// As JSON over several lines; where nobody told what it is, with numbers instead of names. Empty where not even that
    /// could be made of it.
    pub json: String,
    /// From where it was known what the fields are.
    pub source: SchemaSource,
    /// How many bytes were read for it, those of a compressed message decompressed.
    pub read: usize,
    /// What is missing, guessed or wrong, each in a sentence without a full stop.
    pub notes: Vec<String>,
}

/// The bytes of a message of a call, decompressed; `None` where not all of them are here, or they cannot be decompressed.
pub fn whole_message<'a>(call: &'a Call, message: &Message) -> Option<Cow<'a, [u8]>> {
    let body = call.body(message.side);
    let kept = Some(message.kept(body)).filter(|_| message.is_whole(body) && !body.evicted)?;
    if !message.compressed {
        return Some(kept.into());
    }
    let (bytes, end) = coding(call, message)?.undo(kept, MOST);
    (end == CodingEnd::Whole).then(|| bytes.into())
}

/// How a message is compressed, where that is known.
fn coding(call: &Call, message: &Message) -> Option<Coding> {
    Coding::parse(coding_name(call, message).trim())
}

fn coding_name<'a>(call: &'a Call, message: &Message) -> &'a str {
    call.head(message.side).and_then(|head| head.text("grpc-encoding")).unwrap_or_default()
}

/// Reads a message of a call, as well as what is known of its service allows.
pub fn read_message(call: &Call, message: &Message, schema: Option<&Schema>) -> Reading {
    let body = call.body(message.side);
    let kept = message.kept(body);
    let mut notes = Vec::new();
    if body.evicted {
        notes.push("given up to stay within the memory limit".to_owned());
    } else if !message.is_whole(body) {
        let (kept, length) = (kept.len(), message.length);
        let rest = if message.has_passed(body) { "the rest passed, and was not kept" } else { "the rest has not come" };
        notes.push(format!("{kept} of {length} bytes are here: {rest}"));
    }
    if kept.is_empty() && message.length > 0 {
        return Reading { name: None, json: String::new(), source: SchemaSource::Guess, read: 0, notes };
    }
    let mut bytes = Cow::Borrowed(kept);
    if message.compressed {
        let Some(coding) = coding(call, message) else {
            let name = coding_name(call, message).trim();
            notes.push(format!("is compressed with {name:?}, which daptop cannot undo"));
            return Reading { name: None, json: String::new(), source: SchemaSource::Guess, read: 0, notes };
        };
        let (plain, end) = coding.undo(kept, MOST);
        match end {
            CodingEnd::Whole => {}
            CodingEnd::Limit => notes.push(format!("decompressed as far as {MOST} bytes: there is more")),
            CodingEnd::Broken => notes.push("its compressed bytes end too early, or are wrong".to_owned()),
        }
        bytes = plain.into();
    }
    let is_here = message.is_whole(body) && !body.evicted;
    read(&bytes, &call.request.path(), message.side, schema.filter(|_| is_here), notes)
}

fn read(bytes: &[u8], path: &str, side: crate::Side, schema: Option<&Schema>, mut notes: Vec<String>) -> Reading {
    if let Some(schema) = schema.filter(|schema| schema.source != SchemaSource::Guess) {
        let method = grpc_method(path).map_or(path, |(_, method)| method);
        match schema.message(path, side) {
            None => notes.push(format!("{} does not have the method {method}", schema.source.words())),
            Some(descriptor) => {
                let name = descriptor.full_name().to_owned();
                match DynamicMessage::decode(descriptor, bytes) {
                    Err(error) => notes.push(format!("these bytes are no {name}: {error}")),
                    Ok(message) => match json(&message, &SerializeOptions::new()) {
                        Some(json) => {
                            notes.extend(unknown(&message));
                            return Reading { name: Some(name), json, source: schema.source, read: bytes.len(), notes };
                        }
                        None => notes.push(format!("this {name} has a part whose type nobody told")),
                    },
                }
            }
        }
    }
    let json = fields::json(bytes);
    if json.is_none() {
        notes.push("these bytes are no message of Protocol Buffers".to_owned());
    }
    Reading { name: None, json: json.unwrap_or_default(), source: SchemaSource::Guess, read: bytes.len(), notes }
}

/// What a message, or one within it, has besides the fields that its schema knows.
pub(super) fn unknown(message: &DynamicMessage) -> Option<String> {
    let mut all = BTreeSet::new();
    gather(message, &mut all);
    let whose = message.descriptor().full_name().to_owned();
    let named =
        |(of, number): &(String, u32)| if *of == whose { number.to_string() } else { format!("{number} of {of}") };
    let list = all.iter().map(named).collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => None,
        1 => Some(format!("field {list} is not in its schema, and not shown")),
        _ => Some(format!("fields {list} are not in its schema, and not shown")),
    }
}

/// The numbers of unknown fields, each with the message that has it.
fn gather(message: &DynamicMessage, all: &mut BTreeSet<(String, u32)>) {
    let of = message.descriptor();
    all.extend(message.unknown_fields().map(|field| (of.full_name().to_owned(), field.number())));
    for (_, value) in message.fields() {
        match value {
            Value::Message(inner) => gather(inner, all),
            Value::List(values) => values.iter().filter_map(Value::as_message).for_each(|inner| gather(inner, all)),
            Value::Map(values) => values.values().filter_map(Value::as_message).for_each(|inner| gather(inner, all)),
            _ => {}
        }
    }
}
