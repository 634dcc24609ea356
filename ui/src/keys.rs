//! Keys as data: which key means what, where. The footer, the help and the key list of the README come from this table.

mod always;
mod apps;
mod calls;
mod everywhere;
mod findings;
mod graph;
mod help;
mod inspector;
mod logs;
mod palette;
mod panes;
mod prompt;
mod replay;
mod sheet;
mod traces;

use daptop_model::Command;

use crate::action::Action;
use crate::count;
use crate::sheet::Subject;
use crate::ui::{Layer, Pane, Ui};

use Place::{Always, Everywhere, Help, In, Panes, Prompt, Question};

/// A key with its modifiers. Shift is part of the character.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Whether Ctrl is held.
    pub ctrl: bool,
}

/// A key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[expect(missing_docs, reason = "a key is what is printed on it")]
pub enum Key {
    Char(char),
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Tab,
    BackTab,
    Enter,
    Escape,
    Backspace,
    F1,
}

/// Where a key holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In one pane.
    In(Pane),
    /// In every pane that has rows.
    Panes,
    /// Wherever nothing is asked.
    Everywhere,
    /// While the keys are shown.
    Help,
    /// While the page of an app is open.
    AppSheet,
    /// While a page about one thing is open.
    Sheet,
    /// While the palette is open.
    Palette,
    /// While a question is asked.
    Question,
    /// While a line is typed: a filter, or a text to look for.
    Prompt,
    /// At the question before a replay.
    BeforeReplay,
    /// At the question before all calls of the list are sent again.
    BeforeSet,
    /// While two calls are compared.
    Diff,
    /// While a request is changed.
    Form,
    /// While something is chosen.
    Menu,
    /// Always, also while something is asked.
    Always,
}

impl Place {
    /// The heading of its keys.
    pub fn title(self) -> &'static str {
        match self {
            Place::In(pane) => pane.title(),
            Place::Panes => "In every pane",
            Place::Everywhere => "Everywhere",
            Place::Help => "In this help",
            Place::AppSheet => "On the page of an app",
            Place::Sheet => "On a page",
            Place::Palette => "In the palette",
            Place::Question => "At a question",
            Place::Prompt => "While typing a line",
            Place::BeforeReplay => "Before a replay",
            Place::BeforeSet => "Before several replays",
            Place::Diff => "Comparing calls",
            Place::Form => "Changing a request",
            Place::Menu => "Choosing",
            Place::Always => "Always",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where it holds.
    pub place: Place,
    /// The keys, the one to show first.
    pub keys: &'static [Chord],
    /// What they mean.
    pub action: Action,
    /// A word for the footer; empty where it is not shown there.
    pub short: &'static str,
    /// What it does.
    pub text: &'static str,
}

const fn key(key: Key) -> Chord {
    Chord { key, ctrl: false }
}

const fn char(c: char) -> Chord {
    key(Key::Char(c))
}

const fn ctrl(c: char) -> Chord {
    Chord { key: Key::Char(c), ctrl: true }
}

const fn row(place: Place, keys: &'static [Chord], action: Action, short: &'static str, text: &'static str) -> Binding {
    Binding { place, keys, action, short, text }
}

/// The parts of the table, most particular place first; within a part in the order in which the footer shows them.
const PARTS: &[&[Binding]] = &[
    apps::KEYS,
    graph::KEYS,
    traces::KEYS,
    calls::KEYS,
    replay::IN_CALLS,
    replay::OF_THE_LIST,
    inspector::KEYS,
    replay::IN_INSPECTOR,
    logs::KEYS,
    findings::KEYS,
    panes::KEYS,
    everywhere::KEYS,
    sheet::KEYS,
    help::KEYS,
    palette::KEYS,
    prompt::KEYS,
    replay::KEYS,
    always::KEYS,
];

/// The table.
pub fn table() -> impl Iterator<Item = &'static Binding> {
    PARTS.iter().copied().flatten()
}

