//! The line at the top: how the run goes, in one glance. What matters least leaves first where there is no room.

use daptop_model::{AppState, ExporterHealth, Snapshot, Stamp, Weight};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use crate::format;
use crate::row::Row;
use crate::text;
use crate::ui::{Screen, Ui};

/// Below this width things are said in short.
const NARROW: u16 = 100;

/// A part of the line: what it says, and how long it stays (higher is longer).
struct Part {
    stays: u8,
    text: Vec<(String, Style)>,
}

impl Part {
    fn width(&self) -> usize {
        self.text.iter().map(|(text, _)| text::width(text)).sum::<usize>() + 2
    }
}

/// Draws the line.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let theme = ui.theme;
    let mut parts = parts(ui, snapshot);
    let tabs = tabs(ui, width);
    let tabs_start = tabs.first().map_or(width, |tab| tab.column);
    while parts.iter().map(Part::width).sum::<usize>() > tabs_start.saturating_sub(1) {
        let Some(least) = (0..parts.len()).min_by_key(|index| parts[*index].stays) else { break };
        parts.remove(least);
    }
    let mut row = Row::new(theme, width);
    row.gap(1);
    for part in parts {
        for (text, style) in part.text {
            row.put(&text, style);
        }
        row.gap(2);
    }
    row.to(tabs_start);
    for tab in tabs {
        let style = if tab.screen == ui.screen { theme.accent() } else { theme.dim() };
        row.put(&tab.text, style);
    }
    put(buffer, area, &row.finish());
}

/// The screen whose name is at a column of the line.
pub(crate) fn screen_at(ui: &Ui, column: usize) -> Option<Screen> {
    let inside = |tab: &Tab| (tab.column..tab.column + text::width(&tab.text)).contains(&column);
    tabs(ui, usize::from(ui.size.0)).into_iter().find(inside).map(|tab| tab.screen)
}

struct Tab {
    screen: Screen,
    column: usize,
    text: String,
}

/// The screens' names at the right end: `[1 Overview] 2 Calls  3 Logs`; where there is no room only the numbers.
fn tabs(ui: &Ui, width: usize) -> Vec<Tab> {
    let name = |(index, screen): (usize, Screen)| {
        let text = match (screen == ui.screen, width >= usize::from(NARROW)) {
            (true, _) => format!("[{} {}]", index + 1, screen.title()),
            (false, true) => format!(" {} {} ", index + 1, screen.title()),
            (false, false) => format!(" {} ", index + 1),
        };
        Tab { screen, column: 0, text }
    };
    let mut tabs: Vec<Tab> = Screen::ALL.into_iter().enumerate().map(name).collect();
    let mut column = width.saturating_sub(tabs.iter().map(|tab| text::width(&tab.text)).sum());
    for tab in &mut tabs {
        tab.column = column;
        column += text::width(&tab.text);
    }
    tabs
}

fn parts(ui: &Ui, snapshot: &Snapshot) -> Vec<Part> {
    let theme = ui.theme;
    let narrow = ui.size.0 < NARROW;
    let part = |stays, text: &str, style| Part { stays, text: vec![(text.to_owned(), style)] };
    let title = text::clean(&ui.title, theme.ascii);
    let mut parts = vec![
        part(1, "daptop", theme.strong()),
        part(7, &text::clip(&title, 24, theme.glyphs.cut), theme.plain()),
        Part { stays: if crashes(snapshot) > 0 { 12 } else { 6 }, text: apps(ui, snapshot) },
        part(2, &format::age(ui.now.since(Stamp::default())), theme.dim()),
    ];
    if !ui.scope.is_everything() {
        let label = text::clean(&ui.scope.label(theme.glyphs.arrow), theme.ascii).into_owned();
        parts.push(part(13, &text::clip(&label, 44, theme.glyphs.cut), theme.accent()));
    }
    let recent = recent(ui, snapshot);
    parts.push(part(3, &spark(ui, &recent), theme.dim()));
    let rate = format::rate(recent[5..].iter().map(|calls| u64::from(*calls)).sum(), 5);
    let unit = if narrow { "/s" } else { " calls/s" };
    parts.push(part(8, &format!("{rate:>3}{unit}"), theme.plain()));
    let (failed, calls) =
        snapshot.edges.iter().fold((0, 0), |(failed, calls), edge| (failed + edge.failed, calls + edge.calls));
    if let Some(percent) = format::percent(failed, calls) {
        let (stays, style) = if failed > 0 { (6, theme.bad()) } else { (4, theme.dim()) };
        parts.push(part(stays, &format!("{percent} failed"), style));
    }
    parts.extend(findings(ui));
    let stays = if snapshot.exporter.health == ExporterHealth::Down { 9 } else { 5 };
    parts.push(Part { stays, text: zipkin(ui, snapshot, narrow) });
    let lost = snapshot.lost.calls + snapshot.lost.log_lines;
    let evicted = snapshot.lost.evicted_calls + snapshot.lost.evicted_log_lines;
    if lost + evicted > 0 {
        let text = format!("{} evicted {} {} lost", format::count(evicted), theme.glyphs.dot, format::count(lost));
        parts.push(part(11, &text, if lost > 0 { theme.strong() } else { theme.dim() }));
    }
    parts
}

