//! Keys of the traces and the waterfall.

use super::Place::In;
use super::{Binding, Key, key, row};
use crate::action::Action::Open;
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[row(In(Pane::Traces), &[key(Key::Enter)], Open, "open", "look into the trace")];
