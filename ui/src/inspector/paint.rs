//! The visible rows of a call, and what is said of the row under the cursor.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::document::{Class, Entry};
use super::part::{GUTTER, Part, hang, indent};
use super::{Inspector, Tab};
use crate::row::Row;
use crate::text;
use crate::theme::Theme;

impl Inspector {
    /// The rows from `top` on. `focused`: the keys go to this pane.
    pub(crate) fn rows(
        &self,
        top: usize,
        height: usize,
        width: usize,
        theme: Theme,
        focused: bool,
    ) -> Vec<Line<'static>> {
        let cursor = self.cursor();
        let rows = self.rows_of_parts();
        let row = |row: usize| match self.locate(row) {
            Some((part, at)) => {
                let marker = (cursor == Some(row)).then(|| if focused { theme.accent() } else { theme.dim() });
                self.row(part, at, marker, width, theme)
            }
            None if row < rows + self.gap() => Line::default(),
            None => self.lines.get(row - rows - self.gap()).cloned().unwrap_or_default(),
        };
        (top..self.len().min(top + height)).map(row).collect()
    }

    fn row(&self, index: usize, at: usize, marker: Option<Style>, width: usize, theme: Theme) -> Line<'static> {
        let mut row = Row::new(theme, width);
        let Some(part) = self.parts.get(index) else { return row.finish() };
        let Some(start) = part.start(at) else { return row.finish() };
        let line = start.line as usize;
        let Some(entry) = part.document.entry(line) else { return row.finish() };
        row.cell(if marker.is_some() { theme.glyphs.marker } else { " " }, 1, marker.unwrap_or_default());
        let fold = part.fold(line).filter(|_| start.at == 0);
        row.cell(fold.map_or(" ", |folded| theme.glyphs.fold[usize::from(folded)]), 1, theme.dim());
        let hanging = if start.at > 0 { hang(width, usize::from(entry.hang)) } else { 0 };
        row.to(GUTTER + indent(width, usize::from(entry.depth)) + hanging);
        let mut shown = part.bytes(at);
        let content = part.document.line(line);
        if !self.wrapped && self.pan > 0 {
            shown.start = skip(content, &shown, self.pan);
        }
        let hits: Vec<Range<usize>> = match &self.search {
            Some(search) => search.in_line(index, start.line).collect(),
            None => Vec::new(),
        };
        row.spans(pieces(content, &shown, entry, &hits, theme));
        if fold == Some(true) {
            folded(&mut row, part, line, entry, theme);
        }
        row.finish()
    }

    /// What there is to know of the row under the cursor: where it is, and what was searched.
    pub(crate) fn status(&self, width: usize, height: usize, theme: Theme) -> Line<'static> {
        let mut row = Row::new(theme, width);
        row.gap(GUTTER);
        let mut facts: Vec<(String, Style)> = Vec::new();
        if let Some(part) = self.parts.get(self.part) {
            let line = self.place.line as usize;
            let path = part.document.path(line);
            if !path.is_empty() {
                let path = if theme.ascii { path.replace(" › ", " > ") } else { path };
                let path = text::clean(&path, theme.ascii);
                facts.push((text::clip(&path, width / 2, theme.glyphs.cut).into_owned(), theme.plain()));
            }
            let [at, of] = [line + 1, part.document.len()].map(|number| crate::format::count(number as u64));
            let whole = if self.parts.len() > 1 { part.topic.words() } else { "" };
            facts.push((format!("line {at} of {of}{whole}"), theme.dim()));
        }
        if let Some(search) = &self.search {
            let found = text::clean(&search.text, theme.ascii);
            let found = text::clip(&found, 20, theme.glyphs.cut);
            let style = if search.hits.is_empty() { theme.waiting() } else { theme.accent() };
            facts.push((format!("\"{found}\" {}", search.count(self.here())), style));
        }
        if self.tab != Tab::Timing && self.tab != Tab::Trace && !self.wrapped {
            facts.push((format!("not wrapped, from column {}", self.pan + 1), theme.waiting()));
        }
        let below = self.len().saturating_sub(self.top(height) + height);
        if below > 0 {
            facts.push((format!("{} {} more", theme.glyphs.more, crate::format::count(below as u64)), theme.accent()));
        }
        for (index, (fact, style)) in facts.iter().enumerate() {
            if index > 0 {
                row.gap(1).put(theme.glyphs.dot, theme.dim()).gap(1);
            }
            row.put(fact, *style);
        }
        row.finish()
    }
}

