//! The parts of a call that are turned to.

/// A part of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Tab {
    /// Everything, side by side where there is room.
    #[default]
    All,
    /// The request.
    Request,
    /// The answer.
    Response,
    /// The messages of both, in the order in which they came.
    Messages,
    /// Where the time went.
    Timing,
    /// The trace.
    Trace,
    /// A message as it was on the wire.
    Raw,
}

impl Tab {
    /// All parts in order.
    pub(crate) const ALL: [Tab; 7] =
        [Tab::All, Tab::Request, Tab::Response, Tab::Messages, Tab::Timing, Tab::Trace, Tab::Raw];

    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::All => "All",
            Tab::Request => "Request",
            Tab::Response => "Response",
            Tab::Messages => "Messages",
            Tab::Timing => "Timing",
            Tab::Trace => "Trace",
            Tab::Raw => "Raw",
        }
    }
}
