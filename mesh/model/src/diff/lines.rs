//! Two texts, compared line by line.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Change, Diff, MOST_ROWS, Part};

/// Up to so many lines, differing ones are matched with each other; beyond, only where the texts part and meet is told.
const MATCHED: usize = 1_500;
/// A line is shown with so many characters at most.
const LONGEST: usize = 400;

/// Adds a row for each line that is in one only; lines that are the same are counted.
pub(super) fn compare(part: Part, before: &str, after: &str, diff: &mut Diff) {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    if old_middle.len().max(new_middle.len()) > MATCHED {
        let lines = |middle: &[&str]| format!("{} lines from line {}", middle.len(), head + 1);
        diff.add(part, "", Change::Changed(lines(old_middle), lines(new_middle)));
        diff.add(part, "", Change::Note("too many lines differ to be told one by one".to_owned()));
        return;
    }
    let ends = before.ends_with('\n') != after.ends_with('\n');
    let mut rows = Rows { part, diff, told: 0, left_out: 0, ends };
    rows.same(head);
    for op in capture_diff_slices(Algorithm::Myers, old_middle, new_middle) {
        if let DiffOp::Equal { len, .. } = op {
            rows.same(len);
            continue;
        }
        for index in op.old_range() {
            rows.line(head + index, Change::Removed(rows.shown(old_middle[index])));
        }
        for index in op.new_range() {
            rows.line(head + index, Change::Added(rows.shown(new_middle[index])));
        }
    }
    rows.same(tail);
    let left_out = rows.left_out;
    if left_out > 0 {
        diff.add(part, "", Change::Note(format!("{left_out} more lines that differ are not shown")));
    }
}

struct Rows<'a> {
    part: Part,
    diff: &'a mut Diff,
    told: usize,
    left_out: usize,
    /// Only one of the texts ends its last line: worth a word.
    ends: bool,
}

impl Rows<'_> {
    fn line(&mut self, index: usize, change: Change) {
        if self.told >= MOST_ROWS {
            self.left_out += 1;
            return;
        }
        self.told += 1;
        self.diff.add(self.part, &format!("line {}", index + 1), change);
    }

    fn same(&mut self, lines: usize) {
        if lines > 0 && self.told < MOST_ROWS {
            let text = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
            self.diff.add(self.part, "", Change::Same(text));
        }
    }

    /// A line without its end; an end that is not the usual one is told.
    fn shown(&self, line: &str) -> String {
        let text = match line.strip_suffix("\r\n") {
            Some(text) => format!("{text}\\r"),
            None if self.ends && !line.ends_with('\n') => format!("{line} (the line is not ended)"),
            None => line.strip_suffix('\n').unwrap_or(line).to_owned(),
        };
        match text.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        }
    }
}
