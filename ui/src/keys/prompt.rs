//! Keys of questions and of prompts.

use super::Place::{Prompt, Question};
use super::{Binding, Key, char, ctrl, key, row};
use crate::action::Action::{self, Back, Move, Open};
use crate::action::Step;

pub(super) const KEYS: &[Binding] = &[
    row(Question, &[char('y'), key(Key::Enter)], Action::Yes, "yes", "yes"),
    row(Question, &[char('n'), key(Key::Escape), char('q')], Back, "no", "no"),
    row(Prompt, &[key(Key::Enter)], Open, "use", "use the filter"),
    row(Prompt, &[key(Key::Escape)], Back, "cancel", "leave the filter as it was"),
    row(Prompt, &[key(Key::Backspace)], Action::Erase, "", "remove the last letter"),
    row(Prompt, &[ctrl('u')], Move(Step::First), "clear", "remove everything"),
];
