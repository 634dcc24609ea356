//! What became of the spans.

use daptop_model::{ExporterHealth, Snapshot};
use ratatui::text::Line;

use super::fact;
use crate::format;
use crate::ui::Ui;

/// The page.
pub(super) fn lines(ui: &Ui, snapshot: &Snapshot, width: usize) -> Vec<Line<'static>> {
    let (theme, glyphs, state) = (ui.theme, ui.theme.glyphs, &snapshot.exporter);
    let (words, style, advice) = match state.health {
        ExporterHealth::Off => (
            format!("{} off: nothing is exported", glyphs.off),
            theme.plain(),
            "Name a collector in a Configuration (spec.tracing.zipkin.endpointAddress) to export spans.",
        ),
        ExporterHealth::Idle => (
            format!("{} idle: nothing has been sent yet", glyphs.off),
            theme.plain(),
            "Nothing yet: spans are sent as soon as there are calls.",
        ),
        ExporterHealth::Up => {
            (format!("{} up: the last batch was taken", glyphs.on), theme.plain(), "Nothing: spans arrive.")
        }
        ExporterHealth::Down => (
            format!("{} down: the last batch was not taken; it is tried again", glyphs.fail),
            theme.bad(),
            "Start the collector, or mend its address. Calls go on without it, and what is queued is sent when it is back.",
        ),
    };
    let mut lines = fact(ui, "State", &words, style, width);
    let to = if state.endpoint.is_empty() { "nowhere" } else { &*state.endpoint };
    lines.extend(fact(ui, "Sent to", to, theme.plain(), width));
    for (name, count, what) in [
        ("Sent", state.sent, "taken by the collector"),
        ("Queued", state.queued, "wait to be sent"),
        ("Dropped", state.dropped, "given up: the queue was full, or the collector down for too long"),
    ] {
        let style = if name == "Dropped" && count > 0 { theme.strong() } else { theme.plain() };
        lines.extend(fact(ui, name, &format!("{} spans {what}", format::count(count)), style, width));
    }
    let error = state.last_error.as_deref().unwrap_or("none");
    lines.extend(fact(ui, "Last error", error, theme.plain(), width));
    lines.push(Line::default());
    lines.extend(fact(ui, "Do", advice, theme.plain(), width));
    lines
}
