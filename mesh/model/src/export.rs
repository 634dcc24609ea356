//! The state of span export.

use std::sync::Arc;

/// What became of the spans of this session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExporterState {
    /// Where spans go, as configured; empty where export is off.
    pub endpoint: Arc<str>,
    /// Spans that wait to be sent.
    pub queued: u64,
    /// Spans that the collector took.
    pub sent: u64,
    /// Spans given up: the queue was full, or the collector was down for too long.
    pub dropped: u64,
    /// How it goes.
    pub health: ExporterHealth,
    /// The last error, kept after recovery.
    pub last_error: Option<Arc<str>>,
}

/// How export goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ExporterHealth {
    /// Nothing is exported.
    #[default]
    Off,
    /// Nothing was sent yet.
    Idle,
    /// The last batch was taken.
    Up,
    /// The last batch was not taken; it is tried again.
    Down,
}
