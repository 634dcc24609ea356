//! Who calls whom, one edge a row. What is calm is not said: a rate always, the rest where there is something to say.

use std::time::Duration;

use daptop_model::{Edge, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::Line;

use super::rule::Title;
use super::{header, marked, put_all, sentences};
use crate::format;
use crate::layout::Place;
use crate::text;
use crate::ui::{Ui, window_around};

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    if snapshot.edges.is_empty() {
        sentences(ui, place.rows, "Nobody has called anybody yet.", buffer);
        return Title::default();
    }
    let width = usize::from(place.rows.width);
    let longest = |name: fn(&Edge) -> &str| {
        let longest = snapshot.edges.iter().map(|edge| text::width(name(edge))).max().unwrap_or(0);
        longest.clamp(4, width * 3 / 10)
    };
    let names = (longest(|edge| edge.from.as_str()), longest(|edge| edge.to.as_str()));
    let selected = ui.edge_position(snapshot);
    let window = window_around(selected, snapshot.edges.len(), usize::from(place.rows.height));
    let hidden = snapshot.edges.len() - window.len();
    let rows = window.map(|index| row(ui, snapshot, place, &snapshot.edges[index], index == selected, names));
    put_all(buffer, place.rows, rows);
    let mut title = Title::default();
    let at = 2 + names.0 + 2 + text::width(ui.theme.glyphs.edge) + names.1;
    title.headings = vec![(at + 3, "rate".to_owned()), (at + 13, "p95".to_owned())];
    if hidden > 0 {
        title.right.push((format!("{hidden} more"), ui.theme.dim()));
    }
    title
}

fn row(
    ui: &Ui,
    snapshot: &Snapshot,
    place: &Place,
    edge: &Edge,
    selected: bool,
    (from, to): (usize, usize),
) -> Line<'static> {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let recent = header::shifted(ui, snapshot, &edge.recent);
    let idle = edge.in_flight == 0 && recent.iter().all(|calls| *calls == 0);
    let calm = match (selected, idle) {
        (true, _) => theme.strong(),
        (false, true) => theme.dim(),
        (false, false) => theme.plain(),
    };
    let mut row = marked(ui, place, selected);
    row.gap(1).left(edge.from.as_str(), from, calm).gap(1);
    let (sign, style) = if edge.failed > 0 { (glyphs.fail, theme.bad()) } else { (glyphs.edge, calm) };
    row.left(sign, text::width(glyphs.edge), style).gap(1).left(edge.to.as_str(), to, calm);
    let rate = format::rate(recent[5..].iter().map(|calls| u64::from(*calls)).sum(), 5);
    row.right(&format!("{rate}/s"), 7, calm);
    let p95 = Some(edge.p95_micros).filter(|micros| *micros > 0);
    let p95 = p95.map_or_else(String::new, |micros| format::duration(Duration::from_micros(micros), theme.ascii));
    row.right(&p95, 9, theme.dim());
    for (long, short, style) in notes(ui, edge, idle) {
        // A note that would be cut is better left out.
        if let Some(text) = [long, short].into_iter().find(|text| row.room() > text::width(text) + 1) {
            row.gap(2).put(&text, style);
        }
    }
    row.finish()
}

/// What is special about an edge, in full and in short.
fn notes(ui: &Ui, edge: &Edge, idle: bool) -> Vec<(String, String, Style)> {
    let theme = ui.theme;
    let mut notes = Vec::new();
    if edge.failed > 0
        && let Some(percent) = format::percent(edge.failed, edge.calls)
    {
        notes.push((format!("{percent} failed"), format!("{percent} {}", theme.glyphs.fail), theme.bad()));
    }
    if let Some(oldest) = edge.oldest_open.filter(|_| edge.in_flight > 0) {
        let age = format::duration(ui.now.since(oldest), theme.ascii);
        notes.push((
            format!("{} in flight {age}", edge.in_flight),
            format!("{} open {age}", edge.in_flight),
            theme.plain(),
        ));
    }
    if edge.errors > 0
        && let Some(percent) = format::percent(edge.errors, edge.calls)
    {
        notes.push((format!("{percent} errors"), format!("{percent} err"), theme.strong()));
    }
    if idle {
        let age = format::age(ui.now.since(edge.last_at));
        notes.push((format!("idle {age}"), "idle".to_owned(), theme.dim()));
    }
    notes
}
