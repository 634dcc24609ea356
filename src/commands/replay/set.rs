//! The calls that a filter takes, to be sent again one after the other.

use anyhow::{Context, bail};
use daptop_model::{CallId, Candidate, Filter, ReplaySet, ReplaySetError};

use crate::control::{ControlError, Process};

/// The numbers of the calls that a filter takes, oldest first. They are chosen before the first one is sent: what is sent
/// is not sent again in turn.
pub(super) async fn taken(process: &mut Process, filter: &str) -> anyhow::Result<Vec<u64>> {
    let mut calls = process.calls(filter, false, false).await?;
    let mut listed = Vec::new();
    while let Some(answer) = calls.next().await? {
        let candidate = |id, replay_of| Candidate { id: CallId(id), is_replay: replay_of != 0 };
        listed.extend(answer.calls.iter().map(|call| candidate(call.id, call.replay_of)));
    }
    let count = listed.len();
    // The process has read it already.
    let parsed = Filter::parse(filter).with_context(|| format!("{filter:?} is not a filter"))?;
    match ReplaySet::choose(listed, &parsed) {
        Ok(set) => Ok(set.calls.into_iter().map(|id| id.0).collect()),
        Err(ReplaySetError::Empty) => bail!("no call matches {filter:?}"),
        Err(error) => bail!("{filter:?} takes {count} calls: {error}"),
    }
}

/// Whether an error says that one call cannot be repeated, and nothing of the others.
pub(super) fn is_of_the_call(error: &ControlError) -> bool {
    matches!(error, ControlError::Refused { .. })
}
