//! Rule lines between panes, with the titles in them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use crate::layout::Place;
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// What a rule line says besides the pane's name.
#[derive(Default)]
pub(super) struct Title {
    /// After the name.
    pub(super) left: Vec<(String, Style)>,
    /// At the right end.
    pub(super) right: Vec<(String, Style)>,
    /// Headings at columns of the pane.
    pub(super) headings: Vec<(usize, String)>,
}

/// Draws a pane's rule line.
pub(super) fn draw(ui: &Ui, place: &Place, title: Title, buffer: &mut Buffer) {
    let theme = ui.theme;
    let width = usize::from(place.rule.width);
    let glyphs = theme.glyphs;
    let line = Row::new(theme, width).put(&glyphs.rule.repeat(width), theme.dim()).finish();
    put(buffer, place.rule, &line);
    let right: usize = title.right.iter().map(|(part, _)| text::width(part) + 1).sum::<usize>() + 1;
    let right = if title.right.is_empty() || right + 24 > width { 0 } else { right };

    let mut row = Row::new(theme, width.saturating_sub(right + 3));
    row.gap(1);
    if ui.focus() == place.pane && ui.layer.is_none() {
        row.put(glyphs.focus, theme.accent()).gap(1).put(place.pane.title(), theme.accent());
    } else {
        row.put(place.pane.title(), theme.strong());
    }
    for (part, style) in title.left {
        row.gap(1).put(&part, style);
    }
    row.gap(1);
    let mut end = 1 + row.used();
    at(buffer, place.rule, 1, &mut row);

    if right > 0 {
        let mut row = Row::new(theme, right);
        for (part, style) in title.right {
            row.gap(1).put(&part, style);
        }
        at(buffer, place.rule, width - right - 1, row.gap(1));
    }
    for (column, heading) in title.headings {
        let columns = text::width(&heading);
        if column >= end && column + columns + right <= width {
            at(buffer, place.rule, column - 1, Row::new(theme, columns + 2).gap(1).put(&heading, theme.dim()).gap(1));
            end = column + columns + 1;
        }
    }
}

fn at(buffer: &mut Buffer, rule: Rect, column: usize, row: &mut Row) {
    let column = (column as u16).min(rule.width);
    let area = Rect { x: rule.x + column, width: (row.used() as u16).min(rule.width - column), ..rule };
    // What the rule left in these cells must not shine through.
    buffer.set_style(area, Style::reset());
    put(buffer, area, &row.finish());
}

/// Draws a wall between two panes side by side, joined to the rules above and below.
pub(super) fn wall(ui: &Ui, wall: Rect, buffer: &mut Buffer) {
    let theme = ui.theme;
    let glyphs = theme.glyphs;
    for y in wall.y..=wall.bottom() {
        let Some(cell) = buffer.cell_mut((wall.x, y)) else { continue };
        let sign = match (y == wall.y, y == wall.bottom()) {
            (true, _) => glyphs.tee_down,
            (_, true) if cell.symbol() == glyphs.rule => glyphs.tee_up,
            (_, true) => continue,
            _ => glyphs.wall,
        };
        cell.set_symbol(sign).set_style(theme.dim());
    }
}
