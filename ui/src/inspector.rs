//! One call in full. Its messages are laid out when the call, the part or the width changes; what is drawn of them are
//! the visible rows alone, however long a body is.

mod body;
mod document;
mod message;
mod paint;
mod part;
mod search;
mod timing;
mod trace;

use std::sync::Arc;

use daptop_model::{Call, Snapshot, Stamp};
use ratatui::text::Line;

use crate::action::Step;
use crate::format;
use crate::theme::Theme;
use document::Look;
use message::Side;
use part::{Part, Start};
use search::{Hit, Search};

/// A part of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Tab {
    /// Everything, side by side where there is room.
    #[default]
    All,
    /// The request.
    Request,
    /// The answer.
    Response,
    /// Where the time went.
    Timing,
    /// The trace.
    Trace,
    /// A message as it was on the wire.
    Raw,
}

impl Tab {
    /// All parts in order.
    pub(crate) const ALL: [Tab; 6] = [Tab::All, Tab::Request, Tab::Response, Tab::Timing, Tab::Trace, Tab::Raw];

    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::All => "All",
            Tab::Request => "Request",
            Tab::Response => "Response",
            Tab::Timing => "Timing",
            Tab::Trace => "Trace",
            Tab::Raw => "Raw",
        }
    }
}

/// The columns between two texts side by side.
pub(crate) const GAP: usize = 3;

/// From this width on the messages have the rest of the call beside them.
const WIDE: usize = 100;

/// How many columns a step to the side is, where lines are not wrapped.
const PAN: usize = 8;

/// The state of the inspector.
#[derive(Debug)]
pub(crate) struct Inspector {
    /// The part that is shown.
    pub(crate) tab: Tab,
    /// What has a cursor: messages, one below the other.
    parts: Vec<Part>,
    /// What has none: times and spans, beside the messages or below them.
    pub(crate) lines: Vec<Line<'static>>,
    /// Where the cursor is.
    part: usize,
    place: Start,
    /// The first visible row.
    top: usize,
    /// Long lines are cut into rows.
    wrapped: bool,
    /// The first visible column, where they are not.
    pan: usize,
    /// Which message is shown raw.
    raw: Side,
    /// What is looked for.
    search: Option<Search>,
    built: Option<Built>,
}

impl Default for Inspector {
    fn default() -> Self {
        Self {
            tab: Tab::default(),
            parts: Vec::new(),
            lines: Vec::new(),
            part: 0,
            place: Start::default(),
            top: 0,
            wrapped: true,
            pan: 0,
            raw: Side::Request,
            search: None,
            built: None,
        }
    }
}

#[derive(Debug)]
struct Built {
    call: Arc<Call>,
    tab: Tab,
    raw: Side,
    look: Look,
    width: usize,
    rev: u64,
}

/// What laying out needs to know besides the call.
pub(crate) struct Surroundings<'a> {
    /// The rest of the session.
    pub(crate) snapshot: &'a Snapshot,
    /// The time.
    pub(crate) now: Stamp,
    /// Seconds east of UTC.
    pub(crate) clock_offset: i32,
    /// How things look.
    pub(crate) theme: Theme,
    /// How many columns there are.
    pub(crate) width: usize,
}

impl Inspector {
    /// How wide the messages are, and how wide what is beside them: 0 where nothing is.
    pub(crate) fn widths(&self, width: usize) -> (usize, usize) {
        match self.tab {
            Tab::All if width >= WIDE => {
                let beside = (width - GAP) * 2 / 5;
                (width - GAP - beside, beside)
            }
            _ => (width, 0),
        }
    }

