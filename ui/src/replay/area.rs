//! A text of several lines that is edited in place. What it holds is untrusted, so it is drawn through [`text::clean`] like
//! everything captured, which no ready-made widget does.

use crate::action::Step;
use crate::text;

/// The text and the cursor. There is always a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Area {
    lines: Vec<String>,
    /// The line of the cursor.
    line: usize,
    /// The character of the line that the cursor is on.
    column: usize,
}

impl Area {
    /// A text, the cursor at its beginning.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.strip_suffix('\n').unwrap_or(text);
        Self { lines: text.split('\n').map(str::to_owned).collect(), line: 0, column: 0 }
    }

    /// The text, its last line ended.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// The lines.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The line and the character of the cursor, from 0.
    pub(crate) fn cursor(&self) -> (usize, usize) {
        (self.line, self.column)
    }

    /// Moves the cursor to a line.
    pub(crate) fn go_to_line(&mut self, line: usize) {
        self.line = line.min(self.lines.len() - 1);
        self.column = self.column.min(self.length());
    }

    /// Moves the cursor up and down.
    pub(crate) fn step(&mut self, step: Step, page: usize) {
        self.go_to_line(step.apply(self.line, self.lines.len(), page));
    }

    /// Moves the cursor by one character, over the ends of lines.
    pub(crate) fn go(&mut self, right: bool) {
        if right && self.column < self.length() {
            self.column += 1;
        } else if right && self.line + 1 < self.lines.len() {
            (self.line, self.column) = (self.line + 1, 0);
        } else if !right && self.column > 0 {
            self.column -= 1;
        } else if !right && self.line > 0 {
            self.line -= 1;
            self.column = self.length();
        }
    }

    /// Moves the cursor to an end of its line.
    pub(crate) fn go_to_end(&mut self, right: bool) {
        self.column = if right { self.length() } else { 0 };
    }

    /// Types a character.
    pub(crate) fn insert(&mut self, c: char) {
        if c == '\n' {
            return self.break_line();
        }
        let at = self.offset();
        self.lines[self.line].insert(at, c);
        self.column += 1;
    }

    fn break_line(&mut self) {
        let at = self.offset();
        let rest = self.lines[self.line].split_off(at);
        self.lines.insert(self.line + 1, rest);
        (self.line, self.column) = (self.line + 1, 0);
    }

    /// Removes the character before the cursor.
    pub(crate) fn erase(&mut self) {
        if (self.line, self.column) != (0, 0) {
            self.go(false);
            self.delete();
        }
    }

    /// Removes the character under the cursor; at the end of a line, that end.
    pub(crate) fn delete(&mut self) {
        if self.column < self.length() {
            let at = self.offset();
            self.lines[self.line].remove(at);
        } else if self.line + 1 < self.lines.len() {
            let next = self.lines.remove(self.line + 1);
            self.lines[self.line].push_str(&next);
        }
    }

    /// Removes what is behind the cursor in its line; where there is nothing, the end of the line.
    pub(crate) fn cut(&mut self) {
        if self.column == self.length() {
            return self.delete();
        }
        let at = self.offset();
        self.lines[self.line].truncate(at);
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> usize {
        self.lines.iter().map(|line| line.len() + 1).sum()
    }

    /// How many columns stand before the cursor in its line, as it is drawn.
    pub(crate) fn columns_before(&self, ascii: bool) -> usize {
        let before: String = self.lines[self.line].chars().take(self.column).collect();
        text::width(&text::clean(&before, ascii))
    }

    fn length(&self) -> usize {
        self.lines[self.line].chars().count()
    }

    fn offset(&self) -> usize {
        let line = &self.lines[self.line];
        line.char_indices().nth(self.column).map_or(line.len(), |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_edited_at_its_cursor_over_the_ends_of_lines() {
        let mut area = Area::new("größe\n世界\n\n");
        assert_eq!(area.text(), "größe\n世界\n\n");
        area.go(true);
        area.step(Step::Down, 10);
        area.insert('!');
        assert_eq!((area.text(), area.cursor()), ("größe\n世!界\n\n".to_owned(), (1, 2)));
        area.insert('\n');
        area.erase();
        area.erase();
        assert_eq!(area.text(), "größe\n世界\n\n");
        area.go_to_end(false);
        area.erase();
        assert_eq!((area.text(), area.cursor()), ("größe世界\n\n".to_owned(), (0, 5)));
        area.cut();
        area.cut();
        assert_eq!(area.text(), "größe\n");
        area.delete();
        area.go(true);
        assert_eq!(area.cursor(), (0, 5));
        area.step(Step::First, 10);
        area.go_to_end(false);
        area.go(false);
        area.erase();
        assert_eq!(area.text(), "größe\n");
    }
}
