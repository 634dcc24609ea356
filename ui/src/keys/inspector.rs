//! Keys of one call in full.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Inspect, Logs, Open, Search, Traces};
use crate::action::InspectAction::{
    Ask, FoldAll, FoldLess, FoldMore, Left, NextHit, NextTab, OtherRaw, PreviousHit, PreviousTab, Right, ToggleFold,
    Wrap,
};
use crate::action::LogsAction::OfCall as LogOfCall;
use crate::action::TracesAction::OfCall;
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Inspector), &[char(']')], Inspect(NextTab), "next part", "the next part of the call"),
    row(In(Pane::Inspector), &[char('[')], Inspect(PreviousTab), "", "the part before"),
    row(In(Pane::Inspector), &[char('/')], Search, "search", "look for a text in the call"),
    row(In(Pane::Inspector), &[char('n')], Inspect(NextHit), "", "the next place of the text"),
    row(In(Pane::Inspector), &[char('N')], Inspect(PreviousHit), "", "the place before"),
    row(
        In(Pane::Inspector),
        &[char(' ')],
        Inspect(ToggleFold),
        "fold",
        "fold what the line is a part of, or unfold it",
    ),
    row(In(Pane::Inspector), &[char('<')], Inspect(Left), "", "to the left in lines that are not wrapped"),
    row(In(Pane::Inspector), &[char('>')], Inspect(Right), "", "to the right in them"),
    row(In(Pane::Inspector), &[char('F')], Inspect(FoldAll), "", "fold everything, or unfold it"),
    row(In(Pane::Inspector), &[char('-')], Inspect(FoldMore), "", "fold one level more"),
    row(In(Pane::Inspector), &[char('+'), char('=')], Inspect(FoldLess), "", "fold one level less"),
    row(In(Pane::Inspector), &[char('w')], Inspect(Wrap), "wrap", "cut long lines into rows, or leave them whole"),
    row(In(Pane::Inspector), &[char('o')], Inspect(OtherRaw), "", "what was on the wire, one way and the other"),
    row(In(Pane::Inspector), &[char('a')], Inspect(Ask), "", "ask the app again what its gRPC messages are"),
    row(
        In(Pane::Inspector),
        &[key(Key::Enter)],
        Open,
        "",
        "give the call the whole screen, or take it back; on a message: unfold it",
    ),
    row(
        In(Pane::Inspector),
        &[char('t')],
        Traces(OfCall),
        "its trace",
        "show the call's trace, and nothing else on any screen",
    ),
    row(In(Pane::Inspector), &[char('O')], Logs(LogOfCall), "its log", "the log lines that belong to the call"),
];
