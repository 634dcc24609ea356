//! Whole screens, as text.

use daptop_ui::{Theme, ThemeName};

use crate::screen::Screen;
use crate::session::Session;
use crate::states;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 16)];

/// A screen without the line of keys, which has a picture of its own: else every new key would change every picture.
fn without_keys(screen: &Screen) -> String {
    let text = screen.text();
    match text.rsplit_once('\n') {
        Some((above, keys)) if keys.ends_with("q quit") => above.to_owned(),
        _ => text,
    }
}

/// How pictures are kept.
fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

/// Goes through every size, and once without colour in ASCII; `each` gets what pictures a whole screen under a name.
pub(crate) fn at_every_size(mut each: impl FnMut((u16, u16), Theme, &dyn Fn(&str, &Screen))) {
    let _bound = settings().bind_to_scope();
    for (width, height) in SIZES {
        let picture = |name: &str, screen: &Screen| {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen.text());
        };
        each((width, height), Theme::new(ThemeName::Terminal, false), &picture);
    }
    let picture = |name: &str, screen: &Screen| insta::assert_snapshot!(format!("{name}_ascii"), screen.text());
    each((120, 40), Theme::new(ThemeName::Mono, true), &picture);
}

/// Pictures a state at every size, and once without colour in ASCII.
fn picture(name: &str, make: fn() -> Session, keys: &str) {
    picture_at(&SIZES, name, make, keys);
}

/// Pictures a state at some sizes, and once without colour in ASCII.
pub(crate) fn picture_at(sizes: &[(u16, u16)], name: &str, make: fn() -> Session, keys: &str) {
    let _bound = settings().bind_to_scope();
    for &(width, height) in sizes {
        let mut screen = Screen::new(make().snapshot(), (width, height));
        screen.press(keys);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), without_keys(&screen));
    }
    let mut screen = Screen::themed(make().snapshot(), (120, 40), Theme::new(ThemeName::Mono, true));
    screen.press(keys);
    insta::assert_snapshot!(format!("{name}_ascii"), without_keys(&screen));
    let buffer = screen.buffer();
    for cell in buffer.content() {
        assert!(cell.symbol().is_ascii(), "{:?} is not ASCII", cell.symbol());
        let colours = (cell.fg, cell.bg);
        assert_eq!(colours, (ratatui::style::Color::Reset, ratatui::style::Color::Reset), "{:?}", cell.symbol());
    }
}

#[test]
fn an_empty_session_says_the_next_step() {
    picture("empty_overview", states::empty, "1");
    picture("empty_calls", states::empty, "4");
    picture("empty_logs", states::empty, "5");
}

#[test]
fn a_busy_session() {
    picture("busy_overview", states::busy, "1");
    picture("busy_calls", states::busy, "4");
    picture("busy_logs", states::busy, "5 d");
}

#[test]
fn a_failing_session_says_what_and_why() {
    picture("failing_overview", states::failing, "1");
    picture("failing_calls", states::failing, "4");
    picture("failing_logs", states::failing, "5 d");
    picture("failing_graph", states::failing, "2");
}

#[test]
fn an_app_is_shown_in_full() {
    picture("app_ready", states::failing, "Left Left Down Enter");
    picture("app_crashed", states::failing, "Left Left Down Down Down Enter");
    picture("app_starting", states::waiting, "Left Left G Enter");
    picture("export_down", states::failing, "Z");
    picture("export_idle", states::empty, "Z");
}

#[test]
fn what_is_wrong_is_listed_and_told_in_words() {
    picture("findings", states::troubled, "W Down");
    picture("findings_whole", states::troubled, "W G z");
    picture("findings_none", states::busy, "W");
    picture("findings_empty", states::empty, "W z");
}

#[test]
fn a_graph_of_a_larger_system() {
    picture("empty_graph", states::empty, "2");
    picture("busy_graph", states::busy, "2");
    picture("larger_graph", crate::graph::larger, "2");
    picture("larger_graph_selected", crate::graph::larger, "2 e e");
    picture("larger_graph_app", crate::graph::larger, "2 e Left");
    picture("larger_graph_filtered", crate::graph::larger, "2 / status:503 Enter");
    let mut screen = Screen::new(crate::graph::larger().snapshot(), (160, 50));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("larger_graph_160x50", screen.press("2").text());
    });
}

#[test]
fn a_waiting_session_says_for_what_and_how_long() {
    picture("waiting_overview", states::waiting, "1");
    picture("waiting_calls", states::waiting, "4");
}

#[test]
fn a_frozen_list_says_so() {
    picture("frozen_calls", states::failing, "4 Up Up Up Up");
    picture("frozen_logs", states::failing, "5 d PgUp PgUp");
    picture("frozen_overview", states::failing, "1 Up Up");
}

#[test]
fn a_filtered_list_says_by_what_and_how_many() {
    picture("filtered_calls", states::failing, "4 / status:503 Enter");
    picture("filtered_nothing", states::failing, "4 / path:/nowhere Enter");
    picture("filtered_overview", states::failing, "1 / failed Enter");
    picture("filtered_graph", states::failing, "2 / failed Enter");
    picture("narrowed_overview", states::failing, "1 Left Left End o");
    picture("logs_search", states::failing, "5 d / smtp Enter");
    picture("logs_level", states::failing, "5 d v v");
    picture("logs_of_call", states::busy, "4 O d m");
}

#[test]
fn a_session_that_lost_something_says_how_much() {
    picture("lossy_overview", states::lossy, "1");
    picture("lossy_calls", states::lossy, "4");
    picture("lossy_logs", states::lossy, "5 d");
    picture("lossy_graph", states::lossy, "2");
}

#[test]
fn what_lies_over_the_panes() {
    picture("help", states::busy, "?");
    picture("help_search", states::busy, "? restart");
    picture("palette", states::busy, ": app");
    picture("prompt_completion", states::failing, "4 / from:");
    picture("question", states::failing, "Left Left R");
    picture("prompt_error", states::busy, "/ dur>");
    picture("inspector", states::failing, "4 / failed Enter Up Enter z");
}

#[test]
fn probes_that_go_well_are_one_row_and_those_that_fail_are_not() {
    picture("probed_calls", states::probed, "4");
    picture("sorted_calls", states::failing, "4 s");
}

#[test]
fn a_call_in_full() {
    picture("body_json", states::bodies, "4 / path:/order Enter Enter ] ]");
    picture("body_folded", states::bodies, "4 / path:/order Enter Enter ] ] F");
    picture("body_raw", states::bodies, "4 / path:/form Enter Enter o o");
}

/// The line of keys in every pane and in whatever lies over them.
#[test]
fn the_keys_that_matter_now() {
    let mut lines = String::new();
    for (width, height) in [(60, 16), (80, 24), (120, 40)] {
        for screen in ["1", "2", "3", "4", "5"] {
            let mut shown = Screen::new(states::failing().snapshot(), (width, height));
            shown.press(screen);
            let first = shown.ui.focus();
            loop {
                let text = shown.text();
                let keys = text.lines().last().unwrap_or_default();
                let count = keys.trim().split("   ").count();
                assert!((5..=8).contains(&count), "{count} keys: {keys}");
                lines.extend([&format!("{width} {:?}:", shown.ui.focus()), keys, "\n"]);
                shown.act(daptop_ui::Action::NextPane);
                if shown.ui.focus() == first {
                    break;
                }
            }
        }
    }
    settings().bind(|| insta::assert_snapshot!("keys_that_matter_now", lines));
}
