//! Lists whose rows come and go: what is looked at is held by id, so that new rows never move it.

use std::ops::Range;

use crate::action::Step;

/// Rows by position and by id; ids grow with the position.
pub(crate) trait Rows {
    /// How many rows there are.
    fn len(&self) -> usize;
    /// The id of the row at a position below `len`.
    fn id(&self, position: usize) -> u64;
    /// The position of the first row whose id is not below `id`; `len` where there is none.
    fn position(&self, id: u64) -> usize;
    /// Whether the newest row is the last one.
    fn can_follow(&self) -> bool {
        true
    }
}

/// Where somebody is in a list.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// The selected row.
    pub(crate) cursor: Option<u64>,
    /// The first visible row while nothing is followed.
    top: u64,
    /// The newest row is selected as it comes.
    pub(crate) follow: bool,
}

impl Default for List {
    fn default() -> Self {
        Self { cursor: None, top: 0, follow: true }
    }
}

impl List {
    /// The visible positions where `height` rows fit: a pure function of where one is and what there is.
    pub(crate) fn window(&self, rows: &impl Rows, height: usize) -> Range<usize> {
        let len = rows.len();
        let last_top = len.saturating_sub(height);
        if self.follow {
            return last_top..len;
        }
        let mut top = rows.position(self.top).min(last_top);
        if let Some(cursor) = self.cursor {
            let cursor = rows.position(cursor).min(len.saturating_sub(1));
            top = top.min(cursor).max((cursor + 1).saturating_sub(height));
        }
        top..len.min(top + height)
    }

    /// Takes new rows into account.
    pub(crate) fn refresh(&mut self, rows: &impl Rows) {
        if self.follow {
            self.cursor = rows.len().checked_sub(1).map(|last| rows.id(last));
        }
    }

    /// Moves the selection. Up holds still, to the last row follows.
    pub(crate) fn step(&mut self, rows: &impl Rows, height: usize, step: Step) {
        let len = rows.len();
        if len == 0 {
            return;
        }
        let position = self.cursor.map_or(len - 1, |cursor| rows.position(cursor).min(len - 1));
        let target = step.apply(position, len, height);
        if step == Step::Last && rows.can_follow() {
            self.follow = true;
            self.cursor = Some(rows.id(len - 1));
        } else if target != position || !self.follow || step.is_up() {
            // Also where there is but one row: the next one that comes shall not take its place.
            self.select(rows, height, target);
        }
    }

    /// Selects the row at a position and holds still.
    pub(crate) fn select(&mut self, rows: &impl Rows, height: usize, position: usize) {
        if position >= rows.len() {
            return;
        }
        self.hold(rows, height);
        self.cursor = Some(rows.id(position));
        self.anchor(rows, height);
    }

    /// Holds still with the rows that are visible now, or follows again.
    pub(crate) fn toggle_follow(&mut self, rows: &impl Rows, height: usize) {
        if self.follow {
            self.hold(rows, height);
        } else if rows.can_follow() {
            self.follow = true;
            self.refresh(rows);
        }
    }

    /// Scrolls by some rows without leaving the selection behind more than needed.
    pub(crate) fn scroll(&mut self, rows: &impl Rows, height: usize, down: bool) {
        const ROWS: usize = 3;
        let window = self.window(rows, height);
        let last_top = rows.len().saturating_sub(height);
        let top = if down { (window.start + ROWS).min(last_top) } else { window.start.saturating_sub(ROWS) };
        if rows.len() == 0 || (self.follow && down) {
            return;
        }
        self.follow = false;
        self.top = rows.id(top);
        if let Some(cursor) = self.cursor {
            let position = rows.position(cursor).clamp(top, (top + height.max(1) - 1).min(rows.len() - 1));
            self.cursor = Some(rows.id(position));
        }
    }

    /// Holds still with the rows that are visible now.
    pub(crate) fn hold(&mut self, rows: &impl Rows, height: usize) {
        if rows.len() > 0 {
            self.anchor(rows, height);
            self.follow = false;
        }
    }

    fn anchor(&mut self, rows: &impl Rows, height: usize) {
        let top = self.window(rows, height).start;
        if top < rows.len() {
            self.top = rows.id(top);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers(Range<u64>);

    impl Rows for Numbers {
        fn len(&self) -> usize {
            (self.0.end - self.0.start) as usize
        }
        fn id(&self, position: usize) -> u64 {
            self.0.start + position as u64
        }
        fn position(&self, id: u64) -> usize {
            (id.clamp(self.0.start, self.0.end) - self.0.start) as usize
        }
    }

    fn shown(list: &List, rows: &Numbers) -> Range<u64> {
        let window = list.window(rows, 5);
        rows.0.start + window.start as u64..rows.0.start + window.end as u64
    }

    #[test]
    fn following_shows_the_newest_and_selects_it() {
        let mut list = List::default();
        list.refresh(&Numbers(1..21));
        assert_eq!((list.cursor, shown(&list, &Numbers(1..21))), (Some(20), 16..21));
        list.refresh(&Numbers(1..31));
        assert_eq!((list.cursor, shown(&list, &Numbers(1..31))), (Some(30), 26..31));
    }

    #[test]
    fn once_held_neither_new_rows_nor_evicted_ones_move_what_is_looked_at() {
        let mut list = List::default();
        list.refresh(&Numbers(1..21));
        list.step(&Numbers(1..21), 5, Step::Up);
        let before = shown(&list, &Numbers(1..21));
        list.refresh(&Numbers(10..500));
        assert_eq!((list.cursor, shown(&list, &Numbers(10..500))), (Some(19), before));
    }

    #[test]
    fn somebody_who_goes_up_holds_still_also_where_there_is_but_one_row() {
        for step in [Step::First, Step::Up, Step::PageUp] {
            let mut list = List::default();
            list.refresh(&Numbers(1..2));
            list.step(&Numbers(1..2), 5, step);
            list.refresh(&Numbers(1..9));
            assert_eq!((list.cursor, list.follow), (Some(1), false), "{step:?}");
        }
    }

    #[test]
    fn moves_end_at_the_edges_and_the_last_row_follows_again() {
        let rows = Numbers(1..21);
        let mut list = List::default();
        list.refresh(&rows);
        for (step, cursor, top) in [
            (Step::First, 1, 1),
            (Step::Up, 1, 1),
            (Step::PageDown, 6, 2),
            (Step::HalfDown, 9, 5),
            (Step::PageUp, 4, 4),
            (Step::Last, 20, 16),
        ] {
            list.step(&rows, 5, step);
            assert_eq!((list.cursor, shown(&list, &rows).start), (Some(cursor), top), "{step:?}");
        }
        assert!(list.follow);
        list.step(&rows, 5, Step::Down);
        assert!(list.follow, "down at the newest row keeps following");
    }
}
