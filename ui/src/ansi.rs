//! Colours of log lines: SGR sequences are read, everything else that a line could do to a terminal is dropped.

use std::borrow::Cow;

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;
use vte::{Params, Parser, Perform};

use crate::text;
use crate::theme::{Theme, ThemeName};

const TAB: usize = 8;

/// The text of a line in its own colours. Tabs are filled up with spaces; of text that was overwritten after a carriage
/// return only the last version is kept, as on a terminal.
pub(crate) fn spans(line: &str, theme: Theme) -> Vec<Span<'static>> {
    let mut reader =
        Reader { theme, style: Style::new(), text: String::new(), spans: Vec::new(), column: 0, back: false };
    let mut parser: Parser = Parser::new();
    parser.advance(&mut reader, line.as_bytes());
    reader.flush();
    reader.spans
}

/// What is seen of a line, without its colours.
pub(crate) fn plain(line: &str) -> Cow<'_, str> {
    if !line.bytes().any(|byte| byte.is_ascii_control()) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(spans(line, Theme::new(ThemeName::Mono, false)).into_iter().map(|span| span.content).collect())
}

/// Marks the places of a text in spans, whatever its capitals.
pub(crate) fn highlight(spans: Vec<Span<'static>>, part: &str, style: Style) -> Vec<Span<'static>> {
    let whole: String = spans.iter().map(|span| &*span.content).collect();
    let places = text::places(&whole, part);
    if places.is_empty() {
        return spans;
    }
    let (mut marked, mut start) = (Vec::with_capacity(spans.len() + 2 * places.len()), 0);
    for span in spans {
        let end = start + span.content.len();
        let mut at = start;
        for place in places.iter().filter(|place| place.start < end && place.end > start) {
            let (from, to) = (place.start.max(start), place.end.min(end));
            marked.push(Span::styled(whole[at..from].to_owned(), span.style));
            marked.push(Span::styled(whole[from..to].to_owned(), span.style.patch(style)));
            at = to;
        }
        marked.push(Span::styled(whole[at..end].to_owned(), span.style));
        start = end;
    }
    marked.retain(|span| !span.content.is_empty());
    marked
}

/// Cuts spans into at most `most` rows of `limit` columns; the last one holds all that is left.
pub(crate) fn wrap(spans: Vec<Span<'static>>, limit: usize, most: usize) -> Vec<Vec<Span<'static>>> {
    let mut rows = vec![Vec::new()];
    let mut room = limit;
    for span in spans {
        let mut rest = &*span.content;
        while !rest.is_empty() {
            let first = if rows.len() < most { cut(rest, room) } else { rest.len() };
            let (piece, after) = rest.split_at(first);
            if let Some(row) = rows.last_mut().filter(|_| first > 0) {
                row.push(Span::styled(piece.to_owned(), span.style));
                room = room.saturating_sub(text::width(piece));
            }
            rest = after;
            if !rest.is_empty() {
                rows.push(Vec::new());
                room = limit.max(2);
            }
        }
    }
    rows
}

/// How many bytes of a text fit into some columns.
fn cut(text: &str, room: usize) -> usize {
    let mut used = 0;
    let over = |(_, c): &(usize, char)| {
        used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        used > room
    };
    text.char_indices().find(over).map_or(text.len(), |(at, _)| at)
}

struct Reader {
    theme: Theme,
    style: Style,
    text: String,
    spans: Vec<Span<'static>>,
    column: usize,
    back: bool,
}

impl Reader {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.spans.push(Span::styled(std::mem::take(&mut self.text), self.style));
        }
    }
}

impl Perform for Reader {
    fn print(&mut self, c: char) {
        if std::mem::take(&mut self.back) {
            self.text.clear();
            self.spans.clear();
            self.column = 0;
        }
        let before = self.text.len();
        text::push_clean(&mut self.text, c, self.theme.ascii);
        self.column += text::width(&self.text[before..]);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\t' => {
                let fill = TAB - self.column % TAB;
                self.text.extend(std::iter::repeat_n(' ', fill));
                self.column += fill;
            }
            b'\r' => self.back = true,
            _ => text::push_clean(&mut self.text, char::from(byte), self.theme.ascii),
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: char) {
        if action != 'm' || ignore || !intermediates.is_empty() || !self.theme.has_colour() {
            return;
        }
        self.flush();
        let codes: Vec<u16> = params.iter().flatten().copied().collect();
        self.style = sgr(self.style, &codes);
    }
}

