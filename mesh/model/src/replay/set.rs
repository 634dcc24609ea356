//! Calls that are sent again together: which of a list, in which order, and what is to be expected.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Obstacle, ReplayRequest, obstacle};
use crate::{App, CallId, Calls, Filter};

/// A call of a list whose calls are to be sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its number.
    pub id: CallId,
    /// Whether it repeats another call.
    pub is_replay: bool,
}

/// The calls of a list that are sent again, one after the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplaySet {
    /// The calls, oldest first.
    pub calls: Vec<CallId>,
    /// How many calls of the list are left out because they are replays themselves.
    pub replays: usize,
}

/// Why no set can be made of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplaySetError {
    /// There is no call in the list.
    #[error("there is no call to be sent again")]
    Empty,
    /// All calls of the list are replays.
    #[error("all calls are replays themselves, {replays} of them: with replay in the filter they are sent again too")]
    OnlyReplays {
        /// How many calls the list has.
        replays: usize,
    },
    /// There are more than [`ReplaySet::MOST`].
    #[error("more than {} calls are not sent again at once", ReplaySet::MOST)]
    TooMany,
}

impl ReplaySet {
    /// The most calls of one set.
    pub const MOST: usize = 1_000;

    /// Chooses from the calls of a list, in whatever order they come. Replays are left out, unless the filter asks for them:
    /// else each time that a set is sent would make the next one larger.
    ///
    /// # Errors
    /// Where no call is left, or too many are.
    pub fn choose(listed: impl IntoIterator<Item = Candidate>, filter: &Filter) -> Result<Self, ReplaySetError> {
        let with_replays = filter.asks_for_replays();
        let mut set = Self::default();
        for candidate in listed {
            if candidate.is_replay && !with_replays {
                set.replays += 1;
                continue;
            }
            if set.calls.len() == Self::MOST {
                return Err(ReplaySetError::TooMany);
            }
            set.calls.push(candidate.id);
        }
        match set.replays {
            _ if !set.calls.is_empty() => {}
            0 => return Err(ReplaySetError::Empty),
            replays => return Err(ReplaySetError::OnlyReplays { replays }),
        }
        set.calls.sort_unstable();
        Ok(set)
    }

    /// What is to be expected of it, where `apps` are those of this process.
    pub fn outlook(&self, calls: &Calls, apps: &[Arc<App>]) -> ReplayOutlook {
        let mut outlook = ReplayOutlook::default();
        for id in &self.calls {
            let Some(call) = calls.find(*id) else {
                outlook.gone += 1;
                continue;
            };
            if let Some(obstacle) = obstacle(call, apps) {
                outlook.obstacles.push((*id, obstacle));
                continue;
            }
            let request = ReplayRequest::of(call);
            let verbs = if request.may_change_something() { &mut outlook.changing } else { &mut outlook.reading };
            let verb = if request.is_grpc() { "gRPC" } else { &request.verb };
            *verbs.entry(verb.to_owned()).or_default() += 1;
        }
        outlook
    }
}

/// What is to be expected when a set is sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplayOutlook {
    /// How many of the calls may change something where they are asked, by verb.
    pub changing: BTreeMap<String, usize>,
    /// How many of them only read, by verb.
    pub reading: BTreeMap<String, usize>,
    /// What cannot be repeated, and why, oldest first.
    pub obstacles: Vec<(CallId, Obstacle)>,
    /// How many calls are there no more: they were given up to stay within the limits.
    pub gone: usize,
}

impl ReplayOutlook {
    /// How many calls can be sent.
    pub fn sendable(&self) -> usize {
        self.changing.values().chain(self.reading.values()).sum()
    }

    /// What cannot be repeated: each reason once, with its calls, in the order of their age.
    pub fn reasons(&self) -> Vec<(String, Vec<CallId>)> {
        let mut reasons: Vec<(String, Vec<CallId>)> = Vec::new();
        for (id, obstacle) in &self.obstacles {
            let reason = obstacle.to_string();
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, ids)) => ids.push(*id),
                None => reasons.push((reason, vec![*id])),
            }
        }
        reasons
    }
}

#[cfg(test)]
mod tests;
