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
mod refresh;
mod search;
mod status;
mod tab;
#[cfg(test)]
pub(crate) mod tests;
mod timing;
mod trace;

use daptop_model::Side;
use ratatui::text::Line;

use part::{Part, Start};
use refresh::Built;
use search::Search;

pub(crate) use knowledge::Questions;
pub(crate) use refresh::Surroundings;
pub(crate) use tab::Tab;

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
