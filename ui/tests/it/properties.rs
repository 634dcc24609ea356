//! Whatever is captured and however small or large the terminal is: no panic, and no byte that steers the terminal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use daptop_model::{AppState, Limits, LogSource};
use daptop_ui::{Action, Step, Theme, ThemeName, key_table};
use proptest::prelude::*;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::screen::Screen;
use crate::session::{Session, Talk};

fn hostile(bytes: &[u8], text: &str) -> Session {
    let mut session = Session::new(Limits { calls: 8, log_lines: 8, ..Limits::default() });
    session.app("checkout", 0, AppState::Ready);
    session.app("世界-\u{202e}app\x1b[2J", 7003, AppState::NotStarted(text.into()));
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    let answer = Some((200, Bytes::copy_from_slice(bytes)));
    for number in 0..10 {
        session.pass(Duration::from_millis(3));
        let body = Bytes::copy_from_slice(bytes);
        session.call(Talk { to: text, path: text, body, answer: answer.clone(), ..Talk::order(number) });
        session.log("checkout", LogSource::Stdout, text);
    }
    session
}

fn check(screen: &Screen) -> Result<(), TestCaseError> {
    for cell in screen.buffer().content() {
        prop_assert!(!cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", cell.symbol());
    }
    Ok(())
}

/// What a terminal is sent for a screen.
fn sent(screen: &Screen, (width, height): (u16, u16)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let backend = CrosstermBackend::new(&mut bytes);
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    terminal.draw(|frame| daptop_ui::view(&screen.ui, &screen.snapshot, frame)).unwrap();
    drop(terminal);
    bytes
}

/// Nothing but places, colours and printable text: no other control character, no other sequence.
fn check_sent(bytes: &[u8]) -> Result<(), TestCaseError> {
    let text = std::str::from_utf8(bytes).unwrap();
    for (index, piece) in text.split('\x1b').enumerate() {
        prop_assert!(!piece.chars().any(char::is_control), "{piece:?}");
        if index > 0 {
            let rest = piece.strip_prefix('[').unwrap_or_default();
            let last = rest.trim_start_matches(|c: char| c.is_ascii_digit() || ";:?".contains(c)).chars().next();
            prop_assert!(last.is_some_and(|last| "Hmhl".contains(last)), "{piece:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_size_any_bytes_any_keys(
        width in 1_u16..=300,
        height in 1_u16..=100,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        text in "(\\PC|[\u{0}-\u{1f}]|\u{1b}\\[[0-9;]{0,6}[a-zA-Z]|\u{1b}\\]52;c;aGk=\u{7}){0,60}",
        presses in proptest::collection::vec(0..key_table().count(), 0..24),
        ascii in any::<bool>(),
    ) {
        let mut session = hostile(&bytes, &text);
        let mut screen = Screen::themed(session.snapshot(), (width, height), Theme::new(ThemeName::Terminal, ascii));
        check(&screen)?;
        for index in presses {
            screen.act(key_table().nth(index).unwrap().action);
            screen.act(Action::Move(Step::Up));
            screen.act(Action::Click { column: width / 2, row: height / 2, twice: index % 2 == 0 });
            screen.act(Action::Wheel { column: width / 3, row: height / 2, down: index % 2 == 0 });
        }
        check(&screen)?;
        session.order(1);
        screen.show(session.snapshot());
        check(&screen)?;
        check_sent(&sent(&screen, (width, height)))?;
    }
}

#[test]
fn every_small_size_is_drawn() {
    let snapshot = crate::states::failing().snapshot();
    for keys in ["1", "2", "3", "3 Enter", "3 Enter Enter", "4 Enter", "4 S", "4 S y", "5", "?", "/ x"] {
        for width in (1..=130).step_by(3) {
            for height in (1..=44).step_by(3) {
                let mut screen = Screen::new(Arc::clone(&snapshot), (width, height));
                screen.press(keys);
                screen.buffer();
            }
        }
    }
    let small = Screen::new(crate::states::busy().snapshot(), (59, 16));
    small.expect("daptop needs 60x16 here; it goes on running.");
}
