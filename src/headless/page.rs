//! Where the lines of a run end up: the standard streams and the log files of its apps.

use super::console::{Console, Stream};
use super::log_file::LogFiles;
use super::status::{Status, Style};
use crate::plan::LogDestination;

/// An app as its lines need it.
#[derive(Debug)]
pub(crate) struct Scene {
    /// The app's id.
    pub(crate) id: String,
    /// The command line, joined by spaces; empty for a sidecar alone.
    pub(crate) command: String,
    /// Whether the app has a port.
    pub(crate) has_port: bool,
    /// Where its sidecar listens: `HTTP Port: 3500. gRPC Port: 50001`, or the same with sockets.
    pub(crate) listens: String,
    /// The sidecar's HTTP port.
    pub(crate) http: u16,
    /// The sidecar's gRPC port.
    pub(crate) grpc: u16,
    /// Where the app's lines go.
    pub(crate) app_log: LogDestination,
    /// Where the sidecar's lines go.
    pub(crate) sidecar_log: LogDestination,
    /// Its log files; a single run has none.
    pub(crate) files: Option<LogFiles>,
}

/// Writes lines where they belong.
#[derive(Debug)]
pub(crate) struct Page {
    /// `None` while the dashboard has the terminal, which may fail and leave it.
    pub(crate) console: Option<Console>,
    /// How lines are written.
    pub(crate) style: Style,
}

impl Page {
    /// A line of daptop's own on standard output.
    pub(crate) fn say(&mut self, status: Status, text: &str) {
        self.print(Stream::Stdout, self.style.with_sign(status, text));
    }

    /// A line of daptop's own on standard error.
    pub(crate) fn complain(&mut self, text: &str) {
        self.print(Stream::Stderr, self.style.with_sign(Status::Failure, text));
    }

    /// Text as it is.
    pub(crate) fn print(&mut self, stream: Stream, text: impl Into<Vec<u8>>) {
        if let Some(console) = &mut self.console {
            console.print(stream, text.into());
        }
    }

    /// A line of daptop's own about an app, where the app's lines go. (Emoji rule)
    pub(crate) fn of_app(&mut self, scene: &mut Scene, status: Status, text: &str) {
        let file = scene.files.as_mut().and_then(|files| files.app.as_mut());
        match (scene.app_log, file) {
            (LogDestination::Console, _) => self.say(status, text),
            (destination, file) => {
                let line = self.style.plain(status, text);
                if let Some(file) = file {
                    file.write(line.as_bytes());
                }
                if destination == LogDestination::FileAndConsole {
                    self.print(Stream::Stdout, line);
                }
            }
        }
    }

    /// A line of daptop's own about a sidecar, where the sidecar's lines go. (Log files)
    pub(crate) fn of_sidecar(&mut self, scene: &mut Scene, status: Status, text: &str) {
        if scene.sidecar_log == LogDestination::Console {
            return self.say(status, text);
        }
        self.sidecar_line(scene, &self.style.plain(status, text));
    }

    /// A line that a sidecar wrote, its line break included.
    pub(crate) fn sidecar_line(&mut self, scene: &mut Scene, line: &str) {
        if let Some(file) = scene.files.as_mut().and_then(|files| files.sidecar.as_mut()) {
            file.write(line.as_bytes());
        }
        if scene.sidecar_log != LogDestination::File {
            self.print_or_lose(line.as_bytes().to_vec());
        }
    }

    /// A line that may be missed where the reader is too slow.
    pub(crate) fn print_or_lose(&mut self, line: Vec<u8>) {
        if let Some(console) = &mut self.console {
            console.print_or_lose(line);
        }
    }
}
