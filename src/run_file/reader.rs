//! Reads typed values out of a YAML tree, and collects everything that is wrong with it instead of stopping at the first.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::{Entry, Node, Value};
use super::scalar::{self, Meaning};

/// Something to say about a line of a run file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Issue {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What to say.
    pub(crate) text: String,
}

/// What was found while reading.
#[derive(Debug, Default)]
pub(crate) struct Issues {
    /// What makes the file unusable.
    pub(crate) errors: Vec<Issue>,
    /// What is only suspicious.
    pub(crate) warnings: Vec<Issue>,
}

/// A kind of map: what its keys are.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// For messages: `an app`.
    pub(crate) name: &'static str,
    /// The keys that it has.
    pub(crate) keys: &'static [&'static [&'static str]],
    /// Keys that belong elsewhere, and where.
    pub(crate) elsewhere: &'static [(&'static [&'static str], &'static str)],
}

/// One map of a run file, being read.
pub(crate) struct MapReader<'a> {
    issues: &'a mut Issues,
    path: String,
    line: usize,
    values: BTreeMap<String, Entry>,
}

impl<'a> MapReader<'a> {
    /// Opens a map at a path (`apps[0]`); what is no map is an error and reads as an empty one.
    pub(crate) fn open(issues: &'a mut Issues, node: &Node, path: String, kind: Kind) -> Self {
        let mut values: BTreeMap<String, Entry> = BTreeMap::new();
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    if let Some(text) = unknown(&entry.key, kind) {
                        issues.warnings.push(Issue { line: entry.line, text });
                        continue;
                    }
                    let first = values.remove(&entry.key);
                    if let Some(first) = first.as_ref().filter(|first| !(first.merged || entry.merged)) {
                        issues.warnings.push(repeated(first, entry));
                    }
                    values.insert(entry.key.clone(), joined(first, entry));
                }
            }
            _ if is_null(node) => {}
            _ => mismatch(issues, node, &path, "a map of keys and values"),
        }
        Self { issues, path, line: node.line, values }
    }

    /// The line of a key, or of the map where the key is absent.
    pub(crate) fn line(&self, key: &str) -> usize {
        self.values.get(key).map_or(self.line, |entry| entry.line)
    }

    /// The line that the map begins in.
    pub(crate) fn begins(&self) -> usize {
        self.line
    }

    /// The lines of all keys that are there.
    pub(crate) fn lines(&self) -> BTreeMap<String, usize> {
        self.values.iter().map(|(key, entry)| (key.clone(), entry.line)).collect()
    }

    /// A value that is not read by this reader.
    pub(crate) fn raw(&self, key: &str) -> Option<Rc<Node>> {
        self.values.get(key).map(|entry| Rc::clone(&entry.value))
    }

    /// Where the problems go.
    pub(crate) fn issues(&mut self) -> &mut Issues {
        self.issues
    }

    /// A text: the raw scalar, whatever it looks like; empty where absent or null.
    pub(crate) fn text(&mut self, key: &str) -> String {
        let Some(node) = self.raw(key) else { return String::new() };
        self.scalar_text(&node, &self.at(key))
    }

    /// A whole number; 0 where absent or null. Other numbers lose their fraction.
    pub(crate) fn integer(&mut self, key: &str) -> i64 {
        let Some(node) = self.raw(key) else { return 0 };
        match plain_meaning(&node) {
            Some(Meaning::Null) => 0,
            Some(Meaning::Int(number)) => number,
            Some(Meaning::Float(number)) if number.abs() < 9e18 => number as i64,
            _ => {
                mismatch(self.issues, &node, &self.at(key), "a whole number");
                0
            }
        }
    }

    /// A bool; false where absent or null.
    pub(crate) fn boolean(&mut self, key: &str) -> bool {
        let Some(node) = self.raw(key) else { return false };
        match plain_meaning(&node) {
            Some(Meaning::Null) => false,
            Some(Meaning::Bool(on)) => on,
            _ => {
                mismatch(self.issues, &node, &self.at(key), "true or false");
                false
            }
        }
    }

    /// A list of texts; empty where absent or null.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let path = self.at(key);
        let items = self.items(key, "a list of texts, one `- ` line each");
        items.iter().enumerate().map(|(at, item)| self.scalar_text(item, &format!("{path}[{at}]"))).collect()
    }

    /// A map of texts; empty where absent or null.
    pub(crate) fn text_map(&mut self, key: &str) -> BTreeMap<String, String> {
        let Some(node) = self.raw(key) else { return BTreeMap::new() };
        let path = self.at(key);
        let Value::Map(entries) = &node.value else {
            if !is_null(&node) {
                mismatch(self.issues, &node, &path, "a map of names and values");
            }
            return BTreeMap::new();
        };
        entries
            .iter()
            .map(|entry| (entry.key.clone(), self.scalar_text(&entry.value, &format!("{path}.{}", entry.key))))
            .collect()
    }

    /// The items of a list; none where absent or null.
    pub(crate) fn items(&mut self, key: &str, expected: &str) -> Vec<Rc<Node>> {
        let Some(node) = self.raw(key) else { return Vec::new() };
        match &node.value {
            Value::List(items) => items.clone(),
            _ if is_null(&node) => Vec::new(),
            _ => {
                mismatch(self.issues, &node, &self.at(key), expected);
                Vec::new()
            }
        }
    }

    /// The path of a key, for messages.
    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn scalar_text(&mut self, node: &Node, path: &str) -> String {
        match &node.value {
            Value::Scalar { .. } if is_null(node) => String::new(),
            Value::Scalar { text, .. } => text.clone(),
            Value::List(_) | Value::Map(_) => {
                mismatch(self.issues, node, path, "a text");
                String::new()
            }
        }
    }
}

