//! Where the time of a call went.

use std::time::Duration;

use daptop_model::{Call, Outcome, Phase, Stamp};
use ratatui::text::Line;

use crate::format;
use crate::row::Row;
use crate::theme::Theme;

const PARTS: [(Phase, &str); 6] = [
    (Phase::Started, "waited for the app"),
    (Phase::Resolved, "found the target"),
    (Phase::Connected, "got a connection"),
    (Phase::Sent, "sent the request"),
    (Phase::FirstByte, "the app worked"),
    (Phase::Ended, "read the answer"),
];

/// A row for each phase that was reached, on one time axis.
pub(super) fn lines(call: &Call, now: Stamp, clock: &str, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let whole = call.age(now);
    let mut head = Row::new(theme, width);
    head.put("Timing", theme.strong()).gap(2).put(&format::duration(whole, theme.ascii), theme.plain());
    head.gap(2).put("received at ", theme.dim()).put(clock, theme.dim());
    let mut lines = vec![head.finish()];
    let mut before = Duration::ZERO;
    for (phase, name) in PARTS {
        if let Some(offset) = call.phases.offset(phase) {
            let name = if phase == Phase::Ended { ending(call).unwrap_or(name) } else { name };
            lines.push(part(name, before, offset, whole, phase == Phase::Started, theme, width));
            before = before.max(offset);
        }
    }
    if call.is_open() {
        let name = if call.waiting { "waits for the app" } else { "open" };
        lines.push(part(name, before, whole, whole, true, theme, width));
    }
    lines
}

/// What the time up to the end was, where no answer came.
fn ending(call: &Call) -> Option<&'static str> {
    match call.outcome {
        Outcome::Failed(_) => Some("until it failed"),
        Outcome::Cancelled => Some("until it was left"),
        Outcome::Answered if call.phases.at(Phase::FirstByte).is_none() => Some("until the answer"),
        Outcome::Answered | Outcome::Pending => None,
    }
}

fn part(
    name: &str,
    from: Duration,
    to: Duration,
    whole: Duration,
    waiting: bool,
    theme: Theme,
    width: usize,
) -> Line<'static> {
    let style = if waiting { theme.waiting() } else { theme.plain() };
    let mut row = Row::new(theme, width);
    row.gap(2).left(name, 18, theme.plain());
    row.right(&format::duration(to.saturating_sub(from), theme.ascii), 9, style).gap(2);
    let columns = row.room();
    let sign = if waiting { theme.glyphs.shade } else { theme.glyphs.bar[1] };
    let (start, length) = stretch(from, to, whole, columns);
    row.gap(start).put(&sign.repeat(length), style).finish()
}

/// Where a stretch of time lies on an axis of `columns`: its first column and how many it takes, one at least.
pub(super) fn stretch(from: Duration, to: Duration, whole: Duration, columns: usize) -> (usize, usize) {
    if columns == 0 {
        return (0, 0);
    }
    let whole = whole.as_micros().max(1);
    let at =
        |time: Duration| usize::try_from(time.as_micros() * columns as u128 / whole).unwrap_or(columns).min(columns);
    let start = at(from).min(columns - 1);
    (start, at(to).saturating_sub(start).max(1))
}
