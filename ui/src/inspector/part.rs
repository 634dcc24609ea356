//! A document as rows: what of it is folded, and where its lines are cut for a width.

use std::collections::HashSet;

use unicode_width::UnicodeWidthChar;

use super::document::Document;
use super::laying::Print;
use super::outline::Topic;

/// Levels further in than this are not indented any more.
const DEEPEST: usize = 24;

/// The columns before the text: the marker of the cursor, the sign of a fold, a space.
pub(super) const GUTTER: usize = 3;

/// Where a row begins: a line, and a byte of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Start {
    pub(super) line: u32,
    pub(super) at: u32,
}

/// A document, folded and cut into rows.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// What it is about.
    pub(super) topic: Topic,
    /// What the message was that it shows, where it shows one that was read.
    pub(super) print: Option<Print>,
    /// How many bytes were read for it, and are its text.
    pub(super) weight: usize,
    pub(super) document: Document,
    folded: HashSet<u32>,
    /// Where each row begins.
    rows: Vec<Start>,
    /// For which width that was, and whether long lines were cut.
    cut_for: Option<(usize, bool)>,
}

impl Part {
    /// A document with nothing folded but what is folded at first.
    pub(super) fn new(document: Document) -> Self {
        let at_first = |line: &usize| document.entry(*line).is_some_and(|entry| entry.folded);
        let folded = (0..document.len()).filter(at_first).map(|line| line as u32).collect();
        Self { document, folded, ..Self::default() }
    }

