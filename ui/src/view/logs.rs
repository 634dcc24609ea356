//! The log lines, in the colours that their apps gave them.

use daptop_model::{ExporterHealth, LogLine, LogSource, Snapshot, Stamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use tui_logger::{TuiLoggerLevelOutput, TuiLoggerWidget};

use super::rule::Title;
use super::{marked, put_all, sentences};
use crate::layout::Place;
use crate::list::Rows;
use crate::logs::Level;
use crate::row::Row;
use crate::ui::{Screen, Ui};
use crate::{ansi, format, text};

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let theme = ui.theme;
    let rows = ui.logs.rows(snapshot);
    let window = ui.logs.list.window(&rows, usize::from(place.rows.height));
    let below = rows.len() - window.end;
    if rows.len() == 0 {
        sentences(ui, place.rows, &next_step(ui, snapshot), buffer);
    }
    put_all(buffer, place.rows, lines(ui, snapshot, place).into_iter().map(|(_, line)| line));

    let mut title = Title::default();
    let choice = &ui.logs.choice;
    let of = |text: String| text::clip(&text::clean(&text, theme.ascii), 40, theme.glyphs.cut).into_owned();
    let whose = choice.app.as_ref().map_or_else(|| "of all apps".to_owned(), |app| of(format!("of {app}")));
    title.left.push((whose, theme.plain()));
    if let Some(level) = choice.level {
        let beyond = if level == Level::Error { "" } else { " and graver" };
        title.left.push((format!("{}{beyond}", level.title()), theme.accent()));
    }
    if let Some(belonging) = &choice.belonging {
        title.left.push((of(belonging.label.clone()), theme.accent()));
        title.right.push(("? guessed by app and time".to_owned(), theme.dim()));
    }
    if !ui.logs.searched().is_empty() {
        let searched = text::clean(ui.logs.searched(), theme.ascii);
        let searched = text::clip(&searched, 24, theme.glyphs.cut);
        let (all, at) = ui.logs.found();
        title.left.push((format!("{searched:?}"), theme.accent()));
        title.left.push((format!("{} of {}", format::count(at as u64), format::count(all as u64)), theme.plain()));
    }
    if ui.logs.list.follow {
        title.left.push(("following".to_owned(), theme.dim()));
    } else {
        title.left.push(("frozen".to_owned(), theme.waiting()));
        if below > 0 {
            title.right.push((format!("{} {} below", theme.glyphs.more, format::count(below as u64)), theme.waiting()));
        }
    }
    if snapshot.exporter.health == ExporterHealth::Down
        && let Some(error) = &snapshot.exporter.last_error
    {
        let error = text::clean(error, theme.ascii);
        let error = text::clip(&error, usize::from(place.rule.width) / 2, theme.glyphs.cut);
        title.right.push((format!("zipkin: {error}"), theme.bad()));
    }
    title
}

/// The position of the line that is seen in a row of the pane.
pub(crate) fn position_at(ui: &Ui, snapshot: &Snapshot, place: &Place, row: usize) -> Option<usize> {
    lines(ui, snapshot, place).get(row).map(|(position, _)| *position)
}

/// What is seen, row by row, with the position of each row's line. The selected line is shown whole, on as many rows as
/// it takes up to half of the pane; the others are cut.
fn lines(ui: &Ui, snapshot: &Snapshot, place: &Place) -> Vec<(usize, Line<'static>)> {
    let rows = ui.logs.rows(snapshot);
    let height = usize::from(place.rows.height);
    let names = snapshot.apps.iter().map(|app| text::width(app.id.as_str())).max().unwrap_or(8).clamp(4, 20);
    let cursor = ui.logs.list.cursor.filter(|_| !ui.logs.list.follow);
    let (mut lines, mut seen_to) = (Vec::with_capacity(height), 0);
    for position in ui.logs.list.window(&rows, height) {
        let Some(line) = rows.get(position) else { continue };
        let selected = cursor == Some(rows.id(position));
        let most = if selected && ui.screen == Screen::Logs { height.div_ceil(2) } else { 1 };
        lines.extend(log_line(ui, snapshot, place, line, selected, names, most).into_iter().map(|row| (position, row)));
        if selected {
            seen_to = lines.len();
        }
        let next = if position + 1 < rows.len() { rows.id(position + 1) } else { u64::MAX };
        let markers = ui.logs.markers(rows.id(position)..next);
        lines.extend(markers.map(|at| (position, marker(ui, snapshot, place, at))));
    }
    // The selected line is seen to its end; where the newest is followed, that is.
    let end = if ui.logs.list.follow { lines.len() } else { seen_to };
    lines.drain(..end.saturating_sub(height));
    lines
}

