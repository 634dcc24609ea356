//! A trace as lines: a tree at the left, bars in the middle, how long and how well at the right.

use std::ops::Range;

use daptop_model::{Link, Outcome, Protocol, Stamp, Trace, TracedCall};
use ratatui::style::Style;
use ratatui::text::Line;

use super::bar::{Axis, Bar};
use crate::format;
use crate::row::Row;
use crate::text;
use crate::theme::Theme;

/// How long, and the sign of how well.
const TAIL: usize = 9 + 1 + 2;

/// The columns of a status of HTTP, and those of one of gRPC, which is a name.
const STATUS: [usize; 2] = [3, 10];

/// How a line looks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// It is pointed at, in this style.
    pub(crate) marker: Option<Style>,
    /// What is within it is folded away.
    pub(crate) folded: bool,
}

/// A trace laid out over columns.
pub(crate) struct Chart<'a> {
    trace: &'a Trace,
    now: Stamp,
    theme: Theme,
    width: usize,
    /// Columns of the tree.
    names: usize,
    /// Levels that are not drawn, so that deep ones have room.
    hidden: usize,
    /// Columns of the status.
    status: usize,
    axis: Axis,
    ticks: Vec<(usize, String)>,
}

impl<'a> Chart<'a> {
    /// Lays out some calls of a trace over a stretch of time, in microseconds since its start. What is around the call at
    /// the position `around` has room for its name, however deep it is.
    pub(crate) fn new(
        trace: &'a Trace,
        rows: &[usize],
        around: Option<usize>,
        seen: Range<u64>,
        now: Stamp,
        (theme, width): (Theme, usize),
    ) -> Self {
        let most = (width * 2 / 5).max(16).min(width);
        let depth = |position: usize| trace.calls.get(position).map_or(0, |traced| traced.depth);
        let levels = (most / 6).max(1);
        let hidden = around.map_or(0, depth).saturating_sub(levels);
        let wide = |position: &usize| {
            let Some(traced) = trace.calls.get(*position) else { return 0 };
            let from = if is_named(trace, traced) { text::width(traced.call.from.as_str()) + 3 } else { 0 };
            let what = text::width(traced.call.verb_text()) + text::width(&traced.call.request.path());
            2 * traced.depth.saturating_sub(hidden) + from + text::width(traced.call.to.as_str()) + what + 8
        };
        // A trace with many calls is not measured as a whole.
        let names = rows.iter().take(500).map(wide).max().unwrap_or(0).min(most);
        let is_grpc =
            |position: &usize| trace.calls.get(*position).is_some_and(|traced| traced.call.protocol == Protocol::Grpc);
        let status = STATUS[usize::from(rows.iter().take(500).any(is_grpc))];
        let columns = width.saturating_sub(1 + names + 1 + TAIL + status);
        let axis = Axis { origin: trace.start, seen, columns };
        let ticks = axis.ticks(theme.ascii);
        Self { trace, now, theme, width, names, hidden, status, axis, ticks }
    }

