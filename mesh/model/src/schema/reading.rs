//! One message, read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage as _, SerializeOptions, Value};

use super::cut::{self, Cut};
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
    /// Not all of the message is here: the JSON has the fields that are whole, and a text that was cut with `…` at its end.
    pub cut: bool,
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
    let mut cut = body.evicted || !message.is_whole(body);
    if kept.is_empty() && message.length > 0 {
        return Reading::nothing(cut, notes);
    }
    let mut bytes = Cow::Borrowed(kept);
    if message.compressed {
        let Some(coding) = coding(call, message) else {
            let name = coding_name(call, message).trim();
            notes.push(format!("is compressed with {name:?}, which daptop cannot undo"));
            return Reading::nothing(cut, notes);
        };
        let (plain, end) = coding.undo(kept, MOST);
        cut |= end != CodingEnd::Whole;
        match end {
            CodingEnd::Whole => {}
            CodingEnd::Limit => notes.push(format!("decompressed as far as {MOST} bytes: there is more")),
            CodingEnd::Broken => notes.push("its compressed bytes end too early, or are wrong".to_owned()),
        }
        bytes = plain.into();
    }
    let announced = (!message.compressed).then_some(message.length);
    let whole = Whole { bytes: &bytes, cut, announced };
    read(&whole, &call.request.path(), message.side, schema, notes)
}

/// The bytes of a message, decompressed.
struct Whole<'a> {
    bytes: &'a [u8],
    /// They are the first ones, and there are more.
    cut: bool,
    /// How many there are, where that is known.
    announced: Option<u32>,
}

impl Whole<'_> {
    /// What is whole of it, as a message of a type where that is known, and where it was cut; `None` where no message
    /// begins like this.
    fn message(&self, of: Option<&MessageDescriptor>) -> Option<(Cow<'_, [u8]>, Option<String>)> {
        if !self.cut {
            return Some((self.bytes.into(), None));
        }
        let Cut { bytes, place } = cut::trim(self.bytes, self.announced, of)?;
        Some((bytes.into(), Some(place)))
    }
}

impl Reading {
    /// Of a message of which nothing can be read.
    fn nothing(cut: bool, notes: Vec<String>) -> Self {
        Self { name: None, json: String::new(), source: SchemaSource::Guess, read: 0, cut, notes }
    }
}

fn read(whole: &Whole<'_>, path: &str, side: crate::Side, schema: Option<&Schema>, mut notes: Vec<String>) -> Reading {
    let (read, cut) = (whole.bytes.len(), whole.cut);
    if let Some(schema) = schema.filter(|schema| schema.source != SchemaSource::Guess) {
        match by_schema(whole, path, side, schema) {
            Ok((name, json, more)) => {
                notes.extend(more);
                return Reading { name: Some(name), json, source: schema.source, read, cut, notes };
            }
            Err(why) => notes.push(why),
        }
    }
    let fields = whole.message(None).and_then(|(bytes, place)| Some((shown(fields::json(&bytes)?, cut), place)));
    let Some((json, place)) = fields else {
        notes.push("these bytes are no message of Protocol Buffers".to_owned());
        return Reading { read, ..Reading::nothing(cut, notes) };
    };
    notes.extend(place);
    Reading { name: None, json, source: SchemaSource::Guess, read, cut, notes }
}

/// The name of a message, its JSON, and what is missing in that; otherwise why it has none.
fn by_schema(
    whole: &Whole<'_>,
    path: &str,
    side: crate::Side,
    schema: &Schema,
) -> Result<(String, String, Vec<String>), String> {
    let method = grpc_method(path).map_or(path, |(_, method)| method);
    let descriptor = schema.message(path, side);
    let descriptor =
        descriptor.ok_or_else(|| format!("{} does not have the method {method}", schema.source.words()))?;
    let name = descriptor.full_name().to_owned();
    let (bytes, place) = whole
        .message(Some(&descriptor))
        .ok_or_else(|| format!("these bytes are no {name}: they do not begin as one"))?;
    let message =
        DynamicMessage::decode(descriptor, &*bytes).map_err(|error| format!("these bytes are no {name}: {error}"))?;
    let json = json(&message, &SerializeOptions::new())
        .ok_or_else(|| format!("this {name} has a part whose type nobody told"))?;
    Ok((name, shown(json, whole.cut), place.into_iter().chain(unknown(&message)).collect()))
}

/// Of a message that was cut before anything of it is whole, the bytes say more than empty JSON.
fn shown(json: String, cut: bool) -> String {
    if cut && json == "{}" { String::new() } else { json }
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
