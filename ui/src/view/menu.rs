//! A choice of things that can be done, over the lower part of the panes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{overlay, put_all};
use crate::replay::Menu;
use crate::row::Row;
use crate::text;
use crate::ui::{Ui, window_around};

/// Draws it.
pub(super) fn draw(ui: &Ui, menu: &Menu, body: Rect, buffer: &mut Buffer) {
    let theme = ui.theme;
    let height = (menu.items.len() as u16 + 1).min(body.height);
    let area = Rect { y: body.bottom() - height, height, ..body };
    let rows = overlay(ui, &menu.title, "", area, buffer);
    let width = usize::from(rows.width);
    let keys = menu.items.iter().map(|item| text::width(&item.key)).max().unwrap_or(1);
    let shown = window_around(menu.selected, menu.items.len(), usize::from(rows.height).max(1));
    let line = |index: usize| {
        let item = &menu.items[index];
        let mut row = Row::new(theme, width);
        let selected = index == menu.selected;
        row.cell(if selected { theme.glyphs.marker } else { " " }, 1, theme.accent()).gap(1);
        match &item.why_not {
            None => {
                row.left(&item.key, keys, theme.strong()).gap(2);
                row.put(&item.text, if selected { theme.strong() } else { theme.plain() });
            }
            Some(why) => {
                row.left(&item.key, keys, theme.dim()).gap(2);
                row.put(&item.text, theme.dim()).gap(2).put(&format!("not now: {why}"), theme.dim());
            }
        }
        row.finish()
    };
    put_all(buffer, rows, shown.map(line));
}