    /// The time axis.
    pub(crate) fn axis(&self) -> Line<'static> {
        let mut row = Row::new(self.theme, self.width);
        let start = 1 + self.names + 1;
        row.to(start);
        for (column, label) in &self.ticks {
            let end = column + 1 + text::width(label);
            if row.used() <= start + column && end <= self.axis.columns {
                row.to(start + column).put(self.theme.glyphs.tick, self.theme.dim()).put(label, self.theme.dim());
            }
        }
        row.finish()
    }

    /// The line of the call at a position.
    pub(crate) fn line(&self, position: usize, look: Look) -> Line<'static> {
        let mut row = Row::new(self.theme, self.width);
        let Some(traced) = self.trace.calls.get(position) else { return row.finish() };
        let glyphs = self.theme.glyphs;
        row.cell(if look.marker.is_some() { glyphs.marker } else { " " }, 1, look.marker.unwrap_or_default());
        row.spans(self.name(position, look).spans);
        row.to(1 + self.names + 1).spans(self.bar(traced));
        let (sign, style) = verdict(traced, self.theme);
        let duration = traced.end(self.now).since(traced.start());
        let status = traced.call.status_text();
        row.right(&format::duration(duration, self.theme.ascii), 9, style);
        row.gap(1).left(sign, 2, style).right(&status, self.status, style).finish()
    }

    fn name(&self, position: usize, look: Look) -> Line<'static> {
        let mut row = Row::new(self.theme, self.names);
        let Some(traced) = self.trace.calls.get(position) else { return row.finish() };
        let (theme, glyphs, call) = (self.theme, self.theme.glyphs, &traced.call);
        let (_, style) = verdict(traced, theme);
        let style = if look.marker.is_some() { style.patch(theme.strong()) } else { style };
        let mut branch = self.branch(position);
        if look.folded {
            branch = branch.strip_suffix(' ').map(str::to_owned).unwrap_or(branch) + glyphs.folded;
        }
        row.put(&branch, theme.dim());
        match traced.link {
            Link::Unseen(_) => drop(row.put(glyphs.unseen, theme.waiting()).gap(1)),
            Link::Guessed(_) => drop(row.put(glyphs.guessed, theme.waiting()).gap(1)),
            Link::Root | Link::Named => {}
        }
        if is_named(self.trace, traced) {
            row.put(call.from.as_str(), style).gap(1).put(glyphs.arrow, theme.dim()).gap(1);
        }
        row.put(call.to.as_str(), style);
        if look.folded {
            row.gap(1).put(&format!("+{}", traced.below), theme.accent());
        }
        if let Some(attempt) = traced.attempt.filter(|attempt| attempt.number > 1) {
            row.gap(1).put(&format!("{}{}", glyphs.again, attempt.number), theme.waiting());
        }
        row.gap(1).put(call.verb_text(), theme.dim()).gap(1).put(&call.request.path(), theme.dim());
        row.finish()
    }

    /// The lines that lead to a call: `│ └ `.
    fn branch(&self, position: usize) -> String {
        let [fork, last, through] = self.theme.glyphs.tree;
        let calls = &self.trace.calls;
        let mut pieces = Vec::new();
        let mut at = position;
        while let Some(parent) = calls[at].parent {
            let goes_on = calls.get(at + calls[at].below + 1).is_some_and(|next| next.parent == Some(parent));
            if calls[at].depth > self.hidden {
                pieces.push(match (at == position, goes_on) {
                    (true, true) => fork,
                    (true, false) => last,
                    (false, true) => through,
                    (false, false) => "  ",
                });
            }
            at = parent;
        }
        let cut = if self.hidden > 0 { self.theme.glyphs.cut } else { "" };
        pieces.into_iter().rev().fold(cut.to_owned(), |branch, piece| branch + piece)
    }

    fn bar(&self, traced: &TracedCall) -> Vec<ratatui::text::Span<'static>> {
        let (theme, call) = (self.theme, &traced.call);
        let whole = traced.start()..traced.end(self.now);
        let (_, style) = verdict(traced, theme);
        let mut bar = Bar::new(&self.axis, theme);
        bar.thin(&whole);
        for stretch in &traced.critical {
            // The end of an open call has moved on since its trace was put together.
            let end = if call.is_open() && stretch.end == self.trace.end { whole.end } else { stretch.end };
            bar.solid(&(stretch.start..end));
        }
        for piece in call.pieces(call.age(self.now)).iter().filter(|piece| piece.activity.is_waiting()) {
            bar.shade(&(whole.start.plus(piece.from)..whole.start.plus(piece.to)));
        }
        for failed in call.delays.failed_tries() {
            bar.sign_after(whole.start.plus(failed.failed), theme.glyphs.again, theme.waiting());
        }
        if let Some(attempt) = traced.attempt {
            if let Some(before) = attempt.previous_end.filter(|end| *end < whole.start) {
                bar.shade(&(before..whole.start));
            }
            if attempt.number < attempt.of {
                bar.sign_after(whole.end, theme.glyphs.again, theme.waiting());
            }
        }
        if call.is_open() {
            bar.sign_at_end(&whole, theme.glyphs.open, theme.waiting());
        }
        bar.point_to(&whole);
        bar.finish(style, &self.ticks)
    }

    /// What the signs mean, of those that this trace has.
    pub(crate) fn legend(&self) -> Line<'static> {
        let (theme, glyphs) = (self.theme, self.theme.glyphs);
        let any = |test: &dyn Fn(&TracedCall) -> bool| self.trace.calls.iter().any(test);
        let waits = |traced: &TracedCall| {
            let call = &traced.call;
            let held = call.is_held() || !call.phases.waited().is_zero();
            held || call.delays.turn().is_some() || !call.delays.failed_tries().is_empty()
        };
        let again = any(&|traced| traced.attempt.is_some() || !traced.call.delays.failed_tries().is_empty());
        let parts = [
            (true, glyphs.eighths[7], theme.plain(), "decides when the trace ends"),
            (self.trace.calls.len() > 1, glyphs.thin[1], theme.dim(), "does not"),
            (again || any(&waits), glyphs.shade, theme.waiting(), "waiting"),
            (again, glyphs.again, theme.waiting(), "asked again"),
            (any(&|traced| traced.call.is_open()), glyphs.open, theme.waiting(), "open"),
            (any(&|traced| matches!(traced.link, Link::Unseen(_))), glyphs.unseen, theme.waiting(), "parent not seen"),
            (
                any(&|traced| matches!(traced.link, Link::Guessed(_))),
                glyphs.guessed,
                theme.waiting(),
                "parent not seen, placed by app and time",
            ),
        ];
        let mut row = Row::new(theme, self.width);
        row.gap(1);
        for (_, sign, style, words) in parts.into_iter().filter(|(shown, ..)| *shown) {
            if row.room() > text::width(words) + 2 {
                row.put(sign, style).gap(1).put(words, theme.dim()).gap(3);
            }
        }
        row.finish()
    }
}

/// Whether a call does not go without saying who calls: where that is not the app that serves the call around it.
fn is_named(trace: &Trace, traced: &TracedCall) -> bool {
    traced.parent.is_none_or(|parent| trace.calls[parent].call.to != traced.call.from)
}

/// The sign and the look of how a call went.
fn verdict(traced: &TracedCall, theme: Theme) -> (&'static str, Style) {
    let (call, glyphs) = (&traced.call, theme.glyphs);
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
