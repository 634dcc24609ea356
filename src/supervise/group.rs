//! Process groups: an app with all its children that did not leave it.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::time::Instant;

/// How often a group that is ending is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long the kernel may take to remove a killed group; after that only processes that cannot die are left.
const REMOVAL: Duration = Duration::from_secs(1);

/// A process group. Its first process is its leader and gave it its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ProcessGroup(Pid);

impl ProcessGroup {
    /// The group of a number. Numbers below 2 are no group of an app: signals to them would reach others.
    pub(crate) fn new(number: u32) -> Option<Self> {
        let number = i32::try_from(number).ok().filter(|number| *number > 1)?;
        Pid::from_raw(number).map(Self)
    }

    /// Its number: the process id of its leader.
    pub(crate) fn number(self) -> u32 {
        self.0.as_raw_nonzero().get().unsigned_abs()
    }

    /// The process that gave the group its number.
    pub(super) fn leader(self) -> Pid {
        self.0
    }

    /// Asks every process of the group to end. One that was stopped, by reading from a terminal that is not its own
    /// for example, is woken so that it can.
    pub(crate) fn terminate(self) {
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
    }

    /// Ends every process of the group.
    pub(crate) fn kill(self) {
        self.signal(Signal::KILL);
    }

    fn signal(self, signal: Signal) {
        // The one error that can come is that nobody is there any more, which is what was wanted.
        kill_process_group(self.0, signal).ok();
    }

    /// Whether a process of the group still runs.
    pub(crate) fn is_alive(self) -> bool {
        test_kill_process_group(self.0).is_ok() && !has_only_zombies(self.0)
    }

    /// Waits until no process of the group runs, at the longest until `deadline`. Tells whether none does.
    pub(crate) async fn gone_by(self, deadline: Instant) -> bool {
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(LOOK).await;
        }
        true
    }

    /// Kills the group and waits until it is gone.
    pub(crate) async fn kill_and_wait(self) {
        self.kill();
        if !self.gone_by(Instant::now() + REMOVAL).await {
            tracing::warn!(group = self.number(), "processes of an app could not be killed");
        }
    }
}

/// Whether all that is left of a group are zombies. Where nobody collects them (in a container without an init process)
/// they stay, and hold no port and no file.
#[cfg(target_os = "linux")]
fn has_only_zombies(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    let states = processes.flatten().filter_map(|process| state_in_group(&process.path().join("stat"), group));
    let mut any = false;
    for state in states {
        if !matches!(state, 'Z' | 'X') {
            return false;
        }
        any = true;
    }
    any
}

#[cfg(not(target_os = "linux"))]
fn has_only_zombies(_group: Pid) -> bool {
    false
}

/// The state letter of a process, where it belongs to a group. The second field of the file, the program's name, may
/// contain anything, so fields are counted from its closing bracket.
#[cfg(target_os = "linux")]
fn state_in_group(stat: &std::path::Path, group: Pid) -> Option<char> {
    let text = std::fs::read_to_string(stat).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?.chars().next()?;
    let of: i32 = fields.nth(1)?.parse().ok()?;
    (of == group.as_raw_nonzero().get()).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_signal_can_reach_everybody_or_oneself() {
        assert_eq!(ProcessGroup::new(0), None);
        assert_eq!(ProcessGroup::new(1), None);
        assert_eq!(ProcessGroup::new(u32::MAX), None);
    }

    #[tokio::test]
    async fn a_group_lives_until_its_last_process_has_ended() {
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", "trap '' TERM; sleep 60 & wait"]).process_group(0);
        let mut leader = command.spawn().unwrap();
        let group = ProcessGroup::new(leader.id().unwrap()).unwrap();
        assert!(group.is_alive());
        group.kill();
        leader.wait().await.unwrap();
        assert!(group.gone_by(Instant::now() + Duration::from_secs(5)).await);
    }
}
