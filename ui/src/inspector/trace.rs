//! The trace of a call as a tree, with bars on one time axis.

use daptop_model::{Call, Snapshot, Span, SpanKind, Stamp, TraceTree};
use ratatui::text::Line;

use super::timing::stretch;
use crate::format;
use crate::row::Row;
use crate::theme::Theme;

/// More spans than this are not laid out.
const MOST: usize = 1_000;

/// The trace that a call belongs to.
pub(super) fn lines(call: &Call, snapshot: &Snapshot, now: Stamp, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut head = Row::new(theme, width);
    head.put("Trace", theme.strong()).gap(2);
    let Some(reference) = call.trace else {
        return vec![head.put("none: tracing is off for this app", theme.dim()).finish()];
    };
    let mut tree = snapshot.trace(reference.trace);
    if tree.spans.is_empty() {
        // The call has been evicted and is only held here.
        tree = TraceTree::new(call.spans());
    }
    let count = tree.spans.len();
    head.put(&reference.trace.to_string(), theme.plain()).gap(2).put(&format::plural(count, "span"), theme.dim());
    if !reference.sampled {
        head.gap(2).put("not sampled", theme.dim());
    }
    let mut lines = vec![head.finish()];
    let begin = tree.spans.iter().map(|(_, span)| span.start).min().unwrap_or_default();
    let end = tree.spans.iter().map(|(_, span)| span.end.unwrap_or(now)).max().unwrap_or_default();
    let axis = Axis { begin, end, now, theme, width, names: names(&tree, width) };
    for (index, (_, span)) in tree.spans.iter().take(MOST).enumerate() {
        lines.push(axis.span(&branch(&tree, index, theme), span, span.call == call.id));
    }
    let mut note = |text: &str| lines.push(Row::new(theme, width).gap(2).put(text, theme.strong()).finish());
    if count > MOST {
        note(&format!("{} more are not shown", format::plural(count - MOST, "span")));
    }
    if snapshot.lost.calls + snapshot.lost.evicted_calls > 0 {
        note("calls were lost or evicted in this run: the trace may have gaps");
    }
    lines
}

fn names(tree: &TraceTree, width: usize) -> usize {
    let longest =
        tree.spans.iter().take(MOST).map(|(depth, span)| 2 * depth + span.app.as_str().len()).max().unwrap_or(0);
    longest.min(width * 2 / 5)
}

/// The lines that lead to a span: `│ └ `.
fn branch(tree: &TraceTree, index: usize, theme: Theme) -> String {
    let depth = tree.spans[index].0;
    let goes_on = |level: usize| {
        let below = tree.spans[index + 1..].iter().take(MOST);
        below.map(|(other, _)| *other).find(|other| *other <= level) == Some(level)
    };
    let [fork, last, through] = theme.glyphs.tree;
    let mut branch = String::new();
    for level in 1..depth {
        branch.push_str(if goes_on(level) { through } else { "  " });
    }
    if depth > 0 {
        branch.push_str(if goes_on(depth) { fork } else { last });
    }
    branch
}

struct Axis {
    begin: Stamp,
    end: Stamp,
    now: Stamp,
    theme: Theme,
    width: usize,
    names: usize,
}

impl Axis {
    fn span(&self, branch: &str, span: &Span, selected: bool) -> Line<'static> {
        let theme = self.theme;
        let style = match span.status {
            Some(status) if status >= 500 => theme.bad(),
            _ if span.end.is_none() => theme.waiting(),
            _ if selected => theme.strong(),
            _ => theme.dim(),
        };
        let mut row = Row::new(theme, self.width);
        row.put(if selected { theme.glyphs.marker } else { " " }, theme.accent()).gap(1);
        let before = self.names + 2;
        row.put(branch, theme.dim()).cell(span.app.as_str(), self.names.saturating_sub(2), style).to(before).gap(1);
        let duration = span.end.unwrap_or(self.now).since(span.start);
        let status = span.status.map_or_else(String::new, |status| status.to_string());
        let tail = 9 + 4 + 1;
        let bar = row.room().saturating_sub(tail);
        let from = span.start.since(self.begin);
        let (start, length) = stretch(from, from + duration, self.end.since(self.begin), bar);
        let [open, middle, close] = theme.glyphs.bar;
        // The callee's side is the time that its app had.
        let drawn = match (length, span.kind) {
            (2.., SpanKind::Client) => format!("{open}{}{close}", middle.repeat(length - 2)),
            _ => middle.repeat(length),
        };
        row.gap(start).put(&drawn, style).to(self.width.saturating_sub(tail));
        row.right(&format::duration(duration, theme.ascii), 9, style).right(&status, 4, style).finish()
    }
}
