//! Whether a process, or a process group, still runs. A zombie does not: it only waits for its parent to look.
//!
//! A signal reaches zombies too, so Linux's `/proc` is asked as well; where there is none the signal's answer stands.

use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::Pid;

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Whether the process runs.
pub(crate) fn runs(pid: u32) -> bool {
    let Some(number) = number(pid) else { return false };
    let reached = rustix::process::test_kill_process(number) != Err(Errno::SRCH);
    reached && Stat::read(pid).is_none_or(|stat| !stat.zombie)
}

/// Whether a process of the group runs.
pub(crate) fn group_runs(group: u32) -> bool {
    let Some(number) = number(group) else { return false };
    if rustix::process::test_kill_process_group(number) == Err(Errno::SRCH) {
        return false;
    }
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(Stat::read).any(|stat| stat.group == group && !stat.zombie)
}

/// What `/proc/<pid>/stat` says of a process.
struct Stat {
    zombie: bool,
    group: u32,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name, in brackets, can hold anything: the last bracket ends it. Then: state, parent, group.
        let (_, rest) = text.rsplit_once(") ")?;
        let mut words = rest.split(' ');
        let zombie = matches!(words.next()?, "Z" | "X");
        Some(Self { zombie, group: words.nth(1)?.parse().ok()? })
    }
}

/// Waits until a condition holds; tells whether it did in time.
pub(crate) async fn wait_until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + patience;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn number(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;

    #[test]
    fn this_process_runs_and_no_process_has_the_number_zero() {
        assert!(runs(std::process::id()));
        assert!(!runs(0) && !group_runs(0));
        assert!(!runs(u32::MAX));
    }

    #[tokio::test]
    async fn a_zombie_does_not_run_nor_does_a_group_of_zombies() {
        let mut child = std::process::Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        assert!(runs(child.id()) && group_runs(child.id()));
        child.kill().unwrap();
        let ended = wait_until(Duration::from_secs(5), || !runs(child.id()) && !group_runs(child.id())).await;
        child.wait().unwrap();
        assert!(ended, "the child was not waited for, and yet it does not run");
    }
}
