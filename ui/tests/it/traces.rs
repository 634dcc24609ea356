//! The traces and the waterfall.

use std::time::Duration;

use daptop_model::{ExporterHealth, Limits};
use daptop_ui::{Action, Pane, Theme, ThemeName};

use crate::screen::Screen;
use crate::session::{Session, Talk};
use crate::snapshots::picture_at;
use crate::states;

const SIZES: [(u16, u16); 3] = [(80, 24), (160, 50), (60, 16)];
const SIZE: (u16, u16) = (160, 50);

fn made(tell: impl FnOnce(&mut Session)) -> Session {
    let mut session = Session::new(Limits::default());
    session.shop();
    session.export(ExporterHealth::Up, 0, 80, None);
    session.pass(Duration::from_secs(2));
    tell(&mut session);
    session
}

fn told() -> Session {
    made(Session::story)
}

fn all() -> Session {
    made(|session| {
        for number in 1..=8 {
            session.order(number);
            session.pass(Duration::from_millis(100));
        }
        session.foreign();
        session.deep(30);
        session.wide(200);
        session.story();
    })
}

fn open() -> Session {
    made(|session| {
        let within = session.call(Talk { answer: None, ..Talk::order(1) });
        session.pass(Duration::from_millis(20));
        session.call(Talk { within: Some(within), ..Talk::charge(1) });
        session.pass(Duration::from_millis(400));
        let held = Talk { to: "recommendations", path: "/for/1", answer: None, waits: true, ..Talk::charge(1) };
        session.call(Talk { within: Some(within), ..held });
        session.pass(Duration::from_millis(600));
    })
}

#[test]
fn pictures_of_the_traces() {
    for (name, make, keys) in [
        ("traces_empty", states::empty as fn() -> Session, "3"),
        ("traces_one", told, "3"),
        ("traces_all", all, "3"),
        ("traces_failing", states::failing, "3 Up Up"),
        ("traces_filtered", states::failing, "3 / to:mailer Enter"),
        ("traces_slowest", all, "3 s"),
        ("traces_lossy", states::lossy, "3 Home"),
    ] {
        picture_at(&SIZES, name, make, keys);
    }
}

#[test]
fn pictures_of_the_waterfall() {
    for (name, make, keys) in [
        ("waterfall_story", told as fn() -> Session, "3 Enter z"),
        ("waterfall_open", open, "3 Enter"),
        ("waterfall_deep", || made(|session| session.deep(30)), "3 Enter z"),
        ("waterfall_deep_top", || made(|session| session.deep(30)), "3 Enter z g"),
        ("waterfall_wide", || made(|session| session.wide(200)), "3 Enter z"),
        ("waterfall_foreign", || made(Session::foreign), "3 Enter"),
        ("waterfall_zoomed", told, "3 Enter + + h"),
        ("waterfall_folded", told, "3 Enter ["),
        ("waterfall_call", told, "3 Enter Enter"),
    ] {
        picture_at(&SIZES, name, make, keys);
    }
}

#[test]
fn the_newest_trace_is_followed_until_one_is_looked_at() {
    let mut session = states::busy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("3").expect("Traces following");
    session.story();
    screen.show(session.snapshot());
    screen.expect("412 ms 23 spans").expect("✖ 5 wrong");
    screen.press("Up").expect("frozen").expect("2 spans");
    let before = trace_line(&screen);
    session.order(101);
    screen.show(session.snapshot());
    screen.expect("1 below");
    assert_eq!(trace_line(&screen), before);
    screen.press("G").expect("Traces following").expect("4 spans");
}

fn trace_line(screen: &Screen) -> String {
    screen.text().lines().find(|line| line.contains("Trace ")).unwrap_or_default().to_owned()
}

#[test]
fn traces_are_sorted_by_age_by_duration_and_by_what_went_wrong() {
    let mut screen = Screen::new(all().snapshot(), SIZE);
    screen.press("3 s").expect("the slowest last").expect("820 ms 402 spans");
    screen.press("s").expect("the worst last").expect("412 ms 23 spans");
    screen.press("s").expect_not("last,").expect("412 ms 23 spans");
}

#[test]
fn a_frozen_order_does_not_move_and_says_what_is_new() {
    let mut session = all();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("3 s Up").expect("frozen");
    let rows = |screen: &Screen| screen.text().lines().skip(2).take(10).map(str::to_owned).collect::<Vec<_>>();
    let before = rows(&screen);
    for _ in 0..3 {
        session.pass(Duration::from_millis(10));
        session.story();
    }
    screen.show(session.snapshot());
    screen.expect("3 new");
    assert_eq!(rows(&screen), before);
    screen.press("G").expect_not("3 new").expect("following");
}

#[test]
fn a_trace_is_listed_if_one_of_its_calls_matches() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("3 / to:mailer Enter").expect("to:mailer 4 of 36").expect("5 spans");
    screen.press("Esc").expect_not("4 of 36");
    screen.press("/ path:/nowhere Enter").expect("None of the 36 traces has a call that matches");
}

#[test]
fn a_scope_narrows_the_traces_and_o_narrows_every_screen_to_one() {
    let mut screen = Screen::new(all().snapshot(), SIZE);
    screen.press("3 o").expect("only trace").expect("1 of 12").expect("412 ms 23 spans");
    screen.press("4").expect("12 of ");
    screen.press("3 o").expect_not("1 of 12");
}

#[test]
fn p_draws_who_calls_whom_in_the_trace() {
    let mut screen = Screen::new(all().snapshot(), SIZE);
    screen.press("3 Enter p").expect("[2 Graph]").expect("only trace");
    screen.press("Esc").expect_not("only trace");
}

