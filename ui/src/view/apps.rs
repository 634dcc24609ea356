//! The apps: state, ports, process, use.

use daptop_model::{App, AppState, ExitReason, Snapshot, Stamp};
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::Line;

use super::rule::Title;
use super::traffic::{Traffic, Way};
use super::{marked, put_all, sentences};
use crate::format;
use crate::layout::Place;
use crate::text;
use crate::ui::{Ui, window_around};

/// A column: its heading, its width, and what it says of an app.
struct Column {
    heading: &'static str,
    width: usize,
    cell: fn(&Known<'_>) -> String,
}

/// An app, its calls, and the time.
struct Known<'a> {
    app: &'a App,
    traffic: Way,
    now: Stamp,
}

/// The columns, the one that is left out last first.
const COLUMNS: [Column; 8] = [
    Column { heading: "port", width: 6, cell: |known| port(known.app.ports.app) },
    Column { heading: "calls/s", width: 8, cell: |known| rate(&known.traffic) },
    Column {
        heading: "cpu",
        width: 6,
        cell: |known| known.app.cpu_percent.map_or_else(String::new, |cpu| format!("{cpu:.0}%")),
    },
    Column { heading: "memory", width: 9, cell: |known| known.app.memory.map_or_else(String::new, format::bytes) },
    Column { heading: "wrong", width: 7, cell: |known| known.traffic.wrong() },
    Column { heading: "up", width: 9, cell: uptime },
    Column { heading: "sidecar", width: 8, cell: |known| port(known.app.ports.http) },
    Column { heading: "pid", width: 8, cell: |known| known.app.pid.map_or_else(String::new, |pid| pid.to_string()) },
];

fn rate(traffic: &Way) -> String {
    if traffic.calls == 0 { String::new() } else { traffic.rate() }
}

fn uptime(known: &Known<'_>) -> String {
    let since = known.app.pid.and(known.app.times.spawned);
    since.map_or_else(String::new, |spawned| format::age(known.now.since(spawned)))
}

/// Enough for `starting, 20 s`, or for how it ended and a number of restarts.
const LEAST_STATE: usize = 14;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    if snapshot.apps.is_empty() {
        sentences(ui, place.rows, "No app yet. The sidecars are about to listen.", buffer);
        return Title::default();
    }
    let width = usize::from(place.rows.width);
    let names = snapshot.apps.iter().map(|app| text::width(app.id.as_str())).max().unwrap_or(0).clamp(8, width / 3);
    let mut room = width.saturating_sub(3 + names + 2 + LEAST_STATE);
    let mut columns = Vec::new();
    for column in &COLUMNS {
        if column.width > room {
            break;
        }
        room -= column.width;
        columns.push(column);
    }
    let states = (LEAST_STATE + room).min(26).min(width.saturating_sub(3 + names + 2));

    let selected = ui.app_position(snapshot);
    let window = window_around(selected, snapshot.apps.len(), usize::from(place.rows.height));
    let hidden = snapshot.apps.len() - window.len();
    let rows = window
        .map(|index| row((ui, snapshot), place, &snapshot.apps[index], index == selected, (names, states), &columns));
    put_all(buffer, place.rows, rows);

    let mut at = 3 + names + 2;
    let mut title = Title { headings: vec![(at, "state".to_owned())], ..Title::default() };
    at += states;
    for column in columns {
        at += column.width;
        title.headings.push((at - text::width(column.heading), column.heading.to_owned()));
    }
    if hidden > 0 {
        title.left.push((format!("{} of {}", snapshot.apps.len() - hidden, snapshot.apps.len()), ui.theme.dim()));
    }
    title
}

fn row(
    (ui, snapshot): (&Ui, &Snapshot),
    place: &Place,
    app: &App,
    selected: bool,
    (names, states): (usize, usize),
    columns: &[&Column],
) -> Line<'static> {
    let (sign, state, style) = state(ui, app);
    let mut row = marked(ui, place, selected);
    let calm = if selected { ui.theme.strong() } else { ui.theme.plain() };
    row.left(sign, 2, style).left(app.id.as_str(), names, calm).gap(2);
    let again = if app.restarts > 0 { format!(" {}{}", ui.theme.glyphs.again, app.restarts) } else { String::new() };
    row.left(&format!("{state}{again}"), states, style);
    let known = Known { app, traffic: Traffic::of(ui, snapshot, &app.id).main(), now: ui.now };
    for column in columns {
        row.right(&(column.cell)(&known), column.width, ui.theme.dim());
    }
    row.finish()
}

/// The sign, the words and the look of a state.
pub(super) fn state(ui: &Ui, app: &App) -> (&'static str, String, Style) {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    match &app.state {
        AppState::Waiting => (glyphs.half, "to be started".to_owned(), theme.waiting()),
        AppState::Starting => {
            let since = app.times.spawned.map_or_else(String::new, |at| format!(", {}", format::age(ui.now.since(at))));
            (glyphs.half, format!("starting{since}"), theme.waiting())
        }
        AppState::Ready => (glyphs.on, "ready".to_owned(), theme.dim()),
        AppState::Unhealthy => (glyphs.fail, "unhealthy".to_owned(), theme.bad()),
        AppState::Stopping => (glyphs.half, "stopping".to_owned(), theme.waiting()),
        AppState::Ended(ExitReason::Asked) => (glyphs.off, "stopped".to_owned(), theme.dim()),
        AppState::Ended(ExitReason::Code(0)) => (glyphs.off, "exit 0".to_owned(), theme.dim()),
        AppState::Ended(ExitReason::Code(code)) => (glyphs.fail, format!("exit {code}"), theme.bad()),
        AppState::Ended(ExitReason::Signal(name)) => (glyphs.fail, name.to_string(), theme.bad()),
        AppState::NotStarted(why) => (glyphs.fail, format!("not started: {why}"), theme.bad()),
    }
}

fn port(port: u16) -> String {
    if port == 0 { String::new() } else { format!(":{port}") }
}
