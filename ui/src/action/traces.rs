//! What can be done with traces.

/// What can be done with traces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TracesAction {
    /// Narrow every screen to the trace of the selected call, and show it.
    OfCall,
}
