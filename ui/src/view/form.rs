//! A request that is changed in place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::{overlay, put_all};
use crate::replay::Form;
use crate::row::Row;
use crate::text;
use crate::ui::{Ui, window_around};

/// The columns before a line: a sign, and a space.
const MARGIN: usize = 2;

/// Draws it in place of the panes.
pub(super) fn draw(ui: &Ui, form: &Form, body: Rect, buffer: &mut Buffer) {
    let theme = ui.theme;
    let changed = if form.is_changed() { ", changed" } else { "" };
    let title = format!("{} is sent again{changed}", form.call.id);
    let hint = if form.original.is_grpc() {
        "method, metadata, an empty line, the message"
    } else {
        "request line, headers, an empty line, the body"
    };
    let rows = overlay(ui, &title, hint, body, buffer);
    let width = usize::from(rows.width);
    let last = last_lines(ui, form, width);
    let used = (last.len() as u16).min(rows.height);
    let text_rows = Rect { height: rows.height - used, ..rows };
    let height = usize::from(text_rows.height);
    let (line, _) = form.area.cursor();
    let shown = window_around(line, form.area.lines().len(), height.max(1));
    let skip = (form.area.columns_before(theme.ascii) + MARGIN + 2).saturating_sub(width);
    put_all(buffer, text_rows, shown.map(|index| one(ui, form, index, skip, width)));
    put_all(buffer, Rect { y: text_rows.bottom(), height: used, ..rows }, last);
}

/// A line of the text, the cursor in it where it is there.
fn one(ui: &Ui, form: &Form, index: usize, skip: usize, width: usize) -> Line<'static> {
    let theme = ui.theme;
    let Some(line) = form.area.lines().get(index) else { return Line::default() };
    let (cursor_line, cursor) = form.area.cursor();
    let mut row = Row::new(theme, width);
    let wrong = form.mistake.as_ref().is_some_and(|(wrong, _)| *wrong == index);
    let (sign, style) = match (wrong, index == cursor_line) {
        (true, _) => (theme.glyphs.fail, theme.bad()),
        (false, true) => (theme.glyphs.marker, theme.accent()),
        (false, false) => (" ", theme.plain()),
    };
    row.left(sign, MARGIN, style);
    let head = form.area.lines().iter().position(String::is_empty).is_none_or(|end| index < end);
    let plain = |at: usize| match line.find(':') {
        Some(colon) if head && index > 0 && at <= colon => theme.dim(),
        _ => theme.plain(),
    };
    let mut column = 0;
    for (number, (at, c)) in line.char_indices().enumerate() {
        if row.room() == 0 {
            break;
        }
        let style = if index == cursor_line && number == cursor { theme.found() } else { plain(at) };
        glyph(&mut row, c, &mut column, skip, style, theme.ascii);
    }
    if index == cursor_line && cursor >= line.chars().count() {
        glyph(&mut row, ' ', &mut column, skip, theme.found(), theme.ascii);
    }
    row.finish()
}

/// Adds one character, unless it is left of what is seen.
fn glyph(row: &mut Row, c: char, column: &mut usize, skip: usize, style: Style, ascii: bool) {
    let mut bytes = [0; 4];
    let cleaned = text::clean(c.encode_utf8(&mut bytes), ascii).into_owned();
    if *column >= skip {
        row.spans(vec![ratatui::text::Span::styled(cleaned.clone(), style)]);
    }
    *column += text::width(&cleaned);
}

/// What is wrong with the text, or what will happen to it; and why there is no message to be edited.
fn last_lines(ui: &Ui, form: &Form, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let mut lines = Vec::new();
    if let Some(why) = &form.why_no_message {
        let words = text::clean(why, theme.ascii);
        let words = text::words(&format!("the message is not shown as JSON: {words}"), width.saturating_sub(2));
        lines.extend(words.iter().map(|line| Row::new(theme, width).gap(1).put(line, theme.waiting()).finish()));
    }
    let mut row = Row::new(theme, width);
    row.gap(1);
    if let Some((line, why)) = &form.mistake {
        row.put(&format!("line {}: ", line + 1), theme.bad()).put(why, theme.waiting());
    } else {
        let to = format!("goes to the sidecar of {}, as a new call in a new trace", form.call.from);
        row.put(&to, theme.dim());
    }
    lines.push(row.finish());
    lines
}
