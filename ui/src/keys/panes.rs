//! Keys of every pane that has rows.

use super::Place::Panes;
use super::{Binding, Key, char, ctrl, key, row};
use crate::action::Action::{self, Move};
use crate::action::Step;

pub(super) const KEYS: &[Binding] = &[
    row(Panes, &[key(Key::Up), char('k')], Move(Step::Up), "", "up"),
    row(Panes, &[key(Key::Down), char('j')], Move(Step::Down), "", "down"),
    row(Panes, &[key(Key::PageUp), ctrl('b')], Move(Step::PageUp), "", "a page up"),
    row(Panes, &[key(Key::PageDown), ctrl('f')], Move(Step::PageDown), "", "a page down"),
    row(Panes, &[ctrl('u')], Move(Step::HalfUp), "", "half a page up"),
    row(Panes, &[ctrl('d')], Move(Step::HalfDown), "", "half a page down"),
    row(Panes, &[char('g'), key(Key::Home)], Move(Step::First), "", "to the first row"),
    row(Panes, &[char('G'), key(Key::End)], Move(Step::Last), "", "to the last row, and follow"),
    row(Panes, &[key(Key::Right), char('l')], Action::NextPane, "", "the next pane"),
    row(Panes, &[key(Key::Left), char('h')], Action::PreviousPane, "", "the pane before"),
    row(
        Panes,
        &[char('/')],
        Action::Filter,
        "filter",
        "narrow calls, traces and graph, as in: status:5xx app:checkout",
    ),
    row(Panes, &[char('z')], Action::Zoom, "enlarge", "give the pane the whole screen, or take it back"),
];