/// How many kinds of things are wrong, or look wrong, on which edges.
fn findings(ui: &Ui) -> Option<Part> {
    let theme = ui.theme;
    let wrong = ui.findings.count(Weight::Failure);
    let rest = ui.findings.count(Weight::Suspicion);
    let (stays, style) = if wrong > 0 { (10, theme.bad()) } else { (5, theme.strong()) };
    let words = format::plural(wrong + rest, "finding");
    (wrong + rest > 0).then(|| Part { stays, text: vec![(words, style)] })
}

/// How many apps are down without having been asked to be.
fn crashes(snapshot: &Snapshot) -> usize {
    let crashed = |state: &AppState| match state {
        AppState::Ended(reason) => reason.is_crash(),
        AppState::NotStarted(_) => true,
        _ => false,
    };
    snapshot.apps.iter().filter(|app| crashed(&app.state)).count()
}

/// `4 apps`, and what is wrong with them.
fn apps(ui: &Ui, snapshot: &Snapshot) -> Vec<(String, Style)> {
    let mut text = vec![(format::plural(snapshot.apps.len(), "app"), ui.theme.plain())];
    let crashes = crashes(snapshot);
    if crashes > 0 {
        text.push((format!(" {} {crashes} down", ui.theme.glyphs.fail), ui.theme.bad()));
    }
    text
}

fn zipkin(ui: &Ui, snapshot: &Snapshot, narrow: bool) -> Vec<(String, Style)> {
    let (theme, glyphs, state) = (ui.theme, ui.theme.glyphs, &snapshot.exporter);
    let dropped = if state.dropped > 0 { format!(", {} dropped", format::count(state.dropped)) } else { String::new() };
    let queued = format::count(state.queued);
    let (text, style) = match state.health {
        ExporterHealth::Up if narrow && state.dropped == 0 => (glyphs.on.to_owned(), theme.dim()),
        ExporterHealth::Idle if narrow => (glyphs.off.to_owned(), theme.dim()),
        ExporterHealth::Down if narrow => (format!("{} down", glyphs.fail), theme.bad()),
        ExporterHealth::Off => ("off".to_owned(), theme.dim()),
        ExporterHealth::Idle => (format!("{} {queued} queued", glyphs.off), theme.dim()),
        ExporterHealth::Up => {
            let style = if state.dropped > 0 { theme.strong() } else { theme.dim() };
            (format!("{} {} sent{dropped}", glyphs.on, format::count(state.sent)), style)
        }
        ExporterHealth::Down => (format!("{} down, {queued} queued{dropped}", glyphs.fail), theme.bad()),
    };
    vec![("zipkin ".to_owned(), theme.dim()), (text, style)]
}

/// Calls received in each of the last ten seconds.
fn recent(ui: &Ui, snapshot: &Snapshot) -> [u32; 10] {
    let mut sum = [0_u32; 10];
    for edge in snapshot.edges.iter() {
        for (sum, calls) in sum.iter_mut().zip(shifted(ui, snapshot, &edge.recent)) {
            *sum = sum.saturating_add(calls);
        }
    }
    sum
}

/// What a snapshot says of its last seconds, moved on by the time since: no new one comes while nothing happens.
pub(super) fn shifted(ui: &Ui, snapshot: &Snapshot, recent: &[u32; 10]) -> [u32; 10] {
    let passed = usize::try_from(ui.now.since(snapshot.taken).as_secs()).unwrap_or(usize::MAX);
    let mut shifted = [0; 10];
    shifted.iter_mut().zip(recent.iter().skip(passed)).for_each(|(to, from)| *to = *from);
    shifted
}

fn spark(ui: &Ui, recent: &[u32; 10]) -> String {
    let most = u64::from(recent.iter().copied().max().unwrap_or(0).max(1));
    let level = |calls: &u32| ((u64::from(*calls) * 7).div_ceil(most) as usize).min(7);
    recent.iter().map(|calls| ui.theme.glyphs.spark[level(calls)]).collect()
}