/// The places whose keys hold now, the most particular one first.
pub(crate) fn places(ui: &Ui) -> Vec<Place> {
    match &ui.layer {
        None => vec![In(ui.focus()), Panes, Everywhere, Always],
        Some(Layer::Help { .. }) => vec![Help, Always],
        Some(Layer::Question(question)) if matches!(question.command, Command::Replay(_)) => {
            vec![Place::BeforeReplay, Always]
        }
        Some(Layer::Sheet(page)) if matches!(page.subject, Subject::App(_)) => {
            vec![Place::AppSheet, Place::Sheet, Always]
        }
        Some(Layer::Sheet(_)) => vec![Place::Sheet, Always],
        Some(Layer::Palette(_)) => vec![Place::Palette, Always],
        Some(Layer::Question(_)) => vec![Question, Always],
        Some(Layer::Diff(_)) => vec![Place::Diff, Always],
        Some(Layer::Form(_)) => vec![Place::Form, Always],
        Some(Layer::Menu(_)) => vec![Place::Menu, Always],
        Some(Layer::Set(_)) => vec![Place::BeforeSet, Always],
        Some(Layer::Prompt(_)) => vec![Prompt, Always],
    }
}

/// What a key means now, in the order in which it is to be done.
pub fn actions(ui: &Ui, chord: Chord) -> Vec<Action> {
    let bound = |place| table().find(|row| row.place == place && row.keys.contains(&chord));
    let action = places(ui).into_iter().find_map(bound).map(|row| row.action);
    let Chord { key: Key::Char(letter), ctrl: false } = chord else { return action.into_iter().collect() };
    if matches!(
        ui.layer,
        Some(Layer::Help { .. } | Layer::Palette(_) | Layer::Prompt(_) | Layer::Form(_) | Layer::Menu(_))
    ) {
        return vec![action.unwrap_or(Action::Type(letter))];
    }
    // A digit has shown another screen: what follows it is meant where it was typed.
    let counted = count::screen(ui).and_then(|screen| {
        let places = [In(ui.focus_on(screen)), Panes, Everywhere, Always];
        places.into_iter().find_map(bound).map(|row| row.action).filter(|action| action.counts())
    });
    let digit = letter.to_digit(10).and_then(|digit| u8::try_from(digit).ok()).filter(|_| ui.layer.is_none());
    match (digit, action) {
        (Some(digit), action) => [Action::Digit(digit)].into_iter().chain(action).collect(),
        (None, action) => match counted {
            Some(action) => vec![Action::Counted, action],
            None => action.into_iter().collect(),
        },
    }
}

impl Chord {
    /// The key as it is shown: `R`, `Ctrl-C`, `PgUp`.
    pub fn name(self, ascii: bool) -> String {
        let name = match self.key {
            Key::Char(' ') => "Space",
            Key::Char(c) if self.ctrl => return format!("Ctrl-{}", c.to_ascii_uppercase()),
            Key::Char(c) => return c.to_string(),
            Key::Up => ["↑", "Up"][usize::from(ascii)],
            Key::Down => ["↓", "Down"][usize::from(ascii)],
            Key::Left => ["←", "Left"][usize::from(ascii)],
            Key::Right => ["→", "Right"][usize::from(ascii)],
            Key::PageUp => "PgUp",
            Key::PageDown => "PgDn",
            Key::Home => "Home",
            Key::End => "End",
            Key::Tab => "Tab",
            Key::BackTab => "Shift-Tab",
            Key::Enter => ["⏎", "Enter"][usize::from(ascii)],
            Key::Escape => "Esc",
            Key::Backspace => "Backspace",
            Key::F1 => "F1",
        };
        name.to_owned()
    }
}

impl Binding {
    /// Its keys as they are shown: `↑ k`.
    pub fn names(&self, ascii: bool) -> String {
        let names: Vec<String> = self.keys.iter().map(|key| key.name(ascii)).collect();
        names.join(" ")
    }
}

/// The key list as a Markdown table, for the README.
pub fn key_list() -> String {
    let line = |row: &Binding| {
        let names: Vec<String> = row.keys.iter().map(|key| format!("`{}`", key.name(false))).collect();
        format!("| {} | {} | {} |\n", row.place.title(), names.join(" "), row.text)
    };
    let head = "| where | keys | what |\n|---|---|---|\n".to_owned();
    table().fold(head, |list, row| list + &line(row))
}
