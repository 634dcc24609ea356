//! The calls, oldest first, the newest at the bottom. Only visible rows are built.

mod columns;

use std::time::Duration;

use daptop_model::{Call, CallId, FailureKind, Outcome, Protocol, Snapshot, grpc_method};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::rule::Title;
use super::{marked, put_all, sentences};
use crate::calls::Order;
use crate::format;
use crate::layout::Place;
use crate::list::Rows;
use crate::row::Row;
use crate::text;
use crate::theme::Theme;
use crate::ui::Ui;
use columns::Columns;

pub(super) use columns::TO_THE_MILLISECOND;

/// Draws the pane.
pub(super) fn draw(ui: &Ui, snapshot: &Snapshot, place: &Place, buffer: &mut Buffer) -> Title {
    let rows = ui.calls.rows(snapshot);
    let folded = noise_rows(ui) as u16;
    let seen = Rect { y: place.rows.y + folded, height: place.rows.height.saturating_sub(folded), ..place.rows };
    let height = usize::from(seen.height);
    let window = ui.calls.list.window(&rows, height);
    let below = rows.len() - window.end;
    let columns = Columns::new(ui, snapshot, usize::from(place.rows.width));
    if rows.len() == 0 {
        sentences(ui, seen, &next_step(ui, snapshot), buffer);
    }
    let line = |position| match rows.get(position) {
        (_, Some(call)) => columns.row(ui, snapshot, place, call),
        (id, None) => gone(ui, place, id),
    };
    put_all(buffer, seen, window.map(line));
    if folded > 0 {
        put_all(buffer, place.rows, [noise(ui, usize::from(place.rows.width))]);
    }
    title(ui, snapshot, &columns, rows.len(), below)
}

/// How many rows at the top stand for the calls that are folded away.
pub(crate) fn noise_rows(ui: &Ui) -> usize {
    usize::from(ui.calls.noise() > 0)
}

/// The row that stands for all probes that went well.
fn noise(ui: &Ui, width: usize) -> Line<'static> {
    let theme = ui.theme;
    let count = format::plural(ui.calls.noise(), "probe");
    let mut row = Row::new(theme, width);
    row.gap(1).put(theme.glyphs.fold[1], theme.dim()).gap(1).put(&count, theme.plain());
    row.put(" of health, config and metadata that went well   ", theme.dim()).put("o", theme.strong());
    row.put(" lists them", theme.dim()).finish()
}

fn title(ui: &Ui, snapshot: &Snapshot, columns: &Columns, listed: usize, below: usize) -> Title {
    let theme = ui.theme;
    let mut title = Title::default();
    let filter = ui.calls.filter_text();
    if !filter.is_empty() {
        let shown = text::clean(filter, theme.ascii);
        title.left.push((text::clip(&shown, 40, theme.glyphs.cut).into_owned(), theme.accent()));
    }
    if ui.calls.is_narrowed() {
        let behind = if ui.calls.is_behind(snapshot) { ", still looking" } else { "" };
        let total = format::count(snapshot.calls.len() as u64);
        title.left.push((format!("{} of {total}{behind}", format::count(listed as u64)), theme.plain()));
    }
    if ui.calls.order() != Order::Time {
        title.left.push((ui.calls.order().words().to_owned(), theme.accent()));
    }
    if ui.calls.list.follow {
        title.left.push(("following".to_owned(), theme.dim()));
    } else {
        title.left.push(("frozen".to_owned(), theme.waiting()));
        let new = ui.calls.new_since();
        if new > 0 {
            title.left.push((format!("{} new", format::count(new as u64)), theme.waiting()));
        }
        if below > 0 {
            title.right.push((format!("{} {} below", theme.glyphs.more, format::count(below as u64)), theme.waiting()));
        }
    }
    title.headings = columns.headings();
    title
}

/// What to do where there is nothing to see.
pub(super) fn next_step(ui: &Ui, snapshot: &Snapshot) -> String {
    if ui.calls.is_narrowed() && !snapshot.calls.is_empty() {
        return format!(
            "None of the {} matches. Esc lists them all, / changes the filter.",
            format::plural(snapshot.calls.len(), "call")
        );
    }
    let with_sidecar = |app: &&std::sync::Arc<daptop_model::App>| app.ports.http != 0;
    let Some(first) = snapshot.apps.iter().find(with_sidecar) else {
        return "No call yet.".to_owned();
    };
    let callee = snapshot.apps.iter().find(|app| app.ports.app != 0 && app.id != first.id).unwrap_or(first);
    let verb = if first.pid.is_some() { "has started" } else { "is about to start" };
    format!(
        "No call yet. {} {verb}; its sidecar listens on :{}. Try: curl localhost:{}/v1.0/invoke/{}/method/orders",
        first.id, first.ports.http, first.ports.http, callee.id
    )
}

