//! The row of a call, column by column.

use daptop_model::{Call, Protocol, Snapshot};
use ratatui::style::Style;
use ratatui::text::Line;

use super::{note, outcome, path};
use crate::format;
use crate::layout::Place;
use crate::row::Row;
use crate::text;
use crate::theme::Theme;
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
    duration: usize,
    sizes: usize,
    notes: usize,
}

/// In narrower lists the verb is worth more than the milliseconds.
pub(in crate::view) const TO_THE_MILLISECOND: usize = 90;
/// A sign, and a status of HTTP.
const STATUS: usize = 6;
/// Enough for the method of a gRPC call, `Greeter/SayHello`, and its status, which is a name: the longest has 18 letters.
const METHOD_AND_STATUS: usize = 37;
/// Enough for most methods with the package of their service: `/helloworld.Greeter/SayHelloBidiStream`.
const METHOD: usize = 40;
/// What a status that is a name leaves of the path, at least.
const LEAST_PATH: usize = 9;
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
        let time = if width < TO_THE_MILLISECOND { 9 } else { 13 };
        let (status, duration) = (STATUS, DURATION);
        let mut columns = Self { time, from, to, verb: 0, path: 0, status, duration, sizes: 0, notes: 0 };
        let mut room = columns.room(width, arrow);
        let is_of = |wanted| snapshot.edges.iter().any(|edge| edge.protocols.iter().any(|protocol| protocol == wanted));
        let has_methods = is_of(Protocol::Grpc);
        if has_methods {
            room = columns.give_way(width, arrow);
        }
        // In little room the verb stands before the path, where there is one: a method of gRPC has none.
        let least = if has_methods { METHOD_AND_STATUS - STATUS } else { 0 };
        if room >= 18 && room >= least + 7 {
            columns.verb = 7;
            room -= 7;
        }
        if room >= 52 && room >= least + 22 {
            columns.sizes = 22;
            room -= 22;
        }
        columns.path = if room > 40 { room - NOTES.max(room * 2 / 5) } else { room };
        if has_methods && columns.path < METHOD {
            // What is left then is not enough for words.
            columns.path = if room < METHOD + 12 { room } else { METHOD };
        }
        columns.notes = room - columns.path;
        columns
    }

    /// What is left for the verb, the path and what follows.
    fn room(&self, width: usize, arrow: usize) -> usize {
        width.saturating_sub(1 + self.time + self.from + arrow + self.to + 1 + self.status + self.duration)
    }

    /// Which method of gRPC was called and how that went says more than when it was, how long it took, and the ends of names.
    /// What is left.
    fn give_way(&mut self, width: usize, arrow: usize) -> usize {
        const NAME: usize = 9;
        let steps: [fn(&mut Self); 3] = [
            |columns| columns.time = 0,
            |columns| (columns.from, columns.to) = (columns.from.min(NAME), columns.to.min(NAME)),
            |columns| columns.duration = 0,
        ];
        for step in steps {
            if self.room(width, arrow) + self.status < METHOD_AND_STATUS {
                step(self);
            }
        }
        self.room(width, arrow)
    }

    pub(super) fn headings(&self) -> Vec<(usize, String)> {
        let status = 1 + self.time + self.from + 3 + self.to + 1 + self.verb + self.path;
        let end = status + self.status + self.duration;
        let mut headings = vec![(status + self.status - 6, "status".to_owned())];
        if self.duration > 0 {
            headings.push((end - 4, "time".to_owned()));
        }
        if self.sizes > 0 {
            headings.push((end + 4, "request".to_owned()));
            headings.push((end + self.sizes - 6, "answer".to_owned()));
        }
        headings
    }

    pub(super) fn row(&self, ui: &Ui, snapshot: &Snapshot, place: &Place, call: &Call) -> Line<'static> {
        let (theme, glyphs) = (ui.theme, ui.theme.glyphs);
        let selected = ui.calls.list.cursor == Some(call.id.0);
        let text = if selected { theme.strong() } else { theme.plain() };
        let mut row = marked(ui, place, selected);
        let clock = format::clock(snapshot.anchor.unix_micros(call.phases.received), ui.clock_offset);
        row.left(clock.get(..self.time.saturating_sub(1)).unwrap_or(&clock), self.time, theme.dim());
        row.left(call.from.as_str(), self.from, text).gap(1).put(glyphs.arrow, theme.dim()).gap(1);
        row.left(call.to.as_str(), self.to, text).gap(1);
        let status = call.status_text();
        // A status that is a name takes of the path what it needs to be read.
        let longer = (2 + text::width(&status)).saturating_sub(self.status).min(self.path.saturating_sub(LEAST_PATH));
        self.request(&mut row, snapshot, call, text, self.path - longer);
        let (sign, style) = outcome(ui, call);
        row.left(sign, 2, style).right(&status, self.status + longer - 2, style);
        if self.duration > 0 {
            let duration = format::duration(call.age(ui.now), theme.ascii);
            row.right(&duration, self.duration, if call.is_open() { style } else { theme.dim() });
        }
        if self.sizes > 0 {
            let [sent, answered] = [&call.request_body, &call.response_body].map(|body| format::bytes(body.seen));
            row.right(&sent, 11, theme.dim()).gap(1).put(glyphs.arrow, theme.dim()).right(&answered, 9, theme.dim());
        }
        if self.notes > 2 {
            row.gap(2);
            let badge = match call.protocol {
                Protocol::Http2 => "h2 ",
                Protocol::Grpc if self.verb == 0 && !call.is_of_messages() => "gRPC ",
                Protocol::Http1 | Protocol::Grpc => "",
            };
            row.put(badge, theme.dim()).put(&note(snapshot, call), style);
        }
        row.finish()
    }

    /// Verb and path, the latter in `room` columns, and, where the call is a replay or has one, the way there behind them.
    fn request(&self, row: &mut Row, snapshot: &Snapshot, call: &Call, style: Style, room: usize) {
        /// As much of a path as has to be seen beside the number of another call.
        const LEAST: usize = 10;
        let (theme, sign) = (row.theme(), row.theme().glyphs.again);
        let verb = call.verb_text();
        let Some(link) = link(snapshot, call, sign) else {
            let room = room.saturating_sub(1);
            row.left(verb, self.verb, style).left(&self.asked(call, room, theme), room, style).gap(1);
            return;
        };
        let accent = theme.accent();
        let taken = text::width(&link) + 2;
        if room >= LEAST + taken {
            let room = room - taken;
            row.left(verb, self.verb, style).left(&self.asked(call, room, theme), room, style);
        } else if self.verb > 0 && self.verb + room >= LEAST + taken {
            let room = self.verb + room - taken;
            let path = path(call, room.saturating_sub(text::width(verb) + 1), theme);
            row.left(&format!("{verb} {path}"), room, style);
        } else {
            let room = (self.verb + room).saturating_sub(3);
            row.left(&self.asked(call, room, theme), room, style).gap(1).put(sign, accent).gap(1);
            return;
        }
        row.gap(1).put(&link, accent).gap(1);
    }

    /// The path, behind its verb where that has no column of its own, says something, and leaves enough of the path.
    fn asked(&self, call: &Call, columns: usize, theme: Theme) -> String {
        const ENOUGH: usize = 16;
        match call.verb_text() {
            verb if self.verb == 0 && !call.is_of_messages() && columns >= ENOUGH => {
                format!("{verb} {}", path(call, columns.saturating_sub(text::width(verb) + 1), theme))
            }
            _ => path(call, columns, theme),
        }
    }
}

/// The way from a replay to its original, `↻ of #3`, or from a call to its newest replay, `↻ #12`.
fn link(snapshot: &Snapshot, call: &Call, sign: &str) -> Option<String> {
    if let Some(original) = call.replay_of() {
        return Some(format!("{sign} of {original}"));
    }
    snapshot.replays.of(call.id).next_back().map(|newest| format!("{sign} {newest}"))
}
