//! The wait of a call for its turn, where an app takes only so many at once.

use std::time::Duration;

/// A wait for its turn. Times are counted from the start of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// How many calls may be at the app at once (`--app-max-concurrency`).
    pub limit: u32,
    /// When the wait began.
    pub began: Duration,
    /// When the call's turn came; `None` while it waits, and where the call ended before.
    pub came: Option<Duration>,
}

/// The wait of one call. Nearly every call has none, which costs no memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TurnWait(Option<Box<Turn>>);

impl TurnWait {
    /// The wait begins, as so many calls are at the app.
    pub fn begins(&mut self, at: Duration, limit: u32) {
        self.0 = Some(Box::new(Turn { limit, began: at, came: None }));
    }

    /// The call's turn has come.
    pub fn came(&mut self, at: Duration) {
        if let Some(turn) = &mut self.0 {
            turn.came = Some(at);
        }
    }

    /// The wait, where there was one.
    pub fn get(&self) -> Option<Turn> {
        self.0.as_deref().copied()
    }

    /// How much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        self.0.as_ref().map_or(0, |_| size_of::<Turn>())
    }
}
