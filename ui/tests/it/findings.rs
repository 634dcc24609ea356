//! From what is wrong to the call that shows it.

use std::time::Duration;

use daptop_ui::Pane;

use crate::screen::Screen;
use crate::session::Talk;
use crate::states;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_key_shows_what_is_wrong_and_enter_goes_to_its_newest_call() {
    let mut screen = Screen::new(states::troubled().snapshot(), SIZE);
    screen.press("4 W").expect("[1 Overview]").expect("5 wrong 2 suspicious 1 waiting");
    assert_eq!(screen.ui.focus(), Pane::Findings);
    screen.press("Down").expect("mailer has crashed with exit code 3, so nothing listens on :7004.");
    screen.press("Enter").expect("[4 Calls]").expect("checkout \u{2192} mailer  POST /send");
    assert_eq!(screen.ui.focus(), Pane::Inspector);
    screen.expect("Do: Read the last lines of mailer");
}

#[test]
fn a_filter_does_not_hide_the_call_of_a_finding() {
    let mut screen = Screen::new(states::troubled().snapshot(), SIZE);
    screen.press("/ path:/nowhere Enter").expect("0 of");
    screen.press("W Down Enter").expect("POST /send").expect_not("path:/nowhere");
}

#[test]
fn new_findings_never_move_the_selected_one() {
    let mut session = states::troubled();
    let mut screen = Screen::new(session.snapshot(), (SIZE.0, SIZE.1 + 8));
    screen.press("W G Up Up").expect("passed no traceparent on").expect_not("turned down");
    session.pass(Duration::from_millis(10));
    session.call(Talk { answer: Some((418, "".into())), ..Talk::order(1) });
    session.call(Talk { to: "payments", answer: Some((502, "".into())), ..Talk::order(1) });
    screen.show(session.snapshot());
    screen.expect("6 wrong 3 suspicious").expect("turned down").expect("passed no traceparent on");
}

#[test]
fn the_header_counts_the_findings_and_a_session_without_any_says_so() {
    let mut screen = Screen::new(states::troubled().snapshot(), SIZE);
    screen.expect("7 findings");
    screen = Screen::new(states::busy().snapshot(), SIZE);
    assert!(!screen.text().lines().next().unwrap().contains("finding"));
    screen.press("W").expect("Nothing is wrong with the calls so far.");
    screen.press("Esc").expect("Calls following").expect_not("Findings");
}

#[test]
fn how_long_a_call_hangs_is_told_as_it_is_now_also_where_nothing_else_happens() {
    let mut session = states::busy();
    session.call(Talk { path: "/slow", answer: None, ..Talk::order(1) });
    let mut screen = Screen::new(session.snapshot(), (120, 40));
    screen.press("4 Enter").expect_not("No answer for");
    screen.wait(std::time::Duration::from_secs(7));
    screen.expect("No answer for 7 s");
    screen.press("Esc W").expect("No answer for 7 s");
    screen.wait(std::time::Duration::from_secs(2));
    screen.expect("No answer for 9 s");
}
