//! Draws a picture: lines first, then what is said on them, then the nodes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::{Canvas, Stroke};
use super::look::{LinkLook, Looks, NodeLook, Part, Tone, fitting};
use super::picture::{Frame, Path, Picture};
use super::place::Detail;
use crate::text;
use crate::theme::Theme;

/// The corners and sides of a box.
struct Walls {
    corners: [&'static str; 4],
    level: &'static str,
    upright: &'static str,
    /// Where a line leaves to the right.
    exit: &'static str,
}

const ROUND: Walls = Walls { corners: ["╭", "╮", "╰", "╯"], level: "─", upright: "│", exit: "├" };
const THICK: Walls = Walls { corners: ["┏", "┓", "┗", "┛"], level: "━", upright: "┃", exit: "┣" };
const ASCII: Walls = Walls { corners: ["+", "+", "+", "+"], level: "-", upright: "|", exit: "+" };
const ASCII_THICK: Walls = Walls { corners: ["#", "#", "#", "#"], level: "=", upright: "#", exit: "#" };

/// Draws as much of a picture as an area shows, from the picture's column and row `origin` on.
pub(crate) fn draw(
    picture: &Picture,
    looks: &Looks,
    theme: Theme,
    area: Rect,
    origin: (i32, i32),
    buffer: &mut Buffer,
) {
    let mut pen = Pen { theme, area, origin, buffer };
    let area = pen.area.intersection(pen.buffer.area);
    pen.area = area;
    pen.lines(picture, looks);
    for (path, look) in picture.paths.iter().zip(&looks.links) {
        pen.label(path, look);
        pen.head(path, look);
    }
    let mut exits = vec![[None; 2]; picture.frames.len()];
    for (path, look) in picture.paths.iter().zip(&looks.links).filter(|(path, _)| !path.runs.is_empty()) {
        let exit = &mut exits[path.trunk / 2][usize::from(path.is_back)];
        *exit = (*exit).max(Some((look.tone, path.runs[0].from.1)));
    }
    for ((frame, look), exits) in picture.frames.iter().zip(&looks.nodes).zip(exits) {
        if !pen.sees(frame) {
            continue;
        }
        match picture.detail {
            Detail::Full => {
                pen.walls(frame, look, exits[0].map(|(_, row)| row));
                pen.text((frame.x + 2, frame.y + frame.name), &look.note_row(), frame.width - 4, look.note_style, 1);
                pen.name(look, (frame.x + 2, frame.y + frame.name), frame.width - 4);
            }
            Detail::Names => {
                pen.bracket(frame, look);
                pen.name(look, (frame.x + 1, frame.y + frame.name), frame.width - 2);
            }
            Detail::Dots => pen.name(look, (frame.x, frame.y + frame.name), 1),
        }
    }
    // Loops lie on the nodes.
    for (path, look) in picture.paths.iter().zip(&looks.links).filter(|(path, _)| path.runs.is_empty()) {
        pen.turn(path, look, picture.detail);
    }
}

struct Pen<'a> {
    theme: Theme,
    area: Rect,
    origin: (i32, i32),
    buffer: &'a mut Buffer,
}

