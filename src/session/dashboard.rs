//! The dashboard of a session.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use daptop_model::{Command, Snapshot};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::LAST_WORDS;
use super::editor::editor;
use super::keeper::keeper;
use crate::plan::RunPlan;
use crate::supervise::{Report, Reports, Stop, StopReason};

/// The dashboard, on a thread of its own.
#[derive(Debug)]
pub(super) struct Dashboard {
    closed: oneshot::Receiver<()>,
    end: CancellationToken,
}

/// What a dashboard can bring about.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    /// Its wishes for apps.
    pub(super) commands: mpsc::Sender<Command>,
    /// Where it is told that it failed.
    pub(super) reports: Reports,
    /// The wish to stop.
    pub(super) stop: Stop,
    /// Cancelled when the run goes on without it.
    pub(super) headless: CancellationToken,
}

/// What becomes of the run when its dashboard is gone.
#[derive(PartialEq, Eq, Debug)]
enum Then {
    /// The user left it, or its terminal is gone.
    Stop,
    /// It failed, as the text says: the apps have nothing to do with that.
    GoOn(String),
}

impl Dashboard {
    /// Opens it. When the user leaves it, the run is asked to stop; when it fails, the run goes on headless.
    pub(super) fn open(
        plan: &RunPlan,
        mut options: daptop_ui::Options,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        ways: Ways,
    ) -> Self {
        let (shown, seen) = watch::channel(Arc::clone(&snapshots.borrow()));
        let end = CancellationToken::new();
        tokio::spawn(pass_on(snapshots, shown, end.clone()));
        options.title = title(plan);
        options.editor = Some(editor());
        options.keeper = Some(keeper());
        let (done, closed) = oneshot::channel();
        let (over, otherwise) = (end.clone(), ways.clone());
        let thread = std::thread::Builder::new().name("dashboard".to_owned()).spawn(move || {
            let show = || daptop_ui::run(seen, ways.commands.clone(), options);
            // The panic has been reported on the terminal, which was given back before.
            let result = catch_unwind(AssertUnwindSafe(show))
                .unwrap_or_else(|_| Err(io::Error::other("a bug of daptop, please report it")));
            over.cancel();
            ways.carry_out(then(result, is_there(&io::stdout())));
            // Nobody waits any more where the run was forced to end.
            done.send(()).ok();
        });
        if let Err(error) = thread {
            otherwise.carry_out(then(Err(error), true));
        }
        Self { closed, end }
    }

    /// Closes it and waits until it has given the terminal back.
    pub(super) async fn close(self) {
        self.end.cancel();
        if tokio::time::timeout(LAST_WORDS, self.closed).await.is_err() {
            tracing::error!("the dashboard did not close in time");
        }
    }
}

impl Ways {
    fn carry_out(&self, then: Then) {
        match then {
            Then::Stop => self.stop.ask(StopReason::Asked),
            Then::GoOn(why) => {
                self.reports.tell(Report::Headless(why));
                self.headless.cancel();
            }
        }
    }
}

/// Whether a terminal is still there. One that is being closed says so to `poll` first.
fn is_there(terminal: &(impl AsFd + IsTerminal)) -> bool {
    let mut asked = [PollFd::new(terminal, PollFlags::empty())];
    let closed = poll(&mut asked, Some(&Timespec::default())).is_ok() && asked[0].revents().contains(PollFlags::HUP);
    !closed && terminal.is_terminal()
}

/// What becomes of the run. `terminal` tells whether the terminal is still there: where it is gone, whoever sat at it
/// has closed it.
fn then(result: io::Result<()>, terminal: bool) -> Then {
    match result {
        Err(error) if terminal => {
            Then::GoOn(format!("The dashboard failed: {error}. The apps run on; Ctrl-C stops them"))
        }
        _ => Then::Stop,
    }
}

fn title(plan: &RunPlan) -> String {
    let first = || plan.apps.first().map(|app| app.app_id.to_string());
    plan.name.clone().or_else(first).unwrap_or_default()
}

/// Passes snapshots on until the end, which the dashboard takes for the end of the session.
async fn pass_on(mut from: watch::Receiver<Arc<Snapshot>>, to: watch::Sender<Arc<Snapshot>>, end: CancellationToken) {
    loop {
        tokio::select! {
            changed = from.changed() => match changed {
                Ok(()) => drop(to.send_replace(Arc::clone(&from.borrow_and_update()))),
                Err(_) => return,
            },
            () = end.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failure_at_a_terminal_that_is_still_there_lets_the_run_go_on() {
        let failure = || Err(io::Error::other("no raw mode"));
        let text = "The dashboard failed: no raw mode. The apps run on; Ctrl-C stops them";
        for (result, terminal, expected) in [
            (Ok(()), true, Then::Stop),
            (Ok(()), false, Then::Stop),
            (failure(), false, Then::Stop),
            (failure(), true, Then::GoOn(text.to_owned())),
        ] {
            assert_eq!(then(result, terminal), expected);
        }
    }
}
