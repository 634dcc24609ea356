//! Reading what apps write: for ever, so that no app ever waits for a full pipe longer than the disk takes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use daptop_mesh::Events;
use daptop_model::{AppId, Event, InstanceId, LogLine, LogSource};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::sync::CancellationToken;

use super::lines::{Line, LineSplitter};
use super::report::{Reports, What};

/// How many bytes are read at once.
const CHUNK: usize = 32 << 10;

/// How many of the last lines of an app are kept for the account of a crash.
const LAST_LINES: usize = 10;

/// What is done with the output of an app.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// The app.
    pub(crate) app: AppId,
    /// Which replica of it.
    pub(crate) instance: InstanceId,
    /// The store.
    pub(crate) events: Events,
    /// Log files and the terminal.
    pub(crate) reports: Reports,
    /// Pass the bytes on as they come, not line by line.
    pub(crate) raw: bool,
    /// The last lines.
    pub(crate) last: LastLines,
}

/// The last lines that an app wrote. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastLines(Arc<Mutex<VecDeque<String>>>);

impl LastLines {
    fn push(&self, text: &str) {
        let Ok(mut lines) = self.0.lock() else { return };
        if lines.len() == LAST_LINES {
            lines.pop_front();
        }
        lines.push_back(text.to_owned());
    }

    /// Takes them out, oldest first.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.lock().map(|mut lines| lines.drain(..).collect()).unwrap_or_default()
    }
}

impl Output {
    /// Reads a stream to its end. Once `ended`, a line that has no end yet is taken as it is, though children of the
    /// app may keep the stream open.
    pub(crate) async fn read(self, mut stream: impl AsyncRead + Unpin, source: LogSource, ended: CancellationToken) {
        let mut splitter = LineSplitter::default();
        let mut buffer = vec![0; CHUNK];
        let mut flushed = false;
        loop {
            let read = tokio::select! {
                biased;
                read = stream.read(&mut buffer) => read,
                () = ended.cancelled(), if !flushed => {
                    flushed = true;
                    self.lines(splitter.finish().into_iter().collect(), source).await;
                    continue;
                }
            };
            let Ok(length @ 1..) = read else { break };
            let mut lines = Vec::new();
            splitter.push(&buffer[..length], |line| lines.push(line));
            if self.raw {
                let bytes = buffer[..length].to_vec();
                self.reports.output(self.instance, What::Bytes { source, bytes }).await;
            }
            self.lines(lines, source).await;
        }
        self.lines(splitter.finish().into_iter().collect(), source).await;
    }

    async fn lines(&self, lines: Vec<Line>, source: LogSource) {
        for line in lines {
            let text = String::from_utf8_lossy(&line.bytes);
            self.last.push(&text);
            self.log(source, &text, line.continues);
            if !self.raw {
                self.reports.output(self.instance, What::Line(line)).await;
            }
        }
    }

    /// Tells the store a line.
    pub(crate) fn log(&self, source: LogSource, text: &str, continues: bool) {
        self.events.log(|| {
            Event::LogWritten(Box::new(LogLine {
                app: self.app.clone(),
                instance: self.instance,
                source,
                at: self.events.now(),
                text: text.into(),
                continues,
            }))
        });
    }
}
