//! One call in full.

mod lead;

use daptop_model::{Call, Protocol, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::rule::Title;
use super::{calls, put, put_all, sentences, verdict};
use crate::format;
use crate::inspector::GAP;
use crate::layout::{Layout, Place};
use crate::text;
use crate::ui::{Pane, Ui};

/// The columns of the pane's name, and of what stands around it.
const NAME: usize = 10;

/// So many columns say what was asked for, at the cost of how it went: `gRPC SayHello`.
const LEAST: usize = 14;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let Some(call) = ui.inspected() else {
        sentences(ui, place.rows, "No call is selected.", buffer);
        return Title::default();
    };
    let lead = lead::lines(ui, snapshot, call, place.rows);
    let used = lead.len() as u16;
    put_all(buffer, Rect { x: place.rows.x + 1, width: place.rows.width.saturating_sub(1), ..place.rows }, lead);
    rows(ui, Rect { y: place.rows.y + used, height: place.rows.height - used, ..place.rows }, buffer);
    title(ui, call, usize::from(place.rule.width))
}

/// How many rows stand above the call's text, where the pane is seen.
pub(crate) fn lead_rows(ui: &Ui, snapshot: &Snapshot) -> usize {
    let Some(call) = ui.inspected() else { return 0 };
    let place = Layout::of(ui, snapshot).and_then(|layout| layout.place(Pane::Inspector).copied());
    place.map_or(0, |place| lead::lines(ui, snapshot, call, place.rows).len())
}

fn title(ui: &Ui, call: &Call, width: usize) -> Title {
    let theme = ui.theme;
    let (sign, style) = calls::outcome(ui, call);
    let status = call.status_text();
    let mut title = Title::default();
    title.left.push((call.id.to_string(), theme.strong()));
    let outcome = format!("{sign} {status}").trim().to_owned();
    let took = format::duration(call.age(ui.now), theme.ascii);
    let shown = ui.inspector.tabs();
    let tabs: usize = shown.iter().map(|tab| tab.title().len() + 1).sum();
    let all_tabs = width >= 60 + tabs;
    // The longest name of a part in brackets, and which of them it is.
    let right = if all_tabs { tabs + 6 } else { 22 };
    let beside: usize =
        [call.id.to_string(), outcome.clone(), took.clone()].map(|part| text::width(&part) + 1).iter().sum();
    let room = width.saturating_sub(NAME + beside + right).max(LEAST);
    title.left.push((target(ui, call, room), theme.plain()));
    title.left.push((outcome, style));
    title.left.push((took, theme.dim()));
    for tab in &shown {
        if *tab == ui.inspector.tab {
            title.right.push((format!("[{}]", tab.title()), theme.accent()));
        } else if all_tabs {
            title.right.push((tab.title().to_owned(), theme.dim()));
        }
    }
    if !all_tabs {
        let at = shown.iter().position(|tab| *tab == ui.inspector.tab).unwrap_or(0);
        title.right.push((format!("{} of {}", at + 1, shown.len()), theme.dim()));
    }
    title
}

/// Who asked whom for what, in so many columns: what was asked for matters most, then who was asked.
fn target(ui: &Ui, call: &Call, room: usize) -> String {
    /// So much of a path, or all of it, is worth more than a name; of a method of gRPC, its service too.
    const ENOUGH: [usize; 2] = [16, 24];
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let path = call.request.path();
    let path = text::clean(&path, theme.ascii);
    let enough = ENOUGH[usize::from(call.protocol == Protocol::Grpc)].min(text::width(&path));
    let verb = call.verb_text();
    let (from, to, arrow) = (&call.from, &call.to, glyphs.arrow);
    let [both, callee] = [format!("{from} {arrow} {to}  {verb} "), format!("{arrow} {to}  {verb} ")];
    let before = [both, callee].into_iter().map(|before| text::clean(&before, theme.ascii).into_owned());
    let before = before.into_iter().find(|before| text::width(before) + enough <= room);
    let before = before.unwrap_or_else(|| format!("{verb} "));
    let left = room.saturating_sub(text::width(&before));
    text::clip(&(before + &calls::path(call, left, theme)), room, glyphs.cut).into_owned()
}

/// The visible rows, what is beside them, and a line of what is known of the one under the cursor.
fn rows(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    let inspector = &ui.inspector;
    let height = usize::from(area.height.saturating_sub(1));
    let (width, beside) = inspector.widths(usize::from(area.width.saturating_sub(1)));
    let top = inspector.top(height);
    let left = Rect { width: (width as u16).min(area.width), ..area };
    put_all(buffer, left, inspector.rows(top, height, width, ui.theme, ui.focus() == Pane::Inspector));
    let status = Rect { y: area.bottom().saturating_sub(1), height: 1.min(area.height), ..left };
    put(buffer, status, &inspector.status(width, height, ui.theme));
    if beside > 0 {
        let x = left.right() + GAP as u16;
        let right = Rect { x, width: area.right().saturating_sub(x), ..area };
        put_all(buffer, right, inspector.lines.iter().cloned());
        for y in area.y..area.bottom() {
            if let Some(cell) = buffer.cell_mut((x - 2, y)) {
                cell.set_symbol(ui.theme.glyphs.wall).set_style(ui.theme.dim());
            }
        }
    }
}
