//! Two JSON bodies, compared by path: `$.items[2].name`.

use serde_json::Value;

use super::{Change, Diff, MOST_ROWS, Part};

/// A value is shown with so many characters at most.
const LONGEST: usize = 200;

/// Reads a body that is a JSON object or an array; a lone number is read as text.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

/// Adds a row for each value that is in one only, or that differs; and for those that are the same, while there is room.
pub(super) fn compare(part: Part, before: &Value, after: &Value, diff: &mut Diff) {
    if compare_at(part, "$", before, after, diff) == 0 {
        let text =
            "the same values, written differently: other spaces, another order of keys, or another form of a number";
        diff.add(part, "", Change::Note(text.to_owned()));
    }
}

/// The same for two values that stand at a path; tells how many differences there are.
pub(super) fn compare_at(part: Part, path: &str, before: &Value, after: &Value, diff: &mut Diff) -> usize {
    let mut walk = Walk { part, diff, rows: 0, left_out: 0, differences: 0 };
    walk.values(path, before, after);
    let Walk { left_out, differences, .. } = walk;
    if left_out > 0 {
        diff.add(part, "", Change::Note(format!("{left_out} more values are not shown")));
    }
    differences
}

struct Walk<'a> {
    part: Part,
    diff: &'a mut Diff,
    rows: usize,
    left_out: usize,
    differences: usize,
}

impl Walk<'_> {
    fn values(&mut self, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                for (key, was) in old {
                    let path = format!("{path}{}", step(key));
                    match new.get(key) {
                        Some(is) => self.values(&path, was, is),
                        None => self.row(&path, Change::Removed(shown(was))),
                    }
                }
                for (key, is) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
                    self.row(&format!("{path}{}", step(key)), Change::Added(shown(is)));
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                for (index, (was, is)) in old.iter().zip(new).enumerate() {
                    self.values(&format!("{path}[{index}]"), was, is);
                }
                for (index, was) in old.iter().enumerate().skip(new.len()) {
                    self.row(&format!("{path}[{index}]"), Change::Removed(shown(was)));
                }
                for (index, is) in new.iter().enumerate().skip(old.len()) {
                    self.row(&format!("{path}[{index}]"), Change::Added(shown(is)));
                }
            }
            _ if before == after => self.row(path, Change::Same(shown(before))),
            _ => self.row(path, Change::Changed(shown(before), shown(after))),
        }
    }

    /// What is the same gives way to what differs, as far as it has come.
    fn row(&mut self, path: &str, change: Change) {
        let differs = change.differs();
        self.differences += usize::from(differs);
        let room = if differs { MOST_ROWS } else { MOST_ROWS / 2 };
        if self.rows >= room {
            self.left_out += 1;
            return;
        }
        self.rows += 1;
        self.diff.add(self.part, path, change);
    }
}

/// `.name`, or `["a name"]` where it is not a word.
fn step(key: &str) -> String {
    let is_word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if is_word { format!(".{key}") } else { format!("[{}]", Value::from(key)) }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}… ({} characters)", &text[..at], text.chars().count()),
        None => text,
    }
}
