//! One call in full.

use daptop_model::{Outcome, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::rule::Title;
use super::{calls, put, put_all, sentences, verdict};
use crate::format;
use crate::inspector::{GAP, Inspector, Tab};
use crate::layout::Place;
use crate::row::Row;
use crate::ui::Ui;

/// The most lines that what is wrong may take in a low pane.
const MOST_VERDICT: usize = 4;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let Some(call) = ui.inspected() else {
        sentences(ui, place.rows, "No call is selected.", buffer);
        return Title::default();
    };
    let (sign, style) = calls::outcome(ui, call);
    let status = call.status().map_or_else(String::new, |status| format!(" {status}"));
    let mut title = Title::default();
    title.left.push((call.id.to_string(), theme.strong()));
    let target = format!("{} {} {}  {} {}", call.from, glyphs.arrow, call.to, call.request.verb(), call.request.path());
    let width = usize::from(place.rule.width);
    let shown = crate::text::clean(&target, theme.ascii).into_owned();
    title.left.push((
        crate::text::clip(&shown, width.saturating_sub(if width < 100 { 46 } else { 74 }), glyphs.cut).into_owned(),
        theme.plain(),
    ));
    title.left.push((format!("{sign}{status}").trim().to_owned(), style));
    title.left.push((format::duration(call.age(ui.now), theme.ascii), theme.dim()));
    for tab in Tab::ALL {
        let chosen = tab == ui.inspector.tab;
        if chosen {
            title.right.push((format!("[{}]", tab.title()), theme.accent()));
        } else if width >= 100 {
            title.right.push((tab.title().to_owned(), theme.dim()));
        }
    }
    if width < 100 {
        title.right.push((format!("{} of {}", ui.inspector.tab as usize + 1, Tab::ALL.len()), theme.dim()));
    }

    let inner = Rect { x: place.rows.x + 1, width: place.rows.width.saturating_sub(2), ..place.rows };
    let mut rows = inner;
    let gone = snapshot.calls.find(call.id).is_none();
    let lines = above(ui, snapshot, inner, gone);
    let used = lines.len() as u16;
    put_all(buffer, rows, lines);
    rows = Rect { y: rows.y + used, height: rows.height - used, ..rows };
    text(ui, rows, buffer);
    title
}

/// What stands above the call: what is wrong with it and what to do, what the caller was told, what else is special.
fn above(ui: &Ui, snapshot: &Snapshot, area: Rect, gone: bool) -> Vec<Line<'static>> {
    let Some(call) = ui.inspected() else { return Vec::new() };
    let (theme, width) = (ui.theme, usize::from(area.width));
    let most = usize::from(area.height / 3).max(MOST_VERDICT);
    let mut lines = verdict::of_call(ui, snapshot, call, width, most);
    let mut rest = Vec::new();
    if let Outcome::Failed(failure) = &call.outcome {
        rest.push(format!("The caller got: {}", failure.text));
    } else if lines.is_empty() {
        rest.push(calls::note(snapshot, call));
    }
    if gone {
        rest.push("Given up to stay within the limits; held here while you look at it.".to_owned());
    }
    for text in rest.iter().filter(|text| !text.is_empty()) {
        let indent = if lines.is_empty() { 0 } else { 2 };
        let cleaned = crate::text::clean(text, theme.ascii);
        for line in crate::text::words(&cleaned, width.saturating_sub(indent)) {
            lines.push(Row::new(theme, width).gap(indent).put(&line, theme.dim()).finish());
        }
    }
    lines.truncate(most.min(usize::from(area.height.saturating_sub(1))));
    lines
}

fn text(ui: &Ui, rows: Rect, buffer: &mut Buffer) {
    let inspector = &ui.inspector;
    let height = usize::from(rows.height);
    let (_, width) = Inspector::column_width(inspector.tab, usize::from(rows.width));
    let last = inspector.len().saturating_sub(height);
    let scroll = inspector.scroll.min(last);
    for (index, column) in inspector.columns.iter().enumerate() {
        let x = rows.x + (index * (width + GAP)) as u16;
        let area = Rect { x, width: (width as u16).min(rows.right().saturating_sub(x)), ..rows };
        put_all(buffer, area, column.iter().skip(scroll).take(height).cloned());
        if index > 0 {
            for y in rows.y..rows.bottom() {
                if let Some(cell) = buffer.cell_mut((x - 2, y)) {
                    cell.set_symbol(ui.theme.glyphs.wall).set_style(ui.theme.dim());
                }
            }
        }
    }
    let below = inspector.len().saturating_sub(scroll + height);
    if below > 0 && height > 1 {
        let text = format!(" {} {} more ", ui.theme.glyphs.more, format::plural(below, "line"));
        let wide = crate::text::width(&text) as u16;
        let area = Rect { x: rows.right().saturating_sub(wide), y: rows.bottom() - 1, width: wide, height: 1 };
        put(buffer, area, &Row::new(ui.theme, usize::from(wide)).put(&text, ui.theme.accent()).finish());
    }
}
