//! The traces, and one of them over time.

use ratatui::buffer::Buffer;

use super::rule::Title;
use super::sentences;
use crate::layout::Place;
use crate::ui::Ui;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, place: &Place, buffer: &mut Buffer) -> Title {
    sentences(ui, place.rows, "No trace yet.", buffer);
    Title::default()
}