    /// The same part with a document that has grown: what is folded stays so.
    pub(super) fn replaced(self, document: Document) -> Self {
        Self { document, cut_for: None, ..self }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where a row begins.
    pub(super) fn start(&self, row: usize) -> Option<Start> {
        self.rows.get(row).copied()
    }

    /// The bytes of its line that a row shows.
    pub(super) fn bytes(&self, row: usize) -> std::ops::Range<usize> {
        let Some(start) = self.start(row) else { return 0..0 };
        let end = match self.start(row + 1) {
            Some(next) if next.line == start.line => next.at as usize,
            _ => self.document.line(start.line as usize).len(),
        };
        start.at as usize..end
    }

    /// The row that shows a place; where that is folded away, the row of the fold.
    pub(super) fn row_of(&self, place: Start) -> usize {
        self.rows.partition_point(|row| *row <= place).saturating_sub(1)
    }

    /// Cuts the lines into rows of `width` columns, where that has not been done; where lines are not `wrapped`, each is
    /// a row.
    pub(super) fn cut(&mut self, width: usize, wrapped: bool) {
        if self.cut_for == Some((width, wrapped)) {
            return;
        }
        self.cut_for = Some((width, wrapped));
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        let mut line = 0;
        while let Some(entry) = self.document.entry(line) {
            rows.push(Start { line: line as u32, at: 0 });
            if self.folded.contains(&(line as u32)) {
                line += entry.inner as usize;
            } else if wrapped {
                let first = room(width, usize::from(entry.depth), 0);
                let hang = hang(width, usize::from(entry.hang));
                let wrap = if entry.class.is_prose() { wrap_at_words } else { wrap };
                wrap(self.document.line(line), first, first.saturating_sub(hang).max(2), &mut |at| {
                    rows.push(Start { line: line as u32, at: at as u32 });
                });
            }
            line += 1;
        }
        self.rows = rows;
    }

    /// Whether a line begins a node, and whether that is folded.
    pub(super) fn fold(&self, line: usize) -> Option<bool> {
        let begins = self.document.entry(line)?.inner > 0;
        begins.then(|| self.folded.contains(&(line as u32)))
    }

    /// Folds the node of a line, or unfolds it. A line in a node stands for it.
    pub(super) fn set_folded(&mut self, line: usize, folded: bool) {
        let changed = if folded { self.folded.insert(line as u32) } else { self.folded.remove(&(line as u32)) };
        if changed {
            self.cut_for = None;
        }
    }

    /// Unfolds whatever hides a line.
    pub(super) fn uncover(&mut self, line: usize) {
        for node in self.document.ancestors(line) {
            self.set_folded(node, false);
        }
    }

    /// Folds every node that is in `depth` others or more, and unfolds the others.
    pub(super) fn fold_from(&mut self, depth: usize) {
        let deep = |line: &usize| {
            self.document.entry(*line).is_some_and(|entry| entry.inner > 0 && usize::from(entry.depth) >= depth)
        };
        self.folded = (0..self.document.len()).filter(deep).map(|line| line as u32).collect();
        self.cut_for = None;
    }

    /// In how many others the innermost node that is not folded is, and one more: what to fold from on to fold nothing.
    pub(super) fn open_levels(&self) -> usize {
        let open = (0..self.document.len()).filter(|line| self.fold(*line) == Some(false));
        open.filter_map(|line| self.document.entry(line)).map(|entry| usize::from(entry.depth) + 1).max().unwrap_or(0)
    }

    /// Whether anything is folded.
    pub(super) fn has_folds(&self) -> bool {
        !self.folded.is_empty()
    }
}

/// How far in a line begins.
pub(super) fn indent(width: usize, depth: usize) -> usize {
    (2 * depth.min(DEEPEST)).min(width / 2)
}

/// How much further in its rows after the first begin.
pub(super) fn hang(width: usize, hang: usize) -> usize {
    hang.min(width / 3)
}

/// How many columns the text of a line has.
fn room(width: usize, depth: usize, hang: usize) -> usize {
    width.saturating_sub(GUTTER + indent(width, depth) + hang).max(2)
}

/// Tells where a text is to be cut so that its first piece takes `first` columns at most, and each other one `rest`.
fn wrap(text: &str, first: usize, rest: usize, cut: &mut dyn FnMut(usize)) {
    // A text of n bytes takes at most n columns: most lines need no measuring.
    if text.len() <= first {
        return;
    }
    if text.is_ascii() {
        let mut at = first;
        while at < text.len() {
            cut(at);
            at += rest;
        }
        return;
    }
    let (mut used, mut limit) = (0, first);
    for (at, c) in text.char_indices() {
        let columns = c.width().unwrap_or(0);
        if used + columns > limit {
            cut(at);
            (used, limit) = (0, rest);
        }
        used += columns;
    }
}

/// The same for a sentence, between its words; in one that is too long for a row where it has to be.
fn wrap_at_words(text: &str, first: usize, rest: usize, cut: &mut dyn FnMut(usize)) {
    if text.len() <= first {
        return;
    }
    let (mut used, mut limit) = (0, first);
    // Where the last word of the row began, and how many columns stood before it.
    let mut word = None;
    for (at, c) in text.char_indices() {
        let columns = c.width().unwrap_or(0);
        if used + columns > limit {
            let (at, before) = word.take().unwrap_or((at, used));
            cut(at);
            (used, limit) = (used - before, rest);
        }
        used += columns;
        if c == ' ' {
            word = Some((at + 1, used));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspector::document::{Class, Look, Writer};

    fn part() -> Part {
        let mut writer = Writer::new(Look { ascii: false, bytes: 16 });
        writer.line(Class::Title, &[], "title");
        writer.open();
        writer.line(Class::Object, &[], "{");
        writer.open();
        writer.line(Class::String, &["\"key\": "], "\"0123456789\"");
        writer.hang(2);
        writer.close_with("}");
        writer.close();
        writer.line(Class::Text, &[], "世界世界世界");
        Part::new(writer.finish())
    }

    fn rows(part: &Part) -> Vec<String> {
        (0..part.len())
            .map(|row| part.document.line(part.start(row).unwrap().line as usize)[part.bytes(row)].to_owned())
            .collect()
    }

    #[test]
    fn lines_are_cut_at_the_width_and_nothing_is_lost() {
        let mut part = part();
        part.cut(15, true);
        assert_eq!(rows(&part), ["title", "{", "\"key\": \"", "012345", "6789\"", "}", "世界世界世界"]);
        part.cut(9, true);
        assert_eq!(rows(&part).concat(), "title{\"key\": \"0123456789\"}世界世界世界");
        assert_eq!(rows(&part).last().map(String::as_str), Some("界世界"));
        part.cut(9, false);
        assert_eq!(part.len(), 5);
        assert_eq!(part.row_of(Start { line: 2, at: 9 }), 2);
    }

    #[test]
    fn a_sentence_is_cut_between_its_words() {
        let mut writer = Writer::new(Look { ascii: false, bytes: 16 });
        writer.line(Class::Note, &[], "one two three, unbelievably été four");
        let mut part = Part::new(writer.finish());
        part.cut(13, true);
        assert_eq!(rows(&part), ["one two ", "three, ", "unbelievab", "ly été ", "four"]);
        part.cut(80, true);
        assert_eq!(part.len(), 1);
    }

    #[test]
    fn a_fold_hides_its_lines_and_a_place_in_it_is_shown_as_the_fold() {
        let mut part = part();
        part.set_folded(1, true);
        part.cut(80, true);
        assert_eq!(rows(&part), ["title", "{", "世界世界世界"]);
        assert_eq!((part.row_of(Start { line: 2, at: 0 }), part.fold(1), part.fold(2)), (1, Some(true), None));
        part.uncover(2);
        part.cut(80, true);
        assert_eq!(part.len(), 5);
        part.fold_from(0);
        part.cut(80, true);
        assert_eq!((rows(&part), part.open_levels()), (vec!["title".to_owned(), "世界世界世界".to_owned()], 0));
    }
}
