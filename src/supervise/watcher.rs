//! The watcher: a second process that ends the apps if daptop itself is killed.
//!
//! It is this program again, in a session of its own so that no terminal's signal reaches it. It reads from a pipe
//! which process groups run. When the pipe closes, whatever the reason, it ends the groups that are left, and itself.

use std::collections::HashSet;
use std::io::{self, BufRead, PipeWriter, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use tokio::time::Instant;

use super::group::ProcessGroup;

/// The argument that makes this program the watcher.
pub(crate) const ARGUMENT: &str = "__watch";

/// How long apps have to end once daptop is gone.
const GRACE: Duration = Duration::from_secs(5);

/// The program of this process, also after its file was replaced by an update.
fn program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// The watcher, seen from daptop.
#[derive(Debug)]
pub(crate) struct Watcher {
    pipe: Mutex<PipeWriter>,
    process: Box<dyn ChildWrapper>,
}

impl Watcher {
    /// Starts the watcher. The pipe's other end is in this process alone: it is closed in every app.
    pub(crate) fn start() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let mut command = CommandWrap::with_new(program()?, |command| {
            command.arg0("daptop").arg(ARGUMENT).current_dir("/");
            command.stdin(reader).stdout(Stdio::null()).stderr(Stdio::null());
        });
        let process = command.wrap(ProcessSession).spawn()?;
        Ok(Self { pipe: Mutex::new(writer), process })
    }

    /// Tells that a group runs. Written at once, so that it is known before daptop can do anything else.
    pub(crate) fn started(&self, group: ProcessGroup) {
        self.tell('+', group);
    }

    /// Tells that no process of a group is left.
    pub(crate) fn ended(&self, group: ProcessGroup) {
        self.tell('-', group);
    }

    fn tell(&self, sign: char, group: ProcessGroup) {
        let Ok(mut pipe) = self.pipe.lock() else { return };
        if let Err(error) = writeln!(pipe, "{sign}{}", group.number()) {
            tracing::warn!(%error, "the watcher ended: apps would outlive daptop if it were killed");
        }
    }

    /// Closes the pipe and waits until the watcher has ended.
    pub(crate) async fn finish(self) {
        let Self { pipe, mut process } = self;
        drop(pipe);
        if let Err(error) = process.wait().await {
            tracing::warn!(%error, "the watcher could not be waited for");
        }
    }
}

/// What the watcher does: reads groups until the pipe closes, then ends those that are left.
pub(crate) fn watch() -> io::Result<()> {
    let mut groups = HashSet::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let Some(group) = line.get(1..).and_then(|number| ProcessGroup::new(number.parse().ok()?)) else { continue };
        if line.starts_with('+') {
            groups.insert(group)
        } else {
            groups.remove(&group)
        };
    }
    if groups.is_empty() {
        return Ok(());
    }
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(end_all(&groups));
    Ok(())
}

async fn end_all(groups: &HashSet<ProcessGroup>) {
    for group in groups {
        group.terminate();
    }
    let deadline = Instant::now() + GRACE;
    for group in groups {
        if !group.gone_by(deadline).await {
            group.kill();
        }
    }
}
