//! What can be done with traces.

/// What can be done with traces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TracesAction {
    /// Narrow every screen to the trace of the selected call, and show it.
    OfCall,
    /// Narrow every screen to the selected trace, or to nothing again.
    Narrow,
    /// Show who calls whom in the selected trace, and nothing else.
    Graph,
    /// Sort by what comes next: the newest, the slowest, the worst.
    Sort,
    /// See half the time.
    ZoomIn,
    /// See twice the time.
    ZoomOut,
    /// See all the time.
    Whole,
    /// See the time of the selected call.
    ZoomToCall,
    /// See what was earlier.
    Earlier,
    /// See what was later.
    Later,
    /// Fold what is within the selected call away, or show it.
    Fold,
    /// Fold the deepest level away.
    FoldLevel,
    /// Show one more level.
    UnfoldLevel,
    /// Fold everything away, or show it.
    FoldAll,
    /// Select the next call that went wrong.
    NextWrong,
    /// Select the one before.
    PreviousWrong,
}