/// What is said about a key that stands twice.
fn repeated(first: &Entry, second: &Entry) -> Issue {
    let both_maps = matches!((&first.value.value, &second.value.value), (Value::Map(_), Value::Map(_)));
    let what = if both_maps { "both are joined" } else { "this one counts" };
    Issue { line: second.line, text: format!("{:?} stands here again after line {}; {what}", second.key, first.line) }
}

/// The later of two entries; the entries of two maps are joined, as the parser of the Dapr CLI does.
fn joined(first: Option<Entry>, second: &Entry) -> Entry {
    let Some(first) = first else { return second.clone() };
    let (Value::Map(earlier), Value::Map(later)) = (&first.value.value, &second.value.value) else {
        return second.clone();
    };
    // Only what stands twice in one and the same map is worth a word.
    let earlier = earlier.iter().map(|entry| Entry { merged: true, ..entry.clone() });
    let value = Value::Map(earlier.chain(later.iter().cloned()).collect());
    Entry { value: Rc::new(Node { line: second.value.line, value }), ..second.clone() }
}

fn plain_meaning(node: &Node) -> Option<Meaning> {
    match &node.value {
        Value::Scalar { text, plain: true } => Some(scalar::meaning(text)),
        Value::Scalar { plain: false, .. } => Some(Meaning::Text),
        Value::List(_) | Value::Map(_) => None,
    }
}

fn is_null(node: &Node) -> bool {
    plain_meaning(node) == Some(Meaning::Null)
}

fn mismatch(issues: &mut Issues, node: &Node, path: &str, expected: &str) {
    let found = match &node.value {
        Value::Scalar { text, plain: true } => scalar::meaning(text).describe(text),
        Value::Scalar { text, plain: false } if scalar::meaning(text) == Meaning::Text => format!("the text {text:?}"),
        Value::Scalar { text, plain: false } => format!("the text {text:?} (leave the quotes away)"),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    };
    let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
    issues.errors.push(Issue { line: node.line, text: format!("{place}expected {expected}, found {found}") });
}

/// What to say about a key that a map does not have.
fn unknown(key: &str, kind: Kind) -> Option<String> {
    let mut known = kind.keys.iter().copied().flatten().copied();
    if known.clone().any(|name| name == key) {
        return None;
    }
    let misplaced = || {
        let same = |names: &[&'static str]| names.iter().copied().find(|name| name.eq_ignore_ascii_case(key));
        kind.elsewhere.iter().find_map(|(names, place)| Some((same(names)?, place)))
    };
    let near = known
        .by_ref()
        .map(|name| (distance(name, key), name))
        .filter(|(distance, name)| *distance <= name.len() / 4 + 1)
        .min();
    let hint = match (near, misplaced()) {
        (Some((0, name)), _) | (Some((_, name)), None) => format!("; did you mean {name:?}?"),
        (_, Some((name, place))) => format!("; {name:?} belongs into {place}"),
        (None, None) => String::new(),
    };
    Some(format!("{key:?} is not a key of {} and is ignored{hint}", kind.name))
}

/// How far two names are apart; a difference of case is next to none.
fn distance(name: &str, key: &str) -> usize {
    if name.eq_ignore_ascii_case(key) {
        return 0;
    }
    1 + strsim::damerau_levenshtein(&name.to_ascii_lowercase(), &key.to_ascii_lowercase())
}
