//! The log screen: keys in, screens out.

use std::time::Duration;

use crate::screen::Screen;
use crate::session::Talk;
use crate::states;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn log_lines_are_chosen_by_their_level_and_frames_stay_with_their_error() {
    let mut session = states::busy();
    for line in [
        "INFO:     started",
        "DEBUG:     polled",
        "time=\"x\" level=warning msg=\"slow\"",
        "{\"level\":\"error\",\"msg\":\"closed\"}",
        "Traceback (most recent call last):",
        "  File \"app.py\", line 3",
        "it goes on",
    ] {
        session.log("checkout", daptop_model::LogSource::Stdout, line);
    }
    session.log("checkout", daptop_model::LogSource::Daptop, "exited with code 3");
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("5 v").expect("info and graver").expect("started").expect("it goes on").expect_not("polled");
    screen.press("v").expect("warn and graver").expect("slow").expect_not("started").expect_not("Order passed");
    screen.press("v").expect("error").expect("closed").expect("app.py").expect("exited").expect_not("slow");
    screen.press("v").expect("Order passed").expect("it goes on");
    screen.press("v Esc").expect("Order passed");
}

#[test]
fn a_marker_stays_where_it_was_set() {
    let mut session = states::busy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("5 m");
    session.pass(Duration::from_secs(1));
    session.log("checkout", daptop_model::LogSource::Stdout, "after the marker");
    screen.show(session.snapshot());
    let text = screen.text();
    let rows: Vec<&str> = text.lines().collect();
    let marker = rows.iter().position(|row| row.starts_with("── 12:04:04.")).unwrap_or_else(|| panic!("{text}"));
    assert!(rows[marker - 1].contains("Order passed: {\"orderId\":40}"), "{text}");
    assert!(rows[marker + 1].contains("after the marker"), "{text}");
}

#[test]
fn the_lines_of_a_call_name_its_trace_or_are_marked_as_guessed() {
    let mut session = states::busy();
    session.pass(Duration::from_secs(1));
    let (trace, _) = session.call(Talk::order(41));
    session.log("checkout", daptop_model::LogSource::Stdout, &format!("passed 00-{trace}-00f067aa0ba902b7-01"));
    session.log("checkout", daptop_model::LogSource::Stdout, "at the same time, of an app that names traces");
    session.log("order-processor", daptop_model::LogSource::Stdout, "received, without a trace");
    session.pass(Duration::from_secs(1));
    session.log("order-processor", daptop_model::LogSource::Stdout, "much later");
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 O").expect("call #41").expect("│ passed 00-").expect("? received, without");
    screen.expect_not("at the same time").expect_not("much later").expect_not("Order passed");
    screen.press("Esc").expect("much later");
    screen.press("4 / id:41 Enter 5 c").expect("1 call").expect("passed 00-").expect_not("much later");
    screen.press("Esc 4 Esc t 5").expect("only trace").expect("passed 00-").expect_not("much later");
}

#[test]
fn a_text_is_looked_for_in_the_log() {
    let mut session = states::busy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("5 / PASSED Enter").expect("\"PASSED\" 40 of 40").expect("frozen");
    screen.press("N N").expect("38 of 40");
    screen.press("n").expect("39 of 40");
    screen.press("5 N").expect("34 of 40");
    session.log("checkout", daptop_model::LogSource::Stdout, "\x1b[31mPas\x1b[32msed\x1b[0m on");
    screen.show(session.snapshot());
    screen.expect("34 of 41");
    screen.press("g n").expect("1 of 41");
    screen.press("N").expect("41 of 41").expect("on from the newest line");
    screen.press("/ nowhere Enter").expect("no line has \"nowhere\"");
    screen.wait(Duration::from_secs(5));
    screen.press("Esc").expect_not("nowhere");
}

#[test]
fn the_log_goes_through_the_apps() {
    let mut screen = Screen::new(states::busy().snapshot(), SIZE);
    screen.press("5");
    for app in ["of checkout", "of order-processor", "of all apps"] {
        screen.press("a").expect(app);
    }
    screen.press("a").expect("Order passed").expect_not("Order received");
    screen.press("d").expect_not("daptop's diagnostics");
    screen.press("d").expect("daptop's diagnostics");
}

#[test]
fn the_selected_log_line_is_shown_whole() {
    let mut session = states::busy();
    let long: Vec<String> = (0..60).map(|number| format!("part-{number}")).collect();
    session.log("checkout", daptop_model::LogSource::Stdout, &long.join(" "));
    session.log("checkout", daptop_model::LogSource::Stdout, "the end");
    let mut screen = Screen::new(session.snapshot(), (80, 24));
    screen.press("5 d").expect("part-3 ").expect_not("part-59");
    screen.press("Up").expect("part-3 ").expect("part-59");
}
