//! All about one app.

use daptop_model::{App, AppState, LogLine, LogSource, MASK, Snapshot};
use ratatui::text::Line;

use super::{LABEL, Parts, fact, heading, startup};
use crate::row::Row;
use crate::sheet::{is_secret, last_lines};
use crate::ui::Ui;
use crate::view::apps::state;
use crate::view::traffic::{Traffic, Way};
use crate::{ansi, format};

/// How many of its lines are shown.
const LINES: usize = 10;

/// The words in the rule line.
pub(super) fn title(ui: &Ui, app: &App) -> Parts {
    let (sign, words, style) = state(ui, app);
    vec![
        ("App".to_owned(), ui.theme.accent()),
        (app.id.to_string(), ui.theme.strong()),
        (format!("{sign} {words}"), style),
    ]
}

/// The page.
pub(super) fn lines(ui: &Ui, snapshot: &Snapshot, app: &App, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let (sign, words, style) = state(ui, app);
    let mut lines = fact(ui, "State", &format!("{sign} {words}{}", since(ui, snapshot, app)), style, width);
    let mut add = |name, value: String| lines.extend(fact(ui, name, &value, theme.plain(), width));
    add("Process", process(ui, app));
    add("Ports", ports(app));
    let traffic = Traffic::of(ui, snapshot, &app.id);
    add("Is called", way(&traffic.gets));
    add("Calls others", way(&traffic.makes));
    add("Command", if app.command.is_empty() { "none: a sidecar alone".to_owned() } else { app.command.to_string() });
    add("Folder", app.folder.to_string());
    add("Log file", app.log_file.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string));
    if app.restarts > 0 {
        add("Restarts", app.restarts.to_string());
    }
    let mut startup = heading(ui, "Start-up", "of each app, from when it was spawned", width).to_vec();
    startup.extend(startup::lines(ui, snapshot, app, width));
    let last = last_lines(app, snapshot, LINES);
    let note = if last.is_empty() { "it has written none lately" } else { "L shows all" };
    let mut written = heading(ui, "Last lines", note, width).to_vec();
    written.extend(last.into_iter().map(|line| log_line(ui, line, width)));
    // Of an app that has ended its last words matter more than its first steps.
    let has_ended = matches!(app.state, AppState::Ended(_) | AppState::NotStarted(_));
    let (first, second) = if has_ended { (written, startup) } else { (startup, written) };
    lines.extend(first.into_iter().chain(second));
    lines.extend(environment(ui, app, width));
    lines
}

/// When it came to be so.
fn since(ui: &Ui, snapshot: &Snapshot, app: &App) -> String {
    let at = |stamp| {
        let clock = format::clock(snapshot.anchor.unix_micros(stamp), ui.clock_offset);
        clock.get(..8).unwrap_or(&clock).to_owned()
    };
    match (app.times.ended, app.times.ready, app.times.spawned) {
        (Some(ended), _, spawned) => {
            let ran = spawned.map_or_else(String::new, |spawned| {
                format!(", after {}", format::duration(ended.since(spawned), ui.theme.ascii))
            });
            format!(" at {}{ran}", at(ended))
        }
        (None, Some(ready), _) => format!(", first ready at {}", at(ready)),
        (None, None, Some(spawned)) => format!(", spawned at {}", at(spawned)),
        (None, None, None) => String::new(),
    }
}

fn process(ui: &Ui, app: &App) -> String {
    let Some(pid) = app.pid else { return "none".to_owned() };
    let mut parts = vec![format!("pid {pid}")];
    parts.extend(app.times.spawned.map(|spawned| format!("up {}", format::age(ui.now.since(spawned)))));
    parts.push(match (app.cpu_percent, app.memory) {
        (Some(cpu), Some(memory)) => {
            format!("cpu {cpu:.1}% of a core   memory {} (children included)", format::bytes(memory))
        }
        _ => "cpu and memory not measured yet".to_owned(),
    });
    parts.join("   ")
}

fn ports(app: &App) -> String {
    let named = [
        ("app", app.ports.app),
        ("HTTP", app.ports.http),
        ("gRPC", app.ports.grpc),
        ("sidecars", app.ports.internal_grpc),
        ("metrics", app.ports.metrics),
    ];
    let there = named.iter().filter(|(_, port)| *port != 0);
    let mut words: Vec<String> = there.map(|(name, port)| format!("{name} :{port}")).collect();
    match app.listens_on.as_deref() {
        None => {}
        Some([]) => words.push("listens on no port".to_owned()),
        Some([port]) if *port == app.ports.app => {}
        Some(open) => {
            let open: Vec<String> = open.iter().map(|port| format!(":{port}")).collect();
            words.push(format!("listens on {}", open.join(" ")));
        }
    }
    words.join("   ")
}

fn way(way: &Way) -> String {
    if way.calls == 0 {
        return "not yet".to_owned();
    }
    let mut text = format!("{}/s   {} so far", way.rate(), format::plural(way.calls as usize, "call"));
    for (count, what) in [(way.failed, "failed"), (way.errors, "answered with an error")] {
        if let Some(percent) = format::percent(count, way.calls).filter(|_| count > 0) {
            text = format!("{text}   {percent} {what}");
        }
    }
    text
}

fn log_line(ui: &Ui, line: &LogLine, width: usize) -> Line<'static> {
    let (theme, wrong) = (ui.theme, line.source == LogSource::Stderr);
    let sign = if wrong { theme.glyphs.stderr } else { theme.glyphs.wall };
    let mut row = Row::new(theme, width);
    row.gap(2).put(sign, if wrong { theme.bad() } else { theme.dim() }).gap(1);
    row.spans(ansi::spans(&line.text, theme));
    row.finish()
}

fn environment(ui: &Ui, app: &App, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    if app.env.is_empty() {
        return Vec::new();
    }
    let note = "what daptop gave it, on top of its own; y copies it";
    let mut lines = heading(ui, "Environment", note, width).to_vec();
    for (name, value) in app.env.iter() {
        let shown = if is_secret(name) { MASK } else { value };
        let mut row = Row::new(theme, width);
        lines.push(
            row.gap(2).left(name, (2 * LABEL).max(name.len() + 1), theme.dim()).put(shown, theme.plain()).finish(),
        );
    }
    lines
}
