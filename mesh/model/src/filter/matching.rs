//! Whether a call passes the tests of a filter.

use crate::{Call, CapturedBody, Filter, Head, Outcome, Stamp, whole_message};

use super::expression::Expression;
use super::term::{Field, Flag, Number, Term, TextRelation};

impl Expression {
    /// Whether any of its tests looks into bodies.
    fn reads_bodies(&self) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().any(Self::reads_bodies),
            Self::Not(inner) => inner.reads_bodies(),
            Self::Term(term) => matches!(term, Term::Text(_) | Term::Body(_)),
        }
    }

    pub(super) fn matches(&self, call: &Call, now: Stamp) -> bool {
        match self {
            Self::All(members) => members.iter().all(|member| member.matches(call, now)),
            Self::Any(members) => members.iter().any(|member| member.matches(call, now)),
            Self::Not(inner) => !inner.matches(call, now),
            Self::Term(term) => term.matches(call, now),
        }
    }
}

impl Term {
    fn matches(&self, call: &Call, now: Stamp) -> bool {
        match self {
            Self::Text(text) => {
                contains(&call.request.path, text)
                    || contains(call.from.as_str().as_bytes(), text)
                    || contains(call.to.as_str().as_bytes(), text)
                    || in_a_body(call, text)
            }
            Self::Field(field, relation, text) => field_matches(*field, *relation, text, call),
            Self::StatusClass(class) => call.status().is_some_and(|status| status / 100 == *class),
            Self::Number(number, comparison, value) => {
                number_of(*number, call, now).is_some_and(|number| comparison.holds(number, *value))
            }
            Self::Body(text) => in_a_body(call, text),
            Self::Header(name, text) => has_header(call, name, text.as_deref()),
            Self::Trace(digits) => call.trace.is_some_and(|place| place.trace.starts_with(digits)),
            Self::Grpc(code) => call.grpc_status() == Some(*code),
            Self::Flag(flag) => match flag {
                Flag::Failed => call.failed(),
                Flag::Error => call.failed() || call.is_error(),
                Flag::Cancelled => call.outcome == Outcome::Cancelled,
                Flag::Open => call.is_open(),
                Flag::Waiting => call.is_held(),
                Flag::Replay => call.replay_of().is_some(),
            },
        }
    }
}

fn field_matches(field: Field, relation: TextRelation, text: &str, call: &Call) -> bool {
    let is = |value: &[u8]| match relation {
        TextRelation::Is => value.eq_ignore_ascii_case(text.as_bytes()),
        TextRelation::Contains => contains(value, text),
    };
    let (from, to) = (call.from.as_str().as_bytes(), call.to.as_str().as_bytes());
    match field {
        Field::Method => is(&call.request.verb),
        Field::Path if relation == TextRelation::Is => {
            call.request.path.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
        }
        Field::Path => is(&call.request.path),
        Field::App => is(from) || is(to),
        Field::From => is(from),
        Field::To => is(to),
    }
}

fn number_of(number: Number, call: &Call, now: Stamp) -> Option<u64> {
    match number {
        Number::Id => Some(call.id.0),
        Number::Status => call.status().map(u64::from),
        Number::Duration => Some(u64::try_from(call.age(now).as_micros()).unwrap_or(u64::MAX)),
        Number::Size => Some(call.request_body.seen.saturating_add(call.response_body.seen)),
    }
}

/// The most bytes of a compressed body that are searched.
const MOST_DECODED: usize = 1 << 20;

/// Both bodies of a call, each with the head that it came with.
fn bodies(call: &Call) -> [(&CapturedBody, Option<&Head>); 2] {
    let response = call.response.as_ref().map(|response| &response.headers);
    [(&call.request_body, Some(&call.request.headers)), (&call.response_body, response)]
}

fn in_a_body(call: &Call, text: &str) -> bool {
    in_a_compressed_message(call, text)
        || bodies(call).into_iter().any(|(body, head)| {
            let decoded =
                || coded(body, head).is_some_and(|head| contains(&body.decoded(head, MOST_DECODED).bytes, text));
            contains(&body.kept, text) || decoded()
        })
}

/// Whether a text is in a message of gRPC that is compressed: of those that are not, the body has it as it is. So many
/// bytes of them all are searched as of one compressed body.
fn in_a_compressed_message(call: &Call, text: &str) -> bool {
    let mut searched = 0;
    let compressed = call.messages.kept().iter().filter(|message| message.compressed);
    let plain = compressed.map_while(|message| {
        let bytes = (searched < MOST_DECODED).then(|| whole_message(call, message))?.unwrap_or_default();
        searched += bytes.len();
        Some(bytes)
    });
    plain.into_iter().any(|bytes| contains(&bytes, text))
}

/// The head of a body that is compressed.
fn coded<'a>(body: &CapturedBody, head: Option<&'a Head>) -> Option<&'a Head> {
    head.filter(|head| !body.kept.is_empty() && head.get("content-encoding").is_some())
}

impl Filter {
    /// About how many bytes a test of a call looks at: for dividing the test of many calls into slices.
    pub fn cost(&self, call: &Call) -> usize {
        // A call without its bodies: what its heads and its place in memory cost.
        const CALL: usize = 256;
        // Undoing a coding takes as long as looking at some twenty times the bytes.
        const CODED: usize = 20;
        if !self.root.as_ref().is_some_and(Expression::reads_bodies) {
            return CALL;
        }
        let cost = |(body, head): (&CapturedBody, Option<&Head>)| {
            let packed = call.messages.kept().iter().any(|message| message.compressed);
            let factor = if packed || coded(body, head).is_some() { CODED } else { 1 };
            factor * body.kept.len()
        };
        CALL + bodies(call).map(cost).into_iter().sum::<usize>()
    }
}

fn has_header(call: &Call, name: &str, text: Option<&str>) -> bool {
    let answer = call.response.as_ref();
    let trailers = answer.and_then(|answer| answer.trailers.as_deref());
    [Some(&call.request.headers), answer.map(|answer| &answer.headers), trailers]
        .into_iter()
        .flatten()
        .flat_map(Head::lines)
        .any(|(other, value)| other.eq_ignore_ascii_case(name) && text.is_none_or(|text| contains(value, text)))
}

/// Whether a text is within bytes, capitals of ASCII letters aside.
fn contains(bytes: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    let Some((first, rest)) = text.split_first() else { return true };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, bytes)
        .any(|at| bytes.get(at + 1..at + text.len()).is_some_and(|found| found.eq_ignore_ascii_case(rest)))
}
