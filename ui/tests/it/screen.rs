//! A dashboard on a screen of characters.

use std::sync::Arc;

use daptop_model::{Command, Snapshot, Stamp};
use daptop_ui::{Action, Chord, Effects, Key, Theme, ThemeName, Ui, actions_of, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

pub(crate) struct Screen {
    pub(crate) ui: Ui,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) commands: Vec<Command>,
    pub(crate) quit: bool,
    now: Stamp,
    size: (u16, u16),
}

impl Screen {
    pub(crate) fn new(snapshot: Arc<Snapshot>, size: (u16, u16)) -> Self {
        Self::themed(snapshot, size, Theme::new(ThemeName::Terminal, false))
    }

    pub(crate) fn themed(snapshot: Arc<Snapshot>, size: (u16, u16), theme: Theme) -> Self {
        let ui = Ui::new("shop", theme, 0, true);
        let now = snapshot.taken;
        let mut screen = Self { ui, snapshot, commands: Vec::new(), quit: false, now, size };
        screen.act(Action::Resize(size.0, size.1));
        screen.act(Action::Refresh);
        screen
    }

    pub(crate) fn act(&mut self, action: Action) -> Effects {
        let effects = update(&mut self.ui, action, &self.snapshot);
        self.commands.extend(effects.commands.iter().cloned());
        self.quit |= effects.quit;
        effects
    }

    pub(crate) fn show(&mut self, snapshot: Arc<Snapshot>) {
        self.snapshot = snapshot;
        self.act(Action::Refresh);
    }

    pub(crate) fn wait(&mut self, time: std::time::Duration) {
        self.now = self.now.plus(time);
        self.act(Action::Tick(self.now));
    }

    /// Presses keys, written as in the key list and separated by spaces; what is no key's name is typed.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split(' ') {
            match named(name) {
                Some(chord) => self.chord(chord),
                None => name.chars().for_each(|c| self.chord(Chord { key: Key::Char(c), ctrl: false })),
            }
        }
        self
    }

    pub(crate) fn chord(&mut self, chord: Chord) {
        for action in actions_of(&self.ui, chord) {
            self.act(action);
        }
    }

    /// Presses a letter, and tells what the outside has to do.
    pub(crate) fn chord_effects(&mut self, letter: char) -> Effects {
        let actions = actions_of(&self.ui, Chord { key: Key::Char(letter), ctrl: false });
        actions.into_iter().map(|action| self.act(action)).last().unwrap_or_default()
    }

    pub(crate) fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        terminal.draw(|frame| view(&self.ui, &self.snapshot, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    pub(crate) fn text(&self) -> String {
        let buffer = self.buffer();
        let row = |y| {
            let (mut line, mut skip) = (String::new(), 0);
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    line.push_str(symbol);
                    skip = unicode_width::UnicodeWidthStr::width(symbol).max(1);
                }
                skip -= 1;
            }
            line.trim_end().to_owned()
        };
        (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    #[track_caller]
    pub(crate) fn expect(&self, text: &str) -> &Self {
        assert!(self.shows(text), "no {text:?} on the screen:\n{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn expect_not(&self, text: &str) -> &Self {
        assert!(!self.shows(text), "{text:?} is on the screen:\n{}", self.text());
        self
    }
}

fn named(name: &str) -> Option<Chord> {
    let key = match name {
        "Up" => Key::Up,
        "Down" => Key::Down,
        "Left" => Key::Left,
        "Right" => Key::Right,
        "PgUp" => Key::PageUp,
        "PgDn" => Key::PageDown,
        "Home" => Key::Home,
        "End" => Key::End,
        "Tab" => Key::Tab,
        "Shift-Tab" => Key::BackTab,
        "Enter" => Key::Enter,
        "Esc" => Key::Escape,
        "Backspace" => Key::Backspace,
        "Space" => Key::Char(' '),
        _ => {
            let letter = name.strip_prefix("Ctrl-")?.chars().next()?;
            return Some(Chord { key: Key::Char(letter.to_ascii_lowercase()), ctrl: true });
        }
    };
    Some(Chord { key, ctrl: false })
}
