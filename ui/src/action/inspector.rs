//! What can be done with a call in full.

/// What can be done with a call in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InspectAction {
    /// The next part of the call.
    NextTab,
    /// The part before.
    PreviousTab,
    /// Fold what the cursor is on, or unfold it.
    ToggleFold,
    /// Go left in lines that are not wrapped.
    Left,
    /// Go right in lines that are not wrapped.
    Right,
    /// Fold everything, or unfold it.
    FoldAll,
    /// Fold one level more.
    FoldMore,
    /// Fold one level less.
    FoldLess,
    /// Cut long lines into rows, or leave them whole.
    Wrap,
    /// Ask the app again what its messages are.
    Ask,
    /// Show the other message raw.
    OtherRaw,
    /// Go to the next place of what is looked for.
    NextHit,
    /// Go to the place before.
    PreviousHit,
}
