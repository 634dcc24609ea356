//! A choice of things that can be done.

use crate::action::Action;

/// A choice.
#[derive(Clone, Debug)]
pub(crate) struct Menu {
    /// What is chosen.
    pub(crate) title: String,
    /// The things.
    pub(crate) items: Vec<Item>,
    /// The one that Enter does.
    pub(crate) selected: usize,
    /// What lay over the panes before, and does again afterwards.
    pub(crate) below: Option<Box<super::Compared>>,
}

/// A thing that can be done.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The key that does it at once.
    pub(crate) key: String,
    /// What it is.
    pub(crate) text: String,
    /// What it means.
    pub(crate) action: Action,
    /// Why it cannot be done, where it cannot.
    pub(crate) why_not: Option<String>,
}

impl Menu {
    /// The thing of a key.
    pub(crate) fn find(&self, key: char) -> Option<usize> {
        self.items.iter().position(|item| item.key.chars().eq([key]))
    }
}