    /// Lays out a call, where something changed.
    pub(crate) fn refresh(&mut self, call: Option<&Arc<Call>>, around: &Surroundings<'_>) {
        let Some(call) = call else {
            (self.parts, self.lines, self.built) = (Vec::new(), Vec::new(), None);
            return;
        };
        let (width, beside) = self.widths(around.width);
        let look = Look { ascii: around.theme.ascii, bytes: body::bytes_in(width.saturating_sub(part::GUTTER + 2)) };
        let shows_trace = matches!(self.tab, Tab::All | Tab::Trace) && call.trace.is_some();
        let rev = if shows_trace { around.snapshot.rev } else { 0 };
        let built = Built { call: Arc::clone(call), tab: self.tab, raw: self.raw, look, width: around.width, rev };
        let before = self.built.replace(built);
        let same = before.as_ref().filter(|before| before.tab == self.tab && before.call.id == call.id);
        if same.is_none() {
            (self.part, self.place, self.top, self.pan) = (0, Start::default(), 0, 0);
        }
        let raw = self.raw;
        let is_as_before =
            |before: &&Built| Arc::ptr_eq(&before.call, call) && (before.raw, before.look) == (raw, look);
        if !same.is_some_and(|before| is_as_before(&before)) {
            self.lay_out(call, look, same.is_some_and(|before| before.raw == raw));
        }
        for part in &mut self.parts {
            part.cut(width, self.wrapped);
        }
        let is_current = |before: &&Built| before.width == around.width && before.rev == rev && is_as_before(before);
        if !same.is_some_and(|before| is_current(&before)) || call.is_open() {
            self.lines = lines(call, self.tab, around, if beside > 0 { beside } else { width });
        }
    }

    /// Writes the messages anew. Where they are the same ones as before, grown, what is folded stays so.
    fn lay_out(&mut self, call: &Call, look: Look, keep: bool) {
        let sides: &[Side] = match self.tab {
            Tab::All => &[Side::Request, Side::Response],
            Tab::Request => &[Side::Request],
            Tab::Response => &[Side::Response],
            Tab::Raw => &[self.raw],
            Tab::Timing | Tab::Trace => &[],
        };
        let write = if self.tab == Tab::Raw { message::write_raw } else { message::write };
        let mut before = std::mem::take(&mut self.parts).into_iter();
        let parts = sides.iter().map(|side| {
            let document = write(call, *side, look);
            match before.next().filter(|_| keep) {
                Some(part) => part.replaced(document),
                None => Part::new(document),
            }
        });
        self.parts = parts.collect();
        if let Some(search) = self.search.take() {
            self.search = Some(Search::run(&search.text, self.parts.iter().map(|part| &part.document)));
        }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        let beside = self.built.as_ref().is_some_and(|built| self.widths(built.width).1 > 0);
        let rows: usize = self.parts.iter().map(Part::len).sum();
        if beside || self.lines.is_empty() { rows } else { rows + self.gap() + self.lines.len() }
    }

    /// The empty rows between messages and what is below them.
    fn gap(&self) -> usize {
        usize::from(!self.parts.is_empty())
    }

    /// The part and its row that a row shows.
    fn locate(&self, row: usize) -> Option<(usize, usize)> {
        let mut row = row;
        for (index, part) in self.parts.iter().enumerate() {
            if row < part.len() {
                return Some((index, row));
            }
            row -= part.len();
        }
        None
    }

    /// The row of the cursor; `None` where nothing has one.
    fn cursor(&self) -> Option<usize> {
        let before: usize = self.parts.iter().take(self.part).map(Part::len).sum();
        self.parts.get(self.part).map(|part| before + part.row_of(self.place))
    }

    /// The first visible row of `height`: the cursor is always seen, unless it is on nothing but lines that are read.
    pub(crate) fn top(&self, height: usize) -> usize {
        let last = self.len().saturating_sub(height);
        let top = self.top.min(last);
        let rows: usize = self.parts.iter().map(Part::len).sum();
        match self.cursor() {
            // At the last row of the messages, what follows them can be scrolled into view.
            Some(cursor) if cursor + 1 < rows || self.lines.is_empty() => {
                top.min(cursor).max((cursor + 1).saturating_sub(height))
            }
            _ => top,
        }
    }

