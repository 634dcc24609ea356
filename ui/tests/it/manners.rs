//! Prompts, the palette, numbers before letters, colours: keys in, screens out.

use std::sync::Arc;
use std::time::Duration;

use daptop_model::{Command, Limits};
use daptop_ui::{Action, Pane, Place, Theme, ThemeName, key_table};

use crate::screen::Screen;
use crate::session::{Session, Talk};
use crate::states;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_filter_is_completed_and_says_at_which_column_it_is_wrong() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("4 / sta").expect("Tab  status:");
    screen.press("Tab").expect("filter status:").expect("2xx");
    screen.press("5").expect("Tab  status:5xx  status:500  status:503");
    screen.press("Tab Tab").expect("filter status:500");
    screen.press("Shift-Tab").expect("filter status:5xx");
    screen.press("Enter").expect("status:5xx 13 of 76");
    screen.press("/ Ctrl-U m:POST Space ) ");
    let text = screen.text();
    let rows: Vec<&str> = text.lines().collect();
    let [mistake, line] = rows[rows.len() - 2..] else { panic!() };
    let column = |row: &str, sign| row.chars().position(|c| c == sign).unwrap();
    assert!(mistake.contains("column 8"), "{text}");
    assert_eq!(column(mistake, '▾'), column(line, ')'), "{text}");
    screen.press("Esc").expect("status:5xx 13 of 76");
}

#[test]
fn a_line_is_edited_where_the_cursor_is_or_elsewhere() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("4 / status:2xx Left Left Left Backspace ~").expect("filter status~2xx");
    screen.press("Ctrl-A Ctrl-E Ctrl-W").expect_not("status~");
    screen.press("failed");
    let edit = screen.act(Action::Prompt(daptop_ui::PromptAction::Write)).edit.unwrap();
    assert_eq!((edit.text.as_str(), edit.ending), ("failed\n", ".txt"));
    daptop_ui::edited(&mut screen.ui, Ok("status:503\nmore".to_owned()), &screen.snapshot);
    screen.press("Enter").expect("status:503 9 of 76");
    daptop_ui::edited(&mut screen.ui, Err(std::io::Error::other("`vim` is not there")), &screen.snapshot);
    screen.expect("nothing was edited: `vim` is not there");
}

#[test]
fn digits_before_a_letter_say_how_often_and_alone_they_show_a_screen() {
    let mut screen = Screen::new(states::busy().snapshot(), SIZE);
    screen.press("4").expect("[4 Calls]");
    screen.press("Up 5 k").expect("[4 Calls]").expect("Call #34");
    screen.press("1 2 j").expect("[4 Calls]").expect("Call #40");
    screen.press("2").expect("[2 Graph]");
    screen.wait(Duration::from_secs(1));
    screen.press("j").expect("[2 Graph]");
    screen.press("4 Up").expect("[4 Calls]").expect("Call #39");
}

#[test]
fn the_palette_finds_an_action_by_its_name_shows_its_key_and_does_it() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press(": diagn").expect("show daptop's own diagnostics, or hide them").expect("1 action");
    screen.press("Enter").expect("[5 Logs]").expect("daptop's diagnostics");
    screen.press(": zzz").expect("Nothing is called so.");
    screen.press("Enter Backspace Backspace Backspace").expect("restart the app whose log is shown");
    screen.press("Esc").expect_not("restart the app");
    screen.press(": Space restart Space app").expect("restart the app, after a question");
    screen.press("Enter Esc 1 : stop Space the Space app, Enter");
    assert_eq!(screen.ui.focus(), Pane::Apps);
    assert_eq!(screen.commands, [Command::Stop("checkout".into())]);
}

#[test]
fn the_palette_has_every_action_that_a_key_has() {
    let snapshot = states::failing().snapshot();
    let of_a_layer = [Place::Help, Place::Palette, Place::Question, Place::Prompt];
    for row in key_table().filter(|row| !of_a_layer.contains(&row.place)) {
        let mut screen = Screen::new(Arc::clone(&snapshot), (160, 50));
        screen.press(":");
        row.text.chars().for_each(|c| drop(screen.act(Action::Type(c))));
        let beginning: String = row.text.chars().take(70).collect();
        screen.expect(&beginning);
        screen.press("Enter");
        screen.text();
    }
}

#[test]
fn the_colours_are_changed_and_nothing_is_told_by_them_alone() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    let told = screen.text();
    for name in ["dark", "light", "high-contrast", "16"] {
        screen.press("T").expect(&format!("colours: {name}"));
        let of_text = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of_text(&screen.text())[..30], of_text(&told)[..30], "{name}");
    }
    let mut screen = Screen::themed(states::failing().snapshot(), SIZE, Theme::new(ThemeName::Mono, false));
    screen.press("T").expect("NO_COLOR is set");
}

#[test]
fn a_digit_before_a_letter_to_an_end_of_a_list_is_a_screen_and_no_number() {
    let mut session = Session::new(Limits::default());
    session.shop();
    session.call(Talk::order(1));
    let mut screen = Screen::new(session.snapshot(), (120, 40));
    // All at once, as somebody types who knows the way; meanwhile more calls come.
    screen.press("4 g").expect("[4 Calls]");
    for number in 2..9 {
        session.call(Talk::order(number));
        screen.show(session.snapshot());
    }
    screen.press("Enter").expect("\"orderId\": 1").expect("7 new");
}

#[test]
fn a_call_that_is_opened_while_the_list_follows_stays_open() {
    let mut session = Session::new(Limits::default());
    session.shop();
    session.call(Talk::order(1));
    let mut screen = Screen::new(session.snapshot(), (120, 40));
    screen.press("4 Enter").expect("\"orderId\": 1");
    session.call(Talk::order(2));
    screen.show(session.snapshot());
    screen.expect("\"orderId\": 1").expect_not("\"orderId\": 2").expect("1 new");
}
