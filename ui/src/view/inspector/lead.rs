//! What stands above a call's text: what somebody must know of it before anything else.

use daptop_model::{Call, Outcome, Snapshot};
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{calls, verdict};
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// The most lines that it may take in a low pane.
const MOST_IN_A_LOW_PANE: usize = 4;

/// The lines above the text of a call: what is wrong with it and what to do, what the caller was told, what else is
/// special.
pub(super) fn lines(ui: &Ui, snapshot: &Snapshot, call: &Call, area: Rect) -> Vec<Line<'static>> {
    let (theme, width) = (ui.theme, usize::from(area.width.saturating_sub(2)));
    let most = usize::from(area.height / 2).max(MOST_IN_A_LOW_PANE);
    let mut lines = verdict::of_call(ui, snapshot, call, width, most);
    let mut rest = Vec::new();
    if let Outcome::Failed(failure) = &call.outcome {
        rest.push(format!("The caller got: {}", failure.text));
    } else if lines.is_empty() {
        rest.push(calls::note(snapshot, call));
    }
    rest.extend(calls::lineage(snapshot, call));
    if snapshot.calls.find(call.id).is_none() {
        rest.push("Given up to stay within the limits; held here while you look at it.".to_owned());
    }
    // Below a sentence behind a sign, as far in as that.
    let indent = if lines.is_empty() { 0 } else { 2 };
    for sentence in rest.iter().filter(|sentence| !sentence.is_empty()) {
        let cleaned = text::clean(sentence, theme.ascii);
        for line in text::words(&cleaned, width.saturating_sub(indent)) {
            lines.push(Row::new(theme, width).gap(indent).put(&line, theme.dim()).finish());
        }
    }
    lines.truncate(most.min(usize::from(area.height.saturating_sub(1))));
    lines
}
