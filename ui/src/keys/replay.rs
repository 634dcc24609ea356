//! Keys of a call that is sent again, compared or copied.

use super::Place::{BeforeReplay, BeforeSet, Diff, Form, In, Menu};
use super::{Binding, Key, char, ctrl, key, row};
use crate::action::Action::{self, Back, Diff as Compared, Form as Written, Move, Open, Replay};
use crate::action::DiffAction::{Next, Previous, Same};
use crate::action::FormAction as F;
use crate::action::ReplayAction::{
    Actions, Again, Always, Compare, Copy, Edit, EditOutside, ListSent, Mark, Original, Other, Send, SendListed,
};
use crate::action::Step;
use crate::ui::Pane;

macro_rules! of_a_call {
    ($pane:expr) => {
        [
            row(In($pane), &[char('r')], Replay(Send), "replay", "send the call again; 5r five times"),
            row(In($pane), &[char('e')], Replay(Edit), "edit", "change the call, then send it"),
            row(In($pane), &[char('E')], Replay(EditOutside), "", "change it in $EDITOR, then send it"),
            row(In($pane), &[char('V')], Replay(Original), "", "forget the changes: back to the original text"),
            row(In($pane), &[char('R')], Replay(Again), "", "send what was sent last once more"),
            row(In($pane), &[char('m')], Replay(Mark), "", "mark the call, to compare another one with it"),
            row(
                In($pane),
                &[char('d')],
                Replay(Compare),
                "diff",
                "compare it with the marked call, or with its replay",
            ),
            row(In($pane), &[char('L')], Replay(Other), "", "go to the call that it repeats, or to its newest replay"),
            row(In($pane), &[char('y')], Replay(Copy), "copy", "copy as curl, URL, body or JSON"),
            row(In($pane), &[char('x')], Replay(Actions), "", "choose from what can be done here"),
        ]
    };
}

const OF_CALLS: [Binding; 10] = of_a_call!(Pane::Calls);
const OF_INSPECTOR: [Binding; 10] = of_a_call!(Pane::Inspector);

/// What can be done with the selected call.
pub(super) const IN_CALLS: &[Binding] = &OF_CALLS;
/// What can be done with all calls that are listed.
pub(super) const OF_THE_LIST: &[Binding] = &[
    row(
        In(Pane::Calls),
        &[char('S')],
        Replay(SendListed),
        "",
        "send all calls again that are listed, one after the other, after a question",
    ),
    row(In(Pane::Calls), &[char('P')], Replay(ListSent), "", "list the calls that came of that"),
];
/// What can be done with the call in full.
pub(super) const IN_INSPECTOR: &[Binding] = &OF_INSPECTOR;

pub(super) const KEYS: &[Binding] = &[
    row(BeforeReplay, &[char('y'), key(Key::Enter)], Action::Yes, "yes", "send it"),
    row(BeforeReplay, &[char('n'), key(Key::Escape), char('q')], Back, "no", "do not send it"),
    row(BeforeReplay, &[char('A')], Replay(Always), "always", "send it, and ask no more"),
    row(BeforeReplay, &[char('e')], Replay(Edit), "edit first", "change it first"),
    row(BeforeSet, &[char('y'), key(Key::Enter)], Action::Yes, "yes", "send them"),
    row(BeforeSet, &[char('n'), key(Key::Escape), char('q')], Back, "no", "send none of them"),
    row(Diff, &[char('d'), key(Key::Escape), char('q')], Back, "close", "close the comparison"),
    row(Diff, &[char('R'), char('r')], Replay(Again), "again", "send it once more, and compare"),
    row(Diff, &[char('e')], Replay(Edit), "edit", "change the request, then send it"),
    row(Diff, &[char('s')], Compared(Same), "same too", "show what is the same, or hide it"),
    row(Diff, &[char(']'), char('n')], Compared(Next), "next replay", "the next replay of the same call"),
    row(Diff, &[char('['), char('N')], Compared(Previous), "", "the replay before"),
    row(Diff, &[char('m')], Replay(Mark), "mark", "mark the second call, to compare another one with it"),
    row(Diff, &[char('y')], Replay(Copy), "copy", "copy what differs, or the second call"),
    row(Diff, &[key(Key::Enter)], Open, "", "show the second call in full"),
    row(Diff, &[key(Key::Up), char('k')], Move(Step::Up), "", "up"),
    row(Diff, &[key(Key::Down), char('j')], Move(Step::Down), "", "down"),
    row(Diff, &[key(Key::PageUp), ctrl('b')], Move(Step::PageUp), "", "a page up"),
    row(Diff, &[key(Key::PageDown), ctrl('f')], Move(Step::PageDown), "", "a page down"),
    row(Diff, &[char('g'), key(Key::Home)], Move(Step::First), "", "to the top"),
    row(Diff, &[char('G'), key(Key::End)], Move(Step::Last), "", "to the bottom"),
    row(Form, &[ctrl('r')], Written(F::Send), "send", "send what is written"),
    row(Form, &[key(Key::Escape)], Back, "leave", "leave; what is written is there again at the next e"),
    row(Form, &[ctrl('v')], Written(F::Original), "original", "back to the original text"),
    row(Form, &[ctrl('o')], Written(F::Outside), "$EDITOR", "go on in $EDITOR"),
    row(Form, &[key(Key::Enter)], Written(F::NewLine), "", "begin a new line"),
    row(Form, &[key(Key::Backspace)], Action::Erase, "", "remove the character before the cursor"),
    row(Form, &[ctrl('d')], Written(F::Delete), "", "remove the character under the cursor"),
    row(Form, &[ctrl('k')], Written(F::Cut), "", "remove the rest of the line; an empty line whole"),
    row(Form, &[key(Key::Left), ctrl('b')], Written(F::Left), "", "one character to the left"),
    row(Form, &[key(Key::Right), ctrl('f')], Written(F::Right), "", "one character to the right"),
    row(Form, &[key(Key::Up), ctrl('p')], Move(Step::Up), "", "a line up"),
    row(Form, &[key(Key::Down), ctrl('n')], Move(Step::Down), "", "a line down"),
    row(Form, &[key(Key::PageUp)], Move(Step::PageUp), "", "a page up"),
    row(Form, &[key(Key::PageDown)], Move(Step::PageDown), "", "a page down"),
    row(Form, &[key(Key::Home), ctrl('a')], Written(F::Begin), "", "to the beginning of the line"),
    row(Form, &[key(Key::End), ctrl('e')], Written(F::End), "", "to the end of the line"),
    row(Menu, &[key(Key::Enter)], Open, "choose", "do what is selected; the letter before it does it at once"),
    row(Menu, &[key(Key::Up)], Move(Step::Up), "", "up"),
    row(Menu, &[key(Key::Down)], Move(Step::Down), "", "down"),
    row(Menu, &[key(Key::Escape)], Back, "close", "do nothing"),
];
