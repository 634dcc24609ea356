//! Looking for a text in documents.

use super::Inspector;
use super::document::Document;
use super::part::Start;

/// More than this are not counted.
pub(super) const MOST: usize = 100_000;

/// A place where the text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Hit {
    /// Which document.
    pub(super) part: usize,
    /// Which line of it.
    pub(super) line: u32,
    /// Where in the line.
    pub(super) at: u32,
}

/// A search, and what it found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// What is looked for.
    pub(crate) text: String,
    /// Where it is, from top to bottom.
    pub(super) hits: Vec<Hit>,
}

impl Search {
    /// Looks through documents, capitals of ASCII letters aside.
    pub(super) fn run<'a>(text: &str, documents: impl Iterator<Item = &'a Document>) -> Self {
        let mut hits = Vec::new();
        for (part, document) in documents.enumerate() {
            find_all(document.text(), text, |at| {
                let line = document.line_at(at);
                hits.push(Hit { part, line: line as u32, at: (at - document.range(line).start) as u32 });
                hits.len() < MOST
            });
        }
        Self { text: text.to_owned(), hits }
    }

    /// The hits in a line.
    pub(super) fn in_line(&self, part: usize, line: u32) -> impl Iterator<Item = std::ops::Range<usize>> {
        let start = self.hits.partition_point(|hit| (hit.part, hit.line) < (part, line));
        let of_line = self.hits.iter().skip(start).take_while(move |hit| (hit.part, hit.line) == (part, line));
        of_line.map(|hit| hit.at as usize..hit.at as usize + self.text.len())
    }

    /// The hit after a place, or before it; from the other end where there is none.
    pub(super) fn next(&self, from: Hit, forward: bool) -> Option<Hit> {
        let at = if forward {
            self.hits.partition_point(|hit| *hit <= from)
        } else {
            self.hits.partition_point(|hit| *hit < from).checked_sub(1).unwrap_or(self.hits.len().checked_sub(1)?)
        };
        self.hits.get(at).or_else(|| self.hits.first()).copied()
    }

    /// `3 of 14`: where among the hits a place is.
    pub(super) fn count(&self, from: Hit) -> String {
        let total = crate::format::count(self.hits.len() as u64);
        let more = if self.hits.len() >= MOST { " or more" } else { "" };
        match self.hits.binary_search(&from) {
            _ if self.hits.is_empty() => "found nowhere".to_owned(),
            Ok(at) => format!("{} of {total}{more}", crate::format::count(at as u64 + 1)),
            Err(_) => format!("{total}{more} found"),
        }
    }
}

impl Inspector {
    /// What is looked for; empty where nothing is.
    pub(crate) fn search_text(&self) -> &str {
        self.search.as_ref().map_or("", |search| &search.text)
    }

    /// Looks for a text, and goes to the first place from the cursor on. Empty text ends the search.
    pub(crate) fn look_for(&mut self, text: &str, height: usize) {
        if text.is_empty() {
            self.search = None;
            return;
        }
        let search = Search::run(text, self.parts.iter().map(|part| &part.document));
        let here = self.here();
        let found = if search.hits.binary_search(&here).is_ok() { Some(here) } else { search.next(here, true) };
        self.search = Some(search);
        self.go_to(found, height);
    }

    /// Goes to the next place of what is looked for, or to the one before.
    pub(crate) fn next_hit(&mut self, forward: bool, height: usize) {
        let found = self.search.as_ref().and_then(|search| search.next(self.here(), forward));
        self.go_to(found, height);
    }

    pub(super) fn here(&self) -> Hit {
        Hit { part: self.part, line: self.place.line, at: self.place.at }
    }

    fn go_to(&mut self, hit: Option<Hit>, height: usize) {
        let Some(hit) = hit else { return };
        if let Some(part) = self.parts.get_mut(hit.part) {
            part.uncover(hit.line as usize);
            part.set_folded(hit.line as usize, false);
        }
        (self.part, self.place) = (hit.part, Start { line: hit.line, at: hit.at });
        self.recut();
        self.top = self.top(height);
    }
}

/// Tells every place of a text, until told to stop.
fn find_all(text: &str, what: &str, mut found: impl FnMut(usize) -> bool) {
    let (bytes, what) = (text.as_bytes(), what.as_bytes());
    let Some(first) = what.first() else { return };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut from = 0;
    for at in memchr::memchr2_iter(lower, upper, bytes) {
        let is_here = bytes.get(at..at + what.len()).is_some_and(|here| here.eq_ignore_ascii_case(what));
        if at >= from && is_here {
            from = at + what.len();
            if !found(at) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspector::document::{Class, Look, Writer};

    fn document(lines: &[&str]) -> Document {
        let mut writer = Writer::new(Look { ascii: false, bytes: 16 });
        for line in lines {
            writer.line(Class::Text, &[], line);
        }
        writer.finish()
    }

    #[test]
    fn every_hit_is_found_counted_and_gone_to_in_turn() {
        let documents = [document(&["Order order", "none", "éORDER"]), document(&["reorder"])];
        let search = Search::run("order", documents.iter());
        let hit = |part, line, at| Hit { part, line, at };
        assert_eq!(search.hits, [hit(0, 0, 0), hit(0, 0, 6), hit(0, 2, 2), hit(1, 0, 2)]);
        assert_eq!(search.in_line(0, 0).collect::<Vec<_>>(), [0..5, 6..11]);
        assert_eq!(search.next(hit(0, 0, 6), true), Some(hit(0, 2, 2)));
        assert_eq!(search.next(hit(1, 0, 2), true), Some(hit(0, 0, 0)));
        assert_eq!(search.next(hit(0, 0, 0), false), Some(hit(1, 0, 2)));
        assert_eq!(
            (search.count(hit(0, 2, 2)), search.count(hit(0, 1, 0))),
            ("3 of 4".to_owned(), "4 found".to_owned())
        );
        assert_eq!(Search::run("zz", documents.iter()).count(hit(0, 0, 0)), "found nowhere");
        assert_eq!(Search::run("", documents.iter()).hits, []);
        assert_eq!(Search::run("aa", std::iter::once(&document(&["aaaa"]))).hits.len(), 2);
    }
}
