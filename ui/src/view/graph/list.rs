//! The graph as a list: one edge a row, then the apps without any.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::rule::Title;
use super::super::{marked, put_all};
use super::looks;
use crate::format;
use crate::graph::{Facts, Part, SLOW, Spot};
use crate::layout::Place;
use crate::text;
use crate::ui::{Ui, window_around};

/// Draws the list.
pub(super) fn draw(ui: &Ui, facts: &[Facts], place: &Place, area: Rect, title: &mut Title, buffer: &mut Buffer) {
    let rows = ui.graph.rows();
    let width = usize::from(area.width);
    let topology = &ui.graph.topology;
    let names: Vec<String> = topology.nodes.iter().map(|node| node.name(ui.theme.ascii)).collect();
    let longest = |of: fn(&crate::graph::Link) -> usize| {
        let longest = topology.links.iter().map(|link| text::width(&names[of(link)])).max().unwrap_or(0);
        longest.clamp(4, width * 3 / 10)
    };
    let widths = (longest(|link| link.from), longest(|link| link.to));
    let selected = ui.graph.spot().and_then(|spot| rows.iter().position(|row| *row == spot));
    let window = window_around(selected.unwrap_or(0), rows.len(), usize::from(area.height));
    let hidden = rows.len() - window.len();
    let lines = window.map(|index| {
        let is_selected = selected == Some(index);
        match rows[index] {
            Spot::Link(link) => row(ui, place, (&names, widths), link, &facts[link], is_selected),
            Spot::Node(node) => {
                let mut row = marked(ui, place, is_selected);
                row.gap(1).left(&names[node], widths.0, ui.theme.dim()).gap(1).put("no call yet", ui.theme.dim());
                row.finish()
            }
        }
    });
    put_all(buffer, area, lines.collect::<Vec<_>>());
    let at = 2 + widths.0 + 2 + text::width(ui.theme.glyphs.edge) + widths.1;
    title.headings = vec![(at + 3, "rate".to_owned()), (at + 13, "p95".to_owned())];
    if hidden > 0 {
        title.right.push((format!("{hidden} more"), ui.theme.dim()));
    }
}

fn row(
    ui: &Ui,
    place: &Place,
    (names, (from, to)): (&[String], (usize, usize)),
    link: usize,
    facts: &Facts,
    selected: bool,
) -> Line<'static> {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let is_idle = facts.is_idle(ui.now);
    let calm = match (selected, is_idle) {
        (true, _) => theme.strong(),
        (false, true) => theme.dim(),
        (false, false) => theme.plain(),
    };
    let ends = ui.graph.topology.links[link];
    let mut row = marked(ui, place, selected);
    row.gap(1).left(&names[ends.from], from, calm).gap(1);
    let (sign, style) = if facts.is_failing { (glyphs.fail, theme.bad()) } else { (glyphs.edge, calm) };
    row.left(sign, text::width(glyphs.edge), style).gap(1).left(&names[ends.to], to, calm);
    row.right(&format!("{}/s", format::rate(facts.last_five, 5)), 7, calm);
    let p95 = Some(facts.p95).filter(|micros| *micros > 0);
    let p95 = p95.map_or_else(String::new, |micros| format::duration(Duration::from_micros(micros), theme.ascii));
    row.right(&p95, 9, if facts.p95 >= SLOW { theme.waiting() } else { theme.dim() });
    let say = |long: String| Part { long, style: theme.dim(), ..Part::default() };
    let idle = is_idle.then(|| say(format!("idle {}", format::age(ui.now.since(facts.last_at)))));
    let badge = looks::badge(facts).map(say);
    // A slow percentile is in its column.
    let notes = looks::notes(ui, facts).into_iter().filter(|note| !note.long.starts_with("p95"));
    for note in idle.into_iter().chain(notes).chain(badge) {
        // A note that would be cut is better left out.
        let fits = |text: &&String| !text.is_empty() && row.room() > text::width(text) + 1;
        if let Some(text) = [&note.long, &note.short].into_iter().find(fits) {
            row.gap(2).put(text, note.style);
        }
    }
    row.finish()
}
