//! The user's editor, which the dashboard cannot start itself: whoever opens the dashboard says how.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use crate::action::Edit;

/// What comes back from an editor: the text as it was left.
pub type Saved = Pin<Box<dyn Future<Output = io::Result<String>> + Send>>;

/// A way to let the user edit a text on the terminal, which is free meanwhile. Dropping what it returns ends the editor.
#[derive(Clone)]
pub struct Editor(Arc<dyn Fn(Edit) -> Saved + Send + Sync>);

impl Editor {
    /// The way that a function goes.
    pub fn new(open: impl Fn(Edit) -> Saved + Send + Sync + 'static) -> Self {
        Self(Arc::new(open))
    }

    /// Opens the editor.
    pub(crate) fn open(&self, edit: Edit) -> Saved {
        (self.0)(edit)
    }
}

impl fmt::Debug for Editor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Editor")
    }
}
