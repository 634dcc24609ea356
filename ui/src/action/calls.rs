//! What can be done in the list of calls.

/// What can be done in the list of calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallsAction {
    /// Show failed calls only, or all.
    FailedOnly,
    /// Switch the filter off, or the last one on again.
    Filter,
    /// Sort by the next column.
    Sort,
    /// List probes of health, configuration and metadata like other calls, or fold them into one row.
    Noise,
}
