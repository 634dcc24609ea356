//! The palette: every action by name, with its key, found by parts of its name.

use crate::action::Step;
use crate::keys::{self, Binding, Place};
use crate::ui::{Screen, Ui};

/// The longest search, in bytes.
const LONGEST: usize = 100;

/// The state of the palette.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Palette {
    /// What is typed.
    pub(crate) search: String,
    /// Which of the entries is selected.
    pub(crate) selected: usize,
}

impl Palette {
    /// The actions that are meant by what is typed, those that can be done here first, each once.
    pub(crate) fn entries(&self, ui: &Ui) -> Vec<&'static Binding> {
        let mut entries: Vec<(usize, &'static Binding)> = Vec::new();
        for place in places(ui) {
            for row in keys::table().filter(|row| row.place == place) {
                let known = |(_, other): &(usize, &Binding)| other.action == row.action && other.text == row.text;
                if let Some(far) = distance(&format!("{} {}", row.text, place.title()), &self.search)
                    && !entries.iter().any(known)
                {
                    entries.push((far, row));
                }
            }
        }
        entries.sort_by_key(|(far, _)| *far);
        entries.into_iter().map(|(_, row)| row).collect()
    }

    /// Types a character.
    pub(crate) fn push(&mut self, c: char) {
        if self.search.len() < LONGEST {
            self.search.push(c);
        }
        self.selected = 0;
    }

    /// Removes the last character.
    pub(crate) fn pop(&mut self) {
        self.search.pop();
        self.selected = 0;
    }

    /// Moves the selection.
    pub(crate) fn step(&mut self, ui: &Ui, step: Step, height: usize) {
        self.selected = step.apply(self.selected, self.entries(ui).len(), height);
    }
}

/// The places whose actions can be chosen: where one is first.
fn places(ui: &Ui) -> Vec<Place> {
    let mut places = vec![Place::In(ui.focus()), Place::Panes, Place::Everywhere, Place::Always];
    for pane in Screen::ALL.iter().flat_map(|screen| screen.panes()) {
        if !places.contains(&Place::In(*pane)) {
            places.push(Place::In(*pane));
        }
    }
    places
}

/// How far a name is from what is typed: 0 where it has every word of it, 1 where it has its letters as beginnings of its
/// own words: `resap` for `restart the app`.
fn distance(name: &str, search: &str) -> Option<usize> {
    let (name, search) = (name.to_lowercase(), search.to_lowercase());
    if search.split_whitespace().all(|word| name.contains(word)) {
        return Some(0);
    }
    let words: Vec<Vec<char>> = name.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().collect()).collect();
    let letters: Vec<char> = search.chars().filter(|c| !c.is_whitespace()).collect();
    has_beginnings(&words, &letters).then_some(1)
}

/// Whether letters are beginnings of some of the words, in their order.
fn has_beginnings(words: &[Vec<char>], letters: &[char]) -> bool {
    let Some((word, others)) = words.split_first() else { return letters.is_empty() };
    let most = word.iter().zip(letters).take_while(|(one, other)| one == other).count();
    (0..=most).rev().any(|taken| has_beginnings(others, &letters[taken..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_words_or_by_letters_in_their_order() {
        let name = "restart the app, after a question Apps";
        for (search, expected) in [
            ("", Some(0)),
            ("app rest", Some(0)),
            ("resap", Some(1)),
            ("RESTART", Some(0)),
            ("rst", None),
            ("zap", None),
        ] {
            assert_eq!(distance(name, search), expected, "{search}");
        }
    }
}
