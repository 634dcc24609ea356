//! A message without a schema: what its bytes say by themselves. Fields have numbers; whether bytes are a text, a message
//! or neither is a guess.

use std::collections::HashMap;

/// How deep messages within messages are looked into.
pub(super) const DEEPEST: usize = 32;

/// The most bytes that are written out of a field which is neither text nor message.
const MOST_BYTES: usize = 64;

/// The largest number of a field.
pub(super) const LARGEST: u64 = (1 << 29) - 1;

/// A message as JSON over several lines; `None` where the bytes are none.
pub(super) fn json(bytes: &[u8]) -> Option<String> {
    let fields = read(bytes, 0)?;
    let mut text = String::new();
    write_fields(&mut text, &fields, 0);
    Some(text)
}

enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Text(&'a str),
    Bytes(&'a [u8]),
    Message(Vec<Field<'a>>),
}

struct Field<'a> {
    number: u64,
    values: Vec<Value<'a>>,
}

/// All fields in the order in which they first came.
fn read(mut bytes: &[u8], depth: usize) -> Option<Vec<Field<'_>>> {
    if depth > DEEPEST {
        return None;
    }
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let number = tag >> 3;
        if number == 0 || number > LARGEST {
            return None;
        }
        let value = match tag & 7 {
            0 => Value::Varint(varint(&mut bytes)?),
            1 => Value::Fixed64(u64::from_le_bytes(*take(&mut bytes, 8)?.first_chunk()?)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                guess(take(&mut bytes, length)?, depth)
            }
            3 => Value::Message(read(group(&mut bytes, number, depth)?, depth + 1)?),
            5 => Value::Fixed32(u32::from_le_bytes(*take(&mut bytes, 4)?.first_chunk()?)),
            _ => return None,
        };
        let place = *places.entry(number).or_insert(fields.len());
        match fields.get_mut(place) {
            Some(field) => field.values.push(value),
            None => fields.push(Field { number, values: vec![value] }),
        }
    }
    Some(fields)
}

pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// The fields of a group, up to the tag that ends it.
fn group<'a>(bytes: &mut &'a [u8], number: u64, depth: usize) -> Option<&'a [u8]> {
    let whole = *bytes;
    loop {
        let inner = whole.len() - bytes.len();
        let tag = varint(bytes)?;
        match tag & 7 {
            0 => drop(varint(bytes)?),
            1 => drop(take(bytes, 8)?),
            2 => {
                let length = usize::try_from(varint(bytes)?).ok()?;
                take(bytes, length)?;
            }
            3 if depth < DEEPEST => drop(group(bytes, tag >> 3, depth + 1)?),
            4 if tag >> 3 == number => return whole.get(..inner),
            5 => drop(take(bytes, 4)?),
            _ => return None,
        }
    }
}

/// Text where no character is a control character, else a message where the bytes can be one, else text where they are.
fn guess(bytes: &[u8], depth: usize) -> Value<'_> {
    let text = std::str::from_utf8(bytes).ok();
    if let Some(text) = text.filter(|text| !text.chars().any(char::is_control)) {
        return Value::Text(text);
    }
    if let Some(fields) = read(bytes, depth + 1) {
        return Value::Message(fields);
    }
    match text.filter(|text| !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c))) {
        Some(text) => Value::Text(text),
        None => Value::Bytes(bytes),
    }
}

fn write_fields(text: &mut String, fields: &[Field<'_>], depth: usize) {
    if fields.is_empty() {
        text.push_str("{}");
        return;
    }
    text.push('{');
    for (index, field) in fields.iter().enumerate() {
        new_line(text, index > 0, depth + 1);
        text.extend(["\"", &field.number.to_string(), "\": "]);
        match field.values.as_slice() {
            [value] => write_value(text, value, depth + 1),
            values => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    new_line(text, index > 0, depth + 2);
                    write_value(text, value, depth + 2);
                }
                new_line(text, false, depth + 1);
                text.push(']');
            }
        }
    }
    new_line(text, false, depth);
    text.push('}');
}

fn new_line(text: &mut String, comma: bool, depth: usize) {
    text.push_str(if comma { ",\n" } else { "\n" });
    text.extend(std::iter::repeat_n("  ", depth));
}

fn write_value(text: &mut String, value: &Value<'_>, depth: usize) {
    match value {
        Value::Varint(number) => text.push_str(&number.to_string()),
        Value::Fixed64(bits) => write_fixed(text, f64::from_bits(*bits), *bits),
        Value::Fixed32(bits) => write_fixed(text, f64::from(f32::from_bits(*bits)), u64::from(*bits)),
        Value::Text(value) => text.push_str(&serde_json::Value::from(*value).to_string()),
        Value::Message(fields) => write_fields(text, fields, depth),
        Value::Bytes(bytes) => write_bytes(text, bytes),
    }
}

/// Eight or four bytes are a fraction where that is of a usual size, else a whole number.
fn write_fixed(text: &mut String, fraction: f64, bits: u64) {
    let is_usual = fraction == 0.0 || (1e-9..1e12).contains(&fraction.abs());
    let number = if is_usual && bits != 0 { format!("{fraction:?}") } else { bits.to_string() };
    text.push_str(&number);
}

fn write_bytes(text: &mut String, bytes: &[u8]) {
    let digits: Vec<String> = bytes.iter().take(MOST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let rest = if bytes.len() > MOST_BYTES { " \u{2026}" } else { "" };
    text.extend(["\"<", &bytes.len().to_string(), " bytes: ", &digits.join(" "), rest, ">\""]);
}
