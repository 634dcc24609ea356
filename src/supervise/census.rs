//! Which processes there are, whose children they are, and which of them are still the same ones. Only Linux tells; elsewhere
//! nobody is found, and what an app has moved out of its process group is not ended with it.

use std::collections::{HashMap, HashSet};

use rustix::process::{Pid, Signal, kill_process};

use super::group::ProcessGroup;

/// A process, told apart from a later one of the same number by when it started.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Kin {
    /// Its number.
    pub(super) pid: Pid,
    /// When it started, in the system's ticks since it was booted.
    started: u64,
}

impl Kin {
    /// The process that has a number now.
    pub(super) fn of(pid: Pid) -> Option<Self> {
        Standing::of(pid).map(|standing| Self { pid, started: standing.started })
    }

    /// Asks it to end, and wakes it for that where it was stopped.
    pub(super) fn terminate(self) {
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
    }

    /// Ends it.
    pub(super) fn kill(self) {
        self.signal(Signal::KILL);
    }

    fn signal(self, signal: Signal) {
        let now = Standing::of(self.pid);
        if now.is_some_and(|now| now.started == self.started) {
            // It may end in this moment, which is what was wanted.
            kill_process(self.pid, signal).ok();
        }
    }

    /// As two numbers, for the watcher.
    pub(super) fn to_text(self) -> String {
        format!("{}:{}", self.pid, self.started)
    }

    /// From two numbers.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (pid, started) = text.split_once(':')?;
        let pid: i32 = pid.parse().ok().filter(|pid| *pid > 1)?;
        Some(Self { pid: Pid::from_raw(pid)?, started: started.parse().ok()? })
    }
}

/// How a process stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Standing {
    parent: i32,
    group: i32,
    /// It has ended, and its parent has not asked how.
    zombie: bool,
    started: u64,
}

impl Standing {
    fn of(pid: Pid) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        Self::read(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The second field, the program's name, may contain anything, so fields are counted from its closing bracket.
    fn read(stat: &str) -> Option<Self> {
        let (_, fields) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').take(20).collect();
        Some(Self {
            zombie: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

/// All processes at one moment.
#[derive(Debug)]
pub(super) struct Census(HashMap<Pid, Standing>);

impl Census {
    /// Counts them.
    pub(super) fn take() -> Self {
        let entries = if cfg!(target_os = "linux") { std::fs::read_dir("/proc").ok() } else { None };
        let pids = entries.into_iter().flatten().flatten().filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            Pid::from_raw(pid)
        });
        Self(pids.filter_map(|pid| Some((pid, Standing::of(pid)?))).collect())
    }

    /// The process of a number.
    pub(super) fn kin(&self, pid: Pid) -> Option<Kin> {
        self.0.get(&pid).map(|standing| Kin { pid, started: standing.started })
    }

    fn standing(&self, kin: Kin) -> Option<Standing> {
        self.0.get(&kin.pid).copied().filter(|standing| standing.started == kin.started)
    }

    /// Whether a process is still known to the system, if only as one that has ended.
    pub(super) fn knows(&self, kin: Kin) -> bool {
        self.standing(kin).is_some()
    }

    /// Whether a process runs.
    pub(super) fn runs(&self, kin: Kin) -> bool {
        self.standing(kin).is_some_and(|standing| !standing.zombie)
    }

    /// Whether a process is of a group.
    pub(super) fn is_in(&self, kin: Kin, group: ProcessGroup) -> bool {
        let number = i32::try_from(group.number()).ok();
        self.standing(kin).is_some_and(|standing| Some(standing.group) == number)
    }

    /// The children of a process.
    pub(super) fn children(&self, parent: Pid) -> impl Iterator<Item = Kin> {
        let parent = parent.as_raw_nonzero().get();
        let of_parent = move |(_, standing): &(&Pid, &Standing)| standing.parent == parent;
        self.0.iter().filter(of_parent).map(|(pid, standing)| Kin { pid: *pid, started: standing.started })
    }

    /// Everything that came of these, without themselves.
    pub(super) fn below(&self, roots: impl IntoIterator<Item = Kin>) -> HashSet<Kin> {
        let mut children: HashMap<i32, Vec<Kin>> = HashMap::new();
        for (pid, standing) in &self.0 {
            children.entry(standing.parent).or_default().push(Kin { pid: *pid, started: standing.started });
        }
        let mut open: Vec<Kin> = roots.into_iter().filter(|kin| self.knows(*kin)).collect();
        let mut found = HashSet::new();
        while let Some(kin) = open.pop() {
            let born = children.get(&kin.pid.as_raw_nonzero().get()).into_iter().flatten();
            open.extend(born.filter(|child| found.insert(**child)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_system_is_read_whatever_the_program_is_called() {
        let stat = "77 (a) Z (b) S 1 70 70 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 424242 9 9";
        let read = Standing::read(stat).unwrap();
        assert_eq!(read, Standing { parent: 1, group: 70, zombie: false, started: 424_242 });
        assert!(Standing::read("77 (sh) Z 1 70 70 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 5").unwrap().zombie);
        assert_eq!(Standing::read("77 (sh) S 1"), None);
    }

    #[test]
    fn a_process_is_the_same_after_its_way_through_a_pipe() {
        let kin = Kin { pid: Pid::from_raw(4242).unwrap(), started: 17 };
        assert_eq!(Kin::from_text(&kin.to_text()), Some(kin));
        assert_eq!([Kin::from_text("1:5"), Kin::from_text("-7:5"), Kin::from_text("7")], [None; 3]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_came_of_a_process_is_found_and_a_later_process_of_its_number_is_let_be() {
        let mut shell = std::process::Command::new("sh").args(["-c", "sleep 60 & wait"]).spawn().unwrap();
        let pid = Pid::from_child(&shell);
        let below = loop {
            let census = Census::take();
            let below = census.below(census.kin(pid));
            if !below.is_empty() {
                break below;
            }
        };
        let own = rustix::process::getpid();
        assert!(Census::take().children(own).any(|kin| kin.pid == pid));
        for kin in below {
            let other = Kin { started: kin.started + 1, ..kin };
            other.kill();
            assert!(Census::take().runs(kin) && !Census::take().knows(other));
            kin.kill();
        }
        shell.wait().unwrap();
    }
}
