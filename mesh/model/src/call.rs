//! Calls: a request and its answer between two apps.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    AppId, BodyEnd, CallId, CapturedBody, Delays, Message, Messages, Phases, RequestHead, ResponseHead, Span, Stamp,
    TraceRef, Turn,
};

/// A request and its answer between two apps, as the sidecars saw it.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// Its number in this session.
    pub id: CallId,
    /// The app whose sidecar received the request, or, for a call from another process, the app that it names.
    pub from: AppId,
    /// The app that was asked, as the caller wrote it.
    pub to: AppId,
    /// Which way the call took.
    pub leg: Leg,
    /// What the caller spoke.
    pub protocol: Protocol,
    /// When each phase was reached: of several tries, by the last one.
    pub phases: Phases,
    /// Its wait for its turn at an app that takes only so many calls at once, and the tries before the last one.
    pub delays: Delays,
    /// The request's head.
    pub request: RequestHead,
    /// The request's body.
    pub request_body: CapturedBody,
    /// The answer's head, once there is one.
    pub response: Option<ResponseHead>,
    /// The answer's body.
    pub response_body: CapturedBody,
    /// The messages that both bodies consist of, in gRPC.
    pub messages: Messages,
    /// How it ended, if it has.
    pub outcome: Outcome,
    /// Its place in a trace; `None` where tracing is off.
    pub trace: Option<TraceRef>,
    /// The number of the call that this one repeats, or 0: half as large as an option, which counts at 100,000 calls.
    pub(crate) repeats: u64,
    /// Whether it is held until the app that it asks for has started.
    pub waiting: bool,
}

impl Call {
    /// A call that has just been received.
    pub fn new(start: CallStart) -> Self {
        Self {
            id: start.id,
            from: start.from,
            to: start.to,
            leg: start.leg,
            protocol: start.protocol,
            phases: Phases::new(start.at),
            delays: Delays::default(),
            request: start.request,
            request_body: CapturedBody::default(),
            response: None,
            response_body: CapturedBody::default(),
            messages: Messages::default(),
            outcome: Outcome::Pending,
            trace: start.trace,
            repeats: start.replay_of.map_or(0, |original| original.0),
            waiting: false,
        }
    }

    /// The call that this one repeats.
    pub fn replay_of(&self) -> Option<CallId> {
        (self.repeats != 0).then_some(CallId(self.repeats))
    }

    /// The HTTP status that the caller got.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|head| head.status)
    }

    /// Whether it is one of gRPC that asks for an app by `Dapr.InvokeService`: its body is data and no messages.
    pub fn is_invocation(&self) -> bool {
        self.protocol == Protocol::Grpc && self.request.target() == crate::INVOKE_SERVICE
    }

    /// Whether it failed: no app answered. A 500 from an app is answered.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        self.outcome == Outcome::Pending
    }

    /// Whether an app answered with an error: a status of 400 or above, or, in gRPC, a status that is not `OK`.
    pub fn is_error(&self) -> bool {
        self.outcome == Outcome::Answered
            && (self.status().is_some_and(|status| status >= 400) || self.grpc_status().is_some_and(|code| code != 0))
    }

    /// The gRPC status that the caller got, where the answer's trailers tell it.
    pub fn grpc_status(&self) -> Option<u32> {
        if self.protocol != Protocol::Grpc {
            return None;
        }
        self.response.as_ref()?.trailers.as_ref()?.text("grpc-status")?.trim().parse().ok()
    }

    /// What it asks for: its verb, or that it is `gRPC`, which has no verb but POST.
    pub fn verb_text(&self) -> &str {
        if self.is_of_messages() { "gRPC" } else { self.request.verb() }
    }

    /// Its status in a narrow place, once there is one: that of HTTP, `404`, or, in gRPC, that of gRPC by name: `NotFound`.
    pub fn status_text(&self) -> String {
        match self.grpc_status() {
            Some(code) => crate::code_title(code),
            None if self.protocol == Protocol::Grpc && self.status() == Some(200) => String::new(),
            None => self.status().map_or_else(String::new, |status| status.to_string()),
        }
    }

    /// Whether its sidecar holds it: until its app has started, or until its turn comes.
    pub fn is_held(&self) -> bool {
        self.waiting || self.waits_for_turn().is_some()
    }

    /// The wait for its turn in which it is now.
    pub fn waits_for_turn(&self) -> Option<Turn> {
        self.delays.turn().filter(|turn| self.is_open() && turn.came.is_none())
    }

    /// How long it waited for its turn, so far if it still does; zero where it did not wait. `age` is how old it is.
    pub fn waited_for_turn(&self, age: Duration) -> Duration {
        let wait = |turn: Turn| turn.came.or(self.phases.duration()).unwrap_or(age).saturating_sub(turn.began);
        self.delays.turn().map_or(Duration::ZERO, wait)
    }

    /// How long it took, or, while it runs, how old it is at `now`.
    pub fn age(&self, now: Stamp) -> Duration {
        self.phases.duration().unwrap_or_else(|| now.since(self.phases.received))
    }

    /// The spans that this call stands for: the caller's, and the callee's where one of our sidecars served it.
    pub fn spans(&self) -> Vec<Span> {
        Span::of_call(self)
    }
}

