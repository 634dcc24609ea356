//! The line at the bottom: a question, a prompt, a message, or the keys that matter now.

use daptop_model::Filter;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::put;
use crate::action::Action;
use crate::keys::{self, Binding, Place};
use crate::row::Row;
use crate::text;
use crate::ui::{Layer, Ui};

/// Between two keys.
const GAP: usize = 3;

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

/// The keys that matter now, as many as fit, each whole. The ways to help and out are always among them.
fn hints(ui: &Ui, row: &mut Row) {
    let theme = ui.theme;
    let width = |binding: &Binding| {
        binding.keys.first().map_or(0, |key| text::width(&key.name(theme.ascii))) + 1 + text::width(binding.short) + GAP
    };
    let shown = |place: Place| keys::table().filter(move |row| row.place == place && !row.short.is_empty());
    let hints: Vec<&Binding> = keys::places(ui).into_iter().flat_map(shown).collect();
    let (last, others): (Vec<&Binding>, Vec<&Binding>) =
        hints.into_iter().partition(|row| matches!(row.action, Action::Help | Action::Quit));
    let mut room = (row.room() + GAP).saturating_sub(last.iter().map(|row| width(row)).sum());
    let mut chosen = Vec::new();
    for binding in others {
        let Some(left) = room.checked_sub(width(binding)) else { break };
        room = left;
        chosen.push(binding);
    }
    for binding in chosen.into_iter().chain(last) {
        let Some(key) = binding.keys.first() else { continue };
        row.put(&key.name(theme.ascii), theme.strong()).gap(1).put(binding.short, theme.dim()).gap(GAP);
    }
}
