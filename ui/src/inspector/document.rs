//! A message as lines that fold. Nothing here depends on the width of the screen; all text is clean.

mod writer;

use std::ops::Range;

pub(crate) use writer::{Look, Writer};

/// What a line is, which says how it looks and what its path is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// A heading of ours.
    Title,
    /// The heading of a message of a gRPC call.
    Message,
    /// Something a reader must know before the rest: what is missing, cut or guessed.
    Note,
    /// A header line, or a field of a form.
    Field,
    /// Text as it was sent.
    Text,
    /// The start of a JSON object.
    Object,
    /// The start of a JSON array.
    Array,
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// `true`, `false` or `null`.
    Literal,
    /// The end of what an earlier line began.
    Close,
    /// A tag of XML or HTML.
    Tag,
    /// A comment or a declaration of XML or HTML.
    Comment,
    /// Bytes in hexadecimal.
    Hex,
}

impl Class {
    /// Whether it is a sentence rather than something that was sent.
    pub(crate) fn is_prose(self) -> bool {
        matches!(self, Class::Title | Class::Note | Class::Comment)
    }

    fn is_json(self) -> bool {
        matches!(self, Class::Object | Class::Array | Class::String | Class::Number | Class::Literal)
    }
}

/// A line, and the node that it begins where lines follow that belong to it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Where its text begins.
    start: u32,
    /// How many bytes at its beginning are a key.
    pub(crate) key: u32,
    /// How many of the following lines belong to it.
    pub(crate) inner: u32,
    /// The line of the node that it is in; its own number where it is in none.
    pub(crate) parent: u32,
    /// How many nodes before it are in the same one.
    pub(crate) index: u32,
    /// How many nodes are in it.
    pub(crate) children: u32,
    /// How many nodes it is in.
    pub(crate) depth: u16,
    /// How many columns further in the rows after its first one begin.
    pub(crate) hang: u16,
    /// What it is.
    pub(crate) class: Class,
    /// Whether its node is folded at first.
    pub(crate) folded: bool,
}

/// Lines, and the nodes that they make.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// All lines, each followed by a line feed.
    text: String,
    entries: Vec<Entry>,
}

impl Document {
    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A line's place among the others.
    pub(crate) fn entry(&self, line: usize) -> Option<&Entry> {
        self.entries.get(line)
    }

    /// All lines, for searching.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where a line is in the text, its line feed left out.
    pub(crate) fn range(&self, line: usize) -> Range<usize> {
        let start = |line: usize| self.entries.get(line).map_or(self.text.len(), |entry| entry.start as usize);
        let begin = start(line);
        begin..start(line + 1).saturating_sub(1).max(begin)
    }

    /// A line's text.
    pub(crate) fn line(&self, line: usize) -> &str {
        self.text.get(self.range(line)).unwrap_or_default()
    }

    /// The line that a place in the text is in.
    pub(crate) fn line_at(&self, at: usize) -> usize {
        self.entries.partition_point(|entry| entry.start as usize <= at).saturating_sub(1)
    }

    /// The closing line of a node that has one.
    pub(crate) fn closing(&self, line: usize) -> Option<&str> {
        let inner = self.entry(line)?.inner as usize;
        let last = self.entry(line + inner).filter(|_| inner > 0)?;
        (last.class == Class::Close && last.parent as usize == line).then(|| self.line(line + inner))
    }

    /// The line of the node that a line is in.
    pub(crate) fn parent(&self, line: usize) -> Option<usize> {
        let parent = self.entry(line)?.parent as usize;
        (parent != line).then_some(parent)
    }

    /// The lines that a line is in, the outermost first.
    pub(crate) fn ancestors(&self, line: usize) -> Vec<usize> {
        let mut found: Vec<usize> = std::iter::successors(self.parent(line), |at| self.parent(*at)).collect();
        found.reverse();
        found
    }

    /// Where a line is in what it is a part of: `$.items[3].price`, `/order/items`, `part 2 › $.name`; empty where
    /// there is nothing to say.
    pub(crate) fn path(&self, line: usize) -> String {
        let mut path = String::new();
        let mut chain = self.ancestors(line);
        if self.entry(line).is_some_and(|entry| entry.class != Class::Close) {
            chain.push(line);
        }
        for line in chain {
            self.step(line, &mut path);
        }
        path
    }

    fn step(&self, line: usize, path: &mut String) {
        let Some(entry) = self.entry(line) else { return };
        let key = self.line(line).get(..entry.key as usize).unwrap_or_default();
        let label = key.trim_end().trim_end_matches([':', '=']).trim_end();
        let parent = self.parent(line).and_then(|parent| self.entry(parent)).map(|parent| parent.class);
        let mut add = |step: &str| {
            path.push_str(if path.is_empty() || step.is_empty() { "" } else { " › " });
            path.push_str(step);
        };
        match (entry.class, parent) {
            (Class::Title, _) if entry.depth > 0 => add(self.line(line).split("  ").next().unwrap_or_default()),
            (Class::Field | Class::Message, _) => add(label),
            (Class::Tag, _) => {
                let tag = self.line(line).trim_start_matches('<');
                path.push('/');
                path.push_str(tag.split(|c: char| c.is_whitespace() || "/>".contains(c)).next().unwrap_or_default());
            }
            (class, Some(Class::Array)) if class.is_json() => path.extend(["[", &entry.index.to_string(), "]"]),
            (class, Some(Class::Object)) if class.is_json() => path.push_str(&member(label)),
            (class, _) if class.is_json() => {
                add(label);
                add("$");
            }
            _ => {}
        }
    }
}

/// A key of a JSON object as a step of a path: `.name`, or `["two words"]`.
fn member(key: &str) -> String {
    let name = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    if is_name { format!(".{name}") } else { format!("[\"{name}\"]") }
}
