//! What is wrong in this session, one row for the same on the same edge; the selected row in full below.

use daptop_model::{FindingGroup, Snapshot, Weight};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::rule::Title;
use super::{marked, put_all, sentences, verdict};
use crate::format;
use crate::layout::Place;
use crate::text;
use crate::ui::{Ui, window_around};

/// From this height on the selected row is told in full.
const TALL: u16 = 5;

/// Enough for `caller gave up`.
const KIND: usize = 16;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let found = ui.findings.found();
    let (list, words) = parts(ui, place.rows);
    let Some(selected) = ui.findings.selected() else {
        sentences(ui, place.rows, nothing(ui, snapshot), buffer);
        return Title::default();
    };
    let at = ui.findings.position();
    let window = window_around(at, found.len(), usize::from(list.height));
    let columns = Columns::new(ui, usize::from(list.width));
    let shown = found.groups().enumerate().skip(window.start).take(window.len());
    put_all(buffer, list, shown.map(|(index, group)| columns.row(ui, place, group, index == at)));
    if words.height > 0 {
        let inner = Rect { x: words.x + 3, width: words.width.saturating_sub(4), ..words };
        let lines = verdict::lines(ui, &selected.finding, usize::from(inner.width));
        put_all(buffer, inner, lines);
    }
    title(ui, &columns, window.len())
}

/// The rows of the list, and those in which the selected one is told in full.
pub(crate) fn parts(ui: &Ui, rows: Rect) -> (Rect, Rect) {
    let Some(selected) = ui.findings.selected().filter(|_| rows.height >= TALL) else {
        return (rows, Rect { height: 0, ..rows });
    };
    let lines = verdict::lines(ui, &selected.finding, usize::from(rows.width.saturating_sub(4))).len() as u16;
    let words = lines.min(rows.height * 3 / 5);
    // The words stand right below the rows where these do not fill the pane.
    let list = (ui.findings.found().len() as u16).min(rows.height - words - 1);
    (Rect { height: list, ..rows }, Rect { y: rows.y + list + 1, height: words, ..rows })
}

fn nothing(ui: &Ui, snapshot: &Snapshot) -> &'static str {
    if snapshot.calls.is_empty() {
        return "No call yet, so nothing can be wrong with one.";
    }
    if ui.findings.is_behind() {
        return "The calls are being looked at.";
    }
    "Nothing is wrong with the calls so far. What fails, is slow for its caller, repeats or loses its trace is listed here."
}

fn title(ui: &Ui, columns: &Columns, shown: usize) -> Title {
    let found = ui.findings.found();
    let mut title = Title { headings: columns.headings(), ..Title::default() };
    for (weight, words) in [(Weight::Failure, "wrong"), (Weight::Suspicion, "suspicious"), (Weight::Waiting, "waiting")]
    {
        let count = ui.findings.count(weight);
        if count > 0 {
            title.left.push((format!("{count} {words}"), style(ui, weight)));
        }
    }
    if shown < found.len() {
        title.left.push((format!("{shown} of {} shown", found.len()), ui.theme.dim()));
    }
    let unseen = found.not_seen() + found.not_listed();
    if unseen > 0 {
        title.right.push((format!("{} more not listed", format::count(unseen)), ui.theme.waiting()));
    }
    title
}

/// How a finding of a weight looks.
pub(super) fn style(ui: &Ui, weight: Weight) -> Style {
    match weight {
        Weight::Failure => ui.theme.bad(),
        Weight::Suspicion => ui.theme.strong(),
        Weight::Waiting => ui.theme.waiting(),
    }
}

/// The sign of a weight.
pub(super) fn sign(ui: &Ui, weight: Weight) -> &'static str {
    match weight {
        Weight::Failure => ui.theme.glyphs.fail,
        Weight::Suspicion => "?",
        Weight::Waiting => ui.theme.glyphs.half,
    }
}

/// How wide each column is.
struct Columns {
    from: usize,
    to: usize,
    text: usize,
}

const COUNT: usize = 7;
const AGE: usize = 8;

impl Columns {
    fn new(ui: &Ui, width: usize) -> Self {
        let longest = |name: fn(&FindingGroup) -> &str| {
            ui.findings.found().groups().map(|group| text::width(name(group))).max().unwrap_or(0)
        };
        let most = if width >= 100 { 24 } else { 16 };
        let from = longest(|group| group.from.as_str()).clamp(4, most);
        let to = longest(|group| group.to.as_str()).clamp(4, most);
        let arrow = 2 + text::width(ui.theme.glyphs.arrow);
        let fixed = 3 + KIND + from + arrow + to + COUNT + AGE + 2;
        let room = width.saturating_sub(fixed);
        Self { from, to, text: if room >= 20 { room } else { 0 } }
    }

    fn headings(&self) -> Vec<(usize, String)> {
        let count = 3 + KIND + self.from + 3 + self.to + COUNT;
        vec![(count - 5, "calls".to_owned()), (count + AGE - 4, "last".to_owned())]
    }

    fn row(&self, ui: &Ui, place: &Place, group: &FindingGroup, selected: bool) -> Line<'static> {
        let (theme, weight) = (ui.theme, group.kind().weight());
        let text = if selected { theme.strong() } else { theme.plain() };
        let mut row = marked(ui, place, selected);
        row.left(sign(ui, weight), 2, style(ui, weight)).left(group.kind().title(), KIND, style(ui, weight));
        row.left(group.from.as_str(), self.from, text).gap(1).put(theme.glyphs.arrow, theme.dim()).gap(1);
        row.left(group.to.as_str(), self.to, text);
        row.right(&format::count(group.count), COUNT, text);
        row.right(&format::age(ui.now.since(group.last)), AGE, theme.dim());
        if self.text > 0 {
            row.gap(2).put(&group.finding.text, theme.dim());
        }
        row.finish()
    }
}