fn sgr(mut style: Style, codes: &[u16]) -> Style {
    let mut codes = codes.iter().copied();
    while let Some(code) = codes.next() {
        style = match code {
            0 => Style::new(),
            1 => style.add_modifier(Modifier::BOLD),
            2 => style.add_modifier(Modifier::DIM),
            3 => style.add_modifier(Modifier::ITALIC),
            4 => style.add_modifier(Modifier::UNDERLINED),
            7 => style.add_modifier(Modifier::REVERSED),
            22 => style.remove_modifier(Modifier::BOLD | Modifier::DIM),
            23 => style.remove_modifier(Modifier::ITALIC),
            24 => style.remove_modifier(Modifier::UNDERLINED),
            27 => style.remove_modifier(Modifier::REVERSED),
            30..=37 => style.fg(Color::Indexed((code - 30) as u8)),
            38 => extended(&mut codes).map_or(style, |colour| style.fg(colour)),
            39 => Style { fg: None, ..style },
            40..=47 => style.bg(Color::Indexed((code - 40) as u8)),
            48 => extended(&mut codes).map_or(style, |colour| style.bg(colour)),
            49 => Style { bg: None, ..style },
            90..=97 => style.fg(Color::Indexed((code - 82) as u8)),
            100..=107 => style.bg(Color::Indexed((code - 92) as u8)),
            _ => style,
        };
    }
    style
}

fn extended(codes: &mut impl Iterator<Item = u16>) -> Option<Color> {
    let mut byte = || codes.next().and_then(|code| u8::try_from(code).ok());
    match byte()? {
        5 => Some(Color::Indexed(byte()?)),
        2 => Some(Color::Rgb(byte()?, byte()?, byte()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(String, Style)> {
        let spans = spans(line, Theme::new(ThemeName::Terminal, false));
        spans.into_iter().map(|span| (span.content.into_owned(), span.style)).collect()
    }

    fn text(line: &str) -> String {
        read(line).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn colours_are_read_and_everything_else_is_dropped() {
        let red = Style::new().fg(Color::Indexed(1));
        let table = [
            ("\x1b[31mred\x1b[0m calm", vec![("red", red), (" calm", Style::new())]),
            ("\x1b[38;5;208mx", vec![("x", Style::new().fg(Color::Indexed(208)))]),
            ("\x1b[38;2;1;2;3mx", vec![("x", Style::new().fg(Color::Rgb(1, 2, 3)))]),
            ("\x1b[1;31mx", vec![("x", red.add_modifier(Modifier::BOLD))]),
        ];
        for (line, expected) in table {
            let expected: Vec<_> = expected.into_iter().map(|(text, style)| (text.to_owned(), style)).collect();
            assert_eq!(read(line), expected, "{line:?}");
        }
        assert_eq!(text("a\x1b[2J\x1b[1;1Hb\x1b]0;title\x07c\x1b]52;c;aGk=\x07d"), "abcd");
    }

    #[test]
    fn a_line_overwritten_after_a_carriage_return_shows_its_last_version() {
        assert_eq!(text("10 %\r55 %\r100 %"), "100 %");
        assert_eq!(text("done\r"), "done");
        assert_eq!(text("a\tb"), "a       b");
        assert_eq!(text("bell\x07"), "bell\\x07");
    }

    #[test]
    fn a_wrapped_line_keeps_its_text_and_its_colours() {
        let theme = Theme::new(ThemeName::Terminal, false);
        let rows = wrap(spans("ab\x1b[31mcdefgh", theme), 3, 9);
        let text: Vec<String> = rows.iter().map(|row| row.iter().map(|span| &*span.content).collect()).collect();
        assert_eq!(text, ["abc", "def", "gh"]);
        assert_eq!(rows[2][0].style, Style::new().fg(Color::Indexed(1)));
        assert_eq!(wrap(spans("abcdefgh", theme), 3, 2)[1][0].content, "defgh");
    }

    #[test]
    fn what_is_looked_for_is_marked_across_colours() {
        let (theme, mark) = (Theme::new(ThemeName::Terminal, false), Style::new().add_modifier(Modifier::REVERSED));
        let red = Style::new().fg(Color::Indexed(1));
        let marked = highlight(spans("an Or\x1b[31mder, order", theme), "order", mark);
        let marked: Vec<_> = marked.iter().map(|span| (&*span.content, span.style)).collect();
        let (red_mark, calm) = (red.patch(mark), Style::new());
        assert_eq!(marked, [("an ", calm), ("Or", mark), ("der", red_mark), (", ", red), ("order", red_mark)]);
        assert_eq!(plain("\x1b[31mred\x1b[0m"), "red");
    }

    #[test]
    fn without_colour_only_the_text_is_left() {
        let spans = spans("\x1b[31mred", Theme::new(ThemeName::Mono, false));
        assert_eq!(spans, [Span::raw("red")]);
    }
}