    /// Moves by a step; the last page stays full.
    pub(crate) fn step(&mut self, step: Step, height: usize) {
        let Some(cursor) = self.cursor() else {
            self.top = step.apply(self.top(height), self.len().saturating_sub(height) + 1, height);
            return;
        };
        let rows: usize = self.parts.iter().map(Part::len).sum();
        let target = step.apply(cursor, rows, height);
        let top = self.top(height);
        if target == cursor || step == Step::Last {
            // At an end of the messages the view goes on without the cursor.
            self.top = step.apply(top, self.len().saturating_sub(height) + 1, height);
        } else {
            self.top = top;
        }
        self.put_cursor(target);
        self.top = self.top(height);
    }

    /// Scrolls by some rows; the cursor comes along.
    pub(crate) fn scroll(&mut self, down: bool, height: usize) {
        const ROWS: usize = 3;
        let top = self.top(height);
        let last = self.len().saturating_sub(height);
        self.top = if down { (top + ROWS).min(last) } else { top.saturating_sub(ROWS) };
        if let Some(cursor) = self.cursor() {
            self.put_cursor(cursor.clamp(self.top, self.top + height.max(1) - 1));
        }
    }

    /// Puts the cursor on a visible row, counted from the first one.
    pub(crate) fn select(&mut self, row: usize, height: usize) {
        let row = self.top(height) + row;
        self.top = self.top(height);
        if self.locate(row).is_some() {
            self.put_cursor(row);
        }
    }

    fn put_cursor(&mut self, row: usize) {
        let rows: usize = self.parts.iter().map(Part::len).sum();
        if let Some((part, row)) = self.locate(row.min(rows.saturating_sub(1))) {
            self.part = part;
            self.place = self.parts.get(part).and_then(|part| part.start(row)).unwrap_or_default();
        }
    }

    /// Shows the part that is next, or the one before.
    pub(crate) fn turn(&mut self, forward: bool) {
        let at = self.tab as usize + if forward { 1 } else { Tab::ALL.len() - 1 };
        self.tab = Tab::ALL[at % Tab::ALL.len()];
    }

    /// Cuts long lines into rows, or leaves them whole. Which of the two is so now.
    pub(crate) fn wrap(&mut self) -> bool {
        (self.wrapped, self.pan) = (!self.wrapped, 0);
        self.wrapped
    }

    /// Moves sideways in lines that are not wrapped.
    pub(crate) fn pan(&mut self, right: bool) {
        if !self.wrapped {
            self.pan = if right { self.pan + PAN } else { self.pan.saturating_sub(PAN) };
        }
    }

    /// Shows the message that is looked at raw, or, where one is shown raw, the other one.
    pub(crate) fn turn_raw(&mut self) {
        self.raw = match self.tab {
            Tab::Raw => !self.raw,
            Tab::Response => Side::Response,
            _ => Side::Request,
        };
        self.tab = Tab::Raw;
    }

    /// Folds the node under the cursor, or that the cursor is in; or unfolds it.
    pub(crate) fn fold(&mut self) {
        let Some(part) = self.parts.get_mut(self.part) else { return };
        let line = self.place.line as usize;
        let node = if part.fold(line).is_some() { Some(line) } else { part.document.parent(line) };
        if let Some(node) = node {
            let folded = part.fold(node) == Some(true);
            part.set_folded(node, !folded);
            self.place = Start { line: node as u32, at: 0 };
        }
        self.recut();
    }

    /// Folds everything but the outermost nodes, or, where anything is folded, unfolds it all.
    pub(crate) fn fold_all(&mut self) {
        let folded = self.parts.iter().any(Part::has_folds);
        for part in &mut self.parts {
            part.fold_from(if folded { usize::MAX } else { 2 });
        }
        self.recut();
    }

