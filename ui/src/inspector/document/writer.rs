//! Documents, written from top to bottom.

use super::{Class, Document, Entry};
use crate::text;

/// The most lines of a document: a body of commas alone would fill the memory otherwise.
const MOST_LINES: usize = 600_000;

/// The most levels that nodes nest.
const DEEPEST: usize = 10_000;

/// What of the screen matters for how text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Look {
    /// Only ASCII characters may be drawn.
    pub(crate) ascii: bool,
    /// How many bytes are in a line in hexadecimal.
    pub(crate) bytes: usize,
}

/// Writes a [`Document`].
#[derive(Debug)]
pub(crate) struct Writer {
    document: Document,
    /// The nodes that have begun and not ended, the innermost last.
    open: Vec<u32>,
    /// How many more have begun than nodes may nest.
    too_deep: usize,
    most: usize,
    /// How text is written.
    pub(crate) look: Look,
}

impl Writer {
    /// An empty document.
    pub(crate) fn new(look: Look) -> Self {
        Self { document: Document::default(), open: Vec::new(), too_deep: 0, most: MOST_LINES, look }
    }

    /// Whether no more lines are taken.
    pub(crate) fn is_full(&self) -> bool {
        // Positions are kept in 32 bits, and a byte may take eight columns when it is written out.
        self.document.entries.len() >= self.most || self.document.text.len() > 1 << 30
    }

    /// Takes one line more than there may be, to say so.
    pub(crate) fn allow_one_more(&mut self) {
        self.most += 1;
    }

    /// Makes room for text that is about to come.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.document.text.reserve(bytes);
    }

    /// Adds a line: its key in pieces, and what follows. Without room it is left out.
    pub(crate) fn line(&mut self, class: Class, key: &[&str], rest: &str) {
        if self.is_full() {
            return;
        }
        let number = self.document.entries.len() as u32;
        let parent = self.open.last().copied();
        let mut index = 0;
        if let Some(parent) = parent.and_then(|parent| self.document.entries.get_mut(parent as usize))
            && class != Class::Close
        {
            index = parent.children;
            parent.children += 1;
        }
        let start = self.document.text.len();
        for piece in key {
            text::clean_into(&mut self.document.text, piece, self.look.ascii);
        }
        let key = self.document.text.len() - start;
        text::clean_into(&mut self.document.text, rest, self.look.ascii);
        self.document.text.push('\n');
        let depth = self.open.len() - usize::from(class == Class::Close && parent.is_some());
        self.document.entries.push(Entry {
            start: start as u32,
            key: key as u32,
            inner: 0,
            parent: parent.unwrap_or(number),
            index,
            children: 0,
            depth: depth as u16,
            hang: 0,
            class,
            folded: false,
        });
    }

    /// Has the rows of the last line after its first one begin further in.
    pub(crate) fn hang(&mut self, columns: usize) {
        if let Some(entry) = self.document.entries.last_mut() {
            entry.hang = columns as u16;
        }
    }

    /// Adds to the end of the last line.
    pub(crate) fn append(&mut self, more: &str) {
        if !self.is_full() && self.document.text.ends_with('\n') {
            self.document.text.pop();
            text::clean_into(&mut self.document.text, more, self.look.ascii);
            self.document.text.push('\n');
        }
    }

    /// Makes the last line a node that the following lines are in.
    pub(crate) fn open(&mut self) {
        match self.document.entries.len().checked_sub(1) {
            Some(last) if self.open.len() < DEEPEST => self.open.push(last as u32),
            _ => self.too_deep += 1,
        }
    }

    /// Makes the last line a node that is folded at first.
    pub(crate) fn open_folded(&mut self) {
        if let Some(entry) = self.document.entries.last_mut() {
            entry.folded = true;
        }
        self.open();
    }

    /// How many nodes are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len() + self.too_deep
    }

    /// Ends the innermost node with a line of its own.
    pub(crate) fn close_with(&mut self, text: &str) {
        self.line(Class::Close, &[], text);
        self.close();
    }

    /// Ends the innermost node.
    pub(crate) fn close(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(node) = self.open.pop() else { return };
        let last = self.document.entries.len() as u32 - 1;
        if let Some(entry) = self.document.entries.get_mut(node as usize) {
            entry.inner = last.saturating_sub(node);
        }
    }

    /// Ends nodes until only `depth` of them are open.
    pub(crate) fn close_to(&mut self, depth: usize) {
        while self.depth() > depth {
            self.close();
        }
    }

    /// The document; nodes that are open end here.
    pub(crate) fn finish(mut self) -> Document {
        self.close_to(0);
        self.document
    }
}
