//! What of a call's text is folded away.

use super::part::{Part, Start};
use super::{Inspector, Tab};

impl Inspector {
    /// Folds the node under the cursor, or that the cursor is in; or unfolds it.
    pub(crate) fn fold(&mut self) {
        let Some(part) = self.parts.get_mut(self.part) else { return };
        let line = self.place.line as usize;
        let node = if part.fold(line).is_some() { Some(line) } else { part.document.parent(line) };
        if let Some(node) = node {
            let folded = part.fold(node) == Some(true);
            part.set_folded(node, !folded);
            self.place = Start { line: node as u32, at: 0 };
        }
        self.recut();
    }

    /// Whether the cursor is on the heading of a message that can be folded.
    pub(crate) fn is_at_message(&self) -> bool {
        let part = self.parts.get(self.part);
        part.is_some_and(|part| part.print.is_some() && self.place.line == 0 && part.fold(0).is_some())
    }

    /// The parts that are folded together: in the list of messages those alone.
    fn foldable(&mut self) -> impl Iterator<Item = &mut Part> {
        let only_messages = self.tab == Tab::Messages;
        self.parts.iter_mut().filter(move |part| part.print.is_some() || !only_messages)
    }

    /// Folds everything but the outermost nodes, or, where anything is folded, unfolds it all.
    pub(crate) fn fold_all(&mut self) {
        let folded = self.foldable().any(|part| part.has_folds());
        // What a message says is its outermost node; in the list of messages, the message is.
        let outermost = if self.tab == Tab::Messages { 0 } else { 2 };
        for part in self.foldable() {
            part.fold_from(if folded { usize::MAX } else { outermost });
        }
        self.recut();
    }

    /// Folds one level more, or one less.
    pub(crate) fn fold_level(&mut self, more: bool) {
        let level = self.foldable().map(|part| part.open_levels()).max().unwrap_or(0);
        let least = usize::from(self.tab != Tab::Messages);
        let level = if more { level.saturating_sub(1).max(least) } else { level + 1 };
        for part in self.foldable() {
            part.fold_from(level);
        }
        self.recut();
    }
}
