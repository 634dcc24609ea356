//! Keys of the traces and the waterfall.

use super::Place::In;
use super::{Binding, Key, char, key, row};
use crate::action::Action::{Filter, Follow, Open, Traces};
use crate::action::TracesAction as Do;
use crate::ui::Pane;

pub(super) const KEYS: &[Binding] = &[
    row(In(Pane::Traces), &[key(Key::Enter)], Open, "open", "look into the trace"),
    row(In(Pane::Traces), &[char('f'), char(' ')], Follow, "follow/freeze", "follow the last trace, or hold still"),
    row(In(Pane::Traces), &[char('s')], Traces(Do::Sort), "sort", "sort by the newest, the slowest, the worst"),
    row(In(Pane::Traces), &[char('/')], Filter, "filter", "traces with a call as in: status:5xx app:checkout"),
    row(
        In(Pane::Traces),
        &[char('p')],
        Traces(Do::Graph),
        "graph",
        "draw who calls whom in this trace; Esc takes it back",
    ),
    row(
        In(Pane::Traces),
        &[char('o')],
        Traces(Do::Narrow),
        "only this",
        "narrow every screen to this trace, or take it back",
    ),
    row(In(Pane::Waterfall), &[key(Key::Enter)], Open, "open", "show what the call carried"),
    row(In(Pane::Waterfall), &[char('+'), char('=')], Traces(Do::ZoomIn), "zoom", "see half the time"),
    row(In(Pane::Waterfall), &[char('-')], Traces(Do::ZoomOut), "", "see twice the time"),
    row(In(Pane::Waterfall), &[char('0')], Traces(Do::Whole), "", "see all the time"),
    row(In(Pane::Waterfall), &[char('c')], Traces(Do::ZoomToCall), "", "see the time of this call"),
    row(In(Pane::Waterfall), &[char('h')], Traces(Do::Earlier), "", "see what was earlier"),
    row(In(Pane::Waterfall), &[char('l')], Traces(Do::Later), "", "see what was later"),
    row(In(Pane::Waterfall), &[char(' ')], Traces(Do::Fold), "fold", "fold what is within the call away, or show it"),
    row(In(Pane::Waterfall), &[char('[')], Traces(Do::FoldLevel), "", "fold the deepest level away"),
    row(In(Pane::Waterfall), &[char(']')], Traces(Do::UnfoldLevel), "", "show one more level"),
    row(In(Pane::Waterfall), &[char('{'), char('}')], Traces(Do::FoldAll), "", "fold everything away, or show it"),
    row(In(Pane::Waterfall), &[char('n')], Traces(Do::NextWrong), "next failure", "the next call that went wrong"),
    row(In(Pane::Waterfall), &[char('N')], Traces(Do::PreviousWrong), "", "the one before"),
    row(
        In(Pane::Waterfall),
        &[char('p')],
        Traces(Do::Graph),
        "graph",
        "draw who calls whom in this trace; Esc takes it back",
    ),
    row(
        In(Pane::Waterfall),
        &[char('o')],
        Traces(Do::Narrow),
        "only this",
        "narrow every screen to this trace, or take it back",
    ),
];
