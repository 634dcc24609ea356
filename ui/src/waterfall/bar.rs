//! Bars on a time axis, to an eighth of a column.

use std::ops::Range;
use std::time::Duration;

use daptop_model::Stamp;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::theme::Theme;

/// The least columns between two ticks.
const APART: u64 = 9;
const MOST_TICKS: u64 = 6;

/// A stretch of time laid over columns.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// What all times are counted from.
    pub(super) origin: Stamp,
    /// Microseconds since the origin.
    pub(super) seen: Range<u64>,
    pub(super) columns: usize,
}

impl Axis {
    fn length(&self) -> u64 {
        self.seen.end.saturating_sub(self.seen.start).max(1)
    }

    /// Where a moment lies, in eighths of a column. What lies outside lies on the edge.
    fn eighth(&self, micros: u64) -> usize {
        let inside = micros.clamp(self.seen.start, self.seen.end) - self.seen.start;
        let eighth = u128::from(inside) * (self.columns * 8) as u128 / u128::from(self.length());
        usize::try_from(eighth).unwrap_or(usize::MAX).min(self.columns * 8)
    }

    fn micros(&self, at: Stamp) -> u64 {
        at.0.saturating_sub(self.origin.0)
    }

    /// The part of a stretch that is seen, in eighths of a column; an eighth at least where any of it is.
    fn part(&self, stretch: &Range<Stamp>) -> Option<Range<usize>> {
        let (from, to) = (self.micros(stretch.start), self.micros(stretch.end));
        if self.columns == 0 || to < self.seen.start || from > self.seen.end {
            return None;
        }
        let start = self.eighth(from).min(self.columns * 8 - 1);
        Some(start..self.eighth(to).max(start + 1))
    }

    /// Whether a stretch lies before what is seen (`Less`), in it, or after it.
    fn side(&self, stretch: &Range<Stamp>) -> std::cmp::Ordering {
        if self.micros(stretch.end) < self.seen.start {
            std::cmp::Ordering::Less
        } else if self.micros(stretch.start) > self.seen.end {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        }
    }

    /// The columns of round times, and how they are written.
    pub(super) fn ticks(&self, ascii: bool) -> Vec<(usize, String)> {
        let room = (self.columns as u64 / APART).clamp(1, MOST_TICKS);
        let least = self.length().div_ceil(room);
        let mut step: u64 = 1;
        for factor in [2, 5, 10].into_iter().cycle() {
            if step >= least || step > u64::MAX / 20 {
                break;
            }
            let decade = 10_u64.pow(step.ilog10());
            step = decade * factor;
        }
        let first = self.seen.start.div_ceil(step);
        let times = (first..).map_while(|number| number.checked_mul(step)).take_while(|time| *time < self.seen.end);
        times.take(self.columns).map(|time| (self.eighth(time) / 8, tick(time, step, self.seen.end, ascii))).collect()
    }
}

/// A round time in the unit of the whole axis, with as many decimals as the steps between ticks need.
fn tick(time: u64, step: u64, end: u64, ascii: bool) -> String {
    let (unit, digits) = match end {
        0..2_000 => (if ascii { "us" } else { "µs" }, 0),
        2_000..2_000_000 => ("ms", 3),
        _ => ("s", 6),
    };
    if time == 0 {
        return "0".to_owned();
    }
    let decimals = digits - step.ilog10().min(digits);
    let scale = 10_u64.pow(digits);
    let fraction = time % scale / 10_u64.pow(digits - decimals);
    if decimals == 0 {
        format!("{} {unit}", time / scale)
    } else {
        format!("{}.{fraction:0width$} {unit}", time / scale, width = decimals as usize)
    }
}

/// What fills a cell: from an eighth to an eighth.
type Fill = Option<(usize, usize)>;

/// A bar in the making.
pub(super) struct Bar<'a> {
    axis: &'a Axis,
    theme: Theme,
    thin: Vec<Fill>,
    solid: Vec<Fill>,
    shade: Vec<Fill>,
    /// Signs over the rest.
    signs: Vec<Option<(&'static str, Style)>>,
}

impl<'a> Bar<'a> {
    pub(super) fn new(axis: &'a Axis, theme: Theme) -> Self {
        let empty = vec![None; axis.columns];
        Self { axis, theme, thin: empty.clone(), solid: empty.clone(), shade: empty, signs: vec![None; axis.columns] }
    }

    /// The time that a call took.
    pub(super) fn thin(&mut self, stretch: &Range<Stamp>) {
        fill(&mut self.thin, self.axis.part(stretch));
    }

