//! One call in full. Its text is laid out when the call, the part or the width changes; what is drawn of it are the
//! visible rows alone, however long a body is.

mod body;
mod document;
mod folding;
mod head;
mod knowledge;
mod laying;
mod messages;
mod moving;
mod outline;
mod paint;
mod part;
mod search;
mod status;
mod timing;
mod trace;

use std::sync::Arc;

use daptop_model::{Call, Side, Snapshot, Stamp};
use ratatui::text::Line;

use crate::format;
use crate::theme::Theme;
use document::Look;
use knowledge::Knowledge;
use laying::Wish;
use outline::Topic;
use part::{Part, Start};
use search::Search;

pub(crate) use knowledge::Questions;

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
    /// The messages of both, in the order in which they came.
    Messages,
    /// Where the time went.
    Timing,
    /// The trace.
    Trace,
    /// A message as it was on the wire.
    Raw,
}

impl Tab {
    /// All parts in order.
    pub(crate) const ALL: [Tab; 7] =
        [Tab::All, Tab::Request, Tab::Response, Tab::Messages, Tab::Timing, Tab::Trace, Tab::Raw];

    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::All => "All",
            Tab::Request => "Request",
            Tab::Response => "Response",
            Tab::Messages => "Messages",
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
    /// What has a cursor: texts, one below the other.
    parts: Vec<Part>,
    /// At which row each of them begins.
    starts: Vec<usize>,
    /// All messages have been read.
    whole: bool,
    /// Counts the changes of what is known of the messages, and of how they look.
    era: u64,
    /// Which apps are being asked what their messages are.
    pub(crate) questions: Questions,
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
            starts: Vec::new(),
            whole: true,
            era: 0,
            questions: Questions::default(),
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
    knowledge: Knowledge,
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
            (self.parts, self.starts, self.lines, self.built) = (Vec::new(), Vec::new(), Vec::new(), None);
            return;
        };
        let (width, beside) = self.widths(around.width);
        let look = Look { ascii: around.theme.ascii, bytes: body::bytes_in(width.saturating_sub(part::GUTTER + 2)) };
        let shows_trace = matches!(self.tab, Tab::All | Tab::Trace) && call.trace.is_some();
        let rev = if shows_trace { around.snapshot.rev } else { 0 };
        let knowledge = Knowledge::of(call, around.snapshot);
        let (raw, tab, call) = (self.raw, self.tab, Arc::clone(call));
        let built = Built { call: Arc::clone(&call), tab, raw, knowledge, look, width: around.width, rev };
        let before = self.built.replace(built);
        let same = before.filter(|before| before.tab == tab && before.call.id == call.id);
        if same.is_none() {
            (self.part, self.place, self.top, self.pan) = (0, Start::default(), 0, 0);
            self.parts.clear();
        }
        let is_as_before = same.as_ref().is_some_and(|before| {
            Arc::ptr_eq(&before.call, &call) && (before.raw, before.look) == (raw, look) && self.knows_as(before)
        });
        if !is_as_before || !self.whole {
            let again = same.as_ref().is_some_and(|before| before.look == look && self.knows_as(before));
            self.lay_out(again, width);
        }
        self.cut(width);
        let is_current = same.is_some_and(|before| before.width == around.width && before.rev == rev) && is_as_before;
        if !is_current || call.is_open() {
            self.lines = lines(&call, tab, around, if beside > 0 { beside } else { width });
        }
    }

    fn knows_as(&self, before: &Built) -> bool {
        self.built.as_ref().is_some_and(|built| built.knowledge.is(&before.knowledge))
    }

    /// Writes the text anew. Where it is the same one as before, grown, what is folded stays so, and what is looked at
    /// stays where it is; a cursor at the end of the messages stays at their end. `again`: messages that have been read
    /// need not be read once more.
    fn lay_out(&mut self, again: bool, width: usize) {
        let Some(built) = self.built.take() else { return };
        self.era += u64::from(!again);
        let rows = self.rows_of_parts();
        let at_end = built.tab == Tab::Messages && rows > 1 && self.cursor() == Some(rows - 1);
        let topic = |part: Option<&Part>| part.map(|part| part.topic);
        let cursor = topic(self.parts.get(self.part));
        let seen = self.locate(self.top).and_then(|(index, row)| {
            let part = self.parts.get(index)?;
            Some((part.topic, part.start(row)?))
        });
        let Built { call, tab, raw, knowledge, look, .. } = &built;
        let wish = Wish { call, tab: *tab, raw: *raw, knowledge, look: *look, era: self.era };
        let laid = laying::lay_out(&wish, std::mem::take(&mut self.parts));
        (self.parts, self.whole) = (laid.parts, laid.whole);
        self.built = Some(built);
        self.cut(width);
        let position = |topic: Topic| self.parts.iter().position(|part| part.topic == topic);
        self.part = cursor.and_then(position).unwrap_or(self.part.min(self.parts.len().saturating_sub(1)));
        if let Some((topic, start)) = seen
            && let Some(index) = position(topic)
        {
            self.top = self.starts.get(index).copied().unwrap_or(0) + self.parts[index].row_of(start);
        }
        if at_end {
            self.put_cursor(usize::MAX);
        }
        if let Some(search) = self.search.take() {
            self.search = Some(Search::run(&search.text, self.parts.iter().map(|part| &part.document)));
        }
    }

    /// Whether messages are still to be read.
    pub(crate) fn is_behind(&self) -> bool {
        !self.whole
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        let beside = self.built.as_ref().is_some_and(|built| self.widths(built.width).1 > 0);
        let rows = self.rows_of_parts();
        if beside || self.lines.is_empty() { rows } else { rows + self.gap() + self.lines.len() }
    }

    /// How many rows the parts have.
    fn rows_of_parts(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) + self.parts.last().map_or(0, Part::len)
    }

    /// The empty rows between messages and what is below them.
    fn gap(&self) -> usize {
        usize::from(!self.parts.is_empty())
    }

    /// Cuts what is not cut yet into rows, and counts them.
    fn cut(&mut self, width: usize) {
        let mut rows = 0;
        self.starts.clear();
        for part in &mut self.parts {
            part.cut(width, self.wrapped);
            self.starts.push(rows);
            rows += part.len();
        }
    }

    /// Cuts into rows what was folded, or unfolded.
    fn recut(&mut self) {
        if let Some(built) = &self.built {
            let (width, _) = self.widths(built.width);
            self.cut(width);
        }
    }

    /// The parts that the call has.
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        let has_messages = self.built.as_ref().is_some_and(|built| built.call.is_of_messages());
        Tab::ALL.into_iter().filter(|tab| *tab != Tab::Messages || has_messages || self.tab == Tab::Messages).collect()
    }

    /// Shows the part that is next, or the one before.
    pub(crate) fn turn(&mut self, forward: bool) {
        let tabs = self.tabs();
        let at = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let next = at + if forward { 1 } else { tabs.len() - 1 };
        self.tab = tabs.get(next % tabs.len().max(1)).copied().unwrap_or_default();
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
        Tab::Request | Tab::Response | Tab::Messages | Tab::Raw => Vec::new(),
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
