//! Events: facts, in the past tense.

use crate::{App, CallEnd, CallProgress, CallStart, ExporterState, LogLine, Schema};

/// A fact that a producer tells the store.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A request's head was received.
    CallStarted(Box<CallStart>),
    /// An open call waits for its app, or streams.
    CallProgressed(Box<CallProgress>),
    /// A call ended.
    CallEnded(Box<CallEnd>),
    /// An app appeared or changed; the whole of its state, replacing the last one of the same instance.
    AppChanged(Box<App>),
    /// An app or a sidecar wrote a line.
    LogWritten(Box<LogLine>),
    /// The exporter's state changed.
    ExporterChanged(Box<ExporterState>),
    /// It became known what the messages of a service are, or that nobody tells.
    SchemaFound(Box<Schema>),
}
