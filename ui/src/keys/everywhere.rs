//! Keys that hold wherever nothing is asked.

use super::Place::Everywhere;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{self, Back, Show};
use crate::ui::Screen;

pub(super) const KEYS: &[Binding] = &[
    row(Everywhere, &[key(Key::Tab)], Action::NextScreen, "screen", "the next screen"),
    row(Everywhere, &[key(Key::BackTab)], Action::PreviousScreen, "", "the screen before"),
    row(Everywhere, &[char('1')], Show(Screen::Overview), "", "overview"),
    row(Everywhere, &[char('2')], Show(Screen::Graph), "", "graph"),
    row(Everywhere, &[char('3')], Show(Screen::Traces), "", "traces"),
    row(Everywhere, &[char('4')], Show(Screen::Calls), "", "calls"),
    row(Everywhere, &[char('5')], Show(Screen::Logs), "", "logs"),
    row(Everywhere, &[key(Key::Escape)], Back, "", "one step back; never quits"),
    row(
        Everywhere,
        &[char('T')],
        Action::NextTheme,
        "",
        "other colours: of the terminal, for dark, for light, high contrast",
    ),
    row(
        Everywhere,
        &[char('M')],
        Action::Mouse,
        "",
        "leave the mouse to the terminal, or take it; Shift-drag selects text",
    ),
    row(Everywhere, &[char('?'), key(Key::F1)], Action::Help, "keys", "show the keys"),
    row(Everywhere, &[char(':')], Action::Palette, "command", "find an action by its name"),
    row(Everywhere, &[char('q')], Action::Quit, "quit", "quit; asks while apps run"),
];