#[test]
fn a_call_of_a_trace_is_opened_and_left_again() {
    let mut screen = Screen::new(told().snapshot(), SIZE);
    screen.press("3 Enter");
    assert_eq!(screen.ui.focus(), Pane::Waterfall);
    screen.expect("payments → bank POST /transfer");
    screen.press("Enter").expect("bank is closed").expect("[3 Traces]");
    assert_eq!(screen.ui.focus(), Pane::Inspector);
    screen.press("Esc Down").expect("Call #7 → payments  POST /charge").expect("Content-Type");
    assert_eq!(screen.ui.focus(), Pane::Waterfall);
    screen.press("Esc").expect_not("Content-Type").expect("Traces following");
    assert_eq!(screen.ui.focus(), Pane::Waterfall);
    screen.press("Esc");
    assert_eq!(screen.ui.focus(), Pane::Traces);
    screen.press("Enter Enter Esc Esc Esc Esc").expect("[1 Overview]");
    let mut low = Screen::new(told().snapshot(), (80, 24));
    low.press("3 Enter Enter").expect("bank is closed");
    low.press("Esc").expect("mailer POST /send");
    low.press("Esc").expect("Traces following");
}

#[test]
fn the_trace_of_a_call_is_shown_with_that_call_selected() {
    let mut screen = Screen::new(all().snapshot(), SIZE);
    screen
        .press("4 Up Up Up t")
        .expect("[3 Traces]")
        .expect("only trace")
        .expect("order-processor → payments POST /charge 14 B");
    assert_eq!(screen.ui.focus(), Pane::Waterfall);
}

#[test]
fn time_is_zoomed_panned_and_seen_whole_again() {
    let mut screen = Screen::new(told().snapshot(), SIZE);
    screen.press("3 Enter").expect_not("of the time").expect("┆300 ms");
    screen.press("+ +").expect("1/4 of the time").expect_not("┆300 ms");
    screen.press("l l l l l l l l l l l l l").expect("┆400 ms").expect_not("┆100 ms");
    screen.press("-").expect("1/2 of the time");
    screen.press("0").expect_not("of the time").expect("┆300 ms");
    screen.press("c").expect("of the time");
    screen.press("0 h").expect("all of the time is seen");
}

#[test]
fn levels_and_calls_are_folded_and_shown_again() {
    let mut screen = Screen::new(told().snapshot(), SIZE);
    screen.press("3 Enter [").expect("4 folded").expect("▸pricing +1").expect_not("currency GET");
    screen.press("[").expect("11 folded").expect_not("pricing GET");
    screen.press("]").expect("4 folded").expect("pricing +1");
    screen.press("]").expect_not("folded").expect("currency GET");
    screen.press("{").expect("11 folded");
    screen.press("}").expect_not("folded");
    screen.press("g Space").expect("11 folded");
    screen.press("Space").expect_not("folded");
    screen.press("g Down Down Down Space").expect("1 folded").expect("▸pricing +1");
}

#[test]
fn calls_that_went_wrong_are_gone_through() {
    let mut screen = Screen::new(told().snapshot(), SIZE);
    screen.press("3 Enter").expect("── #6 payments → bank");
    screen.press("n").expect("── #7 ");
    screen.press("n").expect("── #8 ");
    screen.press("n").expect("order-processor → mailer");
    screen.press("n").expect("no call went wrong there");
    screen.press("N").expect("── #8 payments → bank");
    screen.press("[ [ n").expect("── #5 order-processor → payments");
}

#[test]
fn a_trace_stays_readable_while_it_is_looked_at_though_its_calls_are_given_up() {
    let mut session = states::lossy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("3 Home Down Enter");
    let number = trace_line(&screen);
    let number = number.split_whitespace().nth(3).unwrap_or_default().to_owned();
    for order in 61..=160 {
        session.pass(Duration::from_millis(10));
        session.order(order);
    }
    screen.show(session.snapshot());
    screen.expect(&number).expect("2 calls given up, held here while you look").expect("POST /orders");
    screen.press("Esc G").expect_not(&number);
}

#[test]
fn an_open_trace_grows_with_the_time() {
    let mut screen = Screen::new(open().snapshot(), SIZE);
    screen.press("3 Enter").expect("1.0 s").expect("waits for recommendations to start");
    screen.act(Action::Tick(screen.snapshot.taken.plus(Duration::from_secs(3))));
    screen.expect("4.0 s").expect("⋯");
}

#[test]
fn the_mouse_selects_traces_and_calls() {
    let mut screen = Screen::new(all().snapshot(), SIZE);
    screen.press("3");
    screen.act(Action::Click { column: 20, row: 10, twice: false });
    screen.expect("frozen").expect("6 spans");
    screen.act(Action::Click { column: 20, row: 13, twice: false });
    screen.act(Action::Click { column: 20, row: 26, twice: true });
    assert_eq!(screen.ui.focus(), Pane::Inspector);
    screen.act(Action::Wheel { column: 20, row: 26, down: true });
    screen.expect("Trace ");
}

#[test]
fn without_colour_the_critical_path_is_still_told_apart() {
    let mut screen = Screen::themed(told().snapshot(), SIZE, Theme::new(ThemeName::Mono, true));
    screen.press("3 Enter").expect("= decides when the trace ends").expect("- does not").expect(". waiting");
    let text = screen.text();
    let line = text.lines().find(|line| line.contains("pricing GET")).unwrap();
    assert!(line.contains("==") && line.contains("---"), "{line}");
    let line = text.lines().find(|line| line.contains("inventory GET")).unwrap();
    assert!(line.contains("---") && !line.contains('='), "{line}");
}
