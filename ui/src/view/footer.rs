//! The line at the bottom: a question, a prompt, a message, or the keys that matter now.

use daptop_model::Filter;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::put;
use crate::keys::{self, TABLE};
use crate::row::Row;
use crate::text;
use crate::ui::{Layer, Ui};

/// Draws the line.
pub(super) fn draw(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    let theme = ui.theme;
    let mut row = Row::new(theme, usize::from(area.width));
    row.gap(1);
    match (&ui.layer, &ui.message) {
        (Some(Layer::Question(question)), _) => {
            row.put(&question.text, theme.waiting().add_modifier(Modifier::BOLD)).gap(3);
            hints(ui, &mut row);
        }
        (Some(Layer::Filter { text }), _) => prompt(ui, text, &mut row),
        (None, Some((message, _))) => drop(row.put(message, theme.strong())),
        _ => hints(ui, &mut row),
    }
    put(buffer, area, &row.finish());
}

fn prompt(ui: &Ui, text: &str, row: &mut Row) {
    let theme = ui.theme;
    row.put("filter ", theme.accent());
    // The end of what is typed is seen, however long it is.
    let skip = text.chars().count().saturating_sub(row.room().saturating_sub(2));
    let tail: String = text.chars().skip(skip).collect();
    row.put(&tail, theme.plain()).put(" ", theme.plain().add_modifier(Modifier::REVERSED)).gap(2);
    match Filter::parse(text) {
        Err(error) => drop(row.put(&error.to_string(), theme.waiting())),
        Ok(_) => hints(ui, row),
    }
}

/// The keys that matter now, as many as fit, each whole.
fn hints(ui: &Ui, row: &mut Row) {
    let theme = ui.theme;
    for place in keys::places(ui) {
        for binding in TABLE.iter().filter(|binding| binding.place == place && !binding.short.is_empty()) {
            let Some(key) = binding.keys.first() else { continue };
            let name = key.name(theme.ascii);
            if row.room() < text::width(&name) + 1 + text::width(binding.short) {
                return;
            }
            row.put(&name, theme.strong()).gap(1).put(binding.short, theme.dim()).gap(3);
        }
    }
}
