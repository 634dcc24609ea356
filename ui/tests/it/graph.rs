//! The graph: what is selected, what is narrowed to it, and which part of the picture is seen.

use std::sync::Arc;
use std::time::Duration;

use daptop_model::Limits;

use crate::screen::Screen;
use crate::session::{Session, Talk};
use crate::{crowd, states, town};

const SIZE: (u16, u16) = (160, 50);

/// A larger system, after nine seconds.
pub(crate) fn larger() -> Session {
    let mut session = Session::new(Limits::default());
    town::begin(&mut session);
    for number in 1..=90 {
        session.pass(Duration::from_millis(100));
        town::beat(&mut session, number);
    }
    town::stick(&mut session);
    session.pass(Duration::from_millis(1_900));
    session
}

/// Where the nodes' names and the arrows' heads stand.
fn places(screen: &Screen) -> Vec<(u16, u16, String)> {
    let buffer = screen.buffer();
    let is_fixed = |symbol: &str| "╭╮╰╯▶◀✖●▸↗◇?┏┓".contains(symbol) && symbol != " ";
    let rows = (2..buffer.area.height - 9).flat_map(|y| (0..buffer.area.width).map(move |x| (x, y)));
    rows.filter(|at| is_fixed(buffer[*at].symbol())).map(|(x, y)| (x, y, buffer[(x, y)].symbol().to_owned())).collect()
}

#[test]
fn nothing_moves_while_only_rates_change() {
    let mut session = larger();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("2");
    let before = places(&screen);
    assert!(before.len() > 40, "{before:?}");
    for number in 100..130 {
        session.pass(Duration::from_millis(37));
        town::beat(&mut session, number);
        screen.show(session.snapshot());
        assert_eq!(places(&screen), before);
    }
    session.call(Talk { from: "mailer", to: "storefront", ..Talk::order(1) });
    screen.show(session.snapshot());
    assert_ne!(places(&screen), before, "a new edge is drawn");
}

#[test]
fn keys_walk_from_app_to_call_to_app() {
    let mut screen = Screen::new(larger().snapshot(), SIZE);
    screen.press("2").expect("4 edges fail").expect("12 workers").expect("catalog ×3");
    screen.press("Down").expect("─ storefront ─").expect("port :8080");
    screen.press("Right").expect("─ storefront → checkout ─").expect("p95 48 ms");
    screen.press("Right").expect("─ checkout ─").expect("called by storefront");
    screen.press("Right Down Down").expect("─ checkout → mailer ─").expect("nothing listens on :7004").expect("Do: ");
    screen.press("Left Left Left").expect("─ storefront ─");
    screen.press("n n n").expect("─ reports ─");
    screen.press("N").expect("─ storefront → catalog ×3 ─");
    screen.press("Esc").expect("4 edges fail").expect("[2 Graph]");
    screen.press("Esc").expect("[1 Overview]");
}

#[test]
fn e_goes_round_what_fails_and_what_is_stuck() {
    let mut screen = Screen::new(larger().snapshot(), SIZE);
    screen.press("2");
    let seen = [
        "─ checkout → recommendations ─",
        "─ checkout → mailer ─",
        "─ checkout → mailr ─",
        "─ order-processor → payments ─",
        "─ dispatcher → 12 workers ─",
        "─ checkout → recommendations ─",
    ];
    for title in seen {
        screen.press("e").expect(title);
    }
    let mut calm = Screen::new(states::busy().snapshot(), SIZE);
    calm.press("2 e").expect("nothing fails and nothing is stuck");
}

#[test]
fn enter_narrows_everything_to_what_is_selected_and_escape_takes_it_back() {
    let mut screen = Screen::new(larger().snapshot(), SIZE);
    screen.press("2 e e Enter").expect("[2 Graph]").expect("only checkout → mailer");
    screen.press("Enter").expect("[4 Calls]").expect("only checkout → mailer").expect_not("/orders");
    screen.press("2 Esc").expect_not("only checkout").expect("─ checkout → mailer ─");
    screen.press("Left Enter").expect("only checkout ");
}

