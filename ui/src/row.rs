//! One line of the screen, built cell by cell. All text passes through [`text::clean`] here, so that no captured byte
//! reaches the terminal as more than a glyph.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::text;
use crate::theme::Theme;

/// A line in the making, never wider than its limit.
pub(crate) struct Row {
    theme: Theme,
    spans: Vec<Span<'static>>,
    used: usize,
    limit: usize,
}

impl Row {
    /// An empty line of at most `limit` columns.
    pub(crate) fn new(theme: Theme, limit: usize) -> Self {
        Self { theme, spans: Vec::new(), used: 0, limit }
    }

    /// How things look.
    pub(crate) fn theme(&self) -> Theme {
        self.theme
    }

    /// How many columns are left.
    pub(crate) fn room(&self) -> usize {
        self.limit - self.used
    }

    /// How many columns are taken.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Adds a text, cut where the line ends.
    pub(crate) fn put(&mut self, what: &str, style: Style) -> &mut Self {
        let room = self.room();
        self.cell(what, room, style)
    }

    /// Adds a text of at most `columns`, cut where it is longer, not padded.
    pub(crate) fn cell(&mut self, what: &str, columns: usize, style: Style) -> &mut Self {
        let columns = columns.min(self.room());
        // No more than what can be shown is cleaned: a target may be many kilobytes long.
        let end = what.char_indices().nth(columns + 1).map_or(what.len(), |(at, _)| at);
        let cleaned = text::clean(&what[..end], self.theme.ascii);
        let clipped = text::clip(&cleaned, columns, self.theme.glyphs.cut);
        self.push(clipped.into_owned(), style)
    }

    /// Adds a text in a column of exactly `columns`, at its left.
    pub(crate) fn left(&mut self, what: &str, columns: usize, style: Style) -> &mut Self {
        let before = self.used;
        self.cell(what, columns, style);
        let pad = columns.saturating_sub(self.used - before);
        self.gap(pad)
    }

    /// Adds a text in a column of exactly `columns`, at its right.
    pub(crate) fn right(&mut self, what: &str, columns: usize, style: Style) -> &mut Self {
        let pad = columns.saturating_sub(text::width(&text::clean(what, self.theme.ascii)));
        self.gap(pad).cell(what, columns - pad, style)
    }

    /// Adds spaces.
    pub(crate) fn gap(&mut self, columns: usize) -> &mut Self {
        let columns = columns.min(self.room());
        self.push(" ".repeat(columns), Style::new())
    }

    /// Adds spaces up to a column.
    pub(crate) fn to(&mut self, column: usize) -> &mut Self {
        self.gap(column.saturating_sub(self.used))
    }

    /// Adds spans whose text is clean, cut where the line ends.
    pub(crate) fn spans(&mut self, spans: Vec<Span<'static>>) -> &mut Self {
        for span in spans {
            let room = self.room();
            if room == 0 {
                break;
            }
            let clipped = text::clip(&span.content, room, self.theme.glyphs.cut).into_owned();
            self.push(clipped, span.style);
        }
        self
    }

    fn push(&mut self, what: String, style: Style) -> &mut Self {
        if !what.is_empty() {
            self.used = (self.used + text::width(&what)).min(self.limit);
            self.spans.push(Span::styled(what, style));
        }
        self
    }

    /// The line.
    pub(crate) fn finish(&mut self) -> Line<'static> {
        Line::from(std::mem::take(&mut self.spans))
    }
}
