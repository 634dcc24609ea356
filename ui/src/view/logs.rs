//! The log lines, in the colours that their apps gave them.

use daptop_model::{LogLine, LogSource, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use tui_logger::{TuiLoggerLevelOutput, TuiLoggerWidget};

use super::rule::Title;
use super::{marked, put_all, sentences};
use crate::layout::Place;
use crate::list::Rows;
use crate::ui::{Screen, Ui};
use crate::{ansi, format, text};

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let theme = ui.theme;
    let rows = ui.logs.rows(snapshot);
    let window = ui.logs.list.window(&rows, usize::from(place.rows.height));
    let below = rows.len() - window.end;
    if rows.len() == 0 {
        let text = match ui.logs.app() {
            Some(app) => format!("{app} has written nothing yet. a shows the next app's lines, Esc all."),
            None => "No app has written a line yet.".to_owned(),
        };
        sentences(ui, place.rows, &text, buffer);
    }
    let ids = snapshot.apps.iter().map(|app| text::width(app.id.as_str()));
    let names = ids.max().unwrap_or(8).clamp(4, 20);
    let times = ui.screen == Screen::Logs;
    let cursor = ui.logs.list.cursor.filter(|_| !ui.logs.list.follow);
    let line = |position| {
        let selected = cursor == Some(rows.id(position));
        rows.get(position).map(|line| row(ui, snapshot, place, line, selected, (names, times))).unwrap_or_default()
    };
    let lines: Vec<Line<'static>> = window.map(line).collect();
    put_all(buffer, place.rows, lines);

    let mut title = Title::default();
    title.left.push((ui.logs.app().map_or_else(|| "of all apps".to_owned(), |app| format!("of {app}")), theme.plain()));
    if ui.logs.list.follow {
        title.left.push(("following".to_owned(), theme.dim()));
    } else {
        title.left.push(("frozen".to_owned(), theme.waiting()));
        if below > 0 {
            title.right.push((format!("{} {} below", theme.glyphs.more, format::count(below as u64)), theme.waiting()));
        }
    }
    title
}

fn row(
    ui: &Ui,
    snapshot: &Snapshot,
    place: &Place,
    line: &LogLine,
    selected: bool,
    (names, times): (usize, bool),
) -> Line<'static> {
    let theme = ui.theme;
    let mut row = marked(ui, place, selected);
    if times {
        let clock = format::clock(snapshot.anchor.unix_micros(line.at), ui.clock_offset);
        row.put(&clock, theme.dim()).gap(1);
    }
    row.left(line.app.as_str(), names, if selected { theme.strong() } else { theme.dim() }).gap(1);
    let (sign, style) = match line.source {
        LogSource::Stdout => (theme.glyphs.wall, theme.dim()),
        LogSource::Stderr => (theme.glyphs.stderr, theme.strong()),
        LogSource::Sidecar => (theme.glyphs.wall, theme.dim()),
        LogSource::Daptop => (theme.glyphs.focus, theme.accent()),
    };
    row.put(sign, style).gap(1);
    // No more of a line is read than can be seen; a colour sequence takes bytes, but few lines hold many.
    let most = row.room() * 16;
    let end = line.text.char_indices().nth(most).map_or(line.text.len(), |(at, _)| at);
    let mut spans = ansi::spans(&line.text[..end], theme);
    if line.source != LogSource::Stdout && line.source != LogSource::Stderr {
        spans.iter_mut().for_each(|span| span.style = theme.dim().patch(span.style));
    }
    row.spans(spans);
    if line.continues {
        row.put(theme.glyphs.cut, theme.waiting());
    }
    row.finish()
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
