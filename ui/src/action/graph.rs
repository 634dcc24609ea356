//! What can be done in the graph.

/// What can be done in the graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GraphAction {
    /// Narrow every screen to what is selected.
    Narrow,
    /// Select what is at the left.
    Left,
    /// Select what is at the right.
    Right,
    /// Select the next of all apps and edges.
    Next,
    /// Select the one before.
    Previous,
    /// Select the next edge that fails or is stuck.
    NextFailing,
    /// See what is further left.
    PanLeft,
    /// See what is further right.
    PanRight,
    /// See what is further up.
    PanUp,
    /// See what is further down.
    PanDown,
    /// Show more of each app.
    Closer,
    /// Show less of each app.
    Farther,
    /// Show as much as fits.
    Fit,
    /// Show a list, or a picture.
    ListOrPicture,
    /// Open the selected group, or fold it again.
    Fold,
    /// Fold all groups, or open them.
    FoldAll,
}
