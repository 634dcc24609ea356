//! A message of which only the first bytes are here: the fields that are whole, and where it was cut.

use std::collections::BTreeMap;

use prost_reflect::prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::fields::{DEEPEST, LARGEST};

/// What is left of a message that was cut.
#[derive(Debug)]
pub(super) struct Cut {
    /// A message of the fields that are whole. A text that was cut is among them, with `…` at its end; of a message or a
    /// list that was cut there is what of it is whole.
    pub(super) bytes: Vec<u8>,
    /// Where it was cut, in words without a full stop.
    pub(super) place: String,
}

/// What of a message is whole whose first bytes these are, and which had `announced` bytes; `of` is its type, where that is
/// known. `None` where no message begins like this.
pub(super) fn trim(bytes: &[u8], announced: Option<u32>, of: Option<&MessageDescriptor>) -> Option<Cut> {
    let length = announced.map_or(u64::MAX, u64::from);
    let left = level(bytes, length, of, 0).ok()?;
    let field = if left.path.starts_with(|first: char| first.is_ascii_digit()) { "field " } else { "" };
    let place = match (&left.inside, &*left.path) {
        (_, "") => "cut before its first field".to_owned(),
        (None, path) => format!("cut behind {field}{path}"),
        (Some(inside), path) => format!("cut within {field}{path}{inside}"),
    };
    Some(Cut { bytes: left.bytes, place })
}

/// Why a field could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Problem {
    /// Its bytes end.
    Cut,
    /// They are none of a message.
    Wrong,
}

/// What is left of a message, or of one within it.
struct Left {
    bytes: Vec<u8>,
    /// How many of its fields are whole.
    whole: usize,
    /// The field where it was cut: `items[2].name`. Empty where there is none at all.
    path: String,
    /// The cut is within that field: what of it is here. Otherwise it is behind the field.
    inside: Option<String>,
}

/// A field whose end is not here: its number, where that is, and its value as far as it is, with its length in bytes.
struct Open<'a> {
    number: Option<u64>,
    value: Option<(&'a [u8], u64)>,
}

fn level(bytes: &[u8], length: u64, of: Option<&MessageDescriptor>, depth: usize) -> Result<Left, Problem> {
    let mut rest = bytes;
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut whole, mut last) = (0, None);
    let open = loop {
        let before = rest;
        let left = length.saturating_sub((bytes.len() - rest.len()) as u64);
        let mut open = Open { number: None, value: None };
        match field(&mut rest, left, &mut open, depth) {
            Ok(number) => {
                (whole, last) = (whole + 1, Some(number));
                *counts.entry(number).or_default() += 1;
            }
            Err(Problem::Wrong) => return Err(Problem::Wrong),
            Err(Problem::Cut) => {
                rest = before;
                break open;
            }
        }
    };
    let kept = bytes.get(..bytes.len() - rest.len()).unwrap_or_default().to_vec();
    let mut left = Left { bytes: kept, whole, path: String::new(), inside: None };
    let name = |number: u64, index: usize| name(of, number, index);
    match (open.number, last) {
        (Some(number), _) => {
            left.path = name(number, counts.get(&number).copied().unwrap_or_default());
            left.inside = Some(String::new());
            if let Some((value, length)) = open.value {
                add(&mut left, number, value, length, (of, depth));
            }
        }
        (None, Some(number)) => left.path = name(number, counts.get(&number).map_or(0, |count| count - 1)),
        (None, None) => {}
    }
    Ok(left)
}

/// `name`, `items[2]`, or the number where nobody told the name.
fn name(of: Option<&MessageDescriptor>, number: u64, index: usize) -> String {
    let known = of.and_then(|of| of.get_field(u32::try_from(number).ok()?));
    match known {
        Some(field) if field.is_list() && !field.is_packed() => format!("{}[{index}]", field.name()),
        Some(field) => field.name().to_owned(),
        None if index > 0 => format!("{number}[{index}]"),
        None => number.to_string(),
    }
}

/// Adds what is whole of a value that was cut.
fn add(left: &mut Left, number: u64, value: &[u8], length: u64, (of, depth): (Option<&MessageDescriptor>, usize)) {
    let field = of.map(|of| u32::try_from(number).ok().and_then(|number| of.get_field(number)));
    let part = match &field {
        None => guess(value, length, depth),
        Some(Some(field)) => of_kind(field, value, length, depth),
        Some(None) => Part::None,
    };
    let here = format!(", of which {} of {length} bytes are here", value.len());
    left.inside = Some(here.clone());
    match part {
        Part::None => left.inside = Some(here + " and not shown"),
        Part::Text(text) => push(&mut left.bytes, number, &[text.as_bytes(), "\u{2026}".as_bytes()].concat()),
        Part::Values(values) => push(&mut left.bytes, number, values),
        Part::Message(inner) => {
            push(&mut left.bytes, number, &inner.bytes);
            if !inner.path.is_empty() {
                (left.path, left.inside) = (format!("{}.{}", left.path, inner.path), inner.inside);
            }
        }
    }
}

