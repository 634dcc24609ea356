//! The cursor in the text of a call, and which rows are seen.

use super::Inspector;
use crate::action::Step;

impl Inspector {
    /// The part and its row that a row shows.
    pub(super) fn locate(&self, row: usize) -> Option<(usize, usize)> {
        let index = self.starts.partition_point(|start| *start <= row).checked_sub(1)?;
        let row = row - self.starts.get(index)?;
        (row < self.parts.get(index)?.len()).then_some((index, row))
    }

    /// The row of the cursor; `None` where nothing has one.
    pub(super) fn cursor(&self) -> Option<usize> {
        Some(self.starts.get(self.part)? + self.parts.get(self.part)?.row_of(self.place))
    }

    /// The first visible row of `height`: the cursor is always seen, unless it is on nothing but lines that are read.
    pub(crate) fn top(&self, height: usize) -> usize {
        let last = self.len().saturating_sub(height);
        let top = self.top.min(last);
        let rows = self.rows_of_parts();
        match self.cursor() {
            // At the last row of the messages, what follows them can be scrolled into view.
            Some(cursor) if cursor + 1 < rows || self.lines.is_empty() => {
                top.min(cursor).max((cursor + 1).saturating_sub(height))
            }
            _ => top,
        }
    }

    /// Moves by a step; the last page stays full.
    pub(crate) fn step(&mut self, step: Step, height: usize) {
        let Some(cursor) = self.cursor() else {
            self.top = step.apply(self.top(height), self.len().saturating_sub(height) + 1, height);
            return;
        };
        let rows = self.rows_of_parts();
        let target = step.apply(cursor, rows, height);
        let top = self.top(height);
        if target == cursor || step == Step::Last {
            // At an end of the messages the view goes on without the cursor.
            self.top = step.apply(top, self.len().saturating_sub(height) + 1, height);
        } else {
            self.top = top;
        }
        self.put_cursor(target);
        self.top = self.top(height);
    }

    /// Scrolls by some rows; the cursor comes along.
    pub(crate) fn scroll(&mut self, down: bool, height: usize) {
        const ROWS: usize = 3;
        let top = self.top(height);
        let last = self.len().saturating_sub(height);
        self.top = if down { (top + ROWS).min(last) } else { top.saturating_sub(ROWS) };
        if let Some(cursor) = self.cursor() {
            self.put_cursor(cursor.clamp(self.top, self.top + height.max(1) - 1));
        }
    }

    /// Puts the cursor on a visible row, counted from the first one.
    pub(crate) fn select(&mut self, row: usize, height: usize) {
        let row = self.top(height) + row;
        self.top = self.top(height);
        if self.locate(row).is_some() {
            self.put_cursor(row);
        }
    }

    pub(super) fn put_cursor(&mut self, row: usize) {
        let rows = self.rows_of_parts();
        if let Some((part, row)) = self.locate(row.min(rows.saturating_sub(1))) {
            self.part = part;
            self.place = self.parts.get(part).and_then(|part| part.start(row)).unwrap_or_default();
        }
    }
}
