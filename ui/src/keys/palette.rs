//! Keys of the palette.

use super::Place::Palette;
use super::{Binding, Key, ctrl, key, row};
use crate::action::Action::{Back, Erase, Move, Open};
use crate::action::Step;

pub(super) const KEYS: &[Binding] = &[
    row(Palette, &[key(Key::Enter)], Open, "do it", "do what is selected"),
    row(Palette, &[key(Key::Up), ctrl('p')], Move(Step::Up), "up", "up"),
    row(Palette, &[key(Key::Down), ctrl('n')], Move(Step::Down), "down", "down"),
    row(Palette, &[key(Key::PageUp)], Move(Step::PageUp), "", "a page up"),
    row(Palette, &[key(Key::PageDown)], Move(Step::PageDown), "", "a page down"),
    row(Palette, &[key(Key::Backspace)], Erase, "", "remove the last letter of the search; typing searches"),
    row(Palette, &[key(Key::Escape)], Back, "close", "do nothing"),
];
