//! Calls that are sent again, changed, compared and copied: keys in, screens, commands and clips out.

use std::time::Duration;

use daptop_model::{CallId, Command, FailureKind, Replay};
use daptop_ui::{Action, Clip, edited};

use crate::screen::Screen;
use crate::session::{Session, Talk};
use crate::snapshots::at_every_size;
use crate::states;

const SIZE: (u16, u16) = (120, 40);

/// A shop in which the bank is closed: its last call is answered 503.
fn closed() -> Session {
    let mut session = states::busy();
    session.call(charge(503, "{\"error\":\"bank is closed\",\"orderId\":41}"));
    session.pass(Duration::from_millis(500));
    session
}

fn charge(status: u16, body: &'static str) -> Talk {
    let answer = Some((status, body.into()));
    Talk { path: "/charge", micros: 412_000, body: "{\"orderId\":41}".into(), answer, ..Talk::order(41) }
}

/// The replay of the last call.
fn reopened(session: &mut Session) -> Talk {
    let last = session.snapshot().calls.len() as u64;
    let talk = charge(200, "{\"status\":\"received\",\"orderId\":41}");
    Talk { replay_of: Some(last), micros: 12_000, ..talk }
}

/// At the last call of a shop.
fn at_call(session: &mut Session) -> Screen {
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 End");
    screen
}

/// The replays that were asked for.
fn replays(screen: &Screen) -> Vec<Replay> {
    let replay = |command: &Command| match command {
        Command::Replay(replay) => Some((**replay).clone()),
        _ => None,
    };
    screen.commands.iter().filter_map(replay).collect()
}

#[test]
fn a_replay_that_may_change_something_is_asked_about() {
    let mut session = closed();
    let mut screen = at_call(&mut session);
    screen.press("r").expect("Send POST /charge to order-processor again?").expect("A always");
    screen.press("n").expect_not("again?");
    assert!(replays(&screen).is_empty());
    screen.press("r y").expect("#41 is sent again");
    let sent = replays(&screen);
    assert_eq!((sent.len(), sent[0].original, sent[0].times), (1, CallId(41), 1));
    assert_eq!(sent[0].request.body, "{\"orderId\":41}");
    screen.press("r A r r");
    assert_eq!(replays(&screen).len(), 4, "after A there is no question");
}

#[test]
fn what_only_reads_is_sent_at_once_and_so_is_everything_where_that_was_said() {
    let mut session = states::busy();
    session.call(Talk { verb: "GET", body: "".into(), ..Talk::order(41) });
    let mut screen = at_call(&mut session);
    screen.press("r").expect("#41 is sent again");
    assert_eq!(replays(&screen).len(), 1);
    let mut screen = at_call(&mut closed());
    screen.ui.replay_at_once();
    screen.press("5 r").expect("#41 is sent again, 5 times");
    assert_eq!(replays(&screen)[0].times, 5);
}

#[test]
fn the_answer_to_a_replay_is_compared_at_once() {
    let mut session = closed();
    let mut screen = at_call(&mut session);
    screen.press("r y");
    let replay = reopened(&mut session);
    session.call(replay.clone());
    screen.show(session.snapshot());
    screen.expect("#41 ⟷ #42 (its replay)");
    for row in [
        "status         503 → 200",
        "time           412 ms → 12 ms",
        "$.error",
        "- \"bank is closed\"",
        "$.status",
        "+ \"received\"",
        "$.orderId    41   same",
    ] {
        let found = screen.text().lines().any(|line| words(line).contains(&words(row)));
        assert!(found, "{row:?}:\n{}", screen.text());
    }
    // Once more: the question comes, and then the new answer.
    screen.press("R").expect("again?");
    screen.press("y").expect("#41 is sent again");
    session.call(replay);
    screen.show(session.snapshot());
    screen.expect("#41 ⟷ #43 (its replay)").expect("replay 2 of 2");
    screen.press("[").expect("#41 ⟷ #42").expect("replay 1 of 2");
    screen.press("Enter").expect_not("⟷").expect("[4 Calls]");
    screen.press("L d").expect("#41 ⟷ #43");
    screen.press("Esc").expect_not("⟷");
}

