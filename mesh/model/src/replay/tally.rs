//! What came of calls that were sent again together.

use std::fmt;

use crate::diff::Diff;

/// What came of calls that were sent again together, counted. Prints as a sentence without its end:
/// `38 sent again: 36 answered the same, 1 otherwise, 1 not at all; 2 could not be repeated`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReplayTally {
    /// How many were answered as the original: with the same status, headers and body, in whatever time.
    pub same: usize,
    /// How many were answered otherwise.
    pub otherwise: usize,
    /// How many no app answered.
    pub unanswered: usize,
    /// How many were not sent, because they cannot be repeated.
    pub not_sent: usize,
}

impl ReplayTally {
    /// Counts one that an app answered, and what of it differs from the original.
    pub fn count_answered(&mut self, diff: &Diff) {
        if diff.is_answered_the_same() {
            self.same += 1;
        } else {
            self.otherwise += 1;
        }
    }

    /// How many were sent and are over.
    pub fn sent(&self) -> usize {
        self.same + self.otherwise + self.unanswered
    }

    /// How they were answered: `36 answered the same, 1 otherwise, 1 not at all`; empty where none is over.
    pub fn answers(&self) -> String {
        let mut kinds: Vec<String> = Vec::new();
        // The word that all kinds have in common is said with the first.
        for (count, first, further) in [
            (self.same, "answered the same", ""),
            (self.otherwise, "answered otherwise", "otherwise"),
            (self.unanswered, "not answered", "not at all"),
        ] {
            if count > 0 {
                kinds.push(format!("{count} {}", if kinds.is_empty() { first } else { further }));
            }
        }
        kinds.join(", ")
    }
}

impl fmt::Display for ReplayTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sent() {
            0 => f.write_str("None was sent again")?,
            sent => write!(f, "{sent} sent again: {}", self.answers())?,
        }
        if self.not_sent > 0 {
            write!(f, "; {} could not be repeated", self.not_sent)?;
        }
        Ok(())
    }
}
