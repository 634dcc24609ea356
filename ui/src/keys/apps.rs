//! Keys of the apps.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Apps, Open};
use crate::action::AppsAction::{CopyEnvironment, Log, Narrow, Restart, StopOrStart};
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(
        In(Pane::Apps),
        &[key(Key::Enter)],
        Open,
        "open",
        "all about the app: process, ports, start-up, last lines, environment",
    ),
    row(In(Pane::Apps), &[char('L')], Apps(Log), "log", "show the app's log"),
    row(In(Pane::Apps), &[char('R')], Apps(Restart), "restart", "restart the app, after a question"),
    row(In(Pane::Apps), &[char('s')], Apps(StopOrStart), "stop/start", "stop the app, or start it again"),
    row(In(Pane::Apps), &[char('o')], Apps(Narrow), "only this", "narrow every screen to the app; Esc takes it back"),
    row(
        In(Pane::Apps),
        &[char('y')],
        Apps(CopyEnvironment),
        "",
        "copy the app's environment as exports of a shell; secrets are masked",
    ),
];
