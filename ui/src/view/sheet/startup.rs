//! How each app came up: spawned, port open, ready, first call; all bars on one axis, each from its own start.

use std::time::Duration;

use daptop_model::{App, Snapshot};
use ratatui::text::Line;

use crate::format;
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// An axis is not shorter than this: a millisecond more or less is no slow start.
const LEAST: Duration = Duration::from_millis(200);

/// What is known of a start.
struct Start<'a> {
    app: &'a App,
    port: Option<Duration>,
    ready: Option<Duration>,
    first_call: Option<Duration>,
    /// How far it got: ready, ended, or now.
    reached: Duration,
    starting: bool,
}

impl<'a> Start<'a> {
    fn of(app: &'a App, ui: &Ui) -> Option<Self> {
        let spawned = app.times.spawned?;
        let after = |stamp: Option<daptop_model::Stamp>| stamp.map(|stamp| stamp.since(spawned));
        let port = after(app.times.port_open).filter(|_| app.ports.app != 0);
        let ready = after(app.times.ready);
        let ended = after(app.times.ended);
        let reached = ready.or(ended).unwrap_or_else(|| ui.now.since(spawned));
        let first_call = after(app.times.first_call);
        Some(Self { app, port, ready, first_call, reached, starting: ready.is_none() && ended.is_none() })
    }
}

/// A bar for each app that was started; `shown` is the one that the page is about.
pub(super) fn lines(ui: &Ui, snapshot: &Snapshot, shown: &App, width: usize) -> Vec<Line<'static>> {
    let starts: Vec<Start<'_>> = snapshot.apps.iter().filter_map(|app| Start::of(app, ui)).collect();
    if starts.is_empty() {
        return vec![Row::new(ui.theme, width).gap(2).put("No app has been spawned yet.", ui.theme.plain()).finish()];
    }
    let whole = starts.iter().map(|start| start.reached).max().unwrap_or_default().max(LEAST);
    let slowest = slowest(&starts);
    let words: Vec<String> = starts.iter().map(|start| words(ui, start, slowest)).collect();
    let names = starts.iter().map(|start| text::width(start.app.id.as_str())).max().unwrap_or(0).min(24);
    let longest = words.iter().map(|words| text::width(words)).max().unwrap_or(0);
    // One axis for all: as long as the longest words leave it, and no longer than is looked over.
    let columns = width.saturating_sub(names + 6 + longest).clamp(8, 60);
    let axis = Axis { names, columns, whole };
    let bars = starts.iter().zip(&words).map(|(start, words)| {
        let is_slowest = slowest == Some(start.app.instance);
        bar(ui, start, &axis, (words, is_slowest, start.app.instance == shown.instance), width)
    });
    let mut lines: Vec<Line<'static>> = bars.collect();
    lines.push(legend(ui, names, width));
    lines
}

/// Where the bars lie.
struct Axis {
    names: usize,
    columns: usize,
    whole: Duration,
}

impl Axis {
    /// How many columns a time takes.
    fn length(&self, time: Duration) -> usize {
        let share = time.as_micros() * self.columns as u128 / self.whole.as_micros().max(1);
        usize::try_from(share).unwrap_or(self.columns).min(self.columns)
    }
}

/// The app whose start took by far the longest, where one did.
fn slowest(starts: &[Start<'_>]) -> Option<daptop_model::InstanceId> {
    let mut by_time: Vec<&Start<'_>> = starts.iter().collect();
    by_time.sort_by_key(|start| std::cmp::Reverse(start.reached));
    let [first, second, ..] = by_time[..] else { return None };
    (first.reached > LEAST && first.reached * 3 > second.reached * 4).then_some(first.app.instance)
}

fn bar(
    ui: &Ui,
    start: &Start<'_>,
    axis: &Axis,
    (words, is_slowest, is_shown): (&str, bool, bool),
    width: usize,
) -> Line<'static> {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let style = if is_shown { theme.strong() } else { theme.plain() };
    let mut row = Row::new(theme, width);
    row.left(if is_shown { glyphs.marker } else { "" }, 2, theme.accent());
    row.left(start.app.id.as_str(), axis.names, style).gap(2);
    let from = row.used();
    let has_port = start.app.ports.app != 0;
    let waits = if has_port { axis.length(start.port.unwrap_or(start.reached)).max(1) } else { 0 };
    row.put(&glyphs.shade.repeat(waits), theme.waiting());
    match start.ready {
        Some(ready) => {
            row.put(&glyphs.eighths[7].repeat(axis.length(ready).saturating_sub(waits).max(1)), style);
            if let Some(call) = start.first_call.filter(|call| (ready..=axis.whole).contains(call)) {
                let gap = (from + axis.length(call)).saturating_sub(row.used() + 1);
                row.put(&glyphs.dot.repeat(gap), theme.dim()).put(glyphs.on, theme.accent());
            }
        }
        None if start.starting => {}
        None => drop(row.put(glyphs.fail, theme.bad())),
    }
    row.to(from + axis.columns + 2);
    row.put(words, if is_slowest { theme.waiting() } else { theme.dim() });
    row.finish()
}

fn words(ui: &Ui, start: &Start<'_>, slowest: Option<daptop_model::InstanceId>) -> String {
    let time = |time| format::duration(time, ui.theme.ascii);
    let mut parts = Vec::new();
    parts.extend(start.port.map(|port| format!("port {}", time(port))));
    match (start.ready, start.starting) {
        (Some(ready), _) => parts.push(format!("ready {}", time(ready))),
        (None, true) => parts.push(format!("starting for {}", format::age(start.reached))),
        (None, false) => parts.push(format!("ended after {}, never ready", time(start.reached))),
    }
    if ui.size.0 >= 100 && start.ready.is_some() {
        parts.extend(start.first_call.map(|call| format!("first call {}", time(call))));
    }
    let mut words = parts.join("  ");
    if slowest == Some(start.app.instance) {
        words.push_str("  slowest");
    }
    words
}

fn legend(ui: &Ui, names: usize, width: usize) -> Line<'static> {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let mut row = Row::new(theme, width);
    row.gap(names + 4).put(glyphs.shade, theme.waiting()).put(" its port does not answer   ", theme.dim());
    row.put(glyphs.eighths[7], theme.plain()).put(" until ready   ", theme.dim());
    row.put(glyphs.on, theme.accent()).put(" first call", theme.dim()).finish()
}
