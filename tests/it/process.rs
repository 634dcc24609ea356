//! Processes that are watched line by line.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::support::guard::Guard;

/// A process in a group of its own. What it starts does not outlive the test, even one that panics or is killed.
pub(crate) struct Process {
    child: Child,
    _guard: Guard,
    what: String,
    output: Arc<Output>,
}

/// What a process, and what it has started, has printed so far.
#[derive(Default)]
struct Output {
    printed: Mutex<Printed>,
    changed: Condvar,
}

#[derive(Default)]
struct Printed {
    /// The lines of both streams.
    lines: Vec<String>,
    /// How many streams have ended: somebody holds the others open.
    ended: usize,
}

/// How long a process that a failed test leaves behind may take to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many lines a failure shows.
const SHOWN: usize = 60;

/// Standard output and standard error.
const STREAMS: usize = 2;

impl Process {
    /// Starts a command, whose name in failures is `what`.
    pub(crate) fn spawn(command: &mut Command, what: &str) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{what} cannot be started: {error}"));
        let output = Arc::new(Output::default());
        read_lines(child.stdout.take().unwrap(), &output);
        read_lines(child.stderr.take().unwrap(), &output);
        let guard = Guard::of_group(&child);
        Self { child, _guard: guard, what: what.to_owned(), output }
    }

    /// Waits until the lines printed so far are as wanted.
    pub(crate) fn wait_for_lines(&self, wish: &str, limit: Duration, wanted: impl Fn(&[String]) -> bool) {
        self.wait_until(wish, limit, |printed| wanted(&printed.lines));
    }

    fn wait_until(&self, wish: &str, limit: Duration, wanted: impl Fn(&Printed) -> bool) {
        let waiting = |printed: &mut Printed| !wanted(printed) && printed.ended < STREAMS;
        let printed = self.output.printed.lock().unwrap();
        let (printed, _) = self.output.changed.wait_timeout_while(printed, limit, waiting).unwrap();
        if wanted(&printed) {
            return;
        }
        let when = if printed.ended < STREAMS { format!("within {limit:?}") } else { "before it ended".to_owned() };
        // The readers go on writing while the test ends.
        drop(printed);
        panic!("{}: {wish} did not come {when}. {}", self.what, self.last_lines());
    }

    /// The end of what was printed, for failures.
    fn last_lines(&self) -> String {
        let lines = self.lines();
        let shown = &lines[lines.len().saturating_sub(SHOWN)..];
        format!("It printed {} lines, the last of them:\n{}", lines.len(), shown.join("\n"))
    }

    /// Everything printed so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.output.printed.lock().unwrap().lines.clone()
    }

    /// Sends a signal to the process alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end, which must be with exit code 0, and returns what was printed.
    pub(crate) fn succeed(self, limit: Duration) -> String {
        let what = self.what.clone();
        let (code, text) = self.end(limit);
        assert_eq!(code, Some(0), "{what} failed:\n{text}");
        text
    }

    /// Waits for the end and returns the exit code, if it was not a signal, and what was printed. Nothing that was started
    /// may outlive the process with its output open.
    pub(crate) fn end(mut self, limit: Duration) -> (Option<i32>, String) {
        self.wait_until("the end of its output", limit, |printed| printed.ended == STREAMS);
        let status = self.child.wait().unwrap();
        (status.code(), self.lines().join("\n"))
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_some()) {
            return;
        }
        // Asked first: a daptop that stops in good order has no app left on a port that the next test needs.
        kill_process(self.pid(), Signal::TERM).ok();
        if let Ok(printed) = self.output.printed.lock() {
            let waiting = |printed: &mut Printed| printed.ended < STREAMS;
            drop(self.output.changed.wait_timeout_while(printed, PATIENCE, waiting));
        }
        kill_process_group(self.pid(), Signal::KILL).ok();
        self.child.wait().ok();
    }
}

fn read_lines(stream: impl Read + Send + 'static, output: &Arc<Output>) {
    let output = Arc::clone(output);
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            output.printed.lock().unwrap().lines.push(String::from_utf8_lossy(&line).into_owned());
            output.changed.notify_all();
        }
        output.printed.lock().unwrap().ended += 1;
        output.changed.notify_all();
    });
}
