//! What cannot be repeated, and what of a repetition cannot be compared.

use std::sync::Arc;

use crate::{App, AppId, BodyEnd, Call, CapturedBody, Leg, Outcome, Protocol, Side};

/// Why a call cannot be sent again as it was.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Obstacle {
    /// gRPC with several messages in the request, or none.
    #[error("it sent {}; only calls of one are repeated", counted(*.messages))]
    Streamed {
        /// How many messages its request has.
        messages: u64,
    },
    /// The connection became something else.
    #[error(
        "it turned its connection over to {protocol}: what was said there is not captured, so it cannot be repeated"
    )]
    Upgrade {
        /// To what.
        protocol: String,
    },
    /// The caller's sidecar is that of another process.
    #[error(
        "the sidecar of {from} is in another process: replay the call there, on its dashboard or with daptop replay --app-id {from}"
    )]
    OtherProcess {
        /// The caller.
        from: AppId,
    },
    /// There is no sidecar of the caller here.
    #[error("{from} has no sidecar in this run, so nothing can be sent in its name")]
    NoSidecar {
        /// The caller.
        from: AppId,
    },
    /// Nobody read the request's body to its end.
    #[error("nobody read its body to the end, so only {kept} of {} here; edit it to send another one", of(*.announced))]
    BodyUnread {
        /// How many bytes were read.
        kept: u64,
        /// The length that the caller announced.
        announced: Option<u64>,
    },
    /// The request's body has not ended.
    #[error("its body is known once the call has ended; edit it to send another one")]
    BodyOpen,
    /// The request's body was too long to be kept.
    #[error(
        "only the first {kept} of {seen} bytes of its body were kept, and a cut body is not sent; edit it to send another one"
    )]
    BodyCut {
        /// How many bytes are kept.
        kept: u64,
        /// How many there were.
        seen: u64,
    },
    /// The request's body was given up.
    #[error("its body ({seen} bytes) was given up to stay within the memory limit; edit it to send another one")]
    BodyEvicted {
        /// How many bytes there were.
        seen: u64,
    },
}

fn of(announced: Option<u64>) -> String {
    announced.map_or_else(|| "its bytes are".to_owned(), |bytes| format!("{bytes} bytes are"))
}

fn counted(messages: u64) -> String {
    if messages == 0 { "no message".to_owned() } else { format!("{messages} messages") }
}

impl Obstacle {
    /// Whether it is gone once the request has another body.
    pub fn is_of_body(&self) -> bool {
        matches!(self, Self::BodyUnread { .. } | Self::BodyOpen | Self::BodyCut { .. } | Self::BodyEvicted { .. })
    }
}

/// Why a call cannot be sent again as it was, where `apps` are those of this process; `None` where it can.
///
/// Whether the app that is called runs does not matter: a replay that fails shows why, as the original did.
pub fn obstacle(call: &Call, apps: &[Arc<App>]) -> Option<Obstacle> {
    if let Some(protocol) = call.request.headers.text("upgrade").filter(|protocol| is_switch(call, protocol)) {
        return Some(Obstacle::Upgrade { protocol: protocol.to_owned() });
    }
    if call.leg == Leg::FromProcess {
        return Some(Obstacle::OtherProcess { from: call.from.clone() });
    }
    if !apps.iter().any(|app| app.id == call.from) {
        return Some(Obstacle::NoSidecar { from: call.from.clone() });
    }
    // Another message in place of several would be another call; where none has come, one may still.
    let messages = call.messages.seen(Side::Request);
    let streamed = |is: bool| (call.is_of_messages() && is).then_some(Obstacle::Streamed { messages });
    streamed(messages > 1).or_else(|| of_body(call)).or_else(|| streamed(messages == 0))
}

/// An offer of HTTP/2 is declined by a sidecar: the request goes on as it is.
fn is_switch(call: &Call, protocol: &str) -> bool {
    call.status() == Some(101) || protocol.eq_ignore_ascii_case("websocket")
}

/// Whether nobody read the body of a request to its end: it is not known what was sent.
pub(crate) fn is_unread(call: &Call) -> bool {
    !call.is_open() && matches!(of_body(call), Some(Obstacle::BodyUnread { .. }))
}

fn of_body(call: &Call) -> Option<Obstacle> {
    let CapturedBody { kept, seen, end, evicted } = &call.request_body;
    let (kept, seen) = (kept.len() as u64, *seen);
    let head = &call.request.headers;
    let announced = head.text("content-length").and_then(|length| length.trim().parse::<u64>().ok());
    let has_none = match announced {
        Some(length) => length == 0,
        None => head.get("transfer-encoding").is_none() && (call.protocol == Protocol::Http1 || seen == 0),
    };
    if *evicted {
        return Some(Obstacle::BodyEvicted { seen });
    }
    if call.is_open() && kept < seen {
        // What passes is kept with the call's end.
        return Some(Obstacle::BodyOpen);
    }
    if *end == BodyEnd::Complete || announced == Some(seen) || (has_none && seen == 0) {
        return (kept < seen).then_some(Obstacle::BodyCut { kept, seen });
    }
    if *end == BodyEnd::Abandoned && call.outcome == Outcome::Answered && kept == seen && ends_with_message(call) {
        return None;
    }
    match end {
        BodyEnd::Open if call.is_open() => Some(Obstacle::BodyOpen),
        _ => Some(Obstacle::BodyUnread { kept, announced }),
    }
}

/// Whether the request is whole messages of gRPC as far as it came: an app that has what it wants may answer before it hears
/// that there are no more.
fn ends_with_message(call: &Call) -> bool {
    let last = call.messages.of(Side::Request).last();
    last.is_some_and(|last| last.start + u64::from(last.length) == call.request_body.seen)
}

/// What a replay of a call does not repeat, and what of the two cannot be compared: one sentence each.
pub fn caveats(call: &Call) -> Vec<String> {
    let mut caveats = Vec::new();
    if call.request.headers.get("transfer-encoding").is_some() && call.request_body.seen > 0 {
        caveats.push(format!("the body of {} came in pieces; a replay sends it in one go", call.id));
    }
    if is_unread(call) {
        caveats.push(format!("nobody read the body of {} to its end: what was sent is not compared", call.id));
    }
    let answer = &call.response_body;
    match &call.outcome {
        Outcome::Pending => caveats.push(format!("{} has no answer yet", call.id)),
        Outcome::Cancelled => caveats.push(format!("{} was never answered whole: its caller went away", call.id)),
        Outcome::Failed(_) => caveats.push(format!("no app answered {}: what the sidecar said is compared", call.id)),
        Outcome::Answered if answer.end == BodyEnd::Broken => {
            caveats.push(format!("the answer of {} broke off after {} bytes", call.id, answer.seen));
        }
        Outcome::Answered => {}
    }
    if answer.evicted {
        caveats.push(format!("the answer's body of {} was given up to stay within the memory limit", call.id));
    } else if (answer.kept.len() as u64) < answer.seen {
        let kept = answer.kept.len();
        caveats.push(format!(
            "of the answer's body of {} only the first {kept} of {} bytes are kept",
            call.id, answer.seen
        ));
    }
    let content_type = call.response.as_ref().and_then(|head| head.headers.text("content-type")).unwrap_or_default();
    if content_type.trim().to_ascii_lowercase().starts_with("text/event-stream") {
        caveats.push(format!("the answer of {} is a stream: when each piece came is not compared", call.id));
    }
    caveats
}
