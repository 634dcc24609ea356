//! Keys that hold also while something is asked.

use super::Place::Always;
use super::{Binding, ctrl, row};
use crate::action::Action;

pub(super) const KEYS: &[Binding] = &[
    row(Always, &[ctrl('c')], Action::QuitNow, "", "stop all apps and quit"),
    row(Always, &[ctrl('z')], Action::Suspend, "", "put daptop into the background; fg brings it back"),
    row(Always, &[ctrl('l')], Action::Redraw, "", "draw everything anew"),
];
