//! A YAML document as a tree in which everything knows its line.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// The deepest nesting that is read; a run file needs five.
const DEEPEST: usize = 64;

/// A value and the line (from 1) that it begins in.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What it is.
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A scalar.
    Scalar {
        /// The text, without quotes and escapes.
        text: String,
        /// Whether the text may mean something else than itself: it is neither quoted nor tagged as text.
        plain: bool,
    },
    /// A list.
    List(Vec<Rc<Node>>),
    /// A map, in the order of the file, with whatever stands twice.
    Map(Vec<Entry>),
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The line of the key, from 1.
    pub(crate) line: usize,
    /// The key; empty for one that is a list or a map.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: Rc<Node>,
    /// Whether it came out of another map by `<<`.
    pub(crate) merged: bool,
}

/// A place in a text that is not YAML.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SyntaxError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
    /// What is wrong there.
    pub(crate) text: String,
}

/// A list or map that has not ended yet.
struct Open {
    anchor: usize,
    line: usize,
    map: bool,
    items: Vec<Rc<Node>>,
}

/// Reads the first document of a text; `None` where there is none.
pub(crate) fn parse(text: &str) -> Result<Option<Rc<Node>>, SyntaxError> {
    let mut parser = Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Rc<Node>> = HashMap::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| SyntaxError {
            line: error.marker().line(),
            column: error.marker().col() + 1,
            text: error.info().to_owned(),
        })?;
        let line = span.start.line();
        let refused = |text: &str| SyntaxError { line, column: span.start.col() + 1, text: text.to_owned() };
        let node = match event {
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) if open.len() < DEEPEST => {
                let map = matches!(event, Event::MappingStart(..));
                open.push(Open { anchor, line, map, items: Vec::new() });
                continue;
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => return Err(refused("this is nested too deeply")),
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(ended) => {
                    let anchor = ended.anchor;
                    keep(&mut anchors, anchor, close(ended))
                }
                None => return Err(refused("an end without a beginning")),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let plain = match tag {
                    Some(tag) if is_core(&tag, &["int", "bool", "float", "null"]) => true,
                    Some(tag) if is_core(&tag, &["str"]) || is_bare(&tag) => false,
                    _ => style == ScalarStyle::Plain,
                };
                let value = Value::Scalar { text: text.into_owned(), plain };
                keep(&mut anchors, anchor, Rc::new(Node { line, value }))
            }
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some(node) => Rc::clone(node),
                None => return Err(refused("an anchor holds itself")),
            },
            Event::StreamEnd => return Ok(None),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.items.push(node),
            None => return Ok(Some(node)),
        }
    }
    Ok(None)
}

/// `!!int` and the like.
fn is_core(tag: &Tag, names: &[&str]) -> bool {
    tag.is_yaml_core_schema() && names.contains(&tag.suffix.as_str())
}

/// `!`, which means: take it as it stands.
fn is_bare(tag: &Tag) -> bool {
    tag.handle.is_empty() && tag.suffix == "!"
}

/// Remembers a node under its anchor; 0 is none.
fn keep(anchors: &mut HashMap<usize, Rc<Node>>, anchor: usize, node: Rc<Node>) -> Rc<Node> {
    if anchor != 0 {
        anchors.insert(anchor, Rc::clone(&node));
    }
    node
}

fn close(Open { line, map, items, .. }: Open) -> Rc<Node> {
    let value = if map { Value::Map(entries(&items)) } else { Value::List(items) };
    Rc::new(Node { line, value })
}

/// Pairs keys and values, and puts what `<<` merges in its place.
fn entries(items: &[Rc<Node>]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for pair in items.chunks_exact(2) {
        let (key, plain) = match &pair[0].value {
            Value::Scalar { text, plain } => (text.clone(), *plain),
            Value::List(_) | Value::Map(_) => (String::new(), false),
        };
        match &pair[1].value {
            Value::Map(merged) if plain && key == "<<" => entries.extend(merged.iter().map(merge)),
            Value::List(maps) if plain && key == "<<" => {
                // The first map of the list wins, so it comes last.
                for map in maps.iter().rev() {
                    if let Value::Map(merged) = &map.value {
                        entries.extend(merged.iter().map(merge));
                    }
                }
            }
            _ => entries.push(Entry { line: pair[0].line, key, value: Rc::clone(&pair[1]), merged: false }),
        }
    }
    entries
}

