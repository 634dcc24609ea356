//! Keys of the list of calls.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Calls, Follow, Logs, Open, Traces};
use crate::action::CallsAction::{FailedOnly, Filter, Noise, Sort};
use crate::action::LogsAction::OfCall as LogOfCall;
use crate::action::TracesAction::OfCall;
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Calls), &[key(Key::Enter)], Open, "open", "show the call"),
    row(In(Pane::Calls), &[char('f'), char(' ')], Follow, "follow/freeze", "follow the newest call, or hold still"),
    row(In(Pane::Calls), &[char('!')], Calls(FailedOnly), "failed only", "show failed calls only, or all"),
    row(In(Pane::Calls), &[char('F')], Calls(Filter), "", "switch the filter off for a moment, or on again"),
    row(
        In(Pane::Calls),
        &[char('s')],
        Calls(Sort),
        "sort",
        "sort by the next column: time, duration, status, size, apps, path",
    ),
    row(
        In(Pane::Calls),
        &[char('o')],
        Calls(Noise),
        "",
        "list probes of health, config and metadata, or fold them into one row",
    ),
    row(
        In(Pane::Calls),
        &[char('t')],
        Traces(OfCall),
        "its trace",
        "show the call's trace, and nothing else on any screen",
    ),
    row(In(Pane::Calls), &[char('O')], Logs(LogOfCall), "its log", "the log lines that belong to the call"),
];
