//! A line that is typed, at the bottom; above it what is wrong with it, pointing at the place, and what could follow.

use daptop_model::{Filter, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{footer, put};
use crate::prompt::{Prompt, Purpose};
use crate::row::Row;
use crate::text;
use crate::ui::{Layer, Ui};

/// What stands before the line.
fn begin(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Filter => "filter ",
        Purpose::Search => "search ",
    }
}

/// How many characters at the beginning of the line are out of sight, so that the cursor is not.
fn skipped(line: &Prompt, room: usize) -> usize {
    line.before().chars().count().saturating_sub(room.saturating_sub(2))
}

/// Writes the line itself.
pub(super) fn line(ui: &Ui, line: &Prompt, row: &mut Row) {
    let theme = ui.theme;
    row.put(begin(line.purpose), theme.accent());
    let skip = skipped(line, row.room());
    let before: String = line.before().chars().skip(skip).collect();
    let after = &line.text()[line.before().len()..];
    let under = after.chars().next().map_or_else(|| " ".to_owned(), String::from);
    row.put(&before, theme.plain()).put(&under, theme.found());
    row.put(after.get(under.len()..).unwrap_or_default(), theme.plain()).gap(3);
    footer::hints(ui, row);
}

/// Draws over the last rows of the panes what is wrong with the line, and what could follow.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, body: Rect, buffer: &mut Buffer) {
    let Some(Layer::Prompt(line)) = &ui.layer else { return };
    let width = usize::from(body.width);
    let rows = [offers(ui, line, snapshot, width), mistake(ui, line, width)];
    let rows: Vec<Line<'static>> = rows.into_iter().flatten().collect();
    for (row, y) in rows.iter().rev().zip((body.y..body.bottom()).rev()) {
        let area = Rect { y, height: 1, ..body };
        let blank = Row::new(ui.theme, width).gap(width).finish();
        buffer.set_style(area, ratatui::style::Style::reset());
        put(buffer, area, &blank);
        put(buffer, area, row);
    }
}

/// The words that fit, as many as there is room for, the one that is in place among them.
fn offers(ui: &Ui, line: &Prompt, snapshot: &Snapshot, width: usize) -> Option<Line<'static>> {
    let theme = ui.theme;
    let (words, chosen) = line.offered(snapshot);
    let columns = |word: &str| text::width(&text::clean(word, theme.ascii)) + 2;
    // Pages of words: the one that is in place is always on the page that is seen.
    let (mut start, mut used) = (0, 0);
    for (index, word) in words.iter().enumerate().take(chosen.map_or(0, |chosen| chosen + 1)) {
        used += columns(word);
        if used + 16 > width && index > start {
            (start, used) = (index, columns(word));
        }
    }
    let mut row = Row::new(theme, width);
    row.gap(1).put("Tab", theme.strong());
    for (index, word) in words.iter().enumerate().skip(start) {
        if index > start && columns(word) + 12 > row.room() {
            row.gap(2).put(&format!("and {} more", words.len() - index), theme.dim());
            break;
        }
        row.gap(2).put(word, if chosen == Some(index) { theme.found() } else { theme.plain() });
    }
    (!words.is_empty()).then(|| row.finish())
}

/// What is wrong with a filter, pointing at its column.
fn mistake(ui: &Ui, line: &Prompt, width: usize) -> Option<Line<'static>> {
    let theme = ui.theme;
    let error = Filter::parse(line.text()).err().filter(|_| line.purpose == Purpose::Filter)?;
    let text = text::clean(&error.to_string(), theme.ascii).into_owned();
    let begin = 1 + text::width(begin(line.purpose));
    let skip = skipped(line, width.saturating_sub(begin));
    let seen: String = line.text().chars().take(error.column.saturating_sub(1)).skip(skip).collect();
    let column = (begin + text::width(&text::clean(&seen, theme.ascii))).min(width.saturating_sub(1));
    let mut row = Row::new(theme, width);
    // The words stand after the arrow where they fit, and before it where they do not.
    if column + 2 + text::width(&text) <= width {
        row.to(column).put(theme.glyphs.below, theme.bad()).gap(1).put(&text, theme.waiting());
    } else {
        row.gap(column.saturating_sub(text::width(&text) + 1));
        row.put(&text, theme.waiting()).gap(1).put(theme.glyphs.below, theme.bad());
    }
    Some(row.finish())
}
