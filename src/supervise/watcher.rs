//! The watcher: a second process that ends the apps if daptop itself is killed.
//!
//! It is this program again, in a session of its own so that no terminal's signal reaches it. It reads from a pipe
//! which process groups run, and which processes have left them. When the pipe closes, whatever the reason, it ends those
//! that are left, and itself.

use std::collections::HashSet;
use std::io::{self, BufRead, PipeWriter, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use rustix::process::Pid;
use tokio::time::Instant;

use super::census::{Census, Kin};
use super::group::ProcessGroup;

/// The argument that makes this program the watcher.
pub(crate) const ARGUMENT: &str = "__watch";

/// How long apps have to end once daptop is gone.
const GRACE: Duration = Duration::from_secs(5);

/// How often what is ending is looked at.
const LOOK: Duration = Duration::from_millis(50);

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

    /// Tells who has left the groups.
    pub(super) fn strays(&self, strays: &HashSet<Kin>) {
        let texts = strays.iter().map(|kin| kin.to_text()).collect::<Vec<_>>().join(" ");
        self.write(&format!("={texts}"));
        tracing::debug!("the watcher knows who left their groups: {texts}");
    }

    /// Its process id, while it runs.
    pub(super) fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.process.id()?).ok()?)
    }

    fn tell(&self, sign: char, group: ProcessGroup) {
        self.write(&format!("{sign}{}", group.number()));
    }

    fn write(&self, line: &str) {
        let Ok(mut pipe) = self.pipe.lock() else { return };
        if let Err(error) = writeln!(pipe, "{line}") {
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

/// What the watcher does: reads who runs until the pipe closes, then ends who is left.
pub(crate) fn watch() -> io::Result<()> {
    let mut left = Left::default();
    for line in io::stdin().lock().lines() {
        left.read(&line?);
    }
    if left.groups.is_empty() && left.strays.is_empty() {
        return Ok(());
    }
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(left.end());
    Ok(())
}

/// Who is left once daptop is gone.
#[derive(Debug, Default)]
struct Left {
    groups: HashSet<ProcessGroup>,
    /// Who has left them.
    strays: HashSet<Kin>,
}

impl Left {
    fn read(&mut self, line: &str) {
        if let Some(strays) = line.strip_prefix('=') {
            self.strays = strays.split(' ').filter_map(Kin::from_text).collect();
            return;
        }
        let Some(group) = line.get(1..).and_then(|number| ProcessGroup::new(number.parse().ok()?)) else { return };
        if line.starts_with('+') {
            self.groups.insert(group)
        } else {
            self.groups.remove(&group)
        };
    }

    /// Those who have left the groups, and everybody below them and below the groups' first processes now.
    fn strays(&mut self) -> HashSet<Kin> {
        let census = Census::take();
        let heads =
            self.groups.iter().filter_map(|group| census.kin(group.leader()).filter(|kin| census.is_in(*kin, *group)));
        let below = census.below(heads.chain(self.strays.iter().copied()).collect::<Vec<_>>());
        self.strays.extend(below);
        let outside = |kin: &&Kin| census.runs(**kin) && !self.groups.iter().any(|group| census.is_in(**kin, *group));
        self.strays.iter().filter(outside).copied().collect()
    }

    async fn end(mut self) {
        self.strays().into_iter().for_each(Kin::terminate);
        for group in &self.groups {
            group.terminate();
        }
        let deadline = Instant::now() + GRACE;
        for group in &self.groups {
            if !group.gone_by(deadline).await {
                group.kill();
            }
        }
        while !self.strays().is_empty() && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
        self.strays().into_iter().for_each(Kin::kill);
    }
}