/// A line without its spaces.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_original_and_its_replays_name_each_other_in_the_list_and_at_the_call() {
    for (size, at_original, at_replay) in [((120, 40), "/charge", "/charge"), ((80, 24), "POST /charge", "POST /char")]
    {
        let mut session = closed();
        let replay = reopened(&mut session);
        session.call(replay.clone());
        session.call(replay);
        let mut screen = Screen::new(session.snapshot(), size);
        screen.press("4 f");
        let text = screen.text();
        let row =
            |sign: &str| text.lines().find(|line| line.contains(sign)).unwrap_or_else(|| panic!("{sign}: {text}"));
        assert!(row("↻ #43").contains(at_original), "{text}");
        assert!(row("↻ of #41").contains(at_replay), "{text}");
        screen.press("End Enter").expect("A replay of #41: L goes there, d compares the two.");
        screen.press("L").expect("Call #41").expect("Sent again as #42 and #43: L goes to the newest, d compares.");
        screen.press("L").expect("Call #43");
    }
}

#[test]
fn an_answer_does_not_come_between_somebody_and_what_they_type() {
    let mut session = closed();
    let mut screen = at_call(&mut session);
    screen.press("r y / ord");
    let replay = reopened(&mut session);
    session.call(replay);
    screen.show(session.snapshot());
    screen.expect("filter ord").expect_not("⟷");
    screen.press("Esc").expect("#41 has its answer, as #42");
    screen.press("d").expect("#41 ⟷ #42");
}

#[test]
fn a_replay_that_is_never_captured_is_not_waited_for_in_silence() {
    let mut session = closed();
    let mut screen = at_call(&mut session);
    screen.press("r y");
    screen.wait(Duration::from_secs(11));
    screen.act(Action::Refresh);
    screen.expect("the replay of #41 was not captured");
}

#[test]
fn what_cannot_be_repeated_says_why() {
    let mut session = states::busy();
    session.call(Talk { answer: None, ..Talk::order(41) });
    let mut screen = at_call(&mut session);
    screen.press("r").expect("#41 is not sent again: its body is known once the call has ended");
    session.call(Talk { from: "stranger", ..Talk::order(42) });
    screen.show(session.snapshot());
    screen.press("r").expect("stranger has no sidecar in this run");
    screen.press("e").expect("stranger has no sidecar in this run");
    screen.press("x").expect("not now: stranger has no sidecar in this run");
    assert!(replays(&screen).is_empty());
}

#[test]
fn a_call_is_changed_in_place_and_sent() {
    let mut screen = at_call(&mut closed());
    screen.press("e").expect("#41 is sent again").expect("POST /v1.0/invoke/order-processor/method/charge");
    screen.expect("Content-Type: application/json").expect("{\"orderId\":41}");
    // The body is the last line.
    screen.press("PgDn End Backspace ,\"again\":true}").expect("{\"orderId\":41,\"again\":true}").expect(", changed");
    screen.press("PgUp Home Ctrl-K").expect("line 1: the request line is missing");
    screen.press("Ctrl-R").expect("line 1 is not right yet");
    screen.press("PUT Space /orders/7 Ctrl-R").expect("Send PUT /orders/7 again?");
    screen.press("y");
    let sent = replays(&screen);
    assert_eq!((sent[0].request.verb.as_str(), sent[0].request.target.as_str()), ("PUT", "/orders/7"));
    assert_eq!(sent[0].request.body, "{\"orderId\":41,\"again\":true}");
    screen.press("R").expect("Send PUT /orders/7 again?");
    screen.press("y");
    assert_eq!(replays(&screen)[1], sent[0], "R sends what was sent last");
}

#[test]
fn changes_are_kept_until_they_are_forgotten() {
    let mut screen = at_call(&mut closed());
    screen.press("e End ?x=1 Esc").expect("the changes of #41 are kept");
    screen.press("e").expect("/charge?x=1");
    screen.press("Ctrl-V").expect_not("?x=1");
    screen.wait(Duration::from_secs(5));
    screen.press("Esc").expect_not("are kept");
    screen.press("e End ?y=2 Esc V").expect("the changes of #41 are forgotten");
    screen.press("e").expect_not("?y=2");
    screen.press("Esc V").expect("#41 is unchanged");
    // The same from the question.
    screen.press("r e End ?z=3 Ctrl-R").expect("/charge?z=3 again?");
}

#[test]
fn a_text_from_the_editor_is_checked_and_kept_also_where_it_is_wrong() {
    let mut session = closed();
    let mut screen = at_call(&mut session);
    let effects = screen.chord_effects('E');
    let edit = effects.edit.expect("the editor is opened");
    assert!(edit.text.starts_with("POST /v1.0/invoke/order-processor/method/charge\n"), "{}", edit.text);
    assert!(edit.text.ends_with("\n\n{\"orderId\":41}\n"), "{}", edit.text);
    let wrong = "POST /charge\nno header here\n\n{}\n".to_owned();
    edited(&mut screen.ui, Ok(wrong), &screen.snapshot);
    screen.expect("no header here").expect("line 2: a header is written as name: value");
    screen.press("Ctrl-K Ctrl-K Ctrl-R y");
    let sent = replays(&screen);
    assert_eq!((sent[0].request.target.as_str(), &sent[0].request.body[..]), ("/charge", &b"{}"[..]));
    assert_eq!(sent[0].request.headers, []);
    let refused = std::io::Error::other("`vi` ended with exit status: 1");
    edited(&mut screen.ui, Err(refused), &screen.snapshot);
    screen.expect("nothing was edited: `vi` ended with exit status: 1");
}