fn gone(ui: &Ui, place: &Place, id: CallId) -> Line<'static> {
    let mut row = marked(ui, place, ui.calls.list.cursor == Some(id.0));
    row.put(&format!("{id} was given up to stay within the limits"), ui.theme.dim()).finish()
}

/// The path of a call in so many columns. Of one of gRPC the method says most, then its service, then the package of that.
pub(super) fn path(call: &Call, columns: usize, theme: Theme) -> String {
    let path = call.request.path();
    let path = text::clean(&path, theme.ascii);
    if call.protocol != Protocol::Grpc || text::width(&path) <= columns {
        return path.into_owned();
    }
    let Some((service, method)) = grpc_method(&path) else {
        return text::clip_front(&path, columns, theme.glyphs.cut);
    };
    let service = service.rsplit('.').next().unwrap_or(service);
    let short = [format!("{service}/{method}"), method.to_owned()];
    let fits = short.into_iter().find(|short| text::width(short) <= columns);
    fits.unwrap_or_else(|| text::clip_front(method, columns, theme.glyphs.cut))
}

/// The sign and the look of how a call went.
pub(super) fn outcome(ui: &Ui, call: &Call) -> (&'static str, Style) {
    let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
    match &call.outcome {
        Outcome::Pending if call.is_held() => (glyphs.half, theme.waiting()),
        Outcome::Pending => (glyphs.open, theme.plain()),
        Outcome::Failed(_) => (glyphs.fail, theme.bad()),
        Outcome::Cancelled => (glyphs.gone, theme.strong()),
        Outcome::Answered if call.status().is_some_and(|status| status >= 500) => (" ", theme.bad()),
        Outcome::Answered if call.is_error() => (" ", theme.strong()),
        Outcome::Answered => (" ", theme.plain()),
    }
}

/// What is special about a call, in words.
pub(super) fn note(snapshot: &Snapshot, call: &Call) -> String {
    let turn = call.waited_for_turn(Duration::ZERO);
    match &call.outcome {
        Outcome::Pending if call.waiting => "waiting for the app".to_owned(),
        Outcome::Pending if call.is_held() => "waiting for its turn".to_owned(),
        Outcome::Failed(failure) => match failure.kind {
            FailureKind::ConnectionRefused => {
                let app = snapshot.apps.iter().find(|app| app.id == call.to && app.ports.app != 0);
                app.map_or_else(|| failure.text.to_string(), |app| format!("nothing listens on :{}", app.ports.app))
            }
            FailureKind::UnknownApp => format!("no app is called {}", call.to),
            FailureKind::StillStarting => format!("{} had not started in time", call.to),
            FailureKind::NoAppPort => format!("{} has no port", call.to),
            FailureKind::Unhealthy => format!("{} is unhealthy", call.to),
            FailureKind::TooLarge => "over the size limit".to_owned(),
            _ => failure.text.to_string(),
        },
        Outcome::Cancelled => "the caller went away".to_owned(),
        _ if !call.delays.failed_tries().is_empty() => format!("tried {} times", call.delays.tries()),
        _ if turn.as_millis() > 0 => format!("waited {} for its turn", format::duration(turn, true)),
        _ if call.phases.waited().as_millis() > 0 => {
            format!("waited {} for the app", format::duration(call.phases.waited(), true))
        }
        _ => String::new(),
    }
}

/// Which call it repeats, and which repeat it, in a sentence.
pub(super) fn lineage(snapshot: &Snapshot, call: &Call) -> Option<String> {
    if let Some(original) = call.replay_of() {
        return Some(format!("A replay of {original}: L goes there, d compares the two."));
    }
    let replays: Vec<String> = snapshot.replays.of(call.id).map(|replay| replay.to_string()).collect();
    let shown = match &replays[..] {
        [] => return None,
        [one] => return Some(format!("Sent again as {one}: L goes there, d compares the two.")),
        [.., before, last] if replays.len() > 3 => {
            format!("{} times, last as {before} and {last}", replays.len())
        }
        [before @ .., last] => format!("as {} and {last}", before.join(", ")),
    };
    Some(format!("Sent again {shown}: L goes to the newest, d compares."))
}
