//! The palette: one action a row, with its place and its key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{put, put_all};
use crate::layout::palette_area;
use crate::row::Row;
use crate::ui::{Layer, Ui, window_around};

/// The columns of places and of the first key of each.
const PLACE: usize = 14;
const KEYS: usize = 9;

/// Draws it over the panes.
pub(super) fn draw(ui: &Ui, body: Rect, buffer: &mut Buffer) {
    let Some(Layer::Palette(palette)) = &ui.layer else { return };
    let theme = ui.theme;
    let area = palette_area(body);
    let width = usize::from(area.width);
    let rows = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let entries = palette.entries(ui);

    let mut head = Row::new(theme, width);
    head.gap(1).put("Do", theme.accent()).gap(2).put(&palette.search, theme.strong()).put(" ", theme.found());
    if palette.search.is_empty() {
        head.gap(1).put("type what you want to do", theme.dim());
    }
    let room = head.room();
    head.right(&crate::format::plural(entries.len(), "action"), room.saturating_sub(1), theme.dim());
    put(buffer, area, &head.finish());
    let rule = Row::new(theme, width).put(&theme.glyphs.rule.repeat(width), theme.dim()).finish();
    put(buffer, Rect { y: area.y + 1, height: 1, ..area }, &rule);

    if entries.is_empty() {
        let text = "Nothing is called so. Backspace widens the search.";
        put(buffer, rows, &Row::new(theme, width).gap(1).put(text, theme.plain()).finish());
    }
    let window = window_around(palette.selected, entries.len(), usize::from(rows.height));
    let texts = width.saturating_sub(PLACE + KEYS + 4);
    put_all(
        buffer,
        rows,
        window.map(|index| {
            let (entry, selected) = (entries[index], index == palette.selected);
            let mut row = Row::new(theme, width);
            row.cell(if selected { theme.glyphs.marker } else { " " }, 1, theme.accent());
            row.left(entry.text, texts, if selected { theme.strong() } else { theme.plain() }).gap(1);
            row.left(entry.place.title(), PLACE, theme.dim()).gap(1);
            let key = entry.keys.first().map_or_else(String::new, |key| key.name(theme.ascii));
            row.right(&key, KEYS, theme.plain()).finish()
        }),
    );
}
