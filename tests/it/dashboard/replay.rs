//! A call is opened, read, sent again and compared, on the real dashboard.

use vt100::Screen;

use super::window::{Window, are_gone, command, descendants};
use super::{DAPTOP, DEMO, Demo, has_row, shows_the_demo};
use crate::port;
use crate::quickstart::language::PYTHON;
use crate::quickstart::run::Place;
use crate::run::daptop::World;
use crate::support::skip;

/// The whole screen without its spaces, which differ from size to size.
pub(super) fn words(screen: &Screen) -> String {
    screen.contents().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn somebody_sees_who_calls_whom_opens_a_call_reads_it_replays_it_and_sees_what_differs() {
    if let Err(missing) = PYTHON.toolchain() {
        return skip("the dashboard over the Python quickstart", &missing);
    }
    let (world, place) = (World::new(), Place::new(&PYTHON).installed());
    let mut run = command(&world, &[DAPTOP, "run", "-f", "."]);
    run.cwd(&place.folder);
    for (name, value) in place.environment() {
        run.env(name, value);
    }
    let mut window = Window::open(run);
    // Who calls whom.
    window.until("the edge from checkout to order-processor", |screen| {
        screen.alternate_screen()
            && has_row(screen, &["checkout", "▶", "order-processor"])
            && has_row(screen, &["checkout", "order-processor", "POST", "/orders", "200"])
    });
    let pids = descendants(window.pid());
    // The calls, held at the first one, and that one in full.
    window.press("4g\r");
    window.until("the request and its body", |screen| {
        words(screen).contains("\"orderId\": 1") && words(screen).contains("dapr-app-id")
    });
    window.press("r");
    window.shows("Send POST /orders to order-processor again?");
    window.press("y");
    window.until("what differs between the call and its replay", |screen| {
        let text = words(screen);
        text.contains("#1 ⟷ #") && text.contains("(its replay)") && text.contains("status 200 same")
    });
    window.until("that nothing does", |screen| words(screen).contains("Nothing differs but the time."));
    // The replay in full: it says what it repeats, in a trace of its own.
    window.press("\r");
    window
        .until("the replay in the list", |screen| !words(screen).contains('⟷') && words(screen).contains("[4 Calls]"));
    window.press("q");
    window.shows("quit?");
    window.press("y");
    assert_eq!(window.end(), 0, "{}", window.written());
    window.is_given_back();
    are_gone(&pids);
}

/// An editor that asks for another path.
const EDITOR: &str = "#!/bin/sh\nprintf 'a path, please: '\nread -r path\nsed -i \"1s|/orders|$path|\" \"$1\"\n";

#[test]
fn a_call_is_changed_in_the_editor_and_sent() {
    let (world, port) = (World::new(), port::reserve(order_processor::PORT));
    let editor = world.path().join("editor");
    std::fs::write(&editor, EDITOR).unwrap();
    let mut run = command(&world, &[&DEMO[..], &["--replay-at-once"]].concat());
    run.env("EDITOR", format!("sh '{}'", editor.display()));
    let mut demo = Demo { window: Window::open(run), _world: world, _port: port };
    let pids = demo.is_up();
    let window = &mut demo.window;
    window.until("the demo", shows_the_demo);
    window.press("4gE");
    window.shows("a path, please:");
    window.is_given_back();
    window.press("/nowhere\n");
    window.until("the changed request, in place", |screen| {
        screen.alternate_screen()
            && words(screen).contains("/nowhere")
            && words(screen).contains("is sent again, changed")
    });
    assert!(window.is_raw());
    // Ctrl-R sends it; no question is asked.
    window.press("\u{12}");
    window.until("what differs", |screen| {
        let text = words(screen);
        text.contains("POST /orders → POST /nowhere") && text.contains("200 → 404")
    });
    // What is copied goes to the terminal as base64 and as nothing else.
    window.press("yu");
    window.shows("copied the URL of #");
    assert!(window.written().contains("\x1b]52;c;"), "the clipboard is set");
    window.press("\u{3}");
    demo.ends_well(&pids);
}

#[test]
fn all_calls_that_are_listed_are_sent_again_and_listed() {
    let (world, port) = (World::new(), port::reserve(order_processor::PORT));
    let mut demo = Demo { window: Window::open(command(&world, &DEMO)), _world: world, _port: port };
    let pids = demo.is_up();
    let window = &mut demo.window;
    window.until("the demo", shows_the_demo);
    window.press("4/id<=2\r");
    // The demo makes a call when the one before is over.
    window.until("two calls that are over", |screen| {
        let text = words(screen);
        text.contains("id<=2 2 of ") && !text.contains("id<=2 2 of 2 ")
    });
    window.press("S");
    window.shows("Send 2 calls again?");
    window.press("y");
    window.until("what came of them", |screen| {
        words(screen).contains("2 sent again: 2 answered the same. P lists the replays")
    });
    window.press("P");
    window.until("the replays", |screen| {
        words(screen).contains("Calls replay id>=")
            && has_row(screen, &["/orders", "of #1"])
            && has_row(screen, &["/orders", "of #2"])
    });
    window.press("\u{3}");
    demo.ends_well(&pids);
}
