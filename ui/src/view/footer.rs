//! The line at the bottom: a question, a prompt, a message, or the keys that matter now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{prompt, put};
use crate::action::Action;
use crate::keys::{self, Binding, Place};
use crate::row::Row;
use crate::text;
use crate::ui::{Layer, Ui};

/// Between two keys.
const GAP: usize = 3;

/// The most keys that are shown.
const MOST: usize = 8;

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
        (Some(Layer::Prompt(line)), _) => prompt::line(ui, line, &mut row),
        (
            None | Some(Layer::Diff(_) | Layer::Form(_) | Layer::Menu(_) | Layer::Set(_) | Layer::Sheet(_)),
            Some((message, _)),
        ) => {
            row.put(message, theme.strong());
        }
        _ => hints(ui, &mut row),
    }
    put(buffer, area, &row.finish());
}

/// The keys that matter now, as many as fit, each whole. The ways to help and out are always among them.
pub(super) fn hints(ui: &Ui, row: &mut Row) {
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
    for binding in others.into_iter().take(MOST.saturating_sub(last.len())) {
        let Some(left) = room.checked_sub(width(binding)) else { break };
        room = left;
        chosen.push(binding);
    }
    for binding in chosen.into_iter().chain(last) {
        let Some(key) = binding.keys.first() else { continue };
        row.put(&key.name(theme.ascii), theme.strong()).gap(1).put(binding.short, theme.dim()).gap(GAP);
    }
}
