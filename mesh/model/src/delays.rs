//! What a call was delayed by on its way to the app: the wait for its turn, and tries that got no answer.

use std::sync::Arc;
use std::time::Duration;

/// The most tries that are kept one by one; those after are told together.
const MOST: usize = 32;

/// A wait for its turn, where an app takes only so many calls at once. Times are counted from the start of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// How many calls may be at the app at once (`--app-max-concurrency`).
    pub limit: u32,
    /// When the wait began.
    pub began: Duration,
    /// When the call's turn came; `None` while it waits, and where the call ended before.
    pub came: Option<Duration>,
}

/// A try that got no answer, after which the sidecar tried once more. Times are counted from the start of the call.
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

/// The delays of one call. Nearly every call has none, which takes one word of memory, and there are 100,000 of those.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Delays(Option<Box<Found>>);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Found {
    turn: Option<Turn>,
    tries: Vec<FailedTry>,
}

impl Delays {
    /// The wait for its turn begins, as so many calls are at the app.
    pub fn turn_begins(&mut self, at: Duration, limit: u32) {
        self.0.get_or_insert_default().turn = Some(Turn { limit, began: at, came: None });
    }

    /// The call's turn has come.
    pub fn turn_came(&mut self, at: Duration) {
        if let Some(turn) = self.0.as_mut().and_then(|found| found.turn.as_mut()) {
            turn.came = Some(at);
        }
    }

    /// The wait for its turn, where there was one.
    pub fn turn(&self) -> Option<Turn> {
        self.0.as_ref()?.turn
    }

    /// A try has failed, and there is to be another one.
    pub fn try_failed(&mut self, at: Duration, why: &str) {
        let tries = &mut self.0.get_or_insert_default().tries;
        let number = tries.last().map_or(0, |last| last.number).saturating_add(1);
        if tries.len() == MOST {
            tries.pop();
        }
        tries.push(FailedTry { number, failed: at, again: None, why: why.into() });
    }

    /// The next try begins.
    pub fn try_again(&mut self, at: Duration) {
        if let Some(last) = self.0.as_mut().and_then(|found| found.tries.last_mut()) {
            last.again = Some(at);
        }
    }

    /// The tries that failed before another one, in order.
    pub fn failed_tries(&self) -> &[FailedTry] {
        self.0.as_ref().map_or(&[], |found| &found.tries)
    }

    /// How many tries there were, the last one included that did not fail or was not repeated.
    pub fn tries(&self) -> u32 {
        self.failed_tries().last().map_or(1, |last| last.number.saturating_add(u32::from(last.again.is_some())))
    }

    /// How much memory they take, in bytes.
    pub fn size(&self) -> usize {
        let tries = self.failed_tries().iter().map(|failed| size_of::<FailedTry>() + failed.why.len());
        self.0.as_ref().map_or(0, |_| size_of::<Found>()) + tries.sum::<usize>()
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
        let mut delays = Delays::default();
        assert_eq!((delays.tries(), delays.failed_tries()), (1, &[][..]));
        delays.try_failed(millis(3), "EOF");
        assert_eq!((delays.tries(), delays.failed_tries()[0].again), (1, None));
        delays.try_again(millis(1_003));
        let told = &delays.failed_tries()[0];
        assert_eq!((delays.tries(), told.number, told.failed, told.again), (2, 1, millis(3), Some(millis(1_003))));
    }

    #[test]
    fn tries_without_end_take_no_more_memory_than_some() {
        let mut delays = Delays::default();
        for at in 0..1_000 {
            delays.try_failed(millis(2 * at), "EOF");
            delays.try_again(millis(2 * at + 1));
        }
        assert_eq!((delays.failed_tries().len(), delays.tries()), (MOST, 1_001));
        assert_eq!(delays.failed_tries().last().map(|last| last.number), Some(1_000));
    }

    #[test]
    fn a_call_may_have_waited_for_its_turn_and_then_have_been_tried_again() {
        let mut delays = Delays::default();
        delays.turn_came(millis(1));
        assert_eq!((delays.turn(), delays.size()), (None, 0), "without a wait no turn comes");
        delays.turn_begins(millis(1), 2);
        delays.turn_came(millis(5));
        delays.try_failed(millis(6), "EOF");
        assert_eq!(delays.turn(), Some(Turn { limit: 2, began: millis(1), came: Some(millis(5)) }));
        assert_eq!(delays.failed_tries().len(), 1);
    }
}
