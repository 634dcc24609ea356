//! What can be done with the selected app.

/// What can be done with the selected app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppsAction {
    /// Show its log.
    Log,
    /// Copy its environment.
    CopyEnvironment,
    /// Start it again, after a question.
    Restart,
    /// Stop it, or start it where it has ended.
    StopOrStart,
    /// Narrow every screen to it.
    Narrow,
}
