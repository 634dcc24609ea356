//! Keys of the graph.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Graph, Open};
use crate::action::GraphAction::Narrow;
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Graph), &[key(Key::Enter)], Open, "its calls", "show the calls of this pair only"),
    row(
        In(Pane::Graph),
        &[char('o')],
        Graph(Narrow),
        "only this",
        "narrow every screen to this pair; Esc takes it back",
    ),
];
