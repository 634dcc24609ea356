//! The messages of a gRPC call as documents: how many there are, each of them, and what is missing.

use daptop_model::{BodyEnd, Call, GrpcStatus, Message, Messages, Schema, Side, read_message};

use super::body;
use super::document::{Class, Document, Look, Writer};
use super::knowledge::Knowledge;
use super::status;
use crate::format;

/// The bytes before each message: a flag, and its length.
const PREFIX: u64 = 5;

/// Of a message that cannot be read so many bytes are written out.
const MOST_HEX: usize = 4 << 10;

/// Messages of one direction after so many are folded at first.
const OPEN: u32 = 10;

/// How many messages there are, of one direction or of both; and from where it is known what they say, unless that is
/// `said` already.
pub(super) fn overview(call: &Call, side: Option<Side>, knowledge: &Knowledge, said: bool, look: Look) -> Document {
    let mut writer = Writer::new(look);
    if !call.is_of_messages() {
        writer.line(Class::Title, &[], "Messages");
        writer.open();
        let why = "this call is not made of gRPC messages: Request and Response have what it carried";
        writer.line(Class::Text, &[], why);
        return writer.finish();
    }
    let note = knowledge.note(call);
    match side {
        Some(side) if call.messages.seen(side) == 0 => {
            let open = call.is_open() && call.body(side).end == BodyEnd::Open;
            writer.line(Class::Title, &[], if open { "No message yet" } else { "No message" });
            return writer.finish();
        }
        Some(side) => {
            writer.line(Class::Title, &[], &counted(call, side, knowledge));
            if !said {
                writer.hang(2);
                writer.line(Class::Comment, &[], &note);
            }
        }
        None => {
            writer.line(Class::Title, &[], "Messages");
            writer.open();
            if !call.messages.kept().is_empty() {
                writer.line(Class::Comment, &[], &note);
                writer.hang(2);
            }
            for side in [Side::Request, Side::Response] {
                let line = format!("{} {}", arrow(side, look), counted(call, side, knowledge));
                writer.line(Class::Text, &[], &line);
                writer.hang(2);
            }
            writer.close();
        }
    }
    writer.hang(2);
    writer.finish()
}

/// `3 messages  81 B  helloworld.HelloRequest`.
fn counted(call: &Call, side: Side, knowledge: &Knowledge) -> String {
    let seen = call.messages.seen(side);
    let bytes = call.body(side).seen.saturating_sub(PREFIX * seen);
    let path = call.request.path();
    let name = knowledge.schema(&path).and_then(|schema| schema.message_name(&path, side));
    match (seen, name) {
        (0, None) => "none".to_owned(),
        (0, Some(name)) => format!("none  {name}"),
        (1, name) => format!("1 message  {}  {}", format::bytes(bytes), name.unwrap_or_default()).trim_end().to_owned(),
        (_, name) => {
            let [count, bytes] = [format::count(seen), format::bytes(bytes)];
            format!("{count} messages  {bytes}  {}", name.unwrap_or_default()).trim_end().to_owned()
        }
    }
}

fn arrow(side: Side, look: Look) -> &'static str {
    match (side, look.ascii) {
        (Side::Request, false) => "\u{2192}",
        (Side::Response, false) => "\u{2190}",
        (Side::Request, true) => "->",
        (Side::Response, true) => "<-",
    }
}

/// How a message is headed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Heading {
    /// Among those of its own direction.
    OfOne,
    /// Among those of both, which are one below the other.
    OfBoth,
}

/// A message that has not been read: its heading alone, with why.
pub(super) fn unread(call: &Call, message: &Message, number: u32, heading: Heading, why: &str, look: Look) -> Document {
    let mut writer = Writer::new(look);
    head(&mut writer, call, message, number, heading);
    writer.append(&format!("  {why}"));
    writer.finish()
}

/// A message: its heading, and what it says as JSON. How many bytes were read for it is told too.
pub(super) fn read(
    call: &Call,
    message: &Message,
    number: u32,
    heading: Heading,
    schema: Option<&Schema>,
    look: Look,
) -> (Document, usize) {
    let mut writer = Writer::new(look);
    head(&mut writer, call, message, number, heading);
    let reading = read_message(call, message, schema);
    if heading == Heading::OfBoth || number >= OPEN {
        writer.open_folded();
    } else {
        writer.open();
    }
    for note in &reading.notes {
        writer.line(Class::Note, &[], note);
    }
    let kept = message.kept(call.body(message.side));
    if reading.json.is_empty() {
        body::hex(&mut writer, kept.get(..MOST_HEX).unwrap_or(kept));
        if kept.len() > MOST_HEX {
            let rest = format::bytes((kept.len() - MOST_HEX) as u64);
            writer.line(Class::Note, &[], &format!("{rest} more are not written out"));
        }
    } else {
        body::json(&mut writer, &reading.json);
    }
    writer.close();
    (writer.finish(), reading.read)
}

/// `→ #3     +1.204 s    27 B  gzip`.
fn head(writer: &mut Writer, call: &Call, message: &Message, number: u32, heading: Heading) {
    let look = writer.look;
    let at = format::offset(message.at.since(call.phases.received), look.ascii);
    let size = format::bytes(message.length.into());
    let name = format!("#{}", format::count(u64::from(number) + 1));
    let coding = call.head(message.side).and_then(|head| head.text("grpc-encoding")).unwrap_or("compressed");
    let coding = if message.compressed { format!("  {coding}") } else { String::new() };
    match heading {
        Heading::OfOne => writer.line(Class::Message, &[&name], &format!("  {at}  {size}{coding}")),
        Heading::OfBoth => {
            let key = format!("{} {name:<6}", arrow(message.side, look));
            writer.line(Class::Message, &[&key], &format!(" {at:>10}  {size:>8}{coding}"));
        }
    }
}

/// What of the messages of a direction, or of both, is not here, or not yet; and, of both, how it ended.
pub(super) fn rest(call: &Call, side: Option<Side>, schema: Option<&Schema>, look: Look) -> Document {
    let mut writer = Writer::new(look);
    for side in [Side::Request, Side::Response].into_iter().filter(|other| side.is_none_or(|side| side == *other)) {
        let body = call.body(side);
        let mut notes = Vec::new();
        let missing = call.messages.missing(side);
        if missing > 0 {
            let [missing, most] = [missing, Messages::MOST].map(format::count);
            notes.push(format!("{missing} more passed: the first {most} of a direction are kept"));
        }
        if call.messages.seen(side) > 0 && body.end != BodyEnd::Open {
            notes.extend(body::missing(body));
        }
        let name = if side == Side::Request { "request" } else { "answer" };
        for note in notes {
            writer.line(Class::Note, &[], &format!("{name}: {note}"));
            writer.hang(2);
        }
        if body.end == BodyEnd::Open && call.is_open() && call.messages.seen(side) > 0 {
            writer.line(Class::Comment, &[], &format!("{name}: still open"));
        }
    }
    if side.is_none()
        && let Some(status) = GrpcStatus::of(call, None)
    {
        let line = format!("{} {}", arrow(Side::Response, look), status::words(&status));
        writer.line(Class::Title, &[], &line);
        writer.hang(2);
        status::details(&mut writer, call, schema);
    }
    writer.finish()
}
