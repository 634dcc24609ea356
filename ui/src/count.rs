//! Digits before a letter say how often it is meant: `5j`. A digit alone shows a screen, at once; where a letter that takes
//! a number follows soon, the screen before comes back and the digit was its number.

use std::time::Duration;

use daptop_model::Stamp;

use crate::ui::{Screen, Ui};

/// A letter that comes later than this after a digit has nothing to do with it.
const TOGETHER: Duration = Duration::from_millis(800);

/// The most that is counted.
const MOST: usize = 9_999;

/// Digits that were typed one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Digits {
    number: usize,
    at: Stamp,
    screen: Screen,
    zoomed: bool,
}

/// Whether a key that is pressed now belongs to digits before it.
pub(crate) fn is_pending(ui: &Ui) -> bool {
    ui.layer.is_none() && ui.digits.is_some_and(|digits| ui.now.since(digits.at) < TOGETHER)
}

/// The screen on which digits were typed that a key may belong to which is pressed now.
pub(crate) fn screen(ui: &Ui) -> Option<Screen> {
    ui.digits.filter(|_| is_pending(ui)).map(|digits| digits.screen)
}

/// Takes a digit.
pub(crate) fn digit(ui: &mut Ui, digit: u8) {
    let before = ui.digits.filter(|_| is_pending(ui));
    let begun = before.unwrap_or(Digits { number: 0, at: ui.now, screen: ui.screen, zoomed: ui.zoomed });
    let number = (begun.number * 10 + usize::from(digit)).min(MOST);
    ui.digits = Some(Digits { number, at: ui.now, ..begun });
}

/// The digits were a number: back to the screen on which they were typed.
pub(crate) fn counted(ui: &mut Ui) {
    if let Some(digits) = ui.digits.take() {
        (ui.screen, ui.zoomed) = (digits.screen, digits.zoomed);
        ui.count = Some(digits.number.max(1));
    }
}