/// A line across the pane with the time at which it was set.
fn marker(ui: &Ui, snapshot: &Snapshot, place: &Place, at: Stamp) -> Line<'static> {
    let theme = ui.theme;
    let clock = format::clock(snapshot.anchor.unix_micros(at), ui.clock_offset);
    let mut row = Row::new(theme, usize::from(place.rows.width));
    row.put(&theme.glyphs.rule.repeat(2), theme.accent()).gap(1).put(&clock, theme.accent()).gap(1);
    let room = row.room();
    row.put(&theme.glyphs.rule.repeat(room), theme.accent()).finish()
}

/// What to do where there is nothing to see.
fn next_step(ui: &Ui, snapshot: &Snapshot) -> String {
    let choice = &ui.logs.choice;
    match (&choice.belonging, choice.level, &choice.app) {
        _ if ui.logs.is_behind(snapshot) => "Still looking.".to_owned(),
        (Some(belonging), ..) => format!("No line belongs to {}. Esc lists all of them.", belonging.label),
        (_, Some(level), _) => format!("No line is {} or graver. v shows other levels, Esc all.", level.title()),
        (.., Some(app)) => format!("{app} has written nothing yet. a shows the next app's lines, Esc all."),
        _ if !ui.scope.is_everything() => {
            "No line belongs to what the screens are narrowed to. Esc shows all.".to_owned()
        }
        _ => "No app has written a line yet. What apps write to their output appears here.".to_owned(),
    }
}

fn log_line(
    ui: &Ui,
    snapshot: &Snapshot,
    place: &Place,
    line: &LogLine,
    selected: bool,
    names: usize,
    most: usize,
) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let mut row = marked(ui, place, selected);
    if ui.screen == Screen::Logs {
        let clock = format::clock(snapshot.anchor.unix_micros(line.at), ui.clock_offset);
        row.put(&clock, theme.dim()).gap(1);
    }
    row.left(line.app.as_str(), names, if selected { theme.strong() } else { theme.dim() }).gap(1);
    let (sign, style) = match line.source {
        _ if ui.logs.choice.is_guessed(line) => ("?", theme.waiting()),
        LogSource::Stdout | LogSource::Sidecar => (theme.glyphs.wall, theme.dim()),
        LogSource::Stderr => (theme.glyphs.stderr, theme.strong()),
        LogSource::Daptop => (theme.glyphs.focus, theme.accent()),
    };
    row.put(sign, style).gap(1);
    let indent = row.used();
    // No more of a line is read than can be seen; a colour sequence takes bytes, but few lines hold many.
    let end = line.text.char_indices().nth(row.room() * most * 16).map_or(line.text.len(), |(at, _)| at);
    let mut spans = ansi::spans(&line.text[..end], theme);
    if matches!(line.source, LogSource::Sidecar | LogSource::Daptop) {
        for span in &mut spans {
            span.style = theme.dim().patch(span.style);
        }
    }
    if line.continues {
        spans.push(Span::styled(theme.glyphs.cut, theme.waiting()));
    }
    if !ui.logs.searched().is_empty() {
        spans = ansi::highlight(spans, ui.logs.searched(), theme.found());
    }
    let mut pieces = ansi::wrap(spans, row.room(), most).into_iter();
    let mut lines = vec![row.spans(pieces.next().unwrap_or_default()).finish()];
    for piece in pieces {
        let mut row = marked(ui, place, selected);
        lines.push(row.gap(indent.saturating_sub(1)).spans(piece).finish());
    }
    lines
}

/// Draws daptop's own diagnostics.
pub(super) fn draw_diagnostics(ui: &Ui, place: &Place, buffer: &mut Buffer) -> Title {
    let theme = ui.theme;
    let area = Rect { x: place.rows.x + 1, width: place.rows.width.saturating_sub(1), ..place.rows };
    TuiLoggerWidget::default()
        .style(Style::new())
        .style_error(theme.bad())
        .style_warn(theme.strong())
        .style_info(theme.plain())
        .style_debug(theme.dim())
        .style_trace(theme.dim())
        .output_timestamp(Some("%H:%M:%S".to_owned()))
        .output_level(Some(TuiLoggerLevelOutput::Long))
        .output_target(false)
        .output_file(false)
        .output_line(false)
        .output_separator(' ')
        .render(area, buffer);
    Title { right: vec![("d hides them".to_owned(), theme.dim())], ..Title::default() }
}
