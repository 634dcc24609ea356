//! Keys of a page about one thing.

use super::Place::{AppSheet, Everywhere, Sheet};
use super::{Binding, Key, char, key, row};
use crate::action::Action::{self, Apps, Back, Move};
use crate::action::AppsAction::{CopyEnvironment, Log, Restart, StopOrStart};
use crate::action::Step;

pub(super) const KEYS: &[Binding] = &[
    row(Sheet, &[key(Key::Escape), key(Key::Enter), char('q')], Back, "close", "close the page"),
    row(Sheet, &[key(Key::Up), char('k')], Move(Step::Up), "", "up"),
    row(Sheet, &[key(Key::Down), char('j')], Move(Step::Down), "", "down"),
    row(Sheet, &[key(Key::PageUp)], Move(Step::PageUp), "", "a page up"),
    row(Sheet, &[key(Key::PageDown)], Move(Step::PageDown), "", "a page down"),
    row(Sheet, &[char('g'), key(Key::Home)], Move(Step::First), "", "to its beginning"),
    row(Sheet, &[char('G'), key(Key::End)], Move(Step::Last), "", "to its end"),
    row(AppSheet, &[char('R')], Apps(Restart), "restart", "restart the app, after a question"),
    row(AppSheet, &[char('s')], Apps(StopOrStart), "stop/start", "stop the app, or start it again"),
    row(AppSheet, &[char('y')], Apps(CopyEnvironment), "copy environment", "copy the environment, secrets masked"),
    row(AppSheet, &[char('L')], Apps(Log), "log", "show the app's log"),
    row(
        Everywhere,
        &[char('Z')],
        Action::Export,
        "",
        "what became of the spans: sent, queued, dropped, the last error",
    ),
];
