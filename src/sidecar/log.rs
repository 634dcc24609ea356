//! The log of a sidecar that is a process of its own: standard output, or a file.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::Problem;
use crate::assemble::log_level;
use crate::cli::SidecarArgs;
use crate::paths;
use crate::sidecar_line::{LineFormat, Said, level, level_name};

/// Lines that may wait for a slow reader. Calls never wait for one: lines beyond are counted, and the count is told.
const QUEUE: usize = 8192;
/// From one try to hand the last word over to the next.
const TRY_EVERY: Duration = Duration::from_millis(10);

/// The log. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Log {
    app_id: String,
    least: Level,
    format: LineFormat,
    queue: SyncSender<Piece>,
    lost: Arc<AtomicU64>,
    closed: CancellationToken,
    to_file: bool,
}

#[derive(Debug)]
enum Piece {
    Line(String),
    /// Everything before is to be written before this is answered.
    Flush(oneshot::Sender<()>),
}

impl Log {
    /// Opens it as the flags say.
    pub(super) fn open(args: &SidecarArgs, json: bool) -> Result<Self, Problem> {
        let least = log_level(&args.log_level).map_err(Problem::new)?;
        let file = if args.log_file.is_empty() { None } else { Some(open_file(&args.log_file)?) };
        let (queue, pieces) = sync_channel(QUEUE);
        let log = Self {
            app_id: args.app_id.clone(),
            least: level(&least),
            format: LineFormat::here(json),
            queue,
            lost: Arc::default(),
            closed: CancellationToken::new(),
            to_file: file.is_some(),
        };
        let writer = Writer {
            app_id: args.app_id.clone(),
            file,
            format: log.format.clone(),
            lost: Arc::clone(&log.lost),
            closed: log.closed.clone(),
        };
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.write_all(&pieces))
            .map_err(|error| Problem::new(format!("the thread that writes the log cannot be started: {error}")))?;
        Ok(log)
    }

    /// Has the sidecar's lines and daptop's own diagnostics written here from now on.
    pub(super) fn receive_diagnostics(&self) {
        // A second one of a process would keep the first one's.
        // What is not wanted costs nothing: the libraries below trace every frame.
        let wanted = Targets::new().with_target("daptop", LevelFilter::from_level(self.least));
        drop(tracing_subscriber::registry().with(self.clone().with_filter(wanted)).try_init());
    }

    /// The last line before a bad end. Where nobody looks at the log, standard error says it too.
    pub(super) fn fatal(&self, scope: &str, message: &str) {
        self.write("fatal", Said::new(&self.app_id, scope, message));
        if self.to_file {
            // A broken standard error has no reader.
            drop(io::stderr().lock().write_all(crate::refusal::failure_line(message).as_bytes()));
        }
    }

    /// The id of the app whose log this is.
    pub(super) fn app_id(&self) -> &str {
        &self.app_id
    }

    /// Waits until standard output is closed: nobody reads any more.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Waits until every line has been written, at the longest for `patience`.
    pub(super) async fn flush(&self, patience: Duration) {
        let (done, written) = oneshot::channel();
        let mut piece = Piece::Flush(done);
        let flushed = async {
            while let Err(TrySendError::Full(back)) = self.queue.try_send(piece) {
                piece = back;
                tokio::time::sleep(TRY_EVERY).await;
            }
            drop(written.await);
        };
        drop(tokio::time::timeout(patience, flushed).await);
    }

    fn write(&self, level: &str, mut said: Said) {
        said.app_id.get_or_insert_with(|| self.app_id.clone());
        if self.queue.try_send(Piece::Line(self.format.line(level, &said))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        self.write(level_name(*event.metadata().level()), Said::by(event));
    }
}

fn open_file(path: &str) -> Result<File, Problem> {
    File::options().create(true).append(true).open(path).map_err(|error| {
        let reason = paths::reason(&error);
        Problem::new(format!(
            "--log-file is {path}, which cannot be written: {reason}; name a file in a folder of yours"
        ))
    })
}

/// What writes, on a thread of its own.
struct Writer {
    app_id: String,
    file: Option<File>,
    format: LineFormat,
    lost: Arc<AtomicU64>,
    closed: CancellationToken,
}

impl Writer {
    fn write_all(mut self, pieces: &Receiver<Piece>) {
        while let Ok(piece) = pieces.recv() {
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                let message = format!("{lost} lines of this log are lost: it was read too slowly");
                let said = Said::new(&self.app_id, "daptop", &message);
                self.write(&self.format.line("warning", &said));
            }
            match piece {
                Piece::Line(line) => self.write(&line),
                // Whoever asked has lost patience.
                Piece::Flush(done) => drop(done.send(())),
            }
        }
    }

    fn write(&mut self, line: &str) {
        let Some(file) = &mut self.file else { return self.print(line) };
        if let Err(error) = file.write_all(line.as_bytes()) {
            let text = format!("the log file cannot be written any more: {error}; the log goes on here");
            drop(io::stderr().lock().write_all(crate::refusal::failure_line(&text).as_bytes()));
            self.file = None;
            self.print(line);
        }
    }

    fn print(&self, line: &str) {
        if self.closed.is_cancelled() {
            return;
        }
        let mut stdout = io::stdout().lock();
        if stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()).is_err() {
            self.closed.cancel();
        }
    }
}
