//! One call in full. The text is laid out when the call, the part or the width changes, not when it is drawn.

mod body;
mod message;
mod timing;
mod trace;

use std::sync::Arc;

use daptop_model::{Call, Snapshot, Stamp};
use ratatui::text::Line;

use crate::action::Step;
use crate::format;
use crate::theme::Theme;

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
}

impl Tab {
    /// All parts in order.
    pub(crate) const ALL: [Tab; 5] = [Tab::All, Tab::Request, Tab::Response, Tab::Timing, Tab::Trace];

    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Tab::All => "All",
            Tab::Request => "Request",
            Tab::Response => "Response",
            Tab::Timing => "Timing",
            Tab::Trace => "Trace",
        }
    }
}

/// The columns between two texts side by side.
pub(crate) const GAP: usize = 3;

/// The state of the inspector.
#[derive(Debug, Default)]
pub(crate) struct Inspector {
    /// The part that is shown.
    pub(crate) tab: Tab,
    /// The first visible line.
    pub(crate) scroll: usize,
    /// Texts side by side.
    pub(crate) columns: Vec<Vec<Line<'static>>>,
    built: Option<Built>,
}

#[derive(Debug)]
struct Built {
    call: Arc<Call>,
    tab: Tab,
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
    /// How wide each of the texts side by side is.
    pub(crate) fn column_width(tab: Tab, width: usize) -> (usize, usize) {
        let columns = match (tab, width) {
            (Tab::All, 158..) => 3,
            (Tab::All, 100..) => 2,
            _ => 1,
        };
        (columns, (width - GAP * (columns - 1)) / columns)
    }

    /// Lays out a call, where something changed.
    pub(crate) fn refresh(&mut self, call: Option<&Arc<Call>>, around: &Surroundings<'_>) {
        let Some(call) = call else {
            (self.columns, self.built) = (Vec::new(), None);
            return;
        };
        let shows_trace = matches!(self.tab, Tab::All | Tab::Trace);
        let rev = if shows_trace && call.trace.is_some() { around.snapshot.rev } else { 0 };
        if let Some(built) = &self.built {
            if built.call.id != call.id {
                self.scroll = 0;
            }
            let same = Arc::ptr_eq(&built.call, call) && built.tab == self.tab && built.width == around.width;
            if same && built.rev == rev && !call.is_open() {
                return;
            }
        }
        self.columns = columns(call, self.tab, around);
        self.built = Some(Built { call: Arc::clone(call), tab: self.tab, width: around.width, rev });
    }

    /// The most lines that a text has.
    pub(crate) fn len(&self) -> usize {
        self.columns.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Moves the text by a step; the last page stays full.
    pub(crate) fn step(&mut self, step: Step, height: usize) {
        let last = self.len().saturating_sub(height);
        self.scroll = step.apply(self.scroll, last + 1, height);
    }

    /// Shows the part that is `by` parts further on.
    pub(crate) fn turn(&mut self, forward: bool) {
        let at = self.tab as usize + if forward { 1 } else { Tab::ALL.len() - 1 };
        self.tab = Tab::ALL[at % Tab::ALL.len()];
        self.scroll = 0;
    }
}

fn columns(call: &Call, tab: Tab, around: &Surroundings<'_>) -> Vec<Vec<Line<'static>>> {
    let (count, width) = Inspector::column_width(tab, around.width);
    let theme = around.theme;
    let request = || message::request(call, theme, width);
    let response = || message::response(call, theme, width);
    let timing = || {
        let clock = format::clock(around.snapshot.anchor.unix_micros(call.phases.received), around.clock_offset);
        timing::lines(call, around.now, &clock, theme, width)
    };
    let trace = || trace::lines(call, around.snapshot, around.now, theme, width);
    match (tab, count) {
        (Tab::All, 3) => vec![request(), response(), join(&[timing(), trace()])],
        (Tab::All, 2) => vec![join(&[request(), response()]), join(&[timing(), trace()])],
        (Tab::All, _) => vec![join(&[request(), response(), timing(), trace()])],
        (Tab::Request, _) => vec![request()],
        (Tab::Response, _) => vec![response()],
        (Tab::Timing, _) => vec![timing()],
        (Tab::Trace, _) => vec![trace()],
    }
}

fn join(parts: &[Vec<Line<'static>>]) -> Vec<Line<'static>> {
    parts.join(&Line::default())
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
