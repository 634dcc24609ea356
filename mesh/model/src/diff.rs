//! What differs between two calls: what was asked, the status, the headers, the body, the time.

mod bodies;
mod headers;
mod json;
mod lines;
mod messages;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::replay::is_unread;
use crate::{
    Call, CapturedBody, CodingEnd, Head, Message, Outcome, ReplayRequest, Schema, Stamp, caveats, grpc_status_name,
    read_message,
};

pub use messages::ComparedMessages;

/// The most rows of a body that are told; what is more is counted.
pub const MOST_ROWS: usize = 500;

/// Of a compressed body so many bytes are compared at most.
const MOST_BYTES: usize = 4 << 20;

/// One side of a comparison: everything of a call that is compared.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Compared {
    /// Verb and path as the called app sees them: `POST /orders`.
    pub request_line: String,
    /// The request's headers, less those that each request gets anew.
    pub request_headers: Vec<(String, Vec<u8>)>,
    /// The request's body.
    pub request_body: ComparedBody,
    /// It is not known whole: nobody read it to its end.
    pub request_unread: bool,
    /// The status, and how the call ended where that does not say it.
    pub status: String,
    /// The answer's headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The answer's body.
    pub body: ComparedBody,
    /// The messages of the request and of the answer, which take the place of their bodies where both calls have them.
    pub messages: Option<[ComparedMessages; 2]>,
    /// The answer's trailers.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// How long it took; `None` while it runs.
    pub took: Option<Duration>,
    /// What of it cannot be compared.
    pub caveats: Vec<String>,
}

/// A body to be compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ComparedBody {
    /// The bytes that are kept, without their content codings where those could be undone.
    bytes: Vec<u8>,
    /// How many bytes there were on the way.
    seen: u64,
    /// The last bytes are not here.
    cut: bool,
    /// How they were coded: `gzip`.
    coding: String,
    /// The coding could not be undone.
    coded: bool,
}

impl ComparedBody {
    /// A captured body under its head.
    pub fn new(body: &CapturedBody, head: &Head) -> Self {
        let decoded = body.decoded(head, MOST_BYTES);
        Self {
            seen: body.seen,
            cut: (body.kept.len() as u64) < body.seen || decoded.end != CodingEnd::Whole,
            coding: head.text("content-encoding").unwrap_or_default().trim().to_ascii_lowercase(),
            coded: decoded.unknown.is_some(),
            bytes: decoded.bytes.into_owned(),
        }
    }
}

impl Compared {
    /// A call as it is now; its messages, in gRPC, are read by what is known of its service.
    pub fn of(call: &Call, schema: Option<&Schema>) -> Self {
        Self::read(call, &|message, _| read_message(call, message, schema).json)
    }

    /// A call as it is now; what a message says is told by `read`, as JSON. Its number is that within its direction, from 0.
    pub fn read(call: &Call, read: &dyn Fn(&Message, usize) -> String) -> Self {
        let line = |(name, value): (&str, &[u8])| (name.to_owned(), value.to_vec());
        let request = ReplayRequest::of(call);
        let lines = |head: &Head| head.lines().map(line).collect::<Vec<_>>();
        let answer = call.response.as_ref();
        Self {
            request_line: format!("{} {}", call.request.verb(), call.request.path()),
            request_headers: request.headers.into_iter().map(|(name, value)| (name, value.to_vec())).collect(),
            request_body: ComparedBody::new(&call.request_body, &call.request.headers),
            request_unread: is_unread(call),
            status: status(call),
            headers: answer.map(|head| lines(&head.headers)).unwrap_or_default(),
            body: ComparedBody::new(&call.response_body, answer.map_or(&Head::default(), |head| &head.headers)),
            messages: ComparedMessages::of(call, read),
            trailers: answer.and_then(|head| head.trailers.as_deref()).map(lines).unwrap_or_default(),
            took: (!call.is_open()).then(|| call.age(Stamp::default())),
            caveats: caveats(call),
        }
    }
}

fn status(call: &Call) -> String {
    let status = match (call.status(), call.grpc_status()) {
        (Some(200), Some(code)) => Some(format!("gRPC {}", grpc_status_name(code))),
        (status, _) => status.map(|status| status.to_string()),
    };
    match (&call.outcome, status) {
        (Outcome::Answered, Some(status)) => status,
        (Outcome::Answered, None) => "answered".to_owned(),
        (Outcome::Pending, _) => "open".to_owned(),
        (Outcome::Failed(_), Some(status)) => format!("{status} (no app answered)"),
        (Outcome::Failed(_), None) => "no app answered".to_owned(),
        (Outcome::Cancelled, _) => "cancelled".to_owned(),
    }
}

