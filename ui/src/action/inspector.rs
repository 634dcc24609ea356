//! What can be done with a call in full.

/// What can be done with a call in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InspectAction {
    /// The next part of the call.
    NextTab,
    /// The part before.
    PreviousTab,
}
