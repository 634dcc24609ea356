//! What can be done in the graph.

/// What can be done in the graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GraphAction {
    /// Narrow every screen to what is selected.
    Narrow,
}
