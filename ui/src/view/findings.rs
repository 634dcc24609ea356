//! What is suspicious, in words.

use ratatui::buffer::Buffer;

use super::rule::Title;
use super::sentences;
use crate::layout::Place;
use crate::ui::Ui;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, place: &Place, buffer: &mut Buffer) -> Title {
    sentences(ui, place.rows, "Nothing suspicious yet.", buffer);
    Title::default()
}
