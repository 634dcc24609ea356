//! A line that is typed: a filter, or a text to look for.

use daptop_model::{Completions, Filter, Snapshot};

/// The longest line, in bytes.
const LONGEST: usize = 1_000;

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// It narrows the calls.
    Filter,
    /// It is looked for in the focused pane.
    Search,
}

/// A line that is typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Prompt {
    /// What becomes of it.
    pub(crate) purpose: Purpose,
    /// The line.
    text: String,
    /// Where typing goes on, a byte offset.
    cursor: usize,
    /// The words that were offered when the first of them was taken, and which one is in place.
    taken: Option<(Completions, usize)>,
}

impl Prompt {
    /// A line to go on with.
    pub(crate) fn new(purpose: Purpose, text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        Self { purpose, cursor: text.len(), text, taken: None }
    }

    /// The line.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What is before the cursor.
    pub(crate) fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// The words that fit, and which one is in place.
    pub(crate) fn offered(&self, snapshot: &Snapshot) -> (Vec<String>, Option<usize>) {
        match (&self.taken, self.purpose) {
            (Some((offered, at)), _) => (offered.words.clone(), Some(*at)),
            (None, Purpose::Filter) => (Filter::completions(&self.text, self.cursor, snapshot).words, None),
            (None, Purpose::Search) => (Vec::new(), None),
        }
    }

    /// Types a character.
    pub(crate) fn insert(&mut self, c: char) {
        self.taken = None;
        if self.text.len() < LONGEST && !c.is_control() {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Removes the character before the cursor.
    pub(crate) fn erase(&mut self) {
        let start = self.before().char_indices().next_back().map_or(0, |(at, _)| at);
        self.remove_from(start);
    }

    /// Removes the word before the cursor, and the spaces after it.
    pub(crate) fn erase_word(&mut self) {
        let word = self.before().trim_end();
        let start = word.char_indices().rev().take_while(|(_, c)| !c.is_whitespace()).last();
        self.remove_from(start.map_or(0, |(at, _)| at));
    }

    fn remove_from(&mut self, start: usize) {
        self.taken = None;
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.purpose, "");
    }

    /// Moves the cursor by one character.
    pub(crate) fn go(&mut self, right: bool) {
        self.taken = None;
        self.cursor = if right {
            self.text[self.cursor..].chars().next().map_or(self.cursor, |c| self.cursor + c.len_utf8())
        } else {
            self.before().char_indices().next_back().map_or(0, |(at, _)| at)
        };
    }

    /// Moves the cursor to an end.
    pub(crate) fn go_to_end(&mut self, right: bool) {
        self.taken = None;
        self.cursor = if right { self.text.len() } else { 0 };
    }

    /// Writes the next word that fits, or the one before it, in place of the one before the cursor. With the only one
    /// that fits, the next word of the filter may follow at once.
    pub(crate) fn complete(&mut self, forward: bool, snapshot: &Snapshot) {
        if self.purpose == Purpose::Search {
            return;
        }
        let (offered, at) = if let Some((offered, at)) = self.taken.take() {
            let by = if forward { 1 } else { offered.words.len() - 1 };
            let next = (at + by) % offered.words.len();
            (offered, next)
        } else {
            let offered = Filter::completions(&self.text, self.cursor, snapshot);
            let Some(last) = offered.words.len().checked_sub(1) else { return };
            (offered, if forward { 0 } else { last })
        };
        let word = &offered.words[at];
        self.text.replace_range(offered.start..self.cursor, word);
        self.cursor = offered.start + word.len();
        // What could follow a key that has just been completed is a question of its own.
        self.taken = (offered.words.len() > 1).then_some((offered, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_at_its_cursor_whatever_is_in_it() {
        let mut prompt = Prompt::new(Purpose::Search, "größe von 世界\u{7}");
        assert_eq!(prompt.text(), "größe von 世界");
        prompt.go(false);
        prompt.erase();
        assert_eq!((prompt.text(), prompt.before()), ("größe von 界", "größe von "));
        prompt.erase_word();
        prompt.insert('!');
        assert_eq!((prompt.text(), prompt.before()), ("größe !界", "größe !"));
        prompt.go_to_end(false);
        prompt.go(false);
        prompt.erase();
        prompt.go(true);
        prompt.go(true);
        assert_eq!(prompt.before(), "gr");
        prompt.go_to_end(true);
        prompt.go(true);
        assert_eq!(prompt.before(), "größe !界");
        prompt.clear();
        assert_eq!(prompt.text(), "");
    }
}
