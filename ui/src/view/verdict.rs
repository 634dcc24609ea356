//! What is wrong with a call, in words: a sentence, and what to do.

use daptop_model::{Call, Finding, Snapshot, Weight};
use ratatui::text::Line;

use super::findings::{sign, style};
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// How many findings of one call are told.
const MOST: usize = 3;

/// A finding as lines: the sentence behind its sign, and `Do:` below it.
pub(super) fn lines(ui: &Ui, finding: &Finding, width: usize) -> Vec<Line<'static>> {
    let (theme, weight) = (ui.theme, finding.kind.weight());
    let room = width.saturating_sub(2);
    let sentence = text::clean(&finding.text, theme.ascii);
    let mut lines = Vec::new();
    for (index, line) in text::words(&sentence, room).into_iter().enumerate() {
        let sign = if index == 0 { sign(ui, weight) } else { " " };
        // Only what failed is red: a suspicion may be none.
        let style = if weight == Weight::Suspicion { theme.plain() } else { style(ui, weight) };
        lines.push(Row::new(theme, width).left(sign, 2, style).put(&line, style).finish());
    }
    let advice = text::clean(&finding.advice, theme.ascii);
    for (index, line) in text::words(&format!("Do: {advice}"), room).into_iter().enumerate() {
        let mut row = Row::new(theme, width);
        row.gap(2);
        match line.strip_prefix("Do: ").filter(|_| index == 0) {
            Some(rest) => row.put("Do: ", theme.strong()).put(rest, theme.plain()),
            None => row.put(&line, theme.plain()),
        };
        lines.push(row.finish());
    }
    lines
}

/// All that is wrong with a call, the heaviest first, in at most `height` lines; nothing where it is well.
pub(super) fn of_call(ui: &Ui, snapshot: &Snapshot, call: &Call, width: usize, height: usize) -> Vec<Line<'static>> {
    let mut all = Vec::new();
    for finding in Finding::of(call, snapshot, ui.now).iter().take(MOST) {
        let lines = lines(ui, finding, width);
        // A finding is told whole, or not at all, but for the first.
        if !all.is_empty() && all.len() + lines.len() > height {
            break;
        }
        all.extend(lines);
    }
    all.truncate(height);
    all
}