/// Which part of two calls a row is about: those of the request, then those of the answer, from its status on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// The verb and the path.
    Request,
    /// A header of the request.
    RequestHeader,
    /// The request's body.
    RequestBody,
    /// What a message of the request says.
    RequestMessage,
    /// The status.
    Status,
    /// How long it took.
    Time,
    /// A header of the answer.
    Header,
    /// The answer's body.
    Body,
    /// What a message of the answer says.
    Message,
    /// A trailer of the answer.
    Trailer,
}

impl Part {
    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Part::Request => "request",
            Part::RequestHeader => "sent header",
            Part::RequestBody => "sent body",
            Part::RequestMessage => "sent message",
            Part::Status => "status",
            Part::Time => "time",
            Part::Header => "header",
            Part::Body => "body",
            Part::Message => "message",
            Part::Trailer => "trailer",
        }
    }
}

/// One thing that was compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Of which part.
    pub part: Part,
    /// Which thing of that part: a header's name, a path in JSON; empty where the part is one thing.
    pub name: String,
    /// What became of it.
    pub change: Change,
}

/// What became of a thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is the same.
    Same(String),
    /// It is another.
    Changed(String, String),
    /// Only the first has it.
    Removed(String),
    /// Only the second has it.
    Added(String),
    /// What else is to be said of it.
    Note(String),
}

impl Change {
    /// Whether the two differ here.
    pub fn differs(&self) -> bool {
        matches!(self, Self::Changed(..) | Self::Removed(_) | Self::Added(_))
    }
}

/// What two calls have in common, and what not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diff {
    /// Everything that is worth a row, part by part.
    pub rows: Vec<Row>,
    /// Headers of the answer that differ each time, such as `date`.
    pub noise: Vec<String>,
    /// What cannot be compared, in sentences.
    pub caveats: Vec<String>,
}

impl Diff {
    /// Compares two calls. What was asked is told only where it differs.
    pub fn new(before: &Compared, after: &Compared) -> Self {
        let mut diff = Self::default();
        if before.request_line != after.request_line {
            let change = Change::Changed(before.request_line.clone(), after.request_line.clone());
            diff.add(Part::Request, "", change);
        }
        headers::compare(Part::RequestHeader, &before.request_headers, &after.request_headers, &mut diff);
        let messages = before.messages.as_ref().zip(after.messages.as_ref());
        // What is known of a body that nobody read says nothing of what was sent.
        let is_known = !(before.request_unread || after.request_unread);
        match messages {
            Some(([before, _], [after, _])) if is_known && before != after => {
                messages::compare(Part::RequestMessage, before, after, &mut diff);
            }
            None if is_known && before.request_body != after.request_body => {
                bodies::compare(Part::RequestBody, &before.request_body, &after.request_body, &mut diff);
            }
            _ => {}
        }
        diff.add(Part::Status, "", pair(before.status.clone(), after.status.clone()));
        let took = |side: &Compared| side.took.map_or_else(|| "not over".to_owned(), duration);
        diff.add(Part::Time, "", pair(took(before), took(after)));
        headers::compare(Part::Header, &before.headers, &after.headers, &mut diff);
        match messages {
            Some(([_, before], [_, after])) => messages::compare(Part::Message, before, after, &mut diff),
            None => bodies::compare(Part::Body, &before.body, &after.body, &mut diff),
        }
        headers::compare(Part::Trailer, &before.trailers, &after.trailers, &mut diff);
        diff.caveats = before.caveats.iter().chain(&after.caveats).cloned().collect();
        diff
    }

    /// Compares two captured calls, the messages of each by what is known of its service.
    pub fn by(before: &Call, after: &Call, schemas: [Option<&Schema>; 2]) -> Self {
        Self::new(&Compared::of(before, schemas[0]), &Compared::of(after, schemas[1]))
    }

    /// Whether the second call got the same as the first: the same status, headers (but for noise) and body. Time is not
    /// a difference.
    pub fn is_same(&self) -> bool {
        !self.rows.iter().any(|row| row.part != Part::Time && row.change.differs())
    }

    /// Whether the second call was answered as the first, whatever either asked. Time is not a difference.
    pub fn is_answered_the_same(&self) -> bool {
        let is_of_answer = |part| part >= Part::Status && part != Part::Time;
        !self.rows.iter().any(|row| is_of_answer(row.part) && row.change.differs())
    }

    fn add(&mut self, part: Part, name: &str, change: Change) {
        self.rows.push(Row { part, name: name.to_owned(), change });
    }
}

fn pair(before: String, after: String) -> Change {
    if before == after { Change::Same(before) } else { Change::Changed(before, after) }
}

/// A duration with the digits that matter: `250 µs`, `4.2 ms`, `421 ms`, `1.23 s`.
fn duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    let millis = duration.as_secs_f64() * 1e3;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{millis:.1} ms"),
        10_000..1_000_000 => format!("{millis:.0} ms"),
        _ => format!("{:.2} s", millis / 1e3),
    }
}
