//! The calls that a filter takes, to be sent again one after the other.

use anyhow::bail;

use crate::control::{ControlError, Process};

/// The most calls of one set.
const MOST: usize = 1_000;

/// The numbers of the calls that a filter takes, oldest first. They are chosen before the first one is sent: replays, which
/// may match as well, are not sent again in turn.
pub(super) async fn taken(process: &mut Process, filter: &str) -> anyhow::Result<Vec<u64>> {
    let mut calls = process.calls(filter, false, false).await?;
    let mut taken = Vec::new();
    while let Some(answer) = calls.next().await? {
        taken.extend(answer.calls.iter().map(|call| call.id));
    }
    match taken.len() {
        0 => bail!("no call matches {filter:?}"),
        count if count > MOST => bail!("{filter:?} takes {count} calls: at most {MOST} are sent again at once"),
        _ => Ok(taken),
    }
}

/// Whether an error says that one call cannot be repeated, and nothing of the others.
pub(super) fn is_of_the_call(error: &ControlError) -> bool {
    matches!(error, ControlError::Refused { .. })
}
