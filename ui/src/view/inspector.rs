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
    let shown = ui.inspector.tabs();
    let tabs: usize = shown.iter().map(|tab| tab.title().len() + 1).sum();
    let all_tabs = width >= 60 + tabs;
    let room = width.saturating_sub(if all_tabs { tabs + 36 } else { 46 });
    title.left.push((target(ui, call, room), theme.plain()));
    title.left.push((format!("{sign} {status}").trim().to_owned(), style));
    title.left.push((format::duration(call.age(ui.now), theme.ascii), theme.dim()));
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

/// Who asked whom for what, in so many columns. In little room the method of a gRPC call stands for all of it.
fn target(ui: &Ui, call: &Call, room: usize) -> String {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    let apps = format!("{} {} {}", call.from, glyphs.arrow, call.to);
    let is_grpc = call.protocol == Protocol::Grpc;
    let verb = call.verb_text();
    let apps = text::clean(&apps, theme.ascii);
    let (before, path) = (format!("{apps}  {verb} "), call.request.path());
    let left = room.saturating_sub(text::width(&before));
    match (is_grpc, left) {
        (true, ..24) => format!("{verb} {}", calls::path(call, room.saturating_sub(5), theme)),
        (true, _) => before + &calls::path(call, left, theme),
        (false, _) => text::clip(&(before + &text::clean(&path, theme.ascii)), room, glyphs.cut).into_owned(),
    }
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
