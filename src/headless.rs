//! A run told in lines: to its log files always, and to the standard streams where no dashboard has the terminal.

use std::io;
use std::time::Duration;

use daptop_model::InstanceId;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::supervise::{Report, Reports, Stop, What};

mod console;
mod log_file;
mod multi;
mod page;
mod sidecar_log;
mod single;
mod status;

use console::{Console, ConsoleEnd};
use multi::Multi;
use page::Page;
use single::Single;

pub(crate) use log_file::LogFiles;
pub(crate) use page::Scene;
pub(crate) use sidecar_log::SidecarLog;
pub(crate) use status::{Status, Style};

/// Which of the Dapr CLI's two ways of telling a run.
#[derive(Debug)]
pub(crate) enum Story {
    /// One app, given by flags.
    Single(Single),
    /// The apps of a run file.
    Multi(Multi),
}

impl Story {
    /// The story of a single run.
    pub(crate) fn single() -> Self {
        Self::Single(Single::default())
    }

    /// The story of a run file.
    pub(crate) fn multi(file: String, apps: usize) -> Self {
        Self::Multi(Multi::new(file, apps))
    }
}

/// What writes a run down. It works on a thread of its own.
#[derive(Debug)]
pub(crate) struct Teller {
    done: oneshot::Receiver<Option<ConsoleEnd>>,
}

/// What a teller needs to know.
#[derive(Debug)]
pub(crate) struct Telling {
    /// Which way.
    pub(crate) story: Story,
    /// The apps, in file order.
    pub(crate) scenes: Vec<Scene>,
    /// How lines are written.
    pub(crate) style: Style,
    /// Whether lines go to the standard streams from the beginning.
    pub(crate) on_console: bool,
}

impl Teller {
    /// Starts to write reports down until the run has closed.
    pub(crate) fn start(
        telling: Telling,
        reports: mpsc::Receiver<Report>,
        sent: Reports,
        stop: Stop,
    ) -> io::Result<Self> {
        let Telling { story, scenes, style, on_console } = telling;
        let (console, console_end) = if on_console { Some(Console::start(stop.clone())?) } else { None }.unzip();
        let page = Page { console, style };
        let (finished, done) = oneshot::channel();
        std::thread::Builder::new().name("reports".to_owned()).spawn(move || {
            let end = Desk { story, scenes, page, stop, console_end }.work(reports, &sent);
            // Nobody waits any more where the run was forced to end.
            finished.send(end).ok();
        })?;
        Ok(Self { done })
    }

    /// Waits until everything has been written, at the longest for `patience`.
    pub(crate) async fn finish(self, patience: Duration) {
        if let Ok(Ok(Some(console))) = tokio::time::timeout(patience, self.done).await {
            console.wait(patience).await;
        }
    }
}

struct Desk {
    story: Story,
    scenes: Vec<Scene>,
    page: Page,
    stop: Stop,
    console_end: Option<ConsoleEnd>,
}

impl Desk {
    /// Writes until the run has closed. Gives back what tells that the standard streams have everything.
    fn work(mut self, mut reports: mpsc::Receiver<Report>, sent: &Reports) -> Option<ConsoleEnd> {
        while let Some(report) = reports.blocking_recv() {
            let lost = sent.take_lost();
            if lost > 0 {
                self.page.say(Status::Warning, &format!("{lost} lines of daptop and its sidecars were lost here"));
            }
            match report {
                Report::App(instance, what) => self.app(instance, what),
                Report::Stopping => self.stopping(),
                Report::Headless(why) => self.go_headless(&why),
                Report::Closed => {
                    if let Story::Single(single) = &self.story {
                        single.closed(&mut self.page);
                    }
                    break;
                }
            }
        }
        self.console_end
    }

    /// Prints lines from now on, and says why on standard error.
    fn go_headless(&mut self, why: &str) {
        if self.page.console.is_none() {
            match Console::start(self.stop.clone()) {
                Ok((console, end)) => (self.page.console, self.console_end) = (Some(console), Some(end)),
                Err(error) => tracing::error!(%error, "lines cannot be printed"),
            }
        }
        self.page.complain(why);
    }

    fn app(&mut self, InstanceId(instance): InstanceId, what: What) {
        if matches!(&what, What::Ended(ended) if ended.with_run && ended.asked) {
            self.stopping();
        }
        let index = instance as usize;
        let Some(scene) = self.scenes.get_mut(index) else { return };
        match &mut self.story {
            Story::Single(single) => single.tell(&mut self.page, scene, what),
            Story::Multi(multi) => multi.tell(&mut self.page, index, scene, what),
        }
    }

    fn stopping(&mut self) {
        match &mut self.story {
            Story::Single(single) => single.stopping(&mut self.page),
            Story::Multi(multi) => multi.stopping(&mut self.page, self.stop.reason()),
        }
    }
}
