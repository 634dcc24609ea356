//! Replays: captured calls sent again, as they were or edited, one or many.

mod document;
mod message;
mod obstacle;
mod set;
mod tally;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::{AppId, Call, CallId, Protocol};

pub use document::{DocumentError, read_document, write_document};
pub(crate) use obstacle::is_unread;
pub use obstacle::{Obstacle, caveats, obstacle};
pub use set::{Candidate, ReplayOutlook, ReplaySet, ReplaySetError};
pub use tally::ReplayTally;

/// A captured call that is to be sent again through its caller's sidecar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// The call that is repeated.
    pub original: CallId,
    /// Whose sidecar the request goes to.
    pub caller: AppId,
    /// What was spoken, and is spoken again.
    pub protocol: Protocol,
    /// What is sent.
    pub request: ReplayRequest,
    /// How often, from 1 to [`Replay::MOST`]; each time when the one before has ended.
    pub times: u32,
}

impl Replay {
    /// The most repetitions that one wish may ask for.
    pub const MOST: u32 = 1_000;

    /// The call once more, as it was. Whether it can be repeated is told by [`obstacle`].
    pub fn of(call: &Call) -> Self {
        Self {
            original: call.id,
            caller: call.from.clone(),
            protocol: call.protocol,
            request: ReplayRequest::of(call),
            times: 1,
        }
    }
}

/// A request as it goes to the caller's sidecar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayRequest {
    /// The verb.
    pub verb: String,
    /// Path and query, percent-encoding included, as they stand on the request line.
    pub target: String,
    /// The headers, in order, without those that the connection or the trace brings about.
    pub headers: Vec<(String, Bytes)>,
    /// The body.
    pub body: Bytes,
    /// The length of the body is not announced: it goes in chunks, as it did.
    pub chunked: bool,
}

/// Where the app's part of a target begins.
const METHOD: &str = "/method/";

impl ReplayRequest {
    /// The request of a call, less what belongs to its connection and its trace: a replay is a new call in a new trace.
    pub fn of(call: &Call) -> Self {
        let head = &call.request.headers;
        let named = head.text("connection").unwrap_or_default().to_owned();
        let of_connection = |name: &str| named.split(',').any(|other| other.trim().eq_ignore_ascii_case(name));
        let kept = head.lines().filter(|(name, _)| !is_made_anew(name) && !of_connection(name));
        let target = if call.is_invocation() {
            // Where it goes is within the message, and this says the same.
            format!("/v1.0/invoke/{}{METHOD}{}", call.to, call.request.path().trim_start_matches('/'))
        } else {
            call.request.target().into_owned()
        };
        Self {
            verb: call.request.verb().to_owned(),
            target,
            headers: kept.map(|(name, value)| (name.to_owned(), Bytes::copy_from_slice(value))).collect(),
            body: call.request_body.kept.clone(),
            chunked: head.get("transfer-encoding").is_some(),
        }
    }

    /// The first value of a header, the name in any case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| &value[..])
    }

    /// Gives a header one value, in place of all that it has.
    pub fn set_header(&mut self, name: &str, value: Bytes) {
        let at = self.headers.iter().position(|(other, _)| other.eq_ignore_ascii_case(name));
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        let at = at.unwrap_or(self.headers.len()).min(self.headers.len());
        self.headers.insert(at, (name.to_owned(), value));
    }

    /// Another body. Its length is announced.
    pub fn set_body(&mut self, body: Bytes) {
        self.body = body;
        self.chunked = false;
    }

    /// Asks for another path: one that begins with `/v1.0/` takes the place of the whole target; any other, a query
    /// included, that of the part which the called app sees.
    pub fn set_path(&mut self, path: &str) {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        if path.starts_with("/v1.0/") {
            self.target = path;
            return;
        }
        let invoked = self.target.strip_prefix("/v1.0/invoke/").and_then(|rest| rest.find(METHOD));
        self.target = match invoked {
            Some(at) if self.header("dapr-app-id").is_none() => {
                let before = "/v1.0/invoke/".len() + at + METHOD.len() - 1;
                format!("{}{path}", &self.target[..before])
            }
            _ => path,
        };
    }

    /// Whether the verb is one that may change something where it is asked: everything that is not meant to only read.
    pub fn may_change_something(&self) -> bool {
        !matches!(self.verb.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }
}

/// Headers that each request gets anew: those of its connection, its framing, and its place in a trace.
fn is_made_anew(name: &str) -> bool {
    const ANEW: [&str; 14] = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "http2-settings",
        "content-length",
        "expect",
        "traceparent",
        "tracestate",
        "grpc-trace-bin",
        // It was the sidecar's own, which asks for it and knows it.
        "dapr-api-token",
    ];
    ANEW.iter().any(|other| name.eq_ignore_ascii_case(other))
}
