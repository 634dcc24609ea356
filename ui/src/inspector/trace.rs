//! The trace of a call, as the waterfall draws it, with the call pointed at.

use std::sync::Arc;

use daptop_model::{Call, Snapshot, Stamp, Trace};
use ratatui::text::Line;

use crate::format;
use crate::row::Row;
use crate::theme::Theme;
use crate::waterfall::{Chart, Look};

/// More calls than this are not laid out.
const MOST: usize = 1_000;

/// The trace that a call belongs to.
pub(super) fn lines(call: &Call, snapshot: &Snapshot, now: Stamp, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut head = Row::new(theme, width);
    head.put("Trace", theme.strong()).gap(2);
    let Some(place) = call.trace else {
        return vec![head.put("none: tracing is off for this app", theme.dim()).finish()];
    };
    let mut calls: Vec<Arc<Call>> = snapshot.calls.of_trace(place.trace).cloned().collect();
    let left_out = calls.len().saturating_sub(MOST);
    calls.truncate(MOST);
    if calls.iter().all(|other| other.id != call.id) {
        // It was given up and is held here only, or is one of too many.
        calls.push(Arc::new(call.clone()));
    }
    let trace = Trace::new(calls, now);
    head.put(&place.trace.to_string(), theme.plain()).gap(2);
    head.put(&format::plural(trace.spans(), "span"), theme.dim());
    if !place.sampled {
        head.gap(2).put("not sampled", theme.dim());
    }
    let mut lines = vec![head.finish()];
    let rows: Vec<usize> = (0..trace.calls.len()).collect();
    let end = trace.end.0.saturating_sub(trace.start.0).max(1);
    let chart = Chart::new(&trace, &rows, trace.position(call.id), 0..end, now, (theme, width));
    lines.push(chart.axis());
    lines.extend(rows.iter().map(|position| {
        let is_this = trace.calls[*position].call.id == call.id;
        chart.line(*position, Look { marker: is_this.then(|| theme.accent()), folded: false })
    }));
    let mut note = |text: &str| lines.push(Row::new(theme, width).gap(2).put(text, theme.strong()).finish());
    if left_out > 0 {
        note(&format!("{} more are not shown", format::plural(left_out, "call")));
    }
    if snapshot.lost.calls + snapshot.lost.evicted_calls > 0 {
        note("calls were lost or given up in this run: the trace may have gaps");
    }
    lines.push(chart.legend());
    lines
}