fn merge(entry: &Entry) -> Entry {
    Entry { merged: true, ..entry.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        match &node.value {
            Value::Scalar { text, plain: true } => text.clone(),
            Value::Scalar { text, plain: false } => format!("{text:?}"),
            Value::List(items) => {
                format!("[{}]", items.iter().map(|item| shown(item)).collect::<Vec<_>>().join(", "))
            }
            Value::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|entry| format!("{}:{}={}", entry.line, entry.key, shown(&entry.value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    #[test]
    fn a_text_becomes_a_tree_that_knows_its_lines() {
        for (text, tree) in [
            ("a: 1\nb:\n- x\n- 'y'\n", "{1:a=1, 2:b=[x, \"y\"]}"),
            ("\u{feff}a: 1", "{1:a=1}"),
            ("a: 1\na: 2", "{1:a=1, 2:a=2}"),
            ("a: &x {b: 1}\nc: *x", "{1:a={1:b=1}, 2:c={1:b=1}}"),
            ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", "{1:a={1:b=1}, 2:c={1:b=1, 4:d=2}}"),
            ("a: !!str 1\nb: ! 2", "{1:a=\"1\", 2:b=\"2\"}"),
            ("a: !!int '1'\nb: !!bool yes", "{1:a=1, 2:b=yes}"),
            ("t: 'a\tb'", "{1:t=\"a\\tb\"}"),
            ("l: [a, b,]\ne: {a: 1,}", "{1:l=[a, b], 2:e={2:a=1}}"),
            ("t: a\r\ni: 5\r\n", "{1:t=a, 2:i=5}"),
            ("%YAML 1.1\n---\nt: a", "{3:t=a}"),
            ("--- {t: a}", "{1:t=a}"),
            ("t: a\n...\nb: [", "{1:t=a}"),
            ("t: a\t# c\nu: b", "{1:t=a, 2:u=b}"),
            ("l: [-p, --x=1, a:b, {a: b}]", "{1:l=[-p, --x=1, a:b, {1:a=b}]}"),
            ("t: http://x:1/y\ne:\n  A:\n  B: x", "{1:t=http://x:1/y, 2:e={3:A=, 4:B=x}}"),
            ("t: >\n a\n b\n", "{1:t=\"a b\\n\"}"),
            ("a: 1\n---\n[not read", "{1:a=1}"),
            ("a: |\n  x\n  y\n", "{1:a=\"x\\ny\\n\"}"),
        ] {
            let node = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}")).unwrap();
            assert_eq!(shown(&node), tree, "{text:?}");
        }
        for text in ["", "# nothing\n", "\u{feff}"] {
            assert!(parse(text).unwrap().is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_the_parser_of_the_dapr_cli_does_not_take_is_not_taken() {
        for text in [
            "i: 1\n  t: 2\n",
            "t: a: b\n",
            "t: \"a\n",
            "t: {a\n",
            "t: @x\n",
            "t: %x\n",
            "l:\n- a\n-b\n",
            "l:\n  - 'a':b\n",
            "t:\n  - a\n  b: c\n",
            "t: `x`\n",
            "e:\n\tA: b\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_place() {
        assert_eq!(parse("a: 1\nb: [1, 2\nc: 3\n").map(|_| ()).map_err(|error| error.line), Err(3));
        assert_eq!(parse("a: *nothing").map(|_| ()).map_err(|error| (error.line, error.column)), Err((1, 4)));
        assert!(parse("a: &x [*x]").is_err());
        assert!(parse(&"- ".repeat(5000)).unwrap_err().text.contains("nested too deeply"));
    }
}
