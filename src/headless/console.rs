//! Writing to standard output and standard error, from one thread, so that nothing else ever waits for a terminal.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::supervise::{Stop, StopReason};

/// How many pieces of text may wait for a slow reader.
const QUEUE: usize = 8192;

/// How many bytes are written at once at the most.
const BATCH: usize = 64 << 10;

/// A standard stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// The way to the standard streams.
#[derive(Debug)]
pub(crate) struct Console {
    queue: SyncSender<(Stream, Vec<u8>)>,
    lost: u64,
}

/// Tells when everything has been written.
#[derive(Debug)]
pub(crate) struct ConsoleEnd(oneshot::Receiver<()>);

impl Console {
    /// Starts the thread that writes. When standard output breaks, the run is asked to stop.
    pub(crate) fn start(stop: Stop) -> io::Result<(Self, ConsoleEnd)> {
        let (queue, pieces) = sync_channel(QUEUE);
        let (done, end) = oneshot::channel();
        std::thread::Builder::new().name("console".to_owned()).spawn(move || {
            write_all(&pieces, &stop);
            // Nobody waits any more where the run was forced to end.
            done.send(()).ok();
        })?;
        Ok((Self { queue, lost: 0 }, ConsoleEnd(end)))
    }

    /// Prints, waiting where the reader is slow.
    pub(crate) fn print(&mut self, stream: Stream, bytes: Vec<u8>) {
        self.tell_lost();
        // The thread ends only after this sender.
        drop(self.queue.send((stream, bytes)));
    }

    /// Prints a line to standard output unless the reader is so slow that the line would have to wait; then it is
    /// counted, and the count is printed later.
    pub(crate) fn print_or_lose(&mut self, bytes: Vec<u8>) {
        if self.lost > 0 && !self.try_tell_lost() {
            self.lost += 1;
        } else if let Err(TrySendError::Full(_)) = self.queue.try_send((Stream::Stdout, bytes)) {
            self.lost += 1;
        }
    }

    fn try_tell_lost(&mut self) -> bool {
        let told = self.queue.try_send((Stream::Stdout, lost_line(self.lost))).is_ok();
        if told {
            self.lost = 0;
        }
        told
    }

    fn tell_lost(&mut self) {
        if self.lost > 0 {
            drop(self.queue.send((Stream::Stdout, lost_line(self.lost))));
            self.lost = 0;
        }
    }
}

fn lost_line(lost: u64) -> Vec<u8> {
    format!("⚠  {lost} lines are missing here: this output was read too slowly. Log files have them all.\n")
        .into_bytes()
}

impl ConsoleEnd {
    /// Waits until everything has been written, at the longest for `patience`: the reader may have stopped reading.
    pub(crate) async fn wait(self, patience: Duration) {
        drop(tokio::time::timeout(patience, self.0).await);
    }
}

fn write_all(pieces: &Receiver<(Stream, Vec<u8>)>, stop: &Stop) {
    let mut open = true;
    let mut waiting = None;
    while let Some((stream, mut batch)) = waiting.take().or_else(|| pieces.recv().ok()) {
        while batch.len() < BATCH {
            match pieces.try_recv() {
                Ok((same, bytes)) if same == stream => batch.extend_from_slice(&bytes),
                Ok(other) => {
                    waiting = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        if stream == Stream::Stderr {
            // What a broken standard error would have shown is nowhere else to be shown.
            drop(io::stderr().lock().write_all(&batch));
        } else if open && write_stdout(&batch).is_err() {
            open = false;
            stop.ask(StopReason::OutputClosed);
        }
    }
}

fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
