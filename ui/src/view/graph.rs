//! Who calls whom: a picture, or a list where a picture has no room, and what is selected in it.

mod detail;
mod list;
mod looks;
mod words;

use daptop_model::Snapshot;
use ratatui::buffer::Buffer;

use super::rule::Title;
use super::sentences;
use crate::graph::{self, Detail};
use crate::layout::{Place, graph_parts};
use crate::ui::Ui;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let (area, details) = graph_parts(ui, place);
    let topology = &ui.graph.topology;
    let facts = ui.graph.facts(snapshot, ui.now);
    let mut title = Title::default();
    if topology.nodes.is_empty() || (topology.links.is_empty() && ui.graph.is_list()) {
        let text = if ui.graph.narrowed.pairs().is_some() {
            "No call passes the filter."
        } else {
            "Nobody has called anybody yet."
        };
        sentences(ui, area, text, buffer);
    } else if ui.graph.is_list() {
        list::draw(ui, &facts, place, area, &mut title, buffer);
    } else {
        let looks = looks::looks(ui, snapshot, &facts);
        graph::draw(&ui.graph.picture, &looks, ui.theme, area, ui.graph.origin, buffer);
        if let Some(hidden) = hidden(ui) {
            title.right.push((hidden, ui.theme.dim()));
        }
    }
    if details.height > 0 {
        detail::draw(ui, snapshot, &facts, details, buffer);
    }
    if let Some(filter) = Some(ui.calls.filter_text()).filter(|text| !text.is_empty()) {
        title.left.push((format!("/ {}", crate::text::clean(filter, ui.theme.ascii)), ui.theme.accent()));
    }
    title
}

/// What is not seen of the picture, and how little of the nodes is.
fn hidden(ui: &Ui) -> Option<String> {
    let (picture, (x, y), (width, height)) = (&ui.graph.picture, ui.graph.origin, ui.graph.seen());
    let inside = |frame: &&graph::Frame| {
        frame.x >= x && frame.y >= y && frame.x + frame.width <= x + width && frame.y + frame.height <= y + height
    };
    let outside = picture.frames.len() - picture.frames.iter().filter(inside).count();
    let parts = [
        (outside > 0).then(|| format!("{outside} outside: HJKL")),
        (picture.detail == Detail::Dots).then(|| "names: +".to_owned()),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("  "))
}
