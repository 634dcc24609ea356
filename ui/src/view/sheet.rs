//! A page about one thing, over all panes.

mod app;
mod export;
mod startup;

use daptop_model::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::{put, put_all};
use crate::row::Row;
use crate::sheet::{Sheet, Subject};
use crate::text;
use crate::ui::Ui;

/// Columns of the names at the left.
const LABEL: usize = 13;

/// How many lines a page has.
pub(crate) fn len(ui: &Ui, snapshot: &Snapshot, sheet: Sheet) -> usize {
    lines(ui, snapshot, sheet.subject, usize::from(ui.size.0)).1.len()
}

/// Draws a page.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, sheet: Sheet, body: Rect, buffer: &mut Buffer) {
    let theme = ui.theme;
    let width = usize::from(body.width);
    let (title, lines) = lines(ui, snapshot, sheet.subject, width);
    let rows = Rect { x: body.x + 1, y: body.y + 1, width: body.width - 1, height: body.height.saturating_sub(1) };
    let height = usize::from(rows.height);
    let scroll = sheet.scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(scroll + height);
    let rule = Row::new(theme, width).put(&theme.glyphs.rule.repeat(width), theme.dim()).finish();
    put(buffer, body, &rule);
    let mut head = Row::new(theme, width.saturating_sub(2));
    head.gap(1).put(theme.glyphs.focus, theme.accent()).gap(1);
    for (part, style) in title {
        head.put(&part, style).gap(1);
    }
    put(buffer, Rect { x: body.x + 1, width: body.width - 1, ..body }, &head.finish());
    put_all(buffer, rows, lines.into_iter().skip(scroll));
    if below > 0 {
        let text = format!(" {} {} more ", theme.glyphs.more, crate::format::plural(below, "line"));
        let wide = text::width(&text) as u16;
        let area = Rect { x: rows.right().saturating_sub(wide), y: rows.bottom() - 1, width: wide, height: 1 };
        put(buffer, area, &Row::new(theme, usize::from(wide)).put(&text, theme.accent()).finish());
    }
}

type Parts = Vec<(String, Style)>;

fn lines(ui: &Ui, snapshot: &Snapshot, subject: Subject, width: usize) -> (Parts, Vec<Line<'static>>) {
    let width = width.saturating_sub(2);
    match subject {
        Subject::Export => {
            (vec![("Export of spans".to_owned(), ui.theme.accent())], export::lines(ui, snapshot, width))
        }
        Subject::App(instance) => match snapshot.apps.iter().find(|app| app.instance == instance) {
            Some(app) => (app::title(ui, app), app::lines(ui, snapshot, app, width)),
            None => (vec![("This app is gone".to_owned(), ui.theme.accent())], Vec::new()),
        },
    }
}

/// A fact behind its name, wrapped at words.
fn fact(ui: &Ui, name: &str, value: &str, style: Style, width: usize) -> Vec<Line<'static>> {
    let cleaned = text::clean(value, ui.theme.ascii);
    let wrapped = text::words(&cleaned, width.saturating_sub(LABEL));
    let line = |(index, line): (usize, &String)| {
        let mut row = Row::new(ui.theme, width);
        row.left(if index == 0 { name } else { "" }, LABEL, ui.theme.dim());
        row.put(line, style).finish()
    };
    wrapped.iter().enumerate().map(line).collect()
}

/// A heading, with an empty line above it.
fn heading(ui: &Ui, title: &str, note: &str, width: usize) -> [Line<'static>; 2] {
    let row = Row::new(ui.theme, width).put(title, ui.theme.strong()).gap(2).put(note, ui.theme.dim()).finish();
    [Line::default(), row]
}
