//! What the supervisor tells of a run, in order: lines and turns of events, for log files and for a terminal without a
//! dashboard.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use daptop_model::{InstanceId, LogSource};
use tokio::sync::mpsc;

use super::exit::Exit;
use super::lines::Line;

/// Something that is told.
#[derive(Debug)]
pub(crate) enum Report {
    /// Of an app.
    App(InstanceId, What),
    /// The whole run is being stopped.
    Stopping,
    /// The dashboard is gone, for this reason, and the run goes on without it.
    Headless(String),
    /// Every sidecar has closed.
    Closed,
}

/// What is told of an app.
#[derive(Debug)]
pub(crate) enum What {
    /// Its sidecar is about to listen.
    SidecarStarting,
    /// Its sidecar listens.
    SidecarListens,
    /// It is about to be started.
    Starting,
    /// It has no command: its sidecar is all that runs.
    SidecarOnly,
    /// Its process runs.
    Started {
        /// The process.
        pid: u32,
    },
    /// Its process could not be started.
    NotStarted {
        /// Why, in the words of the Dapr CLI.
        error: Arc<str>,
    },
    /// It wrote bytes, which are passed on as they are.
    Bytes {
        /// Where.
        source: LogSource,
        /// What.
        bytes: Vec<u8>,
    },
    /// It wrote a line.
    Line(Line),
    /// Its sidecar wrote a line, which ends in a line break.
    SidecarLine(String),
    /// Its process ended.
    Ended(Ended),
    /// It is being started again.
    Restarting,
    /// Its sidecar has closed.
    SidecarClosed,
}

/// How an app ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ended {
    /// How.
    pub(crate) exit: Exit,
    /// Because daptop was asked to stop it.
    pub(crate) asked: bool,
    /// The whole run is being stopped.
    pub(crate) with_run: bool,
    /// The last lines that it wrote, oldest first.
    pub(crate) last_lines: Vec<String>,
}

/// The way of reports to whoever writes them down. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    sender: mpsc::Sender<Report>,
    lost: Arc<AtomicU64>,
}

impl Reports {
    /// A way with room for `capacity` reports.
    pub(crate) fn channel(capacity: usize) -> (Self, mpsc::Receiver<Report>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self { sender, lost: Arc::default() }, receiver)
    }

    /// Tells what an app wrote, waiting for room: a reader of a stream can wait.
    pub(crate) async fn output(&self, instance: InstanceId, what: What) {
        // The receiver is gone only while the process ends, when nobody reads any more.
        drop(self.sender.send(Report::App(instance, what)).await);
    }

    /// Tells a turn of events, without waiting: neither the supervisor nor a call ever waits for a terminal. Room is
    /// missing only where nobody has read thousands of lines; then it is counted.
    pub(crate) fn tell(&self, report: Report) {
        if self.sender.try_send(report).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many reports were lost since this was asked for the last time.
    pub(crate) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}
