//! Which stretch of time is seen.

use std::ops::Range;

use daptop_model::Stamp;

use super::Waterfall;

/// The shortest stretch of time that is worth the whole width, in microseconds.
const SHORTEST: u64 = 16;

impl Waterfall {
    /// The stretch of time that is seen, in microseconds since the start of the trace.
    pub(crate) fn seen(&self, now: Stamp) -> Range<u64> {
        self.zoom.clone().unwrap_or(0..self.length(now))
    }

    /// Whether a part of the time is seen only.
    pub(crate) fn is_zoomed(&self) -> bool {
        self.zoom.is_some()
    }

    /// How long the trace took so far, in microseconds.
    pub(crate) fn length(&self, now: Stamp) -> u64 {
        let end = if self.trace.is_open() { self.trace.end.max(now) } else { self.trace.end };
        end.0.saturating_sub(self.trace.start.0).max(1)
    }

    /// Sees half the time, around the selected call, or twice as much.
    pub(crate) fn zoom(&mut self, into: bool, now: Stamp) {
        let (seen, whole) = (self.seen(now), self.length(now));
        let length = seen.end.saturating_sub(seen.start).max(1);
        let length = if into { (length / 2).max(SHORTEST.min(whole)) } else { length.saturating_mul(2) };
        let middle = u64::midpoint(seen.start, seen.end);
        let call = self.stretch(now).filter(|call| call.start < seen.end && call.end > seen.start);
        let centre = match call {
            // Once the call fills what is seen, its own middle would lead away from what is looked at.
            Some(call) if into && call.end - call.start < length => u64::midpoint(call.start, call.end),
            _ => middle,
        };
        self.see(centre.saturating_sub(length / 2), length, whole);
    }

    /// Sees all of the time.
    pub(crate) fn zoom_out(&mut self) {
        self.zoom = None;
    }

    /// Sees the time of the selected call, with a little around it.
    pub(crate) fn zoom_to_call(&mut self, now: Stamp) {
        let Some(call) = self.stretch(now) else { return };
        let margin = ((call.end - call.start) / 16).max(1);
        let length = (call.end - call.start + 2 * margin).max(SHORTEST);
        self.see(call.start.saturating_sub(margin), length, self.length(now));
    }

    /// Sees a quarter earlier or later; whether there is anything to move.
    pub(crate) fn pan(&mut self, later: bool, now: Stamp) -> bool {
        let (Some(seen), whole) = (self.zoom.clone(), self.length(now)) else { return false };
        let length = seen.end - seen.start;
        let by = (length / 4).max(1);
        self.see(if later { seen.start + by } else { seen.start.saturating_sub(by) }, length, whole);
        true
    }

    fn see(&mut self, from: u64, length: u64, whole: u64) {
        let from = from.min(whole.saturating_sub(length));
        self.zoom = (length < whole).then(|| from..from + length);
    }

    /// The time of the selected call, in microseconds since the start of the trace.
    fn stretch(&self, now: Stamp) -> Option<Range<u64>> {
        let traced = self.trace.calls.get(self.position()?)?;
        let since = |at: Stamp| at.0.saturating_sub(self.trace.start.0);
        Some(since(traced.start())..since(traced.end(now)))
    }
}
