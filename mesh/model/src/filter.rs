//! The one language in which calls are chosen: in lists, on the command line, in searches.
//!
//! ```text
//! m:POST path:/orders status:5xx app:checkout to:order-processor dur>250ms body~"orderId" hdr:traceparent
//! failed replay waiting open error cancelled trace:4bf9 grpc:unavailable id:12 size>1kb status>=400 dur<1s
//! ```
//!
//! Words stand for tests that must all hold; `or`, `not` and parentheses do what they say. `:` asks whether a text is
//! the value (a path: whether it begins with it), `~` whether it contains it. A word without a key is looked for in the
//! path, the apps' names and the bodies; quotes make text of anything. Capitals count nowhere (of ASCII letters).
//! Bodies are read as their senders meant them: what is compressed (`content-encoding`) is searched decompressed, its
//! first MiB.

mod complete;
mod expression;
mod matching;
mod parse;
mod term;
mod value;

use std::fmt;
use std::str::FromStr;

use expression::Expression;
use term::Flag;

pub use complete::Completions;

use crate::{Call, Snapshot, Stamp};

/// A choice among calls. The default one takes every call. Prints as the text that it can be read from again.
///
/// ```
/// use daptop_model::Filter;
/// let filter: Filter = "m:post AND dur>1000ms (open or failed)".parse()?;
/// assert_eq!(filter.to_string(), "m:post dur>1s (open or failed)");
/// # Ok::<(), daptop_model::FilterError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    root: Option<Expression>,
}

impl Filter {
    /// Reads a filter. Empty text takes every call.
    ///
    /// # Errors
    /// Where the text is not a filter; the error names the column and what could stand there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { root: parse::parse(text)? })
    }

    /// Whether every call is taken.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Whether a call is taken. `now` gives open calls an age.
    pub fn matches(&self, call: &Call, now: Stamp) -> bool {
        self.root.as_ref().is_none_or(|root| root.matches(call, now))
    }

    /// Whether it asks for calls that repeat another one: it has the word `replay`, and does not exclude them by it.
    pub fn asks_for_replays(&self) -> bool {
        self.root.as_ref().is_some_and(|root| root.wants(Flag::Replay))
    }

    /// What the word that ends at the byte offset `cursor` of an unfinished filter could become.
    pub fn completions(text: &str, cursor: usize, snapshot: &Snapshot) -> Completions {
        complete::completions(text, cursor, snapshot)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |root| root.fmt(f))
    }
}

/// Why a text is not a filter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}")]
pub struct FilterError {
    /// Where, counted in characters from 1.
    pub column: usize,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

#[cfg(test)]
mod tests;
