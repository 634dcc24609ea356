//! What can be done in the log.

/// What can be done in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogsAction {
    /// Show the log of the next app; after the last, of all.
    NextApp,
    /// Show daptop's own diagnostics, or hide them.
    Diagnostics,
    /// Show the lines of the next graver level only; after the last, all.
    NextLevel,
    /// Set a marker with the time below the newest line.
    Mark,
    /// Show the lines that belong to the selected call.
    OfCall,
    /// Show the lines that belong to the listed calls.
    OfCalls,
    /// To the next line with the text that is looked for.
    NextFound,
    /// To the line before with the text that is looked for.
    PreviousFound,
}