#[test]
fn a_cut_body_is_not_sent_but_another_one_is() {
    let mut session = states::busy();
    let failure = Some((FailureKind::ConnectionRefused, "refused"));
    session.call(Talk { answer: None, failure, ..Talk::order(41) });
    let mut screen = at_call(&mut session);
    screen.press("e Ctrl-R").expect("not sent: its body is known once the call has ended");
    screen.press("PgDn PgDn End {} Ctrl-R y");
    assert_eq!(replays(&screen)[0].request.body, "{}");
}

#[test]
fn any_two_calls_are_compared() {
    let mut screen = at_call(&mut closed());
    screen.press("d").expect("nothing to compare #41 with: m marks one call");
    screen.press("m").expect("#41 is marked");
    screen.press("Up Up d").expect("#39 ⟷ #41").expect("503");
    screen.press("m").expect("#41 is no longer marked");
    screen.press("m m").expect("#39 is no longer marked");
}

#[test]
fn a_call_is_copied_in_every_form() {
    let mut session = closed();
    let mut screen = at_call(&mut session);
    screen.press("y").expect("Copy #41").expect("c  as a command line for curl, secrets masked");
    for (key, begin, what) in [
        ('c', "curl -X 'POST' 'http://localhost:3500/v1.0/invoke/order-processor/method/charge' \\\n", "#41 as curl"),
        ('u', "http://localhost:3500/v1.0/invoke/order-processor/method/charge", "the URL of #41"),
        ('b', "{\"error\":\"bank is closed\"", "the answer's body of #41"),
        ('B', "{\"orderId\":41}", "the request's body of #41"),
        ('j', "{\n", "#41 as JSON"),
    ] {
        let clip = screen.chord_effects('y').copy.or(screen.chord_effects(key).copy);
        let Clip { text, what: told } = clip.expect("something is copied");
        assert!(text.starts_with(begin) && told.starts_with(what), "{key}: {told}: {text}");
    }
    screen.press("y Down Down Enter").expect_not("Copy #41");
}

#[test]
fn what_can_be_done_is_offered_with_its_reasons() {
    let mut screen = at_call(&mut closed());
    screen.press("x").expect("What can be done with #41").expect("r  send the call again; 5r five times");
    screen.expect("not now: nothing was sent again yet");
    screen.press("R").expect("not possible: nothing was sent again yet");
    screen.press("r").expect("again?");
}

#[test]
fn nothing_captured_steers_the_terminal_from_a_comparison_or_a_form() {
    let nasty = "{\"a\":\"\u{202e}x\",\n\"b\": \"\u{1b}[2J\u{7}\"";
    let mut session = states::busy();
    session.call(Talk { body: nasty.into(), answer: Some((200, nasty.into())), ..Talk::order(41) });
    session.call(Talk { answer: Some((500, "other".into())), ..Talk::order(42) });
    let mut screen = at_call(&mut session);
    for keys in ["m Up d s", "Esc e Down Down Down Down"] {
        screen.press(keys);
        let text = screen.text();
        assert!(!text.contains(['\u{202e}', '\u{1b}', '\u{7}']), "{text}");
        assert!(text.contains("\\u{202e}"), "{text}");
    }
}

/// Pictures what lies over the panes at every size.
fn picture(name: &str, keys: &str, answered: bool) {
    at_every_size(|size, theme, picture| {
        let mut session = closed();
        let mut screen = Screen::themed(session.snapshot(), size, theme);
        screen.press("4 End");
        if answered {
            screen.press("r y");
            let replay = reopened(&mut session);
            session.call(replay);
            screen.show(session.snapshot());
        }
        screen.press(keys);
        picture(name, &screen);
    });
}

#[test]
fn whole_screens() {
    picture("replay_question", "r", false);
    picture("replay_diff", "", true);
    picture("replay_edit", "e Down Down", false);
    picture("replay_edit_wrong", "e Down Down nonsense Enter", false);
    picture("replay_copy", "y Down", false);
    picture("replay_actions", "x", false);
}
