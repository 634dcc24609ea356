//! The messages of a gRPC call, read, for the control protocol.

use daptop_model::{Call, GrpcStatus, Protocol, Schema, SchemaSource, Side, code_name, read_message};

use super::proto;

/// The most bytes of JSON that one answer carries. What does not fit is said.
const MOST_JSON: usize = 4 << 20;

/// The messages of a call, read by what is known of them; `None` for a call that has none.
pub(super) fn of(call: &Call, schema: Option<&Schema>) -> Option<proto::Messages> {
    if call.protocol != Protocol::Grpc || call.is_invocation() {
        return None;
    }
    let (mut numbers, mut room) = ([0; 2], MOST_JSON);
    let kept = call.messages.kept().iter().map(|message| {
        let number = &mut numbers[message.side as usize];
        *number += 1;
        let mut reading = read_message(call, message, schema);
        if reading.json.len() > room {
            reading.notes.push("it is not shown here: all messages together are too long".to_owned());
            reading.json.clear();
        }
        room -= reading.json.len();
        proto::Message {
            response: message.side == Side::Response,
            number: *number,
            at_micros: message.at.0.saturating_sub(call.phases.received.0),
            length: message.length,
            r#type: reading.name.unwrap_or_default(),
            json: reading.json,
            notes: reading.notes,
        }
    });
    let guess = || (SchemaSource::Guess.words().into(), Vec::new());
    let (source, failures) = schema.map_or_else(guess, |schema| schema.told_of(&call.request.path()));
    Some(proto::Messages {
        kept: kept.collect(),
        requests: call.messages.seen(Side::Request),
        responses: call.messages.seen(Side::Response),
        source: source.into_owned(),
        failures,
    })
}

/// The status of a call, with its details; `None` where it has none yet.
pub(super) fn status(call: &Call, schema: Option<&Schema>) -> Option<proto::GrpcStatus> {
    let trailers = call.response.as_ref().filter(|_| call.protocol == Protocol::Grpc)?.trailers.as_deref()?;
    let GrpcStatus { code, message, details, problem } = GrpcStatus::read(trailers, schema)?;
    Some(proto::GrpcStatus {
        code,
        name: code_name(code).unwrap_or_default().to_owned(),
        message,
        details: details.into_iter().map(|(r#type, json)| proto::StatusDetail { r#type, json }).collect(),
        problem: problem.unwrap_or_default(),
    })
}
