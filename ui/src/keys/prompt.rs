//! Keys of questions and of prompts.

use super::Place::{Prompt, Question};
use super::{Binding, Key, char, ctrl, key, row};
use crate::action::Action::{self, Back, Open, Prompt as Line};
use crate::action::PromptAction::{Clear, Complete, CompleteBack, EraseWord, First, Last, Left, Right, Write};

pub(super) const KEYS: &[Binding] = &[
    row(Question, &[char('y'), key(Key::Enter)], Action::Yes, "yes", "yes"),
    row(Question, &[char('n'), key(Key::Escape), char('q')], Back, "no", "no"),
    row(Prompt, &[key(Key::Enter)], Open, "use", "use the line"),
    row(Prompt, &[key(Key::Tab)], Line(Complete), "complete", "complete the word of a filter; again for the next one"),
    row(Prompt, &[key(Key::BackTab)], Line(CompleteBack), "", "the word that was offered before"),
    row(Prompt, &[key(Key::Escape)], Back, "cancel", "leave things as they were"),
    row(Prompt, &[key(Key::Backspace)], Action::Erase, "", "remove the letter before the cursor"),
    row(Prompt, &[ctrl('w')], Line(EraseWord), "", "remove the word before the cursor"),
    row(Prompt, &[ctrl('u')], Line(Clear), "clear", "remove everything"),
    row(Prompt, &[key(Key::Left), ctrl('b')], Line(Left), "", "one letter to the left"),
    row(Prompt, &[key(Key::Right), ctrl('f')], Line(Right), "", "one letter to the right"),
    row(Prompt, &[key(Key::Home), ctrl('a')], Line(First), "", "to the beginning of the line"),
    row(Prompt, &[key(Key::End), ctrl('e')], Line(Last), "", "to the end of the line"),
    row(Prompt, &[ctrl('o')], Line(Write), "", "write the line in $EDITOR"),
];
