//! The page of an app: what is done from it, and what it says.

use daptop_model::{AppState, Command, ExitReason};

use daptop_ui::{Chord, Key};

use crate::screen::Screen;
use crate::states;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn an_app_is_restarted_stopped_and_started_from_its_page() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("Left Left Down Enter R").expect("Restart order-processor?");
    screen.press("n").expect_not("Restart order-processor?");
    screen.press("Enter R y").expect("restarting order-processor");
    screen.press("Enter s").expect("stopping order-processor").expect("App order-processor");
    screen.press("Esc G Enter s").expect("starting mailer");
    assert_eq!(
        screen.commands,
        [
            Command::Restart("order-processor".into()),
            Command::Stop("order-processor".into()),
            Command::Start("mailer".into())
        ]
    );
}

#[test]
fn the_page_leads_to_the_log_and_no_further_than_its_end() {
    let mut screen = Screen::new(states::failing().snapshot(), (80, 24));
    screen.press("Left Left Enter").expect("App checkout").expect("lines more");
    screen.press("PgDn PgDn PgDn").expect("GREETING").expect_not("lines more");
    screen.press("g").expect("Process");
    screen.press("L").expect("[5 Logs]").expect("of checkout");
}

#[test]
fn no_secret_of_the_environment_is_on_the_screen() {
    let mut screen = Screen::new(states::failing().snapshot(), (160, 50));
    screen.press("Left Left Enter").expect("DATABASE_PASSWORD").expect("***").expect_not("hunter2");
}

#[test]
fn the_slowest_start_is_pointed_out_where_there_is_one() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    screen.press("Left Left Enter").expect("port 2.7 s  ready 2.7 s  first call 101 ms  slowest");
    let mut session = crate::session::Session::new(daptop_model::Limits::default());
    session.app("checkout", 0, AppState::Ready);
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("Left Left Enter").expect("ready 130 ms").expect_not("slowest");
}

#[test]
fn an_app_that_has_crashed_shows_its_last_lines_first() {
    let mut session = states::failing();
    session.app("worker", 0, AppState::Ended(ExitReason::Signal("SIGKILL".into())));
    let mut screen = Screen::new(session.snapshot(), (80, 24));
    screen.press("Left Left G Up Enter").expect("exit 3").expect("ModuleNotFoundError").expect("never ready");
    screen.press("Esc Down Enter").expect("SIGKILL").expect("it has written none lately");
}

#[test]
fn the_environment_is_copied_as_exports_without_its_secrets() {
    let mut screen = Screen::new(states::failing().snapshot(), SIZE);
    let expected = "export APP_ID=order-processor\nexport APP_PORT=6001\nexport DAPR_HTTP_PORT=3501\n\
        export DATABASE_PASSWORD='***'\nexport GREETING='it'\\''s a shop'\n";
    for keys in ["Left Left Down", "Enter"] {
        screen.press(keys);
        let action = daptop_ui::actions_of(&screen.ui, Chord { key: Key::Char('y'), ctrl: false })[0];
        let clip = screen.act(action).copy.unwrap();
        assert_eq!(clip.text, expected);
        assert_eq!(clip.what, "the environment of order-processor, 1 secret masked");
    }
}
