//! What can be done with the findings.

/// What can be done with the findings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FindingsAction {
    /// Show the list of them.
    Show,
    /// Narrow every screen to the two apps of the selected one.
    Narrow,
}
