//! Keys in, screens and commands out.

use std::sync::Arc;
use std::time::Duration;

use daptop_model::Command;
use daptop_ui::{Action, Pane, Screen as Page, key_list, key_table};

use crate::screen::Screen;
use crate::session::Talk;
use crate::states;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn tab_and_numbers_go_through_the_screens() {
    let mut screen = Screen::new(states::busy().snapshot(), SIZE);
    for (keys, title) in [
        ("Tab", "[2 Graph]"),
        ("Tab", "[3 Traces]"),
        ("Tab", "[4 Calls]"),
        ("Tab", "[5 Logs]"),
        ("Tab", "[1 Overview]"),
        ("Shift-Tab", "[5 Logs]"),
        ("3", "[3 Traces]"),
        ("2", "[2 Graph]"),
    ] {
        screen.press(keys).expect(title);
    }
}

#[test]
fn quitting_asks_while_apps_run_and_escape_never_quits() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("q").expect("Stop 3 apps and quit?");
    screen.press("n").expect_not("and quit?");
    screen.press("q Esc Esc Esc Esc");
    assert!(!screen.quit && screen.commands.is_empty());
    screen.press("q y");
    assert!(screen.quit);
    assert_eq!(screen.commands, [Command::Quit]);
}

#[test]
fn control_c_quits_in_good_order_whatever_is_asked() {
    for keys in ["Ctrl-C", "? Ctrl-C", "/ Ctrl-C", "q Ctrl-C"] {
        let mut screen = Screen::new(states::busy().snapshot(), SIZE);
        screen.press(keys);
        assert!(screen.quit, "{keys}");
        assert_eq!(screen.commands, [Command::Quit], "{keys}");
    }
}

#[test]
fn an_app_is_restarted_after_a_yes_only() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("Left Left Down R").expect("Restart order-processor?");
    screen.press("n");
    assert!(screen.commands.is_empty());
    screen.press("R y").expect("restarting order-processor");
    assert_eq!(screen.commands, [Command::Restart("order-processor".into())]);
}

#[test]
fn s_stops_an_app_that_runs_and_starts_one_that_has_ended() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("Left Left s End s");
    assert_eq!(screen.commands, [Command::Stop("checkout".into()), Command::Start("mailer".into())]);
}

#[test]
fn enter_goes_in_and_escape_comes_back() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("Enter").expect("[4 Calls]").expect("Request");
    assert_eq!(screen.ui.focus(), Pane::Inspector);
    screen.press("Esc");
    assert_eq!(screen.ui.focus(), Pane::Calls);
    screen.press("Esc").expect("[1 Overview]");
    screen.press("Left Left Down Down Enter").expect("App payments");
    screen.press("Esc").expect_not("App payments");
    screen.press("L").expect("[5 Logs]").expect("of payments");
    screen.press("Esc").expect("of all apps");
    screen.press("Esc").expect("[1 Overview]");
}

#[test]
fn an_edge_opens_the_calls_of_its_pair() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen
        .press("Left Down Right Down Enter")
        .expect("[1 Overview]")
        .expect("only checkout → mailer")
        .expect("4 of 76")
        .expect("nothing listens on :7004");
    screen.press("Enter").expect("[4 Calls]").expect("4 of 76");
    screen.press("Esc").expect_not("only checkout");
}

#[test]
fn a_filter_is_typed_used_changed_and_cleared() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("/ status:5xx").expect("filter status:5xx");
    screen.press("Enter").expect("status:5xx 13 of 76");
    screen.press("/ Ctrl-U Enter").expect_not("13 of 76");
    screen.press("! ").expect("failed 4 of 76");
    screen.press("!").expect_not("of 76");
    screen.press("/ dur> Enter").expect("column").expect("filter dur>");
    screen.press("Backspace Backspace Backspace Backspace Enter").expect_not("filter");
}

#[test]
fn the_filter_is_switched_off_for_a_moment_and_on_again() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("F").expect("there was no filter yet");
    screen.press("/ status:503 Enter").expect("status:503 9 of 76");
    screen.press("F").expect("the filter is off: F brings status:503 back").expect_not("9 of 76");
    screen.press("F").expect("status:503 9 of 76");
    screen.press("Esc F").expect("status:503 9 of 76");
}

#[test]
fn a_filtered_list_takes_new_calls_and_those_that_change_their_mind() {
    let mut session = states::failing();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("/ status:503 Enter").expect("9 of 76");
    session.pass(Duration::from_millis(10));
    session.call(Talk::charge(4));
    session.call(Talk::charge(5));
    screen.show(session.snapshot());
    screen.expect("10 of 78");
    screen.press("/ Ctrl-U open Enter").expect("0 of 78");
    session.call(Talk { answer: None, ..Talk::order(1) });
    screen.show(session.snapshot());
    screen.expect("1 of 79");
}

#[test]
fn new_calls_never_move_what_is_looked_at() {
    let mut session = states::busy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 Up Up Up").expect("Call #37").expect("frozen");
    let before = rows(&screen);
    for number in 41..=140 {
        session.pass(Duration::from_millis(10));
        session.call(Talk::order(number));
    }
    screen.show(session.snapshot());
    assert_eq!(rows(&screen), before);
    screen.expect("100 below").expect("Call #37");
    screen.press("G").expect("following").expect("Call #140");
    screen.press("f").expect("frozen");
    screen.press("Space").expect("following");
}

/// The rows of the list, without what changes by rights.
fn rows(screen: &Screen) -> Vec<String> {
    screen.text().lines().skip(2).take(12).map(str::to_owned).collect()
}