#[test]
fn groups_open_and_fold_again() {
    let mut screen = Screen::new(larger().snapshot(), SIZE);
    screen.press("2 e e e e e").expect("dispatcher → 12 workers");
    screen.press("Right").expect("─ 12 workers ─").expect_not("● worker-7");
    screen.press("Enter").expect("● worker-7").expect_not("12 workers");
    screen.press("c").expect("12 workers");
    screen.press("C").expect("● worker-7");
    screen.press("C").expect("12 workers");
}

#[test]
fn a_filter_leaves_the_edges_whose_calls_pass_it() {
    let mut screen = Screen::new(larger().snapshot(), SIZE);
    screen.press("2 / status:503 Enter").expect("order-processor").expect("payments").expect_not("catalog");
    screen.press("/ Ctrl-U path:/nowhere Enter").expect("No call passes the filter.");
    screen.press("/ Ctrl-U Enter").expect("catalog");
}

#[test]
fn a_trace_lights_up_its_own_edges() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("4 t 2").expect("only trace");
    let buffer = screen.buffer();
    let is_dim = |name: &str| {
        let line = screen.text().lines().position(|line| line.contains(name)).unwrap() as u16;
        let column = (0..SIZE.0).find(|x| {
            let text: String = (*x..SIZE.0).map(|x| buffer[(x, line)].symbol()).take(name.len()).collect();
            text == name
        });
        buffer[(column.unwrap(), line)].modifier.contains(ratatui::style::Modifier::DIM)
    };
    assert!(!is_dim("mailer"), "the newest call is a mail");
    assert!(!is_dim("order-processor"), "and part of an order");
}

#[test]
fn the_picture_is_zoomed_and_panned_and_becomes_a_list() {
    let mut session = Session::new(Limits::default());
    crowd::crowd(&mut session, 600);
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("2").expect("outside: HJKL");
    let first = screen.text();
    screen.press("L L J");
    assert_ne!(screen.text(), first);
    screen.press("H H H H H H K K K K K");
    assert_eq!(screen.text(), first, "back at the beginning");
    screen.press("-").expect("names: +");
    screen.press("+ +").expect(":60");
    screen.press("=");
    assert_eq!(screen.text(), first);
    screen.press("v").expect("▶").expect("p95").expect("more");
    screen.press("v");
    assert_eq!(screen.text(), first);
}

#[test]
fn what_is_selected_is_brought_into_view() {
    let mut session = Session::new(Limits::default());
    crowd::crowd(&mut session, 200);
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("2");
    for _ in 0..40 {
        screen.press("n");
        let text = screen.text();
        let title = text.lines().rev().nth(7).unwrap().trim_matches(['─', ' ']);
        let is_app = !title.contains('→');
        let on_picture = text.lines().take(42).any(|line| line.contains(title));
        assert!(!is_app || on_picture, "{title} is not in view:\n{text}");
    }
}

#[test]
fn a_click_selects_an_app_or_an_edge() {
    let screen_of = || Screen::new(states::failing().snapshot(), SIZE);
    let mut screen = screen_of();
    screen.press("2");
    let text = screen.text();
    for (what, title) in [("● payments", "─ payments ─"), ("25% 503", "─ order-processor → payments ─")] {
        let row = text.lines().position(|line| line.contains(what)).unwrap();
        let line: Vec<char> = text.lines().nth(row).unwrap().chars().collect();
        let column = (0..line.len()).find(|at| line[*at..].iter().collect::<String>().starts_with(what)).unwrap();
        screen.act(daptop_ui::Action::Click { column: column as u16 + 2, row: row as u16, twice: false });
        screen.expect(title);
    }
}

#[test]
fn a_list_is_walked_and_opened_on_a_small_terminal() {
    let mut screen = Screen::new(Arc::clone(&larger().snapshot()), (80, 24));
    screen.press("2").expect("checkout        ✖ mailer").expect("100% refused").expect("idle 5");
    screen.press("Down Down").expect("─ storefront → catalog ×3 ─");
    screen.press("Enter").expect("only storefront → catalog");
}
