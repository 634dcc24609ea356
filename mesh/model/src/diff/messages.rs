//! The messages of two gRPC calls, one direction at a time.

use serde_json::Value;

use super::{Change, Diff, Part, json};
use crate::{Call, Message, Side};

/// So many messages of a direction are compared one by one.
const MOST: usize = 20;

/// The messages of one direction of a call, to be compared.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ComparedMessages {
    /// How many there were.
    seen: u64,
    /// The first ones.
    first: Vec<Read>,
}

#[derive(Clone, PartialEq, Debug)]
struct Read {
    /// What it says; `None` where that could not be read, or is not here whole.
    value: Option<Value>,
    /// Its bytes, as far as they are kept.
    bytes: Vec<u8>,
    /// Some of them are not here.
    cut: bool,
    /// How many there were.
    length: u32,
}

impl ComparedMessages {
    /// Both directions of a call; `None` where it is not made of messages, or they are not known.
    /// `read` tells what a message says, as JSON; its number is that within its direction, from 0.
    pub(super) fn of(call: &Call, read: &dyn Fn(&Message, usize) -> String) -> Option<[Self; 2]> {
        let is_known = |side| call.messages.seen(side) > 0 || call.body(side).seen == 0;
        let known = call.is_of_messages() && is_known(Side::Request) && is_known(Side::Response);
        let one = |side| Self {
            seen: call.messages.seen(side),
            first: (call.messages.of(side).take(MOST).enumerate())
                .map(|(number, message)| Read::of(call, message, &read(message, number)))
                .collect(),
        };
        known.then(|| [one(Side::Request), one(Side::Response)])
    }
}

impl Read {
    fn of(call: &Call, message: &Message, json: &str) -> Self {
        let body = call.body(message.side);
        let cut = !message.is_whole(body);
        let value = if cut { None } else { serde_json::from_str(json).ok() };
        Self { value, bytes: message.kept(body).to_vec(), cut, length: message.length }
    }

    /// Whether both are the same, as far as they are known.
    fn is_same(&self, other: &Self) -> bool {
        !self.cut && !other.cut && (self.bytes == other.bytes || self.value.is_some() && self.value == other.value)
    }
}

/// Adds what differs between the messages of a direction.
pub(super) fn compare(part: Part, before: &ComparedMessages, after: &ComparedMessages, diff: &mut Diff) {
    if before.seen == 0 && after.seen == 0 {
        return diff.add(part, "", Change::Same("none".to_owned()));
    }
    if before.seen != 1 || after.seen != 1 {
        diff.add(part, "", super::pair(counted(before.seen), counted(after.seen)));
    }
    let is_stream = before.seen > 1 || after.seen > 1;
    let mut same = 0;
    for (index, (old, new)) in before.first.iter().zip(&after.first).enumerate() {
        let name = if is_stream { format!("#{}", index + 1) } else { String::new() };
        match (&old.value, &new.value) {
            _ if is_stream && old.is_same(new) => same += 1,
            // Of one it is known what its fields are called, of the other it is not.
            (Some(was), Some(is)) if was != is && old.is_same(new) => {
                diff.add(part, &name, Change::Same(bytes(old.length)));
            }
            (Some(was), Some(is)) => {
                json::compare_at(part, format!("{name} $").trim_start(), was, is, diff);
            }
            _ if old.is_same(new) => diff.add(part, &name, Change::Same(bytes(old.length))),
            _ => unreadable(part, &name, old, new, diff),
        }
    }
    if same > 0 {
        let verb = if same == 1 { "says" } else { "say" };
        diff.add(part, "", Change::Same(format!("what {} {verb}", counted(same))));
    }
    if before.seen.min(after.seen) > MOST as u64 {
        let text = format!("the first {MOST} messages are compared, the others are not");
        diff.add(part, "", Change::Note(text));
    }
}

/// Messages of which at least one cannot be read, or is not here whole.
fn unreadable(part: Part, name: &str, old: &Read, new: &Read, diff: &mut Diff) {
    diff.add(part, name, super::pair(bytes(old.length), bytes(new.length)));
    let both = old.bytes.len().min(new.bytes.len());
    let is_cut = old.cut || new.cut;
    let first = old.bytes.iter().zip(&new.bytes).position(|(old, new)| old != new);
    let what = match first.or((!is_cut).then_some(both)) {
        Some(first) => format!("its bytes differ from byte {} on", first + 1),
        None if both == 0 => "nothing of it can be compared".to_owned(),
        None => format!("its first {both} bytes are the same, and the rest cannot be compared"),
    };
    let why = if is_cut { "is not here whole" } else { "cannot be read" };
    let name = if name.is_empty() { "the message" } else { name };
    diff.add(part, "", Change::Note(format!("{name} {why}: {what}")));
}

fn counted(messages: u64) -> String {
    if messages == 1 { "1 message".to_owned() } else { format!("{messages} messages") }
}

fn bytes(length: u32) -> String {
    if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") }
}