impl Pen<'_> {
    fn lines(&mut self, picture: &Picture, looks: &Looks) {
        let mut canvas = Canvas::new(self.area.width, self.area.height, self.origin);
        let mut strokes = vec![(Stroke::None, 0); picture.lines.len()];
        for (path, look) in picture.paths.iter().zip(&looks.links) {
            for line in &path.lines {
                let (stroke, tone) = &mut strokes[*line];
                (*stroke, *tone) = ((*stroke).max(look.stroke()), (*tone).max(look.tone as u8));
            }
        }
        for ((run, trunk), (stroke, tone)) in picture.lines.iter().zip(strokes) {
            canvas.line(run.from, run.to, stroke, *trunk, tone);
        }
        let styles = Tone::ALL.map(|tone| tone.style(self.theme));
        for (x, y, glyph, tone) in canvas.glyphs(self.theme.ascii) {
            let cell = &mut self.buffer[(self.area.x + x, self.area.y + y)];
            cell.set_char(glyph).set_style(styles[usize::from(tone)]);
        }
    }

    /// Whether a part of it is seen.
    fn sees(&self, frame: &Frame) -> bool {
        let (left, top) = self.origin;
        let (right, bottom) = (left + i32::from(self.area.width), top + i32::from(self.area.height));
        frame.x < right && frame.x + frame.width > left && frame.y < bottom && frame.y + frame.height > top
    }

    /// The cell of the screen at a column and row of the picture, where it is seen.
    fn cell(&self, (x, y): (i32, i32)) -> Option<(u16, u16)> {
        let x = u16::try_from(x - self.origin.0).ok().filter(|x| *x < self.area.width)?;
        let y = u16::try_from(y - self.origin.1).ok().filter(|y| *y < self.area.height)?;
        Some((self.area.x + x, self.area.y + y))
    }

    fn put(&mut self, at: (i32, i32), symbol: &str, style: Style) {
        if let Some(cell) = self.cell(at) {
            // What was drawn here before must not shine through.
            self.buffer[cell].set_symbol(symbol).set_style(Style::reset().patch(style));
        }
    }

    /// A text of at most `room` columns, `below` rows under a place. Says how many columns it took.
    fn text(&mut self, (x, y): (i32, i32), what: &str, room: i32, style: Style, below: i32) -> i32 {
        let room = usize::try_from(room).unwrap_or(0);
        let end = what.char_indices().nth(room + 1).map_or(what.len(), |(at, _)| at);
        let cleaned = text::clean(&what[..end], self.theme.ascii);
        let clipped = text::clip(&cleaned, room, self.theme.glyphs.cut);
        let mut at = x;
        let row = y + below;
        for glyph in ratatui::text::Span::raw(clipped.as_ref()).styled_graphemes(style) {
            let columns = text::width(glyph.symbol) as i32;
            if columns == 0 {
                continue;
            }
            // A wide glyph is seen whole or not at all.
            if let (Some(cell), Some(_)) = (self.cell((at, row)), self.cell((at + columns - 1, row))) {
                self.buffer[cell].set_symbol(glyph.symbol).set_style(Style::reset().patch(style));
                for next in 1..columns {
                    self.put((at + next, row), "", style);
                }
            } else {
                (0..columns).for_each(|next| self.put((at + next, row), " ", style));
            }
            at += columns;
        }
        at - x
    }

    fn label(&mut self, path: &Path, look: &LinkLook) {
        let (x, y, room) = path.label;
        let is_near = (-1..i32::from(self.area.height)).contains(&(y - self.origin.1));
        if room <= 0 || path.runs.is_empty() || !is_near {
            return;
        }
        if path.has_below {
            self.parts((x, y), &look.label.iter().collect::<Vec<_>>(), room);
            // Nothing is in the way below the head.
            self.parts((x, y + 1), &look.notes.iter().collect::<Vec<_>>(), room + 2);
        } else {
            self.parts((x, y), &look.parts(), room);
        }
    }

    /// Parts of a label, with a space before and after each. Says in which column they end.
    fn parts(&mut self, (x, y): (i32, i32), parts: &[&Part], room: i32) -> i32 {
        let mut at = x;
        for (part, style) in fitting(parts, usize::try_from(room).unwrap_or(0), self.theme.ascii) {
            self.put((at - 1, y), " ", style);
            at += self.text((at, y), part, x + room - at, style, 0) + 1;
        }
        if at > x {
            self.put((at - 1, y), " ", Style::new());
        }
        at
    }

    fn head(&mut self, path: &Path, look: &LinkLook) {
        if path.runs.is_empty() {
            return;
        }
        let symbol = match (look.is_failing, path.is_back, self.theme.ascii) {
            (true, _, false) => "✖",
            (true, _, true) => "x",
            (false, false, false) => "▶",
            (false, true, false) => "◀",
            (false, false, true) => ">",
            (false, true, true) => "<",
        };
        self.put(path.head, symbol, look.tone.style(self.theme));
    }

    /// The label of a link from a node to itself, on the node's lower wall.
    fn turn(&mut self, path: &Path, look: &LinkLook, detail: Detail) {
        let style = look.tone.style(self.theme);
        let sign = self.theme.glyphs.again;
        match detail {
            Detail::Full => {
                let (x, y, room) = path.label;
                let at = x + self.text((x, y), &format!(" {sign} "), room, style, 0);
                self.parts((at, y), &look.parts(), x + room - at - 1);
            }
            Detail::Names => self.put(path.head, sign, style),
            Detail::Dots => {}
        }
    }

    /// The box around a node, and the place where its lines leave.
    fn walls(&mut self, frame: &Frame, look: &NodeLook, exit: Option<i32>) {
        let walls = match (look.tone == Tone::Chosen, self.theme.ascii) {
            (false, false) => &ROUND,
            (true, false) => &THICK,
            (false, true) => &ASCII,
            (true, true) => &ASCII_THICK,
        };
        let style = look.tone.style(self.theme);
        let (left, right) = (frame.x, frame.x + frame.width - 1);
        let (top, bottom) = (frame.y, frame.y + frame.height - 1);
        for x in left + 1..right {
            self.put((x, top), walls.level, style);
            self.put((x, bottom), walls.level, style);
            for y in top + 1..bottom {
                self.put((x, y), " ", style);
            }
        }
        for y in top + 1..bottom {
            self.put((left, y), walls.upright, style);
            self.put((right, y), if exit == Some(y) { walls.exit } else { walls.upright }, style);
        }
        for (corner, at) in walls.corners.iter().zip([(left, top), (right, top), (left, bottom), (right, bottom)]) {
            self.put(at, corner, style);
        }
    }

    /// What holds the rows of a node together that has several.
    fn bracket(&mut self, frame: &Frame, look: &NodeLook) {
        if frame.height > 1 {
            let symbol = if self.theme.ascii { "|" } else { "▏" };
            for y in frame.y..frame.y + frame.height {
                self.put((frame.x, y), symbol, look.tone.style(self.theme));
            }
        }
    }

    fn name(&mut self, look: &NodeLook, (x, y): (i32, i32), room: i32) {
        let used = self.text((x, y), look.sign, room, look.sign_style, 0);
        self.put((x + used, y), " ", look.name_style);
        self.text((x + used + 1, y), &look.name, room - used - 1, look.name_style, 0);
    }
}

impl NodeLook {
    fn note_row(&self) -> String {
        format!("  {}", self.note)
    }
}
