//! The row of a call, column by column.

use daptop_model::{Call, Protocol, Snapshot};
use ratatui::style::Style;
use ratatui::text::Line;

use super::{note, outcome, path};
use crate::format;
use crate::layout::Place;
use crate::row::Row;
use crate::text;
use crate::ui::Ui;
use crate::view::marked;

/// How wide each column is; what matters least is left out where there is no room.
pub(super) struct Columns {
    time: usize,
    from: usize,
    to: usize,
    verb: usize,
    path: usize,
    status: usize,
    sizes: usize,
    notes: usize,
}

/// In narrower lists the verb is worth more than the milliseconds.
pub(in crate::view) const TO_THE_MILLISECOND: usize = 90;
/// A sign, and a status of HTTP.
const STATUS: usize = 6;
/// A sign, and a status of gRPC, which is a name: whole in much room, cut in less.
const STATUS_BY_NAME: [usize; 3] = [20, 13, 10];
const DURATION: usize = 9;
/// Enough for `nothing listens on :65535`.
const NOTES: usize = 27;

impl Columns {
    pub(super) fn new(ui: &Ui, snapshot: &Snapshot, width: usize) -> Self {
        // Names of apps and edges, not of visible rows: so that columns do not jump while rows pass.
        let apps = snapshot.apps.iter().map(|app| app.id.as_str());
        let from = apps.clone().chain(snapshot.edges.iter().map(|edge| edge.from.as_str()));
        let to = apps.chain(snapshot.edges.iter().map(|edge| edge.to.as_str()));
        let most = match width {
            100.. => 24,
            72.. => 15,
            _ => 11,
        };
        let from = from.map(text::width).max().unwrap_or(8).clamp(4, most);
        let to = to.map(text::width).max().unwrap_or(8).clamp(4, most);
        let arrow = 2 + text::width(ui.theme.glyphs.arrow);
        let mut columns = Self { time: 13, from, to, verb: 0, path: 0, status: STATUS, sizes: 0, notes: 0 };
        if width < TO_THE_MILLISECOND {
            columns.time = 9;
        }
        if snapshot.edges.iter().any(|edge| edge.protocols.iter().any(|protocol| protocol == Protocol::Grpc)) {
            columns.status = STATUS_BY_NAME[usize::from(width < 140) + usize::from(width < 100)];
        }
        let fixed = 1 + columns.time + from + arrow + to + 1 + columns.status + DURATION;
        let mut room = width.saturating_sub(fixed);
        if room >= 18 {
            columns.verb = 7;
            room -= 7;
        }
        if room >= 52 {
            columns.sizes = 22;
            room -= 22;
        }
        columns.path = if room > 40 { room - NOTES.max(room * 2 / 5) } else { room };
        columns.notes = room - columns.path;
        columns
    }

    pub(super) fn headings(&self) -> Vec<(usize, String)> {
        let status = 1 + self.time + self.from + 3 + self.to + 1 + self.verb + self.path;
        let mut headings = vec![
            (status + self.status - 6, "status".to_owned()),
            (status + self.status + DURATION - 4, "time".to_owned()),
        ];
        if self.sizes > 0 {
            headings.push((status + self.status + DURATION + 4, "request".to_owned()));
            headings.push((status + self.status + DURATION + self.sizes - 6, "answer".to_owned()));
        }
        headings
    }

    pub(super) fn row(&self, ui: &Ui, snapshot: &Snapshot, place: &Place, call: &Call) -> Line<'static> {
        let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
        let selected = ui.calls.list.cursor == Some(call.id.0);
        let text = if selected { theme.strong() } else { theme.plain() };
        let mut row = marked(ui, place, selected);
        let clock = format::clock(snapshot.anchor.unix_micros(call.phases.received), ui.clock_offset);
        row.left(clock.get(..self.time - 1).unwrap_or(&clock), self.time, theme.dim());
        row.left(call.from.as_str(), self.from, text).gap(1).put(glyphs.arrow, theme.dim()).gap(1);
        row.left(call.to.as_str(), self.to, text).gap(1);
        self.request(&mut row, snapshot, call, text);
        let (sign, style) = outcome(ui, call);
        row.left(sign, 2, style).right(&call.status_text(), self.status - 2, style);
        let duration = format::duration(call.age(ui.now), theme.ascii);
        row.right(&duration, DURATION, if call.is_open() { style } else { theme.dim() });
        if self.sizes > 0 {
            let [sent, answered] = [&call.request_body, &call.response_body].map(|body| format::bytes(body.seen));
            row.right(&sent, 11, theme.dim()).gap(1).put(glyphs.arrow, theme.dim()).right(&answered, 9, theme.dim());
        }
        if self.notes > 2 {
            row.gap(2);
            let badge = match call.protocol {
                Protocol::Http2 => "h2 ",
                Protocol::Grpc if self.verb == 0 => "gRPC ",
                Protocol::Http1 | Protocol::Grpc => "",
            };
            row.put(badge, theme.dim()).put(&note(snapshot, call), style);
        }
        row.finish()
    }

    /// Verb and path, and, where the call is a replay or has one, the way there behind them.
    fn request(&self, row: &mut Row, snapshot: &Snapshot, call: &Call, style: Style) {
        /// As much of a path as has to be seen beside the number of another call.
        const LEAST: usize = 10;
        let (theme, sign) = (row.theme(), row.theme().glyphs.again);
        let verb = call.verb_text();
        let Some(link) = link(snapshot, call, sign) else {
            let room = self.path.saturating_sub(1);
            row.left(verb, self.verb, style).left(&path(call, room, theme), room, style).gap(1);
            return;
        };
        let accent = theme.accent();
        let taken = text::width(&link) + 2;
        if self.path >= LEAST + taken {
            let room = self.path - taken;
            row.left(verb, self.verb, style).left(&path(call, room, theme), room, style);
        } else if self.verb + self.path >= LEAST + taken {
            let room = self.verb + self.path - taken;
            let path = path(call, room.saturating_sub(text::width(verb) + 1), theme);
            row.left(&format!("{verb} {path}"), room, style);
        } else {
            let room = self.path.saturating_sub(3);
            row.left(&path(call, room, theme), room, style).gap(1).put(sign, accent).gap(1);
            return;
        }
        row.gap(1).put(&link, accent).gap(1);
    }
}

/// The way from a replay to its original, `↻ of #3`, or from a call to its newest replay, `↻ #12`.
fn link(snapshot: &Snapshot, call: &Call, sign: &str) -> Option<String> {
    if let Some(original) = call.replay_of() {
        return Some(format!("{sign} of {original}"));
    }
    snapshot.replays.of(call.id).next_back().map(|newest| format!("{sign} {newest}"))
}
