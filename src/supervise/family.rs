//! The families of a run's apps: each the process that daptop has started, and everything that came of it, also what has
//! left its process group (`setsid`) or its parent (a daemon).
//!
//! On Linux daptop takes in what loses its parent below it, so that nothing of an app gets away unseen. What has been seen
//! once below an app stays the app's; what lost its parent before anybody looked is known by the app's environment.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, WaitOptions, getpid, waitpid};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::census::{Census, Kin};
use super::group::ProcessGroup;
use super::watcher::Watcher;

/// From one look at all processes to the next.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often what is ending is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// After this it is clear that nobody else asks after a child that has ended.
const UNASKED: Duration = Duration::from_secs(2);
/// How long the kernel may take to remove what was killed.
const REMOVAL: Duration = Duration::from_secs(1);

/// The families. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Families(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    families: HashMap<ProcessGroup, Family>,
    /// Children of daptop that are of no app.
    strangers: HashSet<Kin>,
    /// Children that have ended and were not asked after, and since when that is known.
    ended: HashMap<Kin, Instant>,
    /// A child of daptop that it asks after itself.
    watcher: Option<Pid>,
}

#[derive(Debug)]
struct Family {
    /// The process that daptop has started; `None` where it had ended before it was looked at.
    head: Option<Kin>,
    /// What its environment has that no other family's has: a `NAME=value`.
    mark: Option<String>,
    /// Everything that came of it and is not yet gone.
    members: HashSet<Kin>,
}

impl Families {
    /// None yet. From now on this process takes in what loses its parent below it.
    pub(crate) fn open(watcher: &Watcher) -> Self {
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::set_child_subreaper(Some(getpid())) {
            tracing::warn!(%error, "daemons that apps start may outlive them");
        }
        Self::new(watcher.pid())
    }

    fn new(watcher: Option<Pid>) -> Self {
        let (strangers, ended) = (HashSet::new(), HashMap::new());
        Self(Arc::new(Mutex::new(State { families: HashMap::new(), strangers, ended, watcher })))
    }

    /// A family that begins with the first process of a group.
    pub(super) fn begin(&self, group: ProcessGroup, mark: Option<String>) {
        let head = Kin::of(group.leader());
        self.state().families.insert(group, Family { head, mark, members: HashSet::new() });
    }

    /// Looks at all processes for ever, and tells the watcher who has left the groups.
    pub(crate) async fn follow(self, watcher: Arc<Watcher>) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = HashSet::new();
        loop {
            ticks.tick().await;
            let families = self.clone();
            let looked = tokio::task::spawn_blocking(move || families.all_strays()).await;
            let Ok(strays) = looked else { return };
            if strays != told {
                watcher.strays(&strays);
                told = strays;
            }
        }
    }

    /// Asks everything of a family that has left its group to end, and tells who was asked.
    pub(super) fn terminate(&self, group: ProcessGroup) -> HashSet<Kin> {
        let strays = self.strays(group);
        strays.iter().copied().for_each(Kin::terminate);
        strays
    }

    /// Waits until nothing of a family is left but its group, and kills what is left at the deadline, or at once where
    /// `forced` comes. Who was `asked` to end is not asked again. The family is forgotten.
    pub(super) async fn end(
        &self,
        group: ProcessGroup,
        asked: HashSet<Kin>,
        deadline: Instant,
        forced: impl Future<Output = ()>,
    ) {
        let late = async {
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => {}
                () = forced => {}
            }
        };
        tokio::select! {
            () = self.gone(group, asked, Kin::terminate) => {}
            () = late => {
                let killed = self.gone(group, HashSet::new(), Kin::kill);
                if tokio::time::timeout(REMOVAL, killed).await.is_err() {
                    tracing::warn!(group = group.number(), "processes that an app has started could not be killed");
                }
            }
        }
        self.state().families.remove(&group);
    }

    /// Waits until nobody is left. `ask` is done once to each who is and was not asked.
    async fn gone(&self, group: ProcessGroup, mut asked: HashSet<Kin>, ask: impl Fn(Kin)) {
        loop {
            let strays = self.strays(group);
            if strays.is_empty() {
                return;
            }
            for kin in strays {
                if asked.insert(kin) {
                    ask(kin);
                }
            }
            sleep(LOOK).await;
        }
    }

    /// What of a family runs outside its group.
    fn strays(&self, group: ProcessGroup) -> HashSet<Kin> {
        let mut state = self.state();
        let census = state.look();
        state.families.get(&group).map(|family| family.strays(group, &census)).unwrap_or_default()
    }

    fn all_strays(&self) -> HashSet<Kin> {
        let mut state = self.state();
        let census = state.look();
        state.families.iter().flat_map(|(group, family)| family.strays(*group, &census)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Family {
    fn strays(&self, group: ProcessGroup, census: &Census) -> HashSet<Kin> {
        let outside = |kin: &&Kin| census.runs(**kin) && !census.is_in(**kin, group);
        self.members.iter().filter(outside).copied().collect()
    }
}

impl State {
    /// Counts all processes, and the members of each family among them.
    fn look(&mut self) -> Census {
        let census = Census::take();
        for family in self.families.values_mut() {
            family.members.retain(|kin| census.knows(*kin));
            family.members.extend(census.below(family.head.iter().chain(&family.members).copied().collect::<Vec<_>>()));
        }
        self.take_in(&census);
        census
    }

    /// Finds the family of each child that is new here, and asks after those that have ended: the system keeps them
    /// until somebody does. Those that daptop itself has started are asked after elsewhere, at once.
    fn take_in(&mut self, census: &Census) {
        let is_head = |kin: &Kin| self.families.values().any(|family| family.head == Some(*kin));
        let adopted = census.children(getpid()).filter(|kin| !is_head(kin) && Some(kin.pid) != self.watcher);
        let (running, ended): (Vec<Kin>, Vec<Kin>) = adopted.partition(|kin| census.runs(*kin));
        let now = Instant::now();
        self.ended.retain(|kin, _| ended.contains(kin));
        for kin in ended {
            let since = *self.ended.entry(kin).or_insert(now);
            if now.duration_since(since) > UNASKED {
                waitpid(Some(kin.pid), WaitOptions::NOHANG).ok();
            }
        }
        self.strangers.retain(|kin| census.knows(*kin));
        for kin in running {
            let known = self.families.values().any(|family| family.members.contains(&kin));
            if known || self.strangers.contains(&kin) {
                continue;
            }
            let environment = std::fs::read(format!("/proc/{}/environ", kin.pid)).unwrap_or_default();
            let has = |mark: &str| environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes());
            match self.families.values_mut().find(|family| family.mark.as_deref().is_some_and(has)) {
                Some(family) => drop(family.members.insert(kin)),
                None => drop(self.strangers.insert(kin)),
            }
        }
    }
}
