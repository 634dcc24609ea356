//! The lines of a run of one app, given by flags. (`dapr run` single app: output order)

use super::console::Stream;
use super::page::{Page, Scene};
use super::status::Status;
use crate::supervise::{Exit, What, signal_text};
use daptop_model::LogSource;

/// Tells a run of one app.
#[derive(Debug, Default)]
pub(crate) struct Single {
    /// How the app ended, and whether that was asked for.
    ended: Option<(Exit, bool)>,
    not_started: bool,
    stopping: bool,
}

impl Single {
    /// Tells what became of the app.
    pub(crate) fn tell(&mut self, page: &mut Page, scene: &mut Scene, what: What) {
        match what {
            What::SidecarStarting => sidecar_starting(page, scene),
            What::SidecarListens => sidecar_listens(page, scene),
            What::Starting => self.ended = None,
            What::SidecarOnly => page.say(Status::Success, "You're up and running! Dapr logs will appear here.\n"),
            What::Started { pid } => started(page, scene, pid),
            What::NotStarted { error } => {
                self.not_started = true;
                page.say(Status::Success, "Start App failed, try to stop Dapr successfully");
                page.complain(&error);
            }
            What::Bytes { source: LogSource::Stderr, bytes } => page.print(Stream::Stderr, bytes),
            What::Bytes { source: _, bytes } => page.print(Stream::Stdout, bytes),
            What::Line(line) => page.print(Stream::Stdout, [&line.bytes, b"\n".as_slice()].concat()),
            What::SidecarLine(line) => page.sidecar_line(scene, &line),
            What::Restarting => page.say(Status::Info, "Restarting the app"),
            What::Ended(ended) => {
                self.ended = Some((ended.exit, ended.asked));
                tell_exit(page, ended.exit);
            }
            What::SidecarClosed => page.say(Status::Info, "The sidecar was shut down"),
        }
    }

    /// Tells that the run is being stopped, once.
    pub(crate) fn stopping(&mut self, page: &mut Page) {
        if !std::mem::replace(&mut self.stopping, true) && !self.not_started {
            page.say(Status::Info, "\nterminated signal received: shutting down");
        }
    }

    /// Tells the end of the run.
    pub(crate) fn closed(&self, page: &mut Page) {
        if self.not_started {
            return;
        }
        page.say(Status::Success, "Exited Dapr successfully");
        match self.ended {
            None => {}
            Some((Exit::Code(0), _) | (_, true)) => page.say(Status::Success, "Exited App successfully"),
            Some((Exit::Code(code), _)) => page.complain(&format!("Error exiting App: app exited with status {code}")),
            Some((Exit::Signal(signal), _)) => {
                page.complain(&format!("Error exiting App: app was terminated by signal: {}", signal_text(signal)));
            }
        }
    }
}

fn sidecar_starting(page: &mut Page, scene: &mut Scene) {
    if scene.command.is_empty() {
        let warning = page.style.bold("WARNING: no application command found.");
        page.print(Stream::Stdout, warning + "\n");
    }
    page.say(Status::Info, &format!("Starting Dapr with id {}. {}", scene.id, scene.listens));
}

fn sidecar_listens(page: &mut Page, scene: &Scene) {
    if scene.has_port {
        return;
    }
    page.say(Status::Info, &format!("Checking if Dapr sidecar is listening on HTTP port {}", scene.http));
    page.say(Status::Info, &format!("Checking if Dapr sidecar is listening on GRPC port {}", scene.grpc));
    page.say(Status::Info, "Dapr sidecar is up and running.");
}

fn started(page: &mut Page, scene: &Scene, pid: u32) {
    page.say(Status::Info, &format!("Updating metadata for appPID: {pid}"));
    page.say(Status::Info, &format!("Updating metadata for app command: {}", scene.command));
    page.say(Status::Success, "You're up and running! Both Dapr and your app logs will appear here.\n");
}

fn tell_exit(page: &mut Page, exit: Exit) {
    match exit {
        Exit::Code(0) => page.say(Status::Success, "Exited App successfully"),
        Exit::Code(code) => page.complain(&format!("The App process exited with error code: {code}")),
        Exit::Signal(signal) => {
            page.complain(&format!("The App process was terminated by signal: {}", signal_text(signal)));
        }
    }
}