/// The byte from which on `columns` of a line are left out.
fn skip(content: &str, shown: &Range<usize>, columns: usize) -> usize {
    let line = content.get(shown.clone()).unwrap_or_default();
    if line.is_ascii() {
        return (shown.start + columns).min(shown.end);
    }
    let mut used = 0;
    let past = |(_, c): &(usize, char)| {
        let before = used;
        used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        before >= columns
    };
    line.char_indices().find(past).map_or(shown.end, |(at, _)| shown.start + at)
}

/// A row's text in its looks.
fn pieces(
    content: &str,
    shown: &Range<usize>,
    entry: &Entry,
    hits: &[Range<usize>],
    theme: Theme,
) -> Vec<Span<'static>> {
    let mut looks: Vec<(usize, Style)> = Vec::new();
    let key = entry.key as usize;
    let (of_key, of_value) = styles(entry, theme);
    if key > 0 {
        looks.push((0, of_key));
    }
    looks.push((key, of_value));
    if entry.class == Class::Tag {
        tags(content, shown, theme, &mut looks);
    }
    let mut cuts: Vec<usize> =
        looks.iter().map(|(at, _)| *at).chain(hits.iter().flat_map(|hit| [hit.start, hit.end])).collect();
    cuts.extend([shown.start, shown.end]);
    cuts.retain(|cut| shown.contains(cut) || *cut == shown.end);
    cuts.sort_unstable();
    cuts.dedup();
    let piece = |(from, to): (&usize, &usize)| {
        let (_, style) = looks.iter().rev().find(|(at, _)| at <= from)?;
        let is_hit = hits.iter().any(|hit| hit.contains(from));
        let style = if is_hit { style.add_modifier(Modifier::REVERSED) } else { *style };
        Some(Span::styled(content.get(*from..*to)?.to_owned(), style))
    };
    cuts.iter().zip(cuts.iter().skip(1)).filter_map(piece).collect()
}

/// How a line's key and the rest of it look.
fn styles(entry: &Entry, theme: Theme) -> (Style, Style) {
    match entry.class {
        Class::Title => (theme.strong(), theme.strong()),
        Class::Message => (theme.strong(), theme.dim()),
        Class::Note => (theme.plain(), theme.strong()),
        Class::Field | Class::Hex => (theme.dim(), theme.plain()),
        Class::Text | Class::Object | Class::Array | Class::Close => (theme.key(), theme.plain()),
        Class::String => (theme.key(), theme.string()),
        Class::Number | Class::Literal => (theme.key(), theme.number()),
        Class::Tag => (theme.key(), theme.key()),
        Class::Comment => (theme.dim(), theme.dim()),
    }
}

/// The text between two tags on one line is no tag.
fn tags(content: &str, shown: &Range<usize>, theme: Theme, looks: &mut Vec<(usize, Style)>) {
    let close = content.rfind("</").filter(|at| *at > 0);
    let open = content.find('>').map(|at| at + 1).filter(|at| *at < content.len());
    if let (Some(open), Some(close)) = (open, close)
        && open <= close
        && shown.start <= close
    {
        looks.push((open, theme.plain()));
        looks.push((close, theme.key()));
    }
}

/// What a fold hides, as far as there is room, and how much it is.
fn folded(row: &mut Row, part: &Part, line: usize, entry: &Entry, theme: Theme) {
    let inner = entry.inner as usize;
    let count = crate::format::plural(inner, "line");
    let closing = part.document.closing(line).unwrap_or_default();
    // A message says how long it is in bytes.
    let counts = entry.class != Class::Message;
    let reserved = if counts { text::width(&count) + 4 + text::width(closing).min(8) } else { 0 };
    if entry.class != Class::Title {
        let mut preview = String::new();
        for at in line + 1..line + inner + usize::from(closing.is_empty()) {
            if preview.len() > 4 * row.room() {
                break;
            }
            let next = part.document.line(at);
            preview.push(' ');
            preview.push_str(next.get(..next.len().min(400)).unwrap_or(next));
        }
        let room = row.room().saturating_sub(reserved);
        row.gap(usize::from(!counts)).cell(&preview, room, if counts { theme.dim() } else { theme.plain() });
        row.gap(1).put(closing, theme.plain());
    }
    if counts {
        row.gap(2).put(&count, theme.dim());
    }
}
