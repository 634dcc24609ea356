//! Drawing: reads the state and the snapshot, changes nothing.

mod apps;
mod calls;
mod diff;
mod findings;
mod footer;
mod form;
mod graph;
mod header;
mod help;
mod inspector;
mod logs;
mod menu;
mod palette;
mod prompt;
mod rule;
mod set;
mod sheet;
mod traces;
mod traffic;
mod verdict;
mod waterfall;

use daptop_model::Snapshot;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::layout::{LEAST, Layout, Place, shows_help};
use crate::row::Row;
use crate::ui::{Layer, Pane, Ui};

pub(crate) use calls::noise_rows;
pub(crate) use diff::len as diff_len;
pub(crate) use findings::parts as findings_parts;
pub(crate) use header::screen_at;
pub(crate) use help::len as help_len;
pub(crate) use inspector::lead_rows as inspector_lead;
pub(crate) use logs::position_at as log_position_at;
pub(crate) use sheet::len as sheet_len;
pub(crate) use waterfall::{row_at as waterfall_row_at, rows as waterfall_rows};

/// Draws the dashboard.
pub fn view(ui: &Ui, snapshot: &Snapshot, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    // The frame's size is the truth; the state may not have heard of it yet.
    if (buffer.area.width, buffer.area.height) != ui.size {
        return too_small(ui, buffer);
    }
    let Some(layout) = Layout::of(ui, snapshot) else { return too_small(ui, buffer) };
    header::draw(ui, snapshot, layout.header, buffer);
    footer::draw(ui, layout.footer, buffer);
    set::progress(ui, layout.progress, buffer);
    if shows_help(ui) {
        return help::draw(ui, layout.body, buffer);
    }
    if let Some(Layer::Sheet(page)) = &ui.layer {
        return sheet::draw(ui, snapshot, *page, layout.body, buffer);
    }
    if matches!(ui.layer, Some(Layer::Palette(_))) {
        return palette::draw(ui, layout.body, buffer);
    }
    for place in &layout.panes {
        let title = match place.pane {
            Pane::Apps => apps::draw(ui, snapshot, place, buffer),
            Pane::Graph => graph::draw(ui, snapshot, place, buffer),
            Pane::Traces => traces::draw(ui, snapshot, place, buffer),
            Pane::Waterfall => waterfall::draw(ui, snapshot, place, buffer),
            Pane::Calls => calls::draw(ui, snapshot, place, buffer),
            Pane::Inspector => inspector::draw(ui, snapshot, place, buffer),
            Pane::Logs => logs::draw(ui, snapshot, place, buffer),
            Pane::Findings => findings::draw(ui, snapshot, place, buffer),
            Pane::Diagnostics => logs::draw_diagnostics(ui, place, buffer),
        };
        rule::draw(ui, place, title, buffer);
    }
    for wall in &layout.walls {
        rule::wall(ui, *wall, buffer);
    }
    match &ui.layer {
        Some(Layer::Diff(compared)) => diff::draw(ui, compared, snapshot, layout.body, buffer),
        Some(Layer::Form(form)) => form::draw(ui, form, layout.body, buffer),
        Some(Layer::Menu(menu)) => menu::draw(ui, menu, layout.body, buffer),
        Some(Layer::Set(proposal)) => set::question(ui, proposal, layout.body, buffer),
        _ => prompt::draw(ui, snapshot, layout.body, buffer),
    }
}

/// Clears an area and draws a rule with a title at its top. What is below it.
fn overlay(ui: &Ui, title: &str, right: &str, area: Rect, buffer: &mut Buffer) -> Rect {
    let theme = ui.theme;
    let width = usize::from(area.width);
    let blank = Row::new(theme, width).gap(width).finish();
    buffer.set_style(area, ratatui::style::Style::reset());
    put_all(buffer, area, (0..area.height).map(|_| blank.clone()));
    let rule = |columns| theme.glyphs.rule.repeat(columns);
    let mut row = Row::new(theme, width);
    row.put(&rule(1), theme.dim()).gap(1).put(title, theme.accent()).gap(1);
    let (room, columns) = (row.room(), crate::text::width(right));
    if !right.is_empty() && columns + 4 < room {
        row.put(&rule(room - columns - 3), theme.dim())
            .gap(1)
            .put(right, theme.dim())
            .gap(1)
            .put(&rule(1), theme.dim());
    } else {
        row.put(&rule(room), theme.dim());
    }
    put(buffer, area, &row.finish());
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

fn too_small(ui: &Ui, buffer: &mut Buffer) {
    let text = format!("daptop needs {}x{} here; it goes on running.", LEAST.0, LEAST.1);
    let area = buffer.area;
    let width = usize::from(area.width);
    let lines = crate::text::words(&text, width).into_iter();
    put_all(buffer, area, lines.map(|line| Row::new(ui.theme, width).put(&line, ui.theme.plain()).finish()));
}

/// Draws a line at the top of an area.
fn put(buffer: &mut Buffer, area: Rect, line: &Line<'_>) {
    if area.height > 0 && area.width > 0 {
        buffer.set_line(area.x, area.y, line, area.width);
    }
}

/// Draws lines from the top of an area downwards, as many as fit.
fn put_all(buffer: &mut Buffer, area: Rect, lines: impl IntoIterator<Item = Line<'static>>) {
    for (line, y) in lines.into_iter().zip(area.y..area.bottom()) {
        put(buffer, Rect { y, height: 1, ..area }, &line);
    }
}

/// The beginning of a row in a list: the marker where it is selected.
fn marked(ui: &Ui, place: &Place, selected: bool) -> Row {
    let mut row = Row::new(ui.theme, usize::from(place.rows.width));
    let style = if ui.focus() == place.pane { ui.theme.accent() } else { ui.theme.dim() };
    row.cell(if selected { ui.theme.glyphs.marker } else { " " }, 1, style);
    row
}

/// Sentences for a pane without rows, wrapped at words.
fn sentences(ui: &Ui, area: Rect, text: &str, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(3));
    let lines = crate::text::words(&crate::text::clean(text, ui.theme.ascii), width);
    let area = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let rows = lines.into_iter().map(|line| Row::new(ui.theme, width + 1).put(&line, ui.theme.plain()).finish());
    put_all(buffer, area, rows);
}
