//! The tries of a call that got no answer, after which its sidecar tried once more.

use std::sync::Arc;
use std::time::Duration;

/// The most tries that are kept one by one; those after are told together.
const MOST: usize = 32;

/// A try that got no answer. Times are counted from the start of the call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedTry {
    /// Which one it is, from 1. Where `number` is more than one above the one before, it stands for those between too.
    pub number: u32,
    /// When it had failed.
    pub failed: Duration,
    /// When the next one began; `None` while the sidecar waits before it.
    pub again: Option<Duration>,
    /// Why it failed, in the words of who noticed.
    pub why: Arc<str>,
}

/// The tries of one call that failed before another one. Nearly every call has none, which costs no memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::box_collection, reason = "in a call without any, and there are 100,000 of those, it takes one word")]
pub struct FailedTries(Option<Box<Vec<FailedTry>>>);

impl FailedTries {
    /// A try has failed, and there is to be another one.
    pub fn failed(&mut self, at: Duration, why: &str) {
        let tries = self.0.get_or_insert_default();
        let number = tries.last().map_or(0, |last| last.number).saturating_add(1);
        if tries.len() == MOST {
            tries.pop();
        }
        tries.push(FailedTry { number, failed: at, again: None, why: why.into() });
    }

    /// The next try begins.
    pub fn again(&mut self, at: Duration) {
        if let Some(last) = self.0.as_mut().and_then(|tries| tries.last_mut()) {
            last.again = Some(at);
        }
    }

    /// The tries, in order.
    pub fn iter(&self) -> impl Iterator<Item = &FailedTry> {
        self.0.iter().flat_map(|tries| tries.iter())
    }

    /// How many tries there were, the last one included that did not fail or was not repeated.
    pub fn count(&self) -> u32 {
        let last = self.0.as_ref().and_then(|tries| tries.last());
        last.map_or(1, |last| last.number.saturating_add(u32::from(last.again.is_some())))
    }

    /// Whether there was but one try.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How much memory they take, in bytes.
    pub fn size(&self) -> usize {
        self.iter().map(|failed| size_of::<FailedTry>() + failed.why.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn tries_are_counted_with_the_one_that_did_not_fail() {
        let mut tries = FailedTries::default();
        assert_eq!((tries.count(), tries.is_empty()), (1, true));
        tries.failed(millis(3), "EOF");
        assert_eq!((tries.count(), tries.iter().next().map(|first| first.again)), (1, Some(None)));
        tries.again(millis(1_003));
        assert_eq!((tries.count(), tries.is_empty()), (2, false));
        let told: Vec<_> = tries.iter().map(|failed| (failed.number, failed.failed, failed.again)).collect();
        assert_eq!(told, [(1, millis(3), Some(millis(1_003)))]);
    }

    #[test]
    fn tries_without_end_take_no_more_memory_than_some() {
        let mut tries = FailedTries::default();
        for at in 0..1_000 {
            tries.failed(millis(2 * at), "EOF");
            tries.again(millis(2 * at + 1));
        }
        assert_eq!((tries.iter().count(), tries.count()), (MOST, 1_001));
        assert_eq!(tries.iter().last().map(|last| last.number), Some(1_000));
    }
}
