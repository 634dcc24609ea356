//! Keys of the findings.

use super::Place::{Everywhere, In};
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Findings, Open};
use crate::action::FindingsAction::{Narrow, Show};
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Findings), &[key(Key::Enter)], Open, "newest call", "show the newest call that it was found in"),
    row(
        In(Pane::Findings),
        &[char('o')],
        Findings(Narrow),
        "only these",
        "narrow every screen to the two apps; Esc takes it back",
    ),
    row(Everywhere, &[char('W')], Findings(Show), "findings", "what is wrong with the calls, and what to do"),
];
