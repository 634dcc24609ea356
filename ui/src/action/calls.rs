//! What can be done in the list of calls.

/// What can be done in the list of calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallsAction {
    /// Show failed calls only, or all.
    FailedOnly,
}