    /// Folds one level more, or one less.
    pub(crate) fn fold_level(&mut self, more: bool) {
        let level = self.parts.iter().map(Part::open_levels).max().unwrap_or(0);
        let level = if more { level.saturating_sub(1).max(1) } else { level + 1 };
        for part in &mut self.parts {
            part.fold_from(level);
        }
        self.recut();
    }

    fn recut(&mut self) {
        if let Some(built) = &self.built {
            let (width, _) = self.widths(built.width);
            let wrapped = self.wrapped;
            self.parts.iter_mut().for_each(|part| part.cut(width, wrapped));
        }
    }

    /// What is looked for; empty where nothing is.
    pub(crate) fn search_text(&self) -> &str {
        self.search.as_ref().map_or("", |search| &search.text)
    }

    /// Looks for a text, and goes to the first place from the cursor on. Empty text ends the search.
    pub(crate) fn look_for(&mut self, text: &str, height: usize) {
        if text.is_empty() {
            self.search = None;
            return;
        }
        let search = Search::run(text, self.parts.iter().map(|part| &part.document));
        let here = self.here();
        let found = if search.hits.binary_search(&here).is_ok() { Some(here) } else { search.next(here, true) };
        self.search = Some(search);
        self.go_to(found, height);
    }

    /// Goes to the next place of what is looked for, or to the one before.
    pub(crate) fn next_hit(&mut self, forward: bool, height: usize) {
        let found = self.search.as_ref().and_then(|search| search.next(self.here(), forward));
        self.go_to(found, height);
    }

    fn here(&self) -> Hit {
        Hit { part: self.part, line: self.place.line, at: self.place.at }
    }

    fn go_to(&mut self, hit: Option<Hit>, height: usize) {
        let Some(hit) = hit else { return };
        if let Some(part) = self.parts.get_mut(hit.part) {
            part.uncover(hit.line as usize);
            part.set_folded(hit.line as usize, false);
        }
        (self.part, self.place) = (hit.part, Start { line: hit.line, at: hit.at });
        self.recut();
        self.top = self.top(height);
    }
}

/// What of a call is no message.
fn lines(call: &Call, tab: Tab, around: &Surroundings<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = around.theme;
    let timing = || {
        let clock = format::clock(around.snapshot.anchor.unix_micros(call.phases.received), around.clock_offset);
        timing::lines(call, around.now, &clock, theme, width)
    };
    let trace = || trace::lines(call, around.snapshot, around.now, theme, width);
    match tab {
        Tab::All => [timing(), trace()].join(&Line::default()),
        Tab::Timing => timing(),
        Tab::Trace => trace(),
        Tab::Request | Tab::Response | Tab::Raw => Vec::new(),
    }
}
#[cfg(test)]
pub(crate) mod tests {
    use daptop_model::{
        AppId, Call, CallId, CallStart, HeadBuilder, Leg, Outcome, Protocol, RequestHead, SpanId, Stamp, TraceId,
        TraceRef,
    };

    /// A call from shop to bank that took 10 ms, in trace 1.
    pub(crate) fn call(outcome: Outcome) -> Call {
        let mut call = Call::new(CallStart {
            id: CallId(1),
            at: Stamp(0),
            from: AppId::new("shop"),
            to: AppId::new("bank"),
            leg: Leg::InProcess,
            protocol: Protocol::Http1,
            request: RequestHead {
                verb: "POST".into(),
                target: "/charge".into(),
                path: "/charge".into(),
                headers: HeadBuilder::default().finish(),
            },
            trace: Some(TraceRef {
                trace: TraceId([1; 16]),
                parent: None,
                caller_span: SpanId([1; 8]),
                callee_span: Some(SpanId([2; 8])),
                sampled: true,
            }),
            replay_of: None,
        });
        if outcome != Outcome::Pending {
            call.phases.mark(daptop_model::Phase::Ended, Stamp(10_000));
        }
        call.outcome = outcome;
        call
    }
}
