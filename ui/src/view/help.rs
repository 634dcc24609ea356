//! The keys, those of the focused pane first, narrowed by what is typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{put, put_all};
use crate::keys::{self, Binding, Place};
use crate::layout::help_area;
use crate::row::Row;
use crate::ui::{Layer, Screen, Ui};

/// How many lines the help has when it is narrowed to `search`.
pub(crate) fn len(search: &str, ui: &Ui) -> usize {
    lines(ui, search, 80).len()
}

/// Draws the help over the panes.
pub(super) fn draw(ui: &Ui, body: Rect, buffer: &mut Buffer) {
    let Some(Layer::Help { search, scroll }) = &ui.layer else { return };
    let theme = ui.theme;
    let area = help_area(body);
    let width = usize::from(area.width);
    let rows = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let lines = lines(ui, search, width);
    let scroll = (*scroll).min(lines.len().saturating_sub(usize::from(rows.height)));
    let below = lines.len().saturating_sub(scroll + usize::from(rows.height));

    let mut head = Row::new(theme, width);
    head.gap(1).put("Keys", theme.accent()).gap(2);
    if search.is_empty() {
        head.put("type to search", theme.dim());
    } else {
        head.put("search ", theme.dim()).put(search, theme.strong());
    }
    if below > 0 {
        let room = head.room();
        head.right(&format!("{} {below} more", theme.glyphs.more), room.saturating_sub(1), theme.strong());
    }
    put(buffer, area, &head.finish());
    let rule = Row::new(theme, width).put(&theme.glyphs.rule.repeat(width), theme.dim()).finish();
    put(buffer, Rect { y: area.y + 1, height: 1, ..area }, &rule);
    put_all(buffer, rows, lines.into_iter().skip(scroll));
}

/// Every place once: where one is now first.
fn order(ui: &Ui) -> Vec<Place> {
    let mut places = vec![Place::In(ui.focus()), Place::Panes, Place::Everywhere, Place::Always];
    for pane in Screen::ALL.iter().flat_map(|screen| screen.panes()) {
        if !places.contains(&Place::In(*pane)) {
            places.push(Place::In(*pane));
        }
    }
    places.extend([
        Place::AppSheet,
        Place::Sheet,
        Place::Prompt,
        Place::Palette,
        Place::Question,
        Place::BeforeReplay,
        Place::BeforeSet,
        Place::Diff,
        Place::Form,
        Place::Menu,
    ]);
    places.push(Place::Help);
    places
}

fn lines(ui: &Ui, search: &str, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let search = search.to_lowercase();
    let found = |row: &&Binding| {
        search.is_empty() || format!("{} {}", row.names(theme.ascii), row.text).to_lowercase().contains(&search)
    };
    let mut lines = Vec::new();
    for place in order(ui) {
        let rows: Vec<&Binding> = keys::table().filter(|row| row.place == place).filter(found).collect();
        if rows.is_empty() {
            continue;
        }
        lines.push(Row::new(theme, width).gap(1).put(place.title(), theme.strong()).finish());
        for row in rows {
            let mut line = Row::new(theme, width);
            line.gap(3).left(&row.names(theme.ascii), 15, theme.plain()).gap(1).put(row.text, theme.dim());
            lines.push(line.finish());
        }
    }
    if lines.is_empty() {
        let text = "No key does that. Backspace widens the search.";
        lines.push(Row::new(theme, width).gap(1).put(text, theme.plain()).finish());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{Theme, ThemeName};

    #[test]
    fn the_help_shows_every_row_of_the_table_once_and_nothing_else() {
        let ui = Ui::new("run", Theme::new(ThemeName::Terminal, false), 0, true);
        let shown: Vec<String> = lines(&ui, "", 120).iter().map(ToString::to_string).collect();
        let rows = shown.iter().filter(|line| line.starts_with("   ")).count();
        assert_eq!(rows, keys::table().count());
        for row in keys::table() {
            let line = shown.iter().find(|line| line.contains(row.text) && line.contains(&row.names(false)));
            assert!(line.is_some(), "{row:?} is not in the help");
        }
        assert_eq!(shown[0].trim(), "Calls", "the focused pane comes first");
    }
}