/// Which way a call takes from the caller's sidecar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Leg {
    /// To the caller's own app.
    Own,
    /// To another sidecar in this process.
    InProcess,
    /// To a sidecar in another process.
    ToProcess,
    /// From a sidecar in another process to an app of this one.
    FromProcess,
    /// To an external URL.
    External,
    /// Not known (yet): the target was not found.
    Unresolved,
}

/// What the caller spoke.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Protocol {
    /// HTTP/1.0 or HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
    /// gRPC.
    Grpc,
}

/// How a call ended. A 500 from an app is answered; failed means no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It has not ended.
    Pending,
    /// An app answered; the status is in the answer's head.
    Answered,
    /// No app answered. The caller got an error from the sidecar.
    Failed(Box<Failure>),
    /// The caller went away before the answer was complete.
    Cancelled,
}

/// Why a call failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What went wrong, to branch on.
    pub kind: FailureKind,
    /// The error text that the caller got.
    pub text: std::sync::Arc<str>,
    /// What else is known, as a figure instead of a text.
    pub fact: Option<FailureFact>,
}

/// A figure that belongs to a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureFact {
    /// The port that refused the connection.
    Refused(u16),
    /// The most bytes that the request's body may have.
    BodyLimit(u64),
    /// The most bytes that the header lines of an answer may have.
    HeadLimit(u64),
    /// What the app's port speaks, by the first bytes that came from it.
    Speaks(Spoken),
}

/// What a port speaks that was expected to speak something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Spoken {
    /// TLS.
    Tls,
    /// HTTP/1.0 or HTTP/1.1.
    Http1,
    /// HTTP/2, as gRPC does.
    Http2,
    /// Something else.
    Unknown,
}

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum FailureKind {
    /// The request names no app.
    NoAppId,
    /// No app of this id is known.
    UnknownApp,
    /// The app was known, but had not started when the waiting time was over.
    StillStarting,
    /// Nothing listens on the app's port.
    ConnectionRefused,
    /// The app has no port.
    NoAppPort,
    /// App health checks say that the app is unhealthy.
    Unhealthy,
    /// The callee's access control does not allow the call.
    Denied,
    /// The request's path or verb is not allowed.
    BadRequest,
    /// A body or a head was over its limit.
    TooLarge,
    /// The app or the other sidecar broke the connection or the protocol.
    BrokenAnswer,
    /// The other sidecar could not be reached.
    SidecarUnreachable,
    /// Anything else.
    Other,
}

/// What is known of a call when its request's head has been read.
#[derive(Clone, PartialEq, Debug)]
pub struct CallStart {
    /// Its number in this session.
    pub id: CallId,
    /// When the head was received.
    pub at: Stamp,
    /// See [`Call::from`].
    pub from: AppId,
    /// See [`Call::to`].
    pub to: AppId,
    /// See [`Call::leg`].
    pub leg: Leg,
    /// See [`Call::protocol`].
    pub protocol: Protocol,
    /// The request's head.
    pub request: RequestHead,
    /// Its place in a trace.
    pub trace: Option<TraceRef>,
    /// The call that this one repeats.
    pub replay_of: Option<CallId>,
}

/// What is known of a call that is still open: told when it starts to wait for its app, and while it streams.
#[derive(Clone, PartialEq, Debug)]
pub struct CallProgress {
    /// The call.
    pub id: CallId,
    /// The way it took, once known.
    pub leg: Leg,
    /// The phases reached so far.
    pub phases: Phases,
    /// What has delayed it so far.
    pub delays: Delays,
    /// Whether the call is held until its app has started.
    pub waiting: bool,
    /// The answer's head, once there is one.
    pub response: Option<ResponseHead>,
    /// Bytes of the request's body so far.
    pub request_seen: u64,
    /// Whether the request's body has ended, and how.
    pub request_end: BodyEnd,
    /// Bytes of the answer's body so far.
    pub response_seen: u64,
    /// What is kept of the request's body and has not been told yet.
    pub request_more: BodyPiece,
    /// What is kept of the answer's body and has not been told yet.
    pub response_more: BodyPiece,
    /// The messages that are kept and have not been told yet.
    pub messages: Vec<Message>,
    /// How many messages there were in each direction, the request's first, kept or not.
    pub messages_seen: [u64; 2],
}

/// A piece of a body.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BodyPiece {
    /// Where it begins, in bytes.
    pub at: u64,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What is known of a call once it has ended.
#[derive(Clone, PartialEq, Debug)]
pub struct CallEnd {
    /// The call.
    pub id: CallId,
    /// The way it took.
    pub leg: Leg,
    /// The phases reached.
    pub phases: Phases,
    /// Its wait for its turn at an app that takes only so many calls at once, and the tries before the last one.
    pub delays: Delays,
    /// The request's body.
    pub request_body: CapturedBody,
    /// The answer's head.
    pub response: Option<ResponseHead>,
    /// The answer's body.
    pub response_body: CapturedBody,
    /// The messages, all that are kept.
    pub messages: Messages,
    /// How it ended; not [`Outcome::Pending`].
    pub outcome: Outcome,
    /// Its place in a trace, the callee's span included.
    pub trace: Option<TraceRef>,
}
