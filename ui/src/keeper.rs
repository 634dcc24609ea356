//! A place for what is too large for the clipboard, which the dashboard cannot write itself: whoever opens it says how.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A way to keep a text in a file; what comes back is the file's path.
#[derive(Clone)]
pub struct Keeper(Arc<Keep>);

/// The way that a text goes.
type Keep = dyn Fn(&str) -> io::Result<String> + Send + Sync;

impl Keeper {
    /// The way that a function goes.
    pub fn new(keep: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(keep))
    }

    /// Keeps a text.
    pub(crate) fn keep(&self, text: &str) -> io::Result<String> {
        (self.0)(text)
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}
