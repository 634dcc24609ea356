//! Keys of the log.

use super::Place::In;
use super::{Binding, char, row};
use crate::action::Action::{Apps, Follow, Logs, Search};
use crate::action::AppsAction::{Restart, StopOrStart};
use crate::action::LogsAction::{Diagnostics, Mark, NextApp, NextFound, NextLevel, OfCalls, PreviousFound};
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Logs), &[char('a')], Logs(NextApp), "app", "the log of the next app; after the last, of all"),
    row(In(Pane::Logs), &[char('f'), char(' ')], Follow, "follow/freeze", "follow the newest line, or hold still"),
    row(In(Pane::Logs), &[char('/')], Search, "search", "look for a text in the lines"),
    row(In(Pane::Logs), &[char('n')], Logs(NextFound), "", "the next line with that text"),
    row(In(Pane::Logs), &[char('N')], Logs(PreviousFound), "", "the line before with that text"),
    row(In(Pane::Logs), &[char('v')], Logs(NextLevel), "level", "lines from info, warn or error on; after that all"),
    row(In(Pane::Logs), &[char('m')], Logs(Mark), "mark", "set a marker with the time below the newest line"),
    row(In(Pane::Logs), &[char('c')], Logs(OfCalls), "", "the lines that belong to the calls that are listed"),
    row(In(Pane::Logs), &[char('d')], Logs(Diagnostics), "diagnostics", "show daptop's own diagnostics, or hide them"),
    row(In(Pane::Logs), &[char('R')], Apps(Restart), "", "restart the app whose log is shown, after a question"),
    row(In(Pane::Logs), &[char('s')], Apps(StopOrStart), "", "stop the app whose log is shown, or start it again"),
];
