//! The question before all calls of the list are sent again, and how it goes.

use std::collections::BTreeMap;

use daptop_model::CallId;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::{overlay, put_all};
use crate::format;
use crate::layout::PROGRESS_MARGIN;
use crate::replay::Proposal;
use crate::row::Row;
use crate::text;
use crate::ui::Ui;

/// The column of the names.
const NAMES: usize = 22;
/// The column of the numbers.
const NUMBERS: usize = 5;

/// One thing that is to be known before a yes.
struct Fact {
    name: &'static str,
    count: usize,
    text: String,
    style: Style,
}

/// Draws the question over the lower part of the panes.
pub(super) fn question(ui: &Ui, proposal: &Proposal, body: Rect, buffer: &mut Buffer) {
    let width = usize::from(body.width);
    let sendable = proposal.outlook.sendable();
    let title = match sendable {
        0 => "No call of the list can be sent again".to_owned(),
        _ => format!("Send {} again?", format::plural(sendable, "call")),
    };
    let lines: Vec<Line<'static>> = facts(ui, proposal).iter().flat_map(|fact| rows(ui, fact, width)).collect();
    let height = (lines.len() as u16 + 1).min(body.height);
    let area = Rect { y: body.bottom() - height, height, ..body };
    let below = overlay(ui, &title, "oldest first, one after the other", area, buffer);
    put_all(buffer, below, lines);
}

fn facts(ui: &Ui, proposal: &Proposal) -> Vec<Fact> {
    let theme = ui.theme;
    let outlook = &proposal.outlook;
    let of_verbs = |name, verbs: &BTreeMap<String, usize>, style| {
        let text: Vec<String> =
            verbs.iter().map(|(verb, count)| format!("{} {verb}", format::count(*count as u64))).collect();
        Fact { name, count: verbs.values().sum(), text: text.join(", "), style }
    };
    let mut facts = vec![
        of_verbs("may change something", &outlook.changing, theme.waiting()),
        of_verbs("only read", &outlook.reading, theme.plain()),
    ];
    for (reason, calls) in outlook.reasons() {
        let text = format!("{}: {reason}", numbers(&calls));
        facts.push(Fact { name: "cannot be repeated", count: calls.len(), text, style: theme.bad() });
    }
    for (count, text) in [
        (proposal.set.replays, "replays themselves: with replay in the filter they are sent too"),
        (proposal.folded, "probes that are folded into one row: o lists them"),
    ] {
        facts.push(Fact { name: "are left out", count, text: text.to_owned(), style: theme.plain() });
    }
    facts.retain(|fact| fact.count > 0);
    facts
}

/// `#3, #7, #9 and 12 more`.
fn numbers(calls: &[CallId]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = calls.iter().take(SHOWN).map(CallId::to_string).collect();
    match calls.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), format::count(more as u64)),
    }
}

fn rows(ui: &Ui, fact: &Fact, width: usize) -> Vec<Line<'static>> {
    let theme = ui.theme;
    let room = width.saturating_sub(NAMES + NUMBERS + 4);
    let words = text::words(&text::clean(&fact.text, theme.ascii), room);
    let row = |(index, words): (usize, &String)| {
        let mut row = Row::new(theme, width);
        row.gap(1);
        if index == 0 {
            row.left(fact.name, NAMES, fact.style).right(&format::count(fact.count as u64), NUMBERS, theme.strong());
        }
        row.to(1 + NAMES + NUMBERS + 2).put(words, theme.plain()).finish()
    };
    words.iter().enumerate().map(row).collect()
}

/// Draws how a set goes, or went.
pub(super) fn progress(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    let Some(set) = ui.replay.set.as_ref().filter(|_| area.height > 0) else { return };
    let (theme, width) = (ui.theme, usize::from(area.width));
    let lines = set.lines(usize::from(area.width.saturating_sub(PROGRESS_MARGIN)));
    let row = |(index, words): (usize, String)| {
        let sign = if index == 0 { theme.glyphs.again } else { " " };
        let style = if set.is_over() { theme.strong() } else { theme.waiting() };
        Row::new(theme, width).gap(1).left(sign, 2, theme.accent()).put(&words, style).finish()
    };
    put_all(buffer, area, lines.into_iter().enumerate().map(row));
}
