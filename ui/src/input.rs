//! From what the terminal sends to what it means.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::action::Action;
use crate::keys::{self, Chord, Key};
use crate::ui::{Layer, Ui};

/// Two presses within this time on one cell are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

/// The reading side of the terminal.
#[derive(Debug, Default)]
pub(crate) struct Input {
    last_press: Option<(Instant, u16, u16)>,
}

impl Input {
    /// What an event means; nothing for what is not bound.
    pub(crate) fn actions(&mut self, ui: &Ui, event: &Event) -> Vec<Action> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                chord(*key).map(|chord| keys::actions(ui, chord)).unwrap_or_default()
            }
            Event::Mouse(mouse) => self.mouse(*mouse).into_iter().collect(),
            Event::Resize(width, height) => vec![Action::Resize(*width, *height)],
            Event::Paste(text) if matches!(ui.layer, Some(Layer::Form(_))) => {
                let lines = text.replace("\r\n", "\n").replace('\r', "\n");
                lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).map(Action::Type).collect()
            }
            Event::Paste(text)
                if matches!(ui.layer, Some(Layer::Prompt(_) | Layer::Palette(_) | Layer::Help { .. })) =>
            {
                text.chars().filter(|c| !c.is_control()).take(1_000).map(Action::Type).collect()
            }
            _ => Vec::new(),
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Action> {
        let MouseEvent { kind, column, row, .. } = mouse;
        match kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let now = Instant::now();
                let near = |(at, c, r)| (c, r) == (column, row) && now.duration_since(at) < DOUBLE_CLICK;
                let twice = self.last_press.take().is_some_and(near);
                if !twice {
                    self.last_press = Some((now, column, row));
                }
                Some(Action::Click { column, row, twice })
            }
            MouseEventKind::ScrollDown => Some(Action::Wheel { column, row, down: true }),
            MouseEventKind::ScrollUp => Some(Action::Wheel { column, row, down: false }),
            _ => None,
        }
    }
}

fn chord(event: KeyEvent) -> Option<Chord> {
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::F(1) => Key::F1,
        _ => return None,
    };
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    Some(Chord { key, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) })
}