/// What of a value that was cut can be shown.
enum Part<'a> {
    /// Nothing.
    None,
    /// The beginning of a text.
    Text(&'a str),
    /// The first values of a list.
    Values(&'a [u8]),
    /// What is whole of a message.
    Message(Left),
}

fn of_kind<'a>(field: &FieldDescriptor, value: &'a [u8], length: u64, depth: usize) -> Part<'a> {
    let whole = |count: usize| value.get(..count).map_or(Part::None, Part::Values);
    match field.kind() {
        Kind::String => text(value).map_or(Part::None, Part::Text),
        Kind::Message(inner) if depth < DEEPEST && is_looked_into(&inner) => {
            let left = level(value, length, Some(&inner), depth + 1).ok();
            // An entry of a map without its key would stand for another one.
            left.filter(|left| left.whole > 0 || !inner.is_map_entry()).map_or(Part::None, Part::Message)
        }
        Kind::Bytes | Kind::Message(_) => Part::None,
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => whole(value.len() / 8 * 8),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => whole(value.len() / 4 * 4),
        _ => whole(value.iter().rposition(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1)),
    }
}

/// Those of Google's own types that JSON has as one value, such as a time, say something else without their end.
fn is_looked_into(message: &MessageDescriptor) -> bool {
    let of_google = message.full_name().strip_prefix("google.protobuf.");
    of_google.is_none_or(|name| ["Struct", "Struct.FieldsEntry", "Value", "ListValue"].contains(&name))
}

/// As whole values are guessed: text, then a message with a field that is whole.
fn guess(value: &[u8], length: u64, depth: usize) -> Part<'_> {
    let text = text(value).filter(|text| !text.is_empty());
    let is_plain = |text: &&str| !text.chars().any(char::is_control);
    if let Some(text) = text.filter(is_plain) {
        return Part::Text(text);
    }
    let inner = (depth < DEEPEST).then(|| level(value, length, None, depth + 1).ok()).flatten();
    match (inner, text) {
        (Some(inner), _) if inner.whole > 0 => Part::Message(inner),
        (_, Some(text)) if !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)) => Part::Text(text),
        _ => Part::None,
    }
}

/// The whole characters of a text that may have been cut within one.
fn text(value: &[u8]) -> Option<&str> {
    match std::str::from_utf8(value) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => std::str::from_utf8(value.get(..error.valid_up_to())?).ok(),
        Err(_) => None,
    }
}

/// Reads a field over, of a message of which `left` bytes are left, and tells its number. Where it is cut, `open` gets what
/// is here.
fn field<'a>(rest: &mut &'a [u8], left: u64, open: &mut Open<'a>, depth: usize) -> Result<u64, Problem> {
    let all = rest.len();
    let tag = varint(rest)?;
    let number = tag >> 3;
    if number == 0 || number > LARGEST {
        return Err(Problem::Wrong);
    }
    open.number = Some(number);
    match tag & 7 {
        0 => varint(rest).map(drop)?,
        1 => skip(rest, 8)?,
        2 => {
            let length = varint(rest)?;
            if length > left.saturating_sub((all - rest.len()) as u64) {
                return Err(Problem::Wrong);
            }
            let value = *rest;
            skip(rest, length).inspect_err(|_| open.value = Some((value, length)))?;
        }
        3 if depth < DEEPEST => group(rest, number, depth + 1)?,
        5 => skip(rest, 4)?,
        _ => return Err(Problem::Wrong),
    }
    Ok(number)
}

/// Reads a group over.
fn group(rest: &mut &[u8], number: u64, depth: usize) -> Result<(), Problem> {
    loop {
        let mut ahead = *rest;
        let tag = varint(&mut ahead)?;
        if tag & 7 == 4 {
            *rest = ahead;
            return if tag >> 3 == number { Ok(()) } else { Err(Problem::Wrong) };
        }
        field(rest, u64::MAX, &mut Open { number: None, value: None }, depth)?;
    }
}

fn skip(rest: &mut &[u8], length: u64) -> Result<(), Problem> {
    let length = usize::try_from(length).map_err(|_| Problem::Cut)?;
    *rest = rest.get(length..).ok_or(Problem::Cut)?;
    Ok(())
}

fn varint(rest: &mut &[u8]) -> Result<u64, Problem> {
    match super::fields::varint(rest) {
        Some(value) => Ok(value),
        None if rest.is_empty() => Err(Problem::Cut),
        None => Err(Problem::Wrong),
    }
}

/// Adds a field of bytes.
fn push(message: &mut Vec<u8>, number: u64, value: &[u8]) {
    encode_key(u32::try_from(number).unwrap_or(u32::MAX), WireType::LengthDelimited, message);
    encode_varint(value.len() as u64, message);
    message.extend(value);
}

#[cfg(test)]
mod tests;
