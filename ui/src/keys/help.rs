//! Keys of the help.

use super::Place::Help;
use super::{Binding, Key, key, row};
use crate::action::Action::{Back, Erase, Move};
use crate::action::Step;

pub(super) const KEYS: &[Binding] = &[
    row(Help, &[key(Key::Up)], Move(Step::Up), "up", "up"),
    row(Help, &[key(Key::Down)], Move(Step::Down), "down", "down"),
    row(Help, &[key(Key::PageUp)], Move(Step::PageUp), "", "a page up"),
    row(Help, &[key(Key::PageDown)], Move(Step::PageDown), "", "a page down"),
    row(Help, &[key(Key::Backspace)], Erase, "", "remove the last letter of the search; typing searches"),
    row(Help, &[key(Key::Escape), key(Key::Enter), key(Key::F1)], Back, "close", "close the help"),
];
