//! The lines of a run of several apps. (Multi-app console output)

use super::console::Stream;
use super::page::{Page, Scene};
use super::status::Status;
use crate::plan::LogDestination;
use crate::supervise::{Ended, Exit, LONGEST, Line, StopReason, What};

/// What follows a piece of a line that was cut.
const GOES_ON: &[u8] = " [the line goes on]".as_bytes();

/// Tells a run of several apps.
#[derive(Debug)]
pub(crate) struct Multi {
    /// The run file.
    pub(crate) file: String,
    /// Which apps were started before.
    started: Vec<bool>,
    stopping: bool,
}

impl Multi {
    /// A run of so many apps.
    pub(crate) fn new(file: String, apps: usize) -> Self {
        Self { file, started: vec![false; apps], stopping: false }
    }

    /// Tells what became of an app.
    pub(crate) fn tell(&mut self, page: &mut Page, index: usize, scene: &mut Scene, what: What) {
        match what {
            What::SidecarStarting => {
                page.of_sidecar(scene, Status::Info, &format!("Starting Dapr with id {}. {}", scene.id, scene.listens));
            }
            What::SidecarListens => sidecar_listens(page, scene),
            What::Starting => self.starting(page, index, scene),
            What::SidecarOnly => {
                let text = format!("No application command found for app \"{}\" present in {}", scene.id, self.file);
                page.say(Status::Warning, &text);
                self.up(page, index, scene, "Dapr logs will appear here.");
            }
            What::Started { pid } => self.app_started(page, index, scene, pid),
            What::NotStarted { error } => page.complain(&format!("App \"{}\": {error}", scene.id)),
            What::Bytes { source: _, bytes } => app_line(page, scene, &Line { bytes, continues: false }),
            What::Line(line) => app_line(page, scene, &line),
            What::SidecarLine(line) => page.sidecar_line(scene, &line),
            What::Restarting => page.say(Status::Info, &format!("Restarting app \"{}\"", scene.id)),
            What::Ended(ended) => Self::ended(page, scene, &ended),
            What::SidecarClosed => {
                page.say(Status::Info, &format!("The sidecar of app \"{}\" was shut down", scene.id));
            }
        }
    }

    fn starting(&self, page: &mut Page, index: usize, scene: &Scene) {
        if !self.started[index] {
            page.say(Status::Info, &format!("Validating config and starting app \"{}\"", scene.id));
        }
    }

    fn app_started(&mut self, page: &mut Page, index: usize, scene: &mut Scene, pid: u32) {
        if self.started[index] {
            page.say(Status::Info, &format!("Started app \"{}\" again", scene.id));
            return page.of_sidecar(scene, Status::Info, &format!("Updating metadata for appPID: {pid}"));
        }
        page.of_sidecar(scene, Status::Info, &format!("Updating metadata for cliPID: {}", std::process::id()));
        let command = format!("Updating metadata for app command: {}", scene.command);
        page.of_sidecar(scene, Status::Info, &command);
        page.of_sidecar(scene, Status::Info, &format!("Updating metadata for appPID: {pid}"));
        self.up(page, index, scene, "Dapr logs will appear here.");
    }

    fn up(&mut self, page: &mut Page, index: usize, scene: &mut Scene, where_logs: &str) {
        self.started[index] = true;
        page.of_sidecar(scene, Status::Success, &format!("You're up and running! {where_logs}\n"));
        page.say(Status::Info, &format!("Started Dapr with app id \"{}\". {}", scene.id, scene.listens));
        if let Some(files) = &scene.files {
            page.say(Status::Info, &format!("Writing log files to directory : {}", files.folder.display()));
        }
    }

    fn ended(page: &mut Page, scene: &mut Scene, ended: &Ended) {
        if ended.asked {
            page.of_app(scene, Status::Info, "\ntermination signal received: shutting down");
        }
        if ended.exit == Exit::Code(0) {
            page.of_app(scene, Status::Success, "Exited App successfully");
        } else {
            let text = format!("The App process exited with error code: {}", ended.exit.status_text());
            page.of_app(scene, Status::Failure, &text);
        }
        match (ended.asked, ended.exit.is_success()) {
            (true, _) if ended.with_run => {}
            (true, _) => page.say(Status::Info, &format!("App \"{}\" was stopped", scene.id)),
            (false, true) => page.say(Status::Info, &format!("App \"{}\" has ended, with exit code 0", scene.id)),
            (false, false) => crashed(page, scene, ended),
        }
    }

    /// Tells that the run is being stopped, once.
    pub(crate) fn stopping(&mut self, page: &mut Page, reason: Option<StopReason>) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        if reason == Some(StopReason::AllEnded) {
            page.say(Status::Info, "Every app has ended. Shutting down Dapr.");
        } else {
            page.print(Stream::Stdout, "\n");
            page.say(
                Status::Info,
                "Received signal to stop Dapr and app processes. Shutting down Dapr and app processes.",
            );
        }
    }
}

fn sidecar_listens(page: &mut Page, scene: &mut Scene) {
    if scene.has_port {
        return;
    }
    let (http, grpc) = (scene.http, scene.grpc);
    page.of_sidecar(scene, Status::Info, &format!("Checking if Dapr sidecar is listening on HTTP port {http}"));
    page.of_sidecar(scene, Status::Info, &format!("Checking if Dapr sidecar is listening on GRPC port {grpc}"));
    page.of_sidecar(scene, Status::Info, "Dapr sidecar is up and running.");
}

fn crashed(page: &mut Page, scene: &Scene, ended: &Ended) {
    let how = ended.exit.describe();
    let lines = if ended.last_lines.is_empty() { "It wrote nothing." } else { "Its last lines:" };
    page.say(Status::Failure, &format!("App \"{}\" has crashed: {how}. {lines}", scene.id));
    for line in &ended.last_lines {
        let line = anstream::adapter::strip_str(line).to_string();
        page.print(Stream::Stdout, format!("    | {line}\n"));
    }
}

/// A line of an app: `== APP - id == line`. Escape sequences stay only where the console is the one destination. (Colour)
fn app_line(page: &mut Page, scene: &mut Scene, line: &Line) {
    debug_assert!(line.bytes.len() <= 2 * LONGEST, "lines are bounded");
    let prefix = format!("== APP - {} == ", scene.id);
    let goes_on = if line.continues { GOES_ON } else { b"" };
    if scene.app_log == LogDestination::Console {
        let text = [prefix.as_bytes(), &line.bytes, goes_on].concat();
        return page.print_or_lose([page.style.blue(&text), b"\n".to_vec()].concat());
    }
    let text = stripped(&line.bytes);
    let line = [prefix.as_bytes(), &text, goes_on, b"\n"].concat();
    if let Some(file) = scene.files.as_mut().and_then(|files| files.app.as_mut()) {
        file.write(&line);
    }
    if scene.app_log == LogDestination::FileAndConsole {
        page.print_or_lose(line);
    }
}

/// Text without escape sequences; what is no UTF-8 is shown as such.
fn stripped(bytes: &[u8]) -> Vec<u8> {
    anstream::adapter::strip_str(&String::from_utf8_lossy(bytes)).to_string().into_bytes()
}
