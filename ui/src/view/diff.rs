//! Two calls that are compared: part by part, what the first had and what the second has.

use daptop_model::Snapshot;
use daptop_model::diff::{Change, Part, Row as Compared};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::{overlay, put_all};
use crate::replay;
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// The columns of the parts' names.
const PART: usize = 14;

/// How many lines a comparison has.
pub(crate) fn len(ui: &Ui, compared: &replay::Compared) -> usize {
    lines(ui, compared, usize::from(ui.size.0)).len()
}

/// Draws it in place of the panes.
pub(super) fn draw(ui: &Ui, compared: &replay::Compared, snapshot: &Snapshot, body: Rect, buffer: &mut Buffer) {
    let theme = ui.theme;
    let (replays, at) = compared.place(snapshot);
    let relation = if compared.is_replay() { " (its replay)" } else { "" };
    let title = format!("{} {} {}{relation}", compared.before.id, theme.glyphs.both, compared.after.id);
    let right = match at {
        Some(at) if replays.len() > 1 => format!("replay {} of {}", at + 1, replays.len()),
        _ => String::new(),
    };
    let lines = lines(ui, compared, usize::from(body.width));
    let height = usize::from(body.height.saturating_sub(1));
    let scroll = compared.scroll.min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(scroll + height);
    let right = if below > 0 { format!("{right}  {} {below} more", theme.glyphs.more) } else { right };
    let rows = overlay(ui, &title, right.trim(), body, buffer);
    put_all(buffer, rows, lines.into_iter().skip(scroll));
}

fn lines(ui: &Ui, compared: &replay::Compared, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let call = &compared.after;
    let what =
        format!("{} {} {}  {} {}", call.from, theme.glyphs.arrow, call.to, call.verb_text(), call.request.path());
    let mut lines = vec![Row::new(theme, width).gap(1).put(&what, theme.dim()).finish(), Line::default()];
    let shown = |row: &&Compared| compared.same || row.part <= Part::Time || !matches!(row.change, Change::Same(_));
    let rows: Vec<&Compared> = compared.diff.rows.iter().filter(shown).collect();
    let names = rows.iter().map(|row| text::width(&row.name)).max().unwrap_or(0).min(width / 3);
    let mut last = None;
    for row in rows {
        let title = if last == Some(row.part) { "" } else { row.part.title() };
        last = Some(row.part);
        lines.extend(one(ui, row, title, names, width));
    }
    lines.push(Line::default());
    lines.extend(notes(ui, compared, width));
    lines
}

/// A row: on one line where before and after fit, otherwise on several.
fn one(ui: &Ui, compared: &Compared, title: &str, names: usize, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let begin = PART + names + if names > 0 { 2 } else { 0 };
    let head = |title: &str, name: &str| {
        let mut row = Row::new(theme, width);
        row.gap(1).left(title, PART - 1, theme.strong());
        if names > 0 {
            row.left(name, names, theme.plain()).gap(2);
        }
        row
    };
    let name = compared.name.as_str();
    let failed = |text: &str| compared.part == Part::Status && (text.starts_with('5') || text.contains("no app"));
    let (old, new) = match &compared.change {
        Change::Changed(before, _) if failed(before) => (theme.bad(), theme.strong()),
        Change::Changed(_, after) if failed(after) => (theme.plain(), theme.bad()),
        _ => (theme.plain(), theme.strong()),
    };
    match &compared.change {
        Change::Changed(before, after) => {
            let arrow = theme.glyphs.arrow;
            let columns =
                text::width(&text::clean(before, theme.ascii)) + text::width(&text::clean(after, theme.ascii));
            if begin + columns + 8 <= width {
                let mut row = head(title, name);
                row.gap(2).put(before, old).gap(1).put(arrow, theme.dim()).gap(1).put(after, new);
                return vec![row.finish()];
            }
            let mut lines = several(ui, head(title, name), "-", before, old, width);
            lines.extend(several(ui, head("", ""), "+", after, new, width));
            lines
        }
        Change::Removed(value) => several(ui, head(title, name), "-", value, old, width),
        Change::Added(value) => several(ui, head(title, name), "+", value, new, width),
        Change::Same(value) => {
            let mut row = head(title, name);
            let room = row.room().saturating_sub(10);
            let same = if compared.part == Part::Time { "" } else { "same" };
            row.gap(2).cell(value, room, theme.dim()).gap(3).put(same, theme.dim());
            vec![row.finish()]
        }
        Change::Note(note) => {
            let room = width.saturating_sub(PART + 2);
            let pieces = text::words(&text::clean(note, theme.ascii), room).into_iter();
            let line = |(index, piece): (usize, String)| {
                let mut row = Row::new(theme, width);
                row.gap(1).left(if index == 0 { title } else { "" }, PART - 1, theme.strong());
                row.put(&piece, theme.waiting()).finish()
            };
            pieces.enumerate().map(line).collect()
        }
    }
}

/// A value behind its sign, wrapped under itself.
fn several(ui: &Ui, mut first: Row, sign: &str, value: &str, style: Style, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let begin = first.used();
    let cleaned = text::clean(value, theme.ascii);
    let mut pieces = text::wrap(&cleaned, width.saturating_sub(begin + 3)).into_iter();
    let mut lines = Vec::new();
    first.put(sign, style).gap(1).put(pieces.next().unwrap_or_default(), style);
    lines.push(first.finish());
    for piece in pieces {
        lines.push(Row::new(theme, width).gap(begin + 2).put(piece, style).finish());
    }
    lines
}

/// What else is to be said.
fn notes(ui: &Ui, compared: &replay::Compared, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let diff = &compared.diff;
    let mut notes: Vec<(String, Style)> = Vec::new();
    if diff.is_same() {
        notes.push(("Nothing differs but the time.".to_owned(), theme.strong()));
    }
    let same = diff.rows.iter().filter(|row| row.part > Part::Time && matches!(row.change, Change::Same(_))).count();
    if !compared.same && same > 0 {
        notes.push((format!("{} the same: s shows it", crate::format::plural(same, "more thing")), theme.dim()));
    }
    notes.extend(diff.caveats.iter().map(|caveat| (caveat.clone(), theme.waiting())));
    if !diff.noise.is_empty() {
        notes.push((format!("not counted, because it differs each time: {}", diff.noise.join(", ")), theme.dim()));
    }
    let mut lines = Vec::new();
    for (note, style) in notes {
        for piece in text::words(&text::clean(&note, theme.ascii), width.saturating_sub(2)) {
            lines.push(Row::new(theme, width).gap(1).put(&piece, style).finish());
        }
    }
    lines
}
