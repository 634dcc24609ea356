//! The kinds of findings, and how much each weighs.

/// How much a finding weighs, the heaviest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Weight {
    /// The caller did not get what it asked for.
    Failure,
    /// It went well, but looks wrong.
    Suspicion,
    /// Somebody waits; it may still go well.
    Waiting,
}

/// What is wrong with a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum FindingKind {
    /// Nothing listens on the app's port.
    NothingListens,
    /// The app, the other sidecar or the place outside could not be reached.
    Unreachable,
    /// No app has the id that was asked for.
    UnknownApp,
    /// The request names no app.
    NoAppId,
    /// The app has no port.
    NoAppPort,
    /// The app was still starting when the waiting time was over.
    StillStarting,
    /// The app fails its health checks.
    Unhealthy,
    /// Access control does not allow the call.
    Denied,
    /// The sidecar could not pass the request on.
    Refused,
    /// A body or a head was over its limit.
    TooLarge,
    /// The app's port speaks another protocol.
    WrongProtocol,
    /// The answer broke off, or was none.
    BrokenAnswer,
    /// It failed, and nothing more is known.
    Unexplained,
    /// The app answered that there is no such path or verb.
    NoSuchPath,
    /// The app answered with an error of its own.
    ServerError,
    /// The app turned the request down.
    ClientError,
    /// The app had not begun to answer when the caller stopped waiting.
    GaveUp,
    /// The caller went away for another reason.
    WentAway,
    /// The callee's app made the call while it served another one, without passing the trace on.
    SplitTrace,
    /// The trace comes back to an app that still waits.
    Cycle,
    /// The same request was sent again and again, fast, though it failed.
    RetryStorm,
    /// The same request was sent several times in a row.
    Repeated,
    /// Requests that differ in an id alone were sent one by one while one request was served.
    OneByOne,
    /// It took long because it waited for its turn: as many calls as are allowed at once were at the app.
    WaitedForTurn,
    /// It is held until its app has started.
    Held,
    /// It waits for its turn.
    WaitsForTurn,
    /// It has had no answer for long.
    Hanging,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [FindingKind; 27] = [
        Self::NothingListens,
        Self::Unreachable,
        Self::UnknownApp,
        Self::NoAppId,
        Self::NoAppPort,
        Self::StillStarting,
        Self::Unhealthy,
        Self::Denied,
        Self::Refused,
        Self::TooLarge,
        Self::WrongProtocol,
        Self::BrokenAnswer,
        Self::Unexplained,
        Self::NoSuchPath,
        Self::ServerError,
        Self::ClientError,
        Self::GaveUp,
        Self::WentAway,
        Self::SplitTrace,
        Self::Cycle,
        Self::RetryStorm,
        Self::Repeated,
        Self::OneByOne,
        Self::WaitedForTurn,
        Self::Held,
        Self::WaitsForTurn,
        Self::Hanging,
    ];

    /// Two or three words for a list.
    pub fn title(self) -> &'static str {
        match self {
            Self::NothingListens => "nothing listens",
            Self::Unreachable => "not reachable",
            Self::UnknownApp => "unknown app",
            Self::NoAppId => "no app named",
            Self::NoAppPort => "no app port",
            Self::StillStarting => "still starting",
            Self::Unhealthy => "unhealthy",
            Self::Denied => "access denied",
            Self::Refused => "bad request",
            Self::TooLarge => "too large",
            Self::WrongProtocol => "wrong protocol",
            Self::BrokenAnswer => "broken answer",
            Self::Unexplained => "failed",
            Self::NoSuchPath => "no such path",
            Self::ServerError => "server error",
            Self::ClientError => "turned down",
            Self::GaveUp => "caller gave up",
            Self::WentAway => "caller left",
            Self::SplitTrace => "trace split",
            Self::Cycle => "cycle",
            Self::RetryStorm => "retry storm",
            Self::Repeated => "repeated",
            Self::OneByOne => "one by one",
            Self::WaitedForTurn => "waited for turn",
            Self::Held => "app is starting",
            Self::WaitsForTurn => "waits for turn",
            Self::Hanging => "no answer yet",
        }
    }

    /// How much it weighs.
    pub fn weight(self) -> Weight {
        match self {
            Self::Held | Self::WaitsForTurn | Self::Hanging => Weight::Waiting,
            Self::SplitTrace
            | Self::Cycle
            | Self::RetryStorm
            | Self::Repeated
            | Self::OneByOne
            | Self::WaitedForTurn
            | Self::WentAway
            | Self::ClientError => Weight::Suspicion,
            _ => Weight::Failure,
        }
    }
}
