//! Log lines.

use std::sync::Arc;

use crate::{AppId, InstanceId, Stamp};

/// A line that an app or its sidecar wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// The app.
    pub app: AppId,
    /// Which replica of it.
    pub instance: InstanceId,
    /// Where the line came from.
    pub source: LogSource,
    /// When it was read.
    pub at: Stamp,
    /// The text without its line break. ANSI sequences are kept: they are untrusted and are for the viewer to parse or drop.
    pub text: Arc<str>,
    /// The line was longer than 16 KiB and goes on in the next one.
    pub continues: bool,
}

/// Where a line came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LogSource {
    /// The app's standard output.
    Stdout,
    /// The app's standard error.
    Stderr,
    /// Its sidecar.
    Sidecar,
    /// daptop itself, of this app: started, crashed, restarted.
    Daptop,
}
