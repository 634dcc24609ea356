//! Keys as data: which key means what, where. The footer, the help and the key list of the README come from this table.

use crate::action::{Action, Step};
use crate::ui::{Layer, Pane, Screen, Ui};

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
    /// While a question is asked.
    Question,
    /// While a filter is typed.
    Prompt,
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
            Place::Question => "At a question",
            Place::Prompt => "While typing a filter",
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

use Action::{Back, Move, Open, Show};
use Place::{Always, Everywhere, Help, In, Panes, Prompt, Question};

/// The table, most particular place first; in the order in which the footer shows them.
pub static TABLE: &[Binding] = &[
    row(In(Pane::Apps), &[key(Key::Enter)], Open, "log", "show the app's log"),
    row(In(Pane::Apps), &[char('R')], Action::Restart, "restart", "restart the app, after a question"),
    row(In(Pane::Apps), &[char('s')], Action::StopOrStart, "stop/start", "stop the app, or start it again"),
    row(In(Pane::Edges), &[key(Key::Enter)], Open, "its calls", "show the calls of this pair only"),
    row(In(Pane::Calls), &[key(Key::Enter)], Open, "open", "show the call"),
    row(
        In(Pane::Calls),
        &[char('f'), char(' ')],
        Action::Follow,
        "follow/freeze",
        "follow the newest call, or hold still",
    ),
    row(In(Pane::Calls), &[char('/')], Action::Filter, "filter", "narrow the calls, as in: status:5xx app:checkout"),
    row(In(Pane::Calls), &[char('!')], Action::FailedOnly, "failed only", "show failed calls only, or all"),
    row(In(Pane::Inspector), &[char(']')], Action::NextTab, "next part", "the next part of the call"),
    row(In(Pane::Inspector), &[char('[')], Action::PreviousTab, "", "the part before"),
    row(In(Pane::Inspector), &[key(Key::Enter)], Open, "", "give the call the whole screen, or take it back"),
    row(In(Pane::Logs), &[char('a')], Action::NextLog, "app", "the log of the next app; after the last, of all"),
    row(
        In(Pane::Logs),
        &[char('f'), char(' ')],
        Action::Follow,
        "follow/freeze",
        "follow the newest line, or hold still",
    ),
    row(
        In(Pane::Logs),
        &[char('d')],
        Action::Diagnostics,
        "diagnostics",
        "show daptop's own diagnostics, or hide them",
    ),
    row(In(Pane::Logs), &[char('R')], Action::Restart, "", "restart the app whose log is shown, after a question"),
    row(In(Pane::Logs), &[char('s')], Action::StopOrStart, "", "stop the app whose log is shown, or start it again"),
    row(Panes, &[key(Key::Up), char('k')], Move(Step::Up), "", "up"),
    row(Panes, &[key(Key::Down), char('j')], Move(Step::Down), "", "down"),
    row(Panes, &[key(Key::PageUp), ctrl('b')], Move(Step::PageUp), "", "a page up"),
    row(Panes, &[key(Key::PageDown), ctrl('f')], Move(Step::PageDown), "", "a page down"),
    row(Panes, &[ctrl('u')], Move(Step::HalfUp), "", "half a page up"),
    row(Panes, &[ctrl('d')], Move(Step::HalfDown), "", "half a page down"),
    row(Panes, &[char('g'), key(Key::Home)], Move(Step::First), "", "to the first row"),
    row(Panes, &[char('G'), key(Key::End)], Move(Step::Last), "", "to the last row, and follow"),
    row(Panes, &[key(Key::Right), char('l')], Action::NextPane, "", "the next pane"),
    row(Panes, &[key(Key::Left), char('h')], Action::PreviousPane, "", "the pane before"),
    row(Panes, &[char('z')], Action::Zoom, "enlarge", "give the pane the whole screen, or take it back"),
    row(Everywhere, &[key(Key::Tab)], Action::NextScreen, "screen", "the next screen"),
    row(Everywhere, &[key(Key::BackTab)], Action::PreviousScreen, "", "the screen before"),
    row(Everywhere, &[char('1')], Show(Screen::Overview), "", "overview"),
    row(Everywhere, &[char('2')], Show(Screen::Calls), "", "calls"),
    row(Everywhere, &[char('3')], Show(Screen::Logs), "", "logs"),
    row(Everywhere, &[key(Key::Escape)], Back, "", "one step back; never quits"),
    row(
        Everywhere,
        &[char('M')],
        Action::Mouse,
        "",
        "leave the mouse to the terminal, or take it; Shift-drag selects text",
    ),
    row(Everywhere, &[char('?'), key(Key::F1)], Action::Help, "keys", "show the keys"),
    row(Everywhere, &[char('q')], Action::Quit, "quit", "quit; asks while apps run"),
    row(Help, &[key(Key::Up)], Move(Step::Up), "up", "up"),
    row(Help, &[key(Key::Down)], Move(Step::Down), "down", "down"),
    row(Help, &[key(Key::PageUp)], Move(Step::PageUp), "", "a page up"),
    row(Help, &[key(Key::PageDown)], Move(Step::PageDown), "", "a page down"),
    row(Help, &[key(Key::Backspace)], Action::Erase, "", "remove the last letter of the search; typing searches"),
    row(Help, &[key(Key::Escape), key(Key::Enter), key(Key::F1)], Back, "close", "close the help"),
    row(Question, &[char('y'), key(Key::Enter)], Action::Yes, "yes", "yes"),
    row(Question, &[char('n'), key(Key::Escape), char('q')], Back, "no", "no"),
    row(Prompt, &[key(Key::Enter)], Open, "use", "use the filter"),
    row(Prompt, &[key(Key::Escape)], Back, "cancel", "leave the filter as it was"),
    row(Prompt, &[key(Key::Backspace)], Action::Erase, "", "remove the last letter"),
    row(Prompt, &[ctrl('u')], Move(Step::First), "clear", "remove everything"),
    row(Always, &[ctrl('c')], Action::QuitNow, "", "stop all apps and quit"),
    row(Always, &[ctrl('z')], Action::Suspend, "", "put daptop into the background; fg brings it back"),
    row(Always, &[ctrl('l')], Action::Redraw, "", "draw everything anew"),
];

/// The places whose keys hold now, the most particular one first.
pub(crate) fn places(ui: &Ui) -> Vec<Place> {
    match &ui.layer {
        None => vec![In(ui.focus()), Panes, Everywhere, Always],
        Some(Layer::Help { .. }) => vec![Help, Always],
        Some(Layer::Question(_)) => vec![Question, Always],
        Some(Layer::Filter { .. }) => vec![Prompt, Always],
    }
}

/// What a key means now.
pub fn action(ui: &Ui, chord: Chord) -> Option<Action> {
    let bound = |place| TABLE.iter().find(|row| row.place == place && row.keys.contains(&chord));
    if let Some(row) = places(ui).into_iter().find_map(bound) {
        return Some(row.action);
    }
    match (&ui.layer, chord) {
        (Some(Layer::Help { .. } | Layer::Filter { .. }), Chord { key: Key::Char(c), ctrl: false }) => {
            Some(Action::Type(c))
        }
        _ => None,
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
    TABLE.iter().fold(head, |list, row| list + &line(row))
}
