//! The tests that a filter is made of, and how they print.

use std::fmt;

use super::value;

/// One test of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Term {
    /// A word without a key: in the path, an app's name or a body.
    Text(String),
    /// A text of the call.
    Field(Field, TextRelation, String),
    /// A class of statuses: 5 for `5xx`.
    StatusClass(u16),
    /// A number of the call.
    Number(Number, Comparison, u64),
    /// A text within a body.
    Body(String),
    /// A header, lower case, of the request or the answer; with a text, one whose value contains it.
    Header(String, Option<String>),
    /// The first hexadecimal digits of a trace id, lower case.
    Trace(String),
    /// A gRPC status.
    Grpc(u32),
    /// A yes or no of the call.
    Flag(Flag),
}

/// A text of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Method,
    Path,
    /// Either of the two.
    App,
    From,
    To,
}

/// How a text is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TextRelation {
    /// It is the value; a path begins with it.
    Is,
    Contains,
}

/// A number of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Number {
    Id,
    Status,
    /// In microseconds.
    Duration,
    /// Of both bodies, in bytes.
    Size,
}

/// How a number is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A yes or no of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flag {
    Failed,
    Error,
    Cancelled,
    Open,
    Waiting,
    Replay,
}

impl Flag {
    /// Every flag and the words for it; the first one is printed.
    pub(super) const WORDS: [(&'static str, Flag); 7] = [
        ("failed", Flag::Failed),
        ("error", Flag::Error),
        ("cancelled", Flag::Cancelled),
        ("open", Flag::Open),
        ("pending", Flag::Open),
        ("waiting", Flag::Waiting),
        ("replay", Flag::Replay),
    ];

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, flag)| *flag)
    }

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, flag)| *flag == self).map_or("", |(name, _)| name)
    }
}

impl Comparison {
    pub(super) fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Equal => ":",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&value::bare(text)),
            Self::Field(field, relation, text) => {
                let key = match field {
                    Field::Method => "m",
                    Field::Path => "path",
                    Field::App => "app",
                    Field::From => "from",
                    Field::To => "to",
                };
                let sign = if *relation == TextRelation::Is { ':' } else { '~' };
                write!(f, "{key}{sign}{}", value::quoted(text))
            }
            Self::StatusClass(class) => write!(f, "status:{class}xx"),
            Self::Number(Number::Id, comparison, id) => write!(f, "id{}{id}", comparison.sign()),
            Self::Number(Number::Status, comparison, status) => write!(f, "status{}{status}", comparison.sign()),
            Self::Number(Number::Duration, comparison, micros) => {
                write!(f, "dur{}{}", comparison.sign(), value::with_unit(*micros, &value::TIMES))
            }
            Self::Number(Number::Size, comparison, bytes) => {
                write!(f, "size{}{}", comparison.sign(), value::with_unit(*bytes, &value::SIZES))
            }
            Self::Body(text) => write!(f, "body~{}", value::quoted(text)),
            Self::Header(name, None) => write!(f, "hdr:{name}"),
            Self::Header(name, Some(text)) => write!(f, "hdr:{name}~{}", value::quoted(text)),
            Self::Trace(digits) => write!(f, "trace:{digits}"),
            Self::Grpc(code) => match crate::code_name(*code) {
                Some(name) => write!(f, "grpc:{}", name.to_ascii_lowercase()),
                None => write!(f, "grpc:{code}"),
            },
            Self::Flag(flag) => f.write_str(flag.word()),
        }
    }
}