    /// What the end of the trace waited for.
    pub(super) fn solid(&mut self, stretch: &Range<Stamp>) {
        fill(&mut self.solid, self.axis.part(stretch));
    }

    /// Waiting.
    pub(super) fn shade(&mut self, stretch: &Range<Stamp>) {
        fill(&mut self.shade, self.axis.part(stretch));
    }

    /// A sign behind a moment, where that is seen.
    pub(super) fn sign_after(&mut self, at: Stamp, sign: &'static str, style: Style) {
        if let Some(part) = self.axis.part(&(at..at))
            && let Some(cell) = self.signs.get_mut(part.start.div_ceil(8))
        {
            *cell = Some((sign, style));
        }
    }

    /// A sign on the last column of a stretch.
    pub(super) fn sign_at_end(&mut self, stretch: &Range<Stamp>, sign: &'static str, style: Style) {
        if let Some(part) = self.axis.part(stretch) {
            self.signs[(part.end - 1) / 8] = Some((sign, style));
        }
    }

    /// A sign on the edge beyond which a stretch lies that is not seen.
    pub(super) fn point_to(&mut self, stretch: &Range<Stamp>) {
        let arrows = self.theme.glyphs.beyond;
        let (cell, sign) = match self.axis.side(stretch) {
            std::cmp::Ordering::Less => (self.signs.first_mut(), arrows[0]),
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => (self.signs.last_mut(), arrows[1]),
        };
        if let Some(cell) = cell {
            *cell = Some((sign, self.theme.dim()));
        }
    }

    /// The bar, over marks at some columns.
    pub(super) fn finish(self, style: Style, marks: &[(usize, String)]) -> Vec<Span<'static>> {
        let glyphs = self.theme.glyphs;
        let mut spans: Vec<Span<'static>> = Vec::new();
        for column in 0..self.axis.columns {
            let (sign, style) = if let Some(sign) = self.signs[column] {
                sign
            } else if self.shade[column].is_some_and(|(from, to)| to - from >= 4 || self.solid[column].is_none()) {
                (glyphs.shade, self.theme.waiting())
            } else if let Some((from, to)) = self.solid[column] {
                solid(self.theme, from, to, style)
            } else if let Some((from, to)) = self.thin[column] {
                let [left, whole, right] = glyphs.thin;
                let sign = if to <= 4 {
                    left
                } else if from >= 4 {
                    right
                } else {
                    whole
                };
                (sign, style.patch(self.theme.dim()))
            } else if marks.iter().any(|(mark, _)| *mark == column) {
                (glyphs.tick, self.theme.dim())
            } else {
                (" ", Style::new())
            };
            match spans.last_mut().filter(|last| last.style == style) {
                Some(last) => last.content.to_mut().push_str(sign),
                None => spans.push(Span::styled(sign, style)),
            }
        }
        spans
    }
}

/// A cell filled from an eighth to an eighth. Only from the left is there a sign for each: from the right the sign for
/// the rest is shown in reverse.
fn solid(theme: Theme, from: usize, to: usize, style: Style) -> (&'static str, Style) {
    let signs = theme.glyphs.eighths;
    match (from, to) {
        (1.., 8) if !theme.ascii => (signs[from - 1], style.add_modifier(Modifier::REVERSED)),
        _ => (signs[(to - from).max(1) - 1], style),
    }
}

fn fill(cells: &mut [Fill], part: Option<Range<usize>>) {
    let Some(part) = part else { return };
    for column in part.start / 8..=(part.end - 1) / 8 {
        let Some(cell) = cells.get_mut(column) else { break };
        let (from, to) = (part.start.saturating_sub(column * 8), (part.end - column * 8).min(8));
        let (before, after) = cell.unwrap_or((from, to));
        *cell = Some((before.min(from), after.max(to)));
    }
}

/// One bar on an axis that begins at zero and is `whole` long.
pub(crate) fn stretch(
    part: Range<Duration>,
    whole: Duration,
    columns: usize,
    shaded: bool,
    style: Style,
    theme: Theme,
) -> Vec<Span<'static>> {
    let start = Stamp::default();
    let axis = Axis { origin: start, seen: 0..start.plus(whole).0.max(1), columns };
    let mut bar = Bar::new(&axis, theme);
    let part = start.plus(part.start)..start.plus(part.end);
    if shaded {
        bar.shade(&part);
    } else {
        bar.solid(&part);
    }
    bar.finish(style, &[])
}
