//! Lines in cells: what meets in a cell becomes one character. Lines of different trunks that cross do not touch.

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) enum Stroke {
    /// Not at all.
    #[default]
    None,
    /// Thin, with gaps.
    Dashed,
    /// Thin.
    Light,
    /// Thick.
    Heavy,
}

/// What is known of a cell: the strokes of its four arms, whose they are, and which link looks through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// Up, right, down, left.
    arms: [Stroke; 4],
    /// The trunks of the upright and of the level arms, plus one.
    trunks: [usize; 2],
    /// The tone of the line on top, for the upright and for the level arms.
    tones: [u8; 2],
}

const UP: usize = 0;
const RIGHT: usize = 1;
const DOWN: usize = 2;
const LEFT: usize = 3;

/// Characters by their arms, each 0 for none, 1 for light, 2 for heavy: up × 27 + right × 9 + down × 3 + left.
const BOX: &str = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

/// A grid of cells, as large as what is seen.
pub(super) struct Canvas {
    cells: Vec<Cell>,
    width: i32,
    height: i32,
    /// The column and row of the picture that is seen at the top left.
    origin: (i32, i32),
}

impl Canvas {
    pub(super) fn new(width: u16, height: u16, origin: (i32, i32)) -> Self {
        let cells = vec![Cell::default(); usize::from(width) * usize::from(height)];
        Self { cells, width: i32::from(width), height: i32::from(height), origin }
    }

    /// Draws a line over what is there. `tone` grows with what is to be seen first.
    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32), stroke: Stroke, trunk: usize, tone: u8) {
        let (from, to) = (self.seen(from), self.seen(to));
        let is_level = from.1 == to.1;
        // The ends may lie outside; the arms at the border lead there.
        let (first, last) = if is_level { (from.0, to.0) } else { (from.1, to.1) };
        let (room, other_room, other) =
            if is_level { (self.width, self.height, from.1) } else { (self.height, self.width, from.0) };
        if !(0..other_room).contains(&other) {
            return;
        }
        let (before, after, side) = if is_level { (LEFT, RIGHT, 1) } else { (UP, DOWN, 0) };
        for at in first.max(0)..=last.min(room - 1) {
            let (x, y) = if is_level { (at, other) } else { (other, at) };
            let cell = &mut self.cells[(y * self.width + x) as usize];
            if at > first || first == last {
                cell.arms[before] = cell.arms[before].max(stroke);
            }
            if at < last || first == last {
                cell.arms[after] = cell.arms[after].max(stroke);
            }
            cell.trunks[side] = trunk + 1;
            cell.tones[side] = cell.tones[side].max(tone);
        }
    }

    fn seen(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (x - self.origin.0, y - self.origin.1)
    }

    /// All cells in which there is a line: column and row of what is seen, the character, and the tone.
    pub(super) fn glyphs(&self, ascii: bool) -> impl Iterator<Item = (u16, u16, char, u8)> {
        let table: Vec<char> = BOX.chars().collect();
        let width = self.width.max(1) as usize;
        self.cells.iter().enumerate().filter(|(_, cell)| cell.arms != [Stroke::None; 4]).map(move |(at, cell)| {
            let (shown, tone) = cell.on_top();
            let glyph = if ascii { ascii_glyph(shown) } else { glyph(shown, &table) };
            ((at % width) as u16, (at / width) as u16, glyph, tone)
        })
    }
}

impl Cell {
    /// The arms that are drawn, and their tone: where two trunks cross, the one that matters more goes over the other.
    fn on_top(&self) -> ([Stroke; 4], u8) {
        let [up, right, down, left] = self.arms;
        let both = |a: Stroke, b: Stroke| a != Stroke::None && b != Stroke::None;
        if both(up, down) && both(left, right) && self.trunks[0] != self.trunks[1] {
            let none = Stroke::None;
            return if self.tones[1] > self.tones[0] {
                ([none, right, none, left], self.tones[1])
            } else {
                ([up, none, down, none], self.tones[0])
            };
        }
        (self.arms, self.tones[0].max(self.tones[1]))
    }
}

fn glyph(arms: [Stroke; 4], table: &[char]) -> char {
    use Stroke::{Dashed, Heavy, Light, None};
    match arms {
        // A line that ends in a cell fills it.
        [None, None, None, Dashed] | [None, Dashed, None, None | Dashed] => '╌',
        [None, None, None, Light] | [None, Light, None, None] => '─',
        [None, None, None, Heavy] | [None, Heavy, None, None] => '━',
        [Dashed, None, Dashed, None] => '╎',
        [None, Light | Dashed, Light | Dashed, None] => '╭',
        [None, None, Light | Dashed, Light | Dashed] => '╮',
        [Light | Dashed, Light | Dashed, None, None] => '╰',
        [Light | Dashed, None, None, Light | Dashed] => '╯',
        _ => {
            let weight = |stroke: Stroke| match stroke {
                None => 0,
                Light | Dashed => 1,
                Heavy => 2,
            };
            let index = arms.into_iter().fold(0, |index, stroke| index * 3 + weight(stroke));
            table.get(index).copied().unwrap_or(' ')
        }
    }
}

fn ascii_glyph(arms: [Stroke; 4]) -> char {
    let strongest = arms.into_iter().max().unwrap_or_default();
    let [up, right, down, left] = arms.map(|stroke| stroke != Stroke::None);
    match (up || down, left || right) {
        (true, true) => '+',
        (true, false) if strongest == Stroke::Heavy => '#',
        (true, false) if strongest == Stroke::Dashed => ':',
        (true, false) => '|',
        (false, _) if strongest == Stroke::Heavy => '=',
        (false, _) if strongest == Stroke::Dashed => '.',
        (false, _) => '-',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(canvas: &Canvas, ascii: bool) -> Vec<String> {
        let mut rows = vec![vec![' '; canvas.width as usize]; canvas.height as usize];
        for (x, y, glyph, _) in canvas.glyphs(ascii) {
            rows[usize::from(y)][usize::from(x)] = glyph;
        }
        rows.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn lines_of_one_trunk_join_and_others_pass_over_each_other() {
        let mut canvas = Canvas::new(9, 4, (0, 0));
        canvas.line((0, 0), (4, 0), Stroke::Light, 1, 0);
        canvas.line((4, 0), (4, 3), Stroke::Light, 1, 0);
        canvas.line((4, 2), (8, 2), Stroke::Light, 1, 0);
        canvas.line((4, 3), (8, 3), Stroke::Heavy, 1, 2);
        canvas.line((0, 1), (8, 1), Stroke::Dashed, 2, 0);
        assert_eq!(text(&canvas, false), ["────╮", "╌╌╌╌│╌╌╌╌", "    ├────", "    ┕━━━━"]);
        assert_eq!(text(&canvas, true), ["----+", "....|....", "    +----", "    +===="]);
    }

    #[test]
    fn what_lies_outside_is_not_drawn_but_leads_there() {
        let mut canvas = Canvas::new(3, 2, (10, 10));
        canvas.line((0, 10), (100, 10), Stroke::Light, 1, 0);
        canvas.line((11, 10), (11, 90), Stroke::Light, 1, 0);
        canvas.line((11, 200), (90, 200), Stroke::Light, 1, 0);
        assert_eq!(text(&canvas, false), ["─┬─", " │"]);
    }
}