#[test]
fn the_list_is_sorted_by_each_column_in_turn() {
    let mut session = states::failing();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 s").expect("by duration, longest first").expect("13 ms").expect_not("900 µs");
    screen.press("s").expect("by status, highest first").expect("nothing listens on :7004");
    screen.press("s").expect("by size, largest first");
    screen.press("s").expect("by apps");
    screen.press("s").expect("by path").expect("Call #2 ");
    let before = rows(&screen);
    for number in 41..=60 {
        session.pass(Duration::from_millis(10));
        session.call(Talk::charge(number));
        session.call(Talk::order(number));
    }
    screen.show(session.snapshot());
    assert_eq!(rows(&screen), before, "new calls do not move what is looked at");
    screen.press("G").expect("/send").expect("by path");
    screen.press("s").expect("following").expect_not("by ");
}

#[test]
fn probes_are_one_row_until_they_are_unfolded_and_never_hide_a_failure() {
    let mut screen = Screen::new(states::probed().snapshot(), SIZE);
    screen.press("4").expect("80 probes of health, config and metadata that went well").expect_not("/dapr/config");
    screen.expect("/healthz").expect("503").expect("nothing listens on :7004");
    screen.press("o").expect("/dapr/config").expect_not("probes of health");
    screen.press("o / path:/dapr Enter").expect("40 probes").expect("0 of 122");
    screen.press("o").expect("40 of 122");
}

#[test]
fn a_list_that_holds_still_says_how_many_calls_are_new() {
    let mut session = states::busy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 Up").expect("frozen").expect_not(" new");
    for number in 41..=43 {
        session.call(Talk::order(number));
    }
    screen.show(session.snapshot());
    screen.expect("frozen 3 new");
    screen.press("f").expect("following").expect_not(" new");
}

#[test]
fn an_evicted_call_stays_readable_while_it_is_selected() {
    let mut session = states::lossy();
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 Home").expect("Call #");
    let title = screen.text().lines().find(|line| line.contains("Call #")).unwrap().to_owned();
    for number in 61..=160 {
        session.pass(Duration::from_millis(10));
        session.order(number);
    }
    screen.show(session.snapshot());
    screen.expect(title.split(" 200").next().unwrap()).expect("held here while you look at it");
}

#[test]
fn the_parts_of_a_call_are_turned_over() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("4 Enter").expect("[All]");
    for part in ["[Request]", "[Response]", "[Timing]", "[Trace]", "[Raw]", "[All]"] {
        screen.press("]").expect(part);
    }
    screen.press("[ [").expect("[Trace]").expect("spans");
}

#[test]
fn a_pane_is_enlarged_and_taken_back() {
    let mut screen = Screen::new(states::busy().snapshot(), SIZE);
    screen.expect("Apps").expect("Log of all apps");
    screen.press("z").expect_not("Log of all apps").expect("Calls");
    screen.press("Esc").expect("Log of all apps");
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.act(Action::Click { column: 5, row: 4, twice: false });
    assert_eq!(screen.ui.focus(), Pane::Apps);
    screen.press("s");
    assert_eq!(screen.commands, [Command::Stop("payments".into())]);
    screen.act(Action::Click { column: 5, row: 4, twice: true });
    screen.expect("App payments");
    screen.press("Esc");
    screen.act(Action::Click { column: 105, row: 0, twice: false });
    screen.expect("[4 Calls]");
    screen.act(Action::Wheel { column: 5, row: 5, down: false });
    screen.expect("frozen").expect("3 below");
    assert_eq!(screen.act(Action::Mouse).mouse, Some(false));
}

#[test]
fn every_action_of_the_table_can_be_reached_and_does_not_panic() {
    let snapshot = states::failing().snapshot();
    for row in key_table() {
        for chord in row.keys {
            for keys in
                ["1", "1 Left", "1 Left Left", "1 Right", "2", "3", "3 Enter", "4", "4 Enter", "5", "?", "/", "q"]
            {
                let mut screen = Screen::new(Arc::clone(&snapshot), SIZE);
                screen.press(keys).chord(*chord);
                screen.text();
            }
        }
    }
}

#[test]
fn no_key_means_two_things_in_one_place() {
    for (index, row) in key_table().enumerate() {
        for other in key_table().skip(index + 1) {
            let clash = row.place == other.place && row.keys.iter().any(|key| other.keys.contains(key));
            assert!(!clash, "{row:?} and {other:?}");
        }
    }
}

#[test]
fn the_key_list_has_a_row_for_each_row_of_the_table() {
    let list = key_list();
    assert_eq!(list.lines().count(), key_table().count() + 2);
    assert!(list.contains("| In every pane | `/` | narrow calls"));
    for screen in Page::ALL {
        let shows = |row: &daptop_ui::Binding| row.action == Action::Show(screen);
        assert!(key_table().any(shows), "{screen:?} has no key");
    }
}

#[test]
fn a_scope_narrows_every_screen_and_escape_takes_it_back() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("Left Down Right Down o").expect("only checkout → mailer").expect("4 of 76");
    screen.press("5").expect("only checkout → mailer").expect("Order passed").expect_not("order-processor");
    screen.press("1 Esc").expect_not("only checkout").expect_not("of 76");
    screen.press("4 t").expect("[3 Traces]").expect("only trace");
    screen.press("4").expect("of 76");
    screen.press("Esc").expect_not("of 76").expect("[4 Calls]");
    screen.press("1 o").expect("only checkout → mailer");
    screen.press("Esc Left o").expect("only checkout ");
}
