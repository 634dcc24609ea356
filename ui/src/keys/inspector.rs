//! Keys of one call in full.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Inspect, Open, Traces};
use crate::action::InspectAction::{NextTab, PreviousTab};
use crate::action::TracesAction::OfCall;
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Inspector), &[char(']')], Inspect(NextTab), "next part", "the next part of the call"),
    row(In(Pane::Inspector), &[char('[')], Inspect(PreviousTab), "", "the part before"),
    row(In(Pane::Inspector), &[key(Key::Enter)], Open, "", "give the call the whole screen, or take it back"),
    row(
        In(Pane::Inspector),
        &[char('t')],
        Traces(OfCall),
        "its trace",
        "show the call's trace, and nothing else on any screen",
    ),
];
