//! What is copied of a gRPC call: a command for grpcurl, and what its messages say.

use daptop_model::{Call, Grpcurl, Message, Reading, Schema, Side, Snapshot, read_message};
use serde_json::{Value, json};

use super::masked_words;
use crate::replay::schema;

/// Messages are read until so much was read: compressed ones may be far larger than what was captured.
const MOST: usize = 16 << 20;

/// The call as a command line for grpcurl, and what that is.
pub(super) fn grpcurl(call: &Call, whole: bool, snapshot: &Snapshot) -> Result<(String, String), String> {
    let app = snapshot.apps.iter().find(|app| app.id == call.from && app.ports.grpc != 0);
    let app = app.ok_or_else(|| format!("{} has no sidecar in this run, so there is no address to copy", call.from))?;
    let address = format!("127.0.0.1:{}", app.ports.grpc);
    let Grpcurl { text, masked, learns } = Grpcurl::of(call, &address, schema(call, snapshot).as_deref(), whole)?;
    Ok((text, format!("{} as grpcurl{}, which {learns}", call.id, masked_words(masked))))
}

/// What the messages of a direction say, as JSON, one document behind the other; and what that is.
pub(super) fn of(call: &Call, side: Side, snapshot: &Snapshot) -> Result<(String, String), String> {
    let seen = call.messages.seen(side);
    let (mut read, mut cut) = (0, false);
    let texts: Vec<String> = readings(call, snapshot)
        .filter(|(message, reading)| message.side == side && !reading.json.is_empty())
        .map(|(_, reading)| {
            read += 1;
            cut |= reading.cut;
            reading.json + "\n"
        })
        .collect();
    let of = if side == Side::Request { "request" } else { "answer" };
    if read == 0 {
        return Err(format!("no message of the {of} of {} can be read: the call tells why", call.id));
    }
    let what = match (seen, read) {
        (1, _) => format!("the {of}'s message of {}", call.id),
        (seen, read) if seen == read => format!("the {of}'s {seen} messages of {}", call.id),
        (seen, read) => format!("the {of}'s messages of {}, {read} of {seen}: the others cannot be read", call.id),
    };
    let kept = if cut { ", as far as they are kept" } else { "" };
    Ok((texts.concat(), what + kept))
}

/// The messages of both directions in the order in which they came; null where the call is not made of messages.
pub(super) fn as_json(call: &Call, snapshot: &Snapshot) -> Value {
    if !call.is_of_messages() {
        return Value::Null;
    }
    let one = |(message, reading): (&Message, Reading)| {
        json!({
            "direction": if message.side == Side::Request { "request" } else { "answer" },
            "micros": u64::try_from(message.at.since(call.phases.received).as_micros()).unwrap_or(u64::MAX),
            "bytes": message.length,
            "compressed": message.compressed,
            "name": reading.name,
            "message": serde_json::from_str::<Value>(&reading.json).unwrap_or_default(),
            "notes": reading.notes,
        })
    };
    readings(call, snapshot).map(one).collect()
}

/// The messages that are kept, read, until it is too much.
fn readings<'a>(call: &'a Call, snapshot: &Snapshot) -> impl Iterator<Item = (&'a Message, Reading)> {
    let schema = schema(call, snapshot);
    let mut total = 0;
    call.messages.kept().iter().map_while(move |message| {
        let schema: Option<&Schema> = schema.as_deref();
        let reading = (total < MOST).then(|| read_message(call, message, schema))?;
        total += reading.read;
        Some((message, reading))
    })
}
