//! The text of a call, written again where the call, the part or the width is another.

use std::sync::Arc;

use daptop_model::{Call, Side, Snapshot, Stamp};
use ratatui::text::Line;

use super::document::Look;
use super::knowledge::Knowledge;
use super::laying::{self, Wish};
use super::outline::Topic;
use super::part::{self, Part, Start};
use super::search::Search;
use super::{Inspector, Tab, body, timing, trace};
use crate::format;
use crate::theme::Theme;

/// What a text was written from.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) call: Arc<Call>,
    pub(super) tab: Tab,
    pub(super) raw: Side,
    pub(super) knowledge: Knowledge,
    pub(super) look: Look,
    pub(super) width: usize,
    pub(super) rev: u64,
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
    pub(super) fn recut(&mut self) {
        if let Some(built) = &self.built {
            let (width, _) = self.widths(built.width);
            self.cut(width);
        }
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
