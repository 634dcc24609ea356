//! One trace over time.

use daptop_model::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::rule::Title;
use super::{put, put_all, sentences};
use crate::format;
use crate::layout::Place;
use crate::row::Row;
use crate::text;
use crate::ui::Ui;
use crate::waterfall::{Chart, Look, facts, flow};

/// From so many rows on, what is selected is told of below the tree.
const TELLS: usize = 9;
/// From so many rows on, the signs are explained.
const EXPLAINS: usize = 11;

/// How many calls are seen where a pane has `height` rows.
pub(crate) fn rows(height: usize) -> usize {
    let above = if height >= TELLS { 2 } else { 1 };
    let below = usize::from(height >= TELLS) * 2 + usize::from(height >= EXPLAINS);
    height.saturating_sub(above + below).max(1)
}

/// The call that is seen in a row of the pane, as a row of the waterfall.
pub(crate) fn row_at(ui: &Ui, place: &Place, row: usize) -> Option<usize> {
    let height = usize::from(place.rows.height);
    let window = ui.waterfall.window(rows(height));
    let above = if height >= TELLS { 2 } else { 1 };
    Some(window.start + row.checked_sub(above)?).filter(|index| window.contains(index))
}

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let (theme, waterfall) = (ui.theme, &ui.waterfall);
    if waterfall.trace.calls.is_empty() {
        sentences(ui, place.rows, "No trace is selected.", buffer);
        return Title::default();
    }
    let (width, height) = (usize::from(place.rows.width), usize::from(place.rows.height));
    let seen = waterfall.seen(ui.now);
    let chart =
        Chart::new(&waterfall.trace, &waterfall.rows, waterfall.position(), seen.clone(), ui.now, (theme, width));
    let mut area = place.rows;
    if height >= TELLS {
        let line = Row::new(theme, width).gap(1).put(&flow(&waterfall.trace, theme), theme.dim()).finish();
        put(buffer, area, &line);
        area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    }
    put(buffer, area, &chart.axis());
    area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let window = waterfall.window(rows(height));
    let pointed = if ui.focus() == place.pane { theme.accent() } else { theme.dim() };
    let line = |position: &usize| {
        let id = waterfall.trace.calls[*position].call.id;
        let marker = (waterfall.cursor == Some(id)).then_some(pointed);
        chart.line(*position, Look { marker, folded: waterfall.is_folded(id) })
    };
    put_all(buffer, area, waterfall.rows[window.clone()].iter().map(line));
    if height >= TELLS {
        below(ui, place, &chart, buffer);
    }
    title(ui, snapshot, window.end)
}

/// What is selected in words, and what the signs mean.
fn below(ui: &Ui, place: &Place, chart: &Chart<'_>, buffer: &mut Buffer) {
    let (theme, waterfall) = (ui.theme, &ui.waterfall);
    let width = usize::from(place.rows.width);
    let explains = usize::from(place.rows.height) >= EXPLAINS;
    let at = |up: u16| Rect { y: place.rows.bottom() - up, height: 1, ..place.rows };
    let legend = u16::from(explains);
    if explains {
        put(buffer, at(1), &chart.legend());
    }
    let Some(traced) = waterfall.position().map(|position| &waterfall.trace.calls[position]) else { return };
    let call = &traced.call;
    let mut row = Row::new(theme, width);
    let rule = theme.glyphs.rule;
    row.put(&rule.repeat(2), theme.dim()).gap(1).put(&call.id.to_string(), theme.strong()).gap(1);
    row.put(call.from.as_str(), theme.plain()).gap(1).put(theme.glyphs.arrow, theme.dim()).gap(1);
    row.put(call.to.as_str(), theme.plain()).gap(1).put(call.verb_text(), theme.plain()).gap(1);
    let [sent, answered] = [&call.request_body, &call.response_body].map(|body| format::bytes(body.seen));
    let sizes = format!(" {sent} {} {answered} ", theme.glyphs.arrow);
    let room = row.room().saturating_sub(text::width(&sizes) + 4);
    row.cell(&call.request.path(), room, theme.plain()).put(&sizes, theme.dim());
    let left = row.room();
    put(buffer, at(legend + 2), &row.put(&rule.repeat(left), theme.dim()).finish());
    let facts = facts(&waterfall.trace, traced, ui.now, theme.ascii);
    let words = facts.join(&format!(" {} ", theme.glyphs.dot));
    put(buffer, at(legend + 1), &Row::new(theme, width).gap(1).put(&words, theme.plain()).finish());
}

fn title(ui: &Ui, snapshot: &Snapshot, end: usize) -> Title {
    let (theme, glyphs, waterfall) = (ui.theme, ui.theme.glyphs, &ui.waterfall);
    let trace = &waterfall.trace;
    let mut title = Title::default();
    if let Some(id) = waterfall.id {
        let id = id.to_string();
        title.left.push((id.get(..8).unwrap_or(&id).to_owned(), theme.plain()));
    }
    let length = waterfall.length(ui.now);
    let length = format::duration(std::time::Duration::from_micros(length), theme.ascii);
    title.left.push((length, theme.strong()));
    title.left.push((format::plural(trace.spans(), "span"), theme.dim()));
    let wrong = trace.calls.iter().filter(|traced| traced.call.went_wrong()).count();
    if wrong > 0 {
        title.left.push((format!("{} {wrong} wrong", glyphs.fail), theme.bad()));
    }
    if trace.calls.iter().any(|traced| traced.call.trace.is_some_and(|place| !place.sampled)) {
        title.left.push(("not sampled".to_owned(), theme.dim()));
    }
    let given_up = ui.waterfall.id.and_then(|id| ui.traces.entry(id)).map_or(0, |entry| entry.given_up as usize);
    if waterfall.held > 0 {
        let held = format::plural(waterfall.held, "call");
        title.left.push((format!("{held} given up, held here while you look"), theme.waiting()));
    } else if given_up > 0 {
        title.left.push((format!("{} given up", format::plural(given_up, "call")), theme.waiting()));
    }
    if waterfall.left_out > 0 {
        title.left.push((format!("{} not shown", format::plural(waterfall.left_out, "call")), theme.waiting()));
    }
    if snapshot.lost.calls > 0 {
        title.right.push(("calls were lost".to_owned(), theme.waiting()));
    }
    if waterfall.is_zoomed() {
        let seen = waterfall.seen(ui.now);
        let times = waterfall.length(ui.now) / seen.end.saturating_sub(seen.start).max(1);
        title.right.push((format!("1/{times} of the time"), theme.accent()));
    }
    if waterfall.folds() {
        let hidden = trace.calls.len() - waterfall.rows.len();
        title.right.push((format!("{hidden} folded"), theme.accent()));
    }
    let below = waterfall.rows.len() - end;
    if below > 0 {
        title.right.push((format!("{} {below} below", glyphs.more), theme.waiting()));
    }
    title
}
