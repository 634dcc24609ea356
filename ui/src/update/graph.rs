//! The graph: which edge is selected, and what is narrowed to it.

use daptop_model::Snapshot;

use crate::action::{Action, Effects, GraphAction};
use crate::layout::Place;
use crate::scope::Scope;
use crate::ui::{Pane, Screen, Ui, window_around};

use super::{calls, height, show};

/// What an action does here. Whether it does anything.
pub(super) fn act(ui: &mut Ui, action: Action, snapshot: &Snapshot, _effects: &mut Effects) -> bool {
    match action {
        Action::Move(step) => {
            let height = height(ui, Pane::Graph, snapshot);
            select_at(ui, step.apply(ui.edge_position(snapshot), snapshot.edges.len(), height), snapshot);
        }
        Action::Open => {
            if let Some(edge) = snapshot.edges.get(ui.edge_position(snapshot)) {
                let text = format!("from:{} to:{}", word(edge.from.as_str()), word(edge.to.as_str()));
                calls::use_filter(ui, &text, snapshot);
                show(ui, Screen::Calls);
            }
        }
        Action::Graph(GraphAction::Narrow) => {
            if let Some(edge) = snapshot.edges.get(ui.edge_position(snapshot)) {
                ui.narrow(Scope::Edge(edge.from.clone(), edge.to.clone()), snapshot);
            }
        }
        _ => return false,
    }
    true
}

/// Selects what is seen in a row.
pub(super) fn select(ui: &mut Ui, place: &Place, row: usize, snapshot: &Snapshot) {
    let window = window_around(ui.edge_position(snapshot), snapshot.edges.len(), usize::from(place.rows.height));
    select_at(ui, window.start + row, snapshot);
}

fn select_at(ui: &mut Ui, position: usize, snapshot: &Snapshot) {
    if let Some(edge) = snapshot.edges.get(position) {
        ui.edge = Some((edge.from.clone(), edge.to.clone()));
    }
}

/// A text as a filter reads it back.
fn word(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
