//! The traces, the newest, the slowest or the worst at the bottom. Only visible rows are built.

use daptop_model::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::calls::TO_THE_MILLISECOND;
use super::rule::Title;
use super::{calls, marked, put_all, sentences};
use crate::format;
use crate::layout::Place;
use crate::list::Rows;
use crate::row::Row;
use crate::text;
use crate::traces::{Entry, Sort};
use crate::ui::Ui;

const SPANS: usize = 7;
const ERRORS: usize = 8;
const DURATION: usize = 11;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let rows = ui.traces.rows();
    let window = ui.traces.list.window(&rows, usize::from(place.rows.height));
    let columns = Columns::new(usize::from(place.rows.width));
    if rows.len() == 0 {
        sentences(ui, place.rows, &next_step(ui, snapshot), buffer);
    }
    let lines = window.clone().filter_map(|position| rows.get(position));
    put_all(buffer, place.rows, lines.map(|entry| columns.row(ui, snapshot, place, entry)));
    title(ui, snapshot, &columns, rows.len(), rows.len() - window.end)
}

fn title(ui: &Ui, snapshot: &Snapshot, columns: &Columns, listed: usize, below: usize) -> Title {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let mut title = Title::default();
    let filter = ui.calls.filter_text();
    if !filter.is_empty() {
        let shown = text::clean(filter, theme.ascii);
        title.left.push((text::clip(&shown, 40, glyphs.cut).into_owned(), theme.accent()));
    }
    if listed < ui.traces.total() {
        let behind = if ui.traces.is_behind(snapshot) { ", still looking" } else { "" };
        let (listed, total) = (format::count(listed as u64), format::count(ui.traces.total() as u64));
        title.left.push((format!("{listed} of {total}{behind}"), theme.plain()));
    }
    let (sorted, follows) = match ui.traces.sort() {
        Sort::Newest => ("", "following"),
        Sort::Slowest => ("the slowest last,", "following"),
        Sort::Worst => ("the worst last,", "following"),
    };
    if !sorted.is_empty() {
        title.left.push((sorted.to_owned(), theme.accent()));
    }
    if ui.traces.list.follow {
        title.left.push((follows.to_owned(), theme.dim()));
    } else {
        title.left.push(("frozen".to_owned(), theme.waiting()));
        let new = ui.traces.held_back();
        if new > 0 {
            title.right.push((format!("{} new", format::count(new as u64)), theme.waiting()));
        }
        if below > 0 {
            title.right.push((format!("{} {} below", glyphs.more, format::count(below as u64)), theme.waiting()));
        }
    }
    title.headings = columns.headings();
    title
}

/// What to do where there is nothing to see.
fn next_step(ui: &Ui, snapshot: &Snapshot) -> String {
    if ui.traces.total() > 0 {
        let traces = format::plural(ui.traces.total(), "trace");
        return format!("None of the {traces} has a call that matches. Esc lists them all, / changes the filter.");
    }
    if snapshot.calls.is_empty() {
        return calls::next_step(ui, snapshot).replacen("No call yet", "No trace yet, as there is no call yet", 1);
    }
    let calls = format::plural(snapshot.calls.len(), "call");
    format!(
        "No trace: tracing is off for all of the {calls} (tracing.samplingRate in the Configuration). 4 lists them."
    )
}

/// How wide each column is; what matters least is left out where there is no room.
struct Columns {
    time: usize,
    root: usize,
    apps: usize,
}

impl Columns {
    fn new(width: usize) -> Self {
        let time = if width < TO_THE_MILLISECOND { 9 } else { 13 };
        let room = width.saturating_sub(1 + time + SPANS + ERRORS + DURATION);
        let apps = if room >= 64 { room * 2 / 5 } else { 0 };
        Self { time, root: room - apps, apps }
    }

    fn headings(&self) -> Vec<(usize, String)> {
        let tail = 1 + self.time + self.root + self.apps;
        let mut headings = Vec::new();
        if self.apps > 0 {
            headings.push((1 + self.time + self.root, "apps".to_owned()));
        }
        headings.push((tail + SPANS - 5, "spans".to_owned()));
        headings.push((tail + SPANS + ERRORS - 5, "wrong".to_owned()));
        headings.push((tail + SPANS + ERRORS + DURATION - 4, "time".to_owned()));
        headings
    }

    fn row(&self, ui: &Ui, snapshot: &Snapshot, place: &Place, entry: &Entry) -> Line<'static> {
        let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
        let selected = ui.traces.selected == Some(entry.trace);
        let text = if selected { theme.strong() } else { theme.plain() };
        let mut row = marked(ui, place, selected);
        let clock = format::clock(snapshot.anchor.unix_micros(entry.start), ui.clock_offset);
        row.left(clock.get(..self.time - 1).unwrap_or(&clock), self.time, theme.dim());
        let end = row.used() + self.root;
        let mut root = Row::new(theme, self.root.saturating_sub(1));
        match snapshot.calls.find(entry.first) {
            Some(call) => {
                root.put(call.from.as_str(), text).gap(1).put(glyphs.arrow, theme.dim()).gap(1);
                root.put(call.to.as_str(), text).gap(2);
                root.put(call.verb_text(), theme.dim()).gap(1).put(&call.request.path(), theme.dim());
            }
            None => drop(root.put("its first call was given up", theme.dim())),
        }
        row.spans(root.finish().spans).to(end);
        if self.apps > 0 {
            let names: Vec<&str> = entry.apps.iter().map(daptop_model::AppId::as_str).collect();
            row.left(&format!("{} {}", names.len(), names.join(", ")), self.apps - 2, theme.dim()).gap(2);
        }
        let cut = if entry.given_up > 0 { glyphs.cut } else { "" };
        row.right(&format!("{cut}{}", entry.spans), SPANS, theme.dim());
        let (errors, style) = match entry.errors {
            0 => (String::new(), theme.dim()),
            errors => (format!("{} {errors}", glyphs.fail), theme.bad()),
        };
        row.right(&errors, ERRORS, style);
        let duration = format::duration(entry.duration(ui.now), theme.ascii);
        if entry.open > 0 {
            row.right(&format!("{} {duration}", glyphs.open), DURATION, theme.waiting());
        } else {
            row.right(&duration, DURATION, theme.dim());
        }
        row.finish()
    }
}
