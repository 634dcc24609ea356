//! All calls that are listed are sent again: keys in, screens and commands out.

use std::time::Duration;

use daptop_model::{Command, FailureKind, Replay};

use crate::again::again;
use crate::screen::Screen;
use crate::session::{Session, Talk};
use crate::snapshots::at_every_size;
use crate::states;

const SIZE: (u16, u16) = (120, 40);

/// The replays that were asked for.
fn replays(screen: &Screen) -> Vec<Replay> {
    let replay = |command: &Command| match command {
        Command::Replay(replay) => Some((**replay).clone()),
        _ => None,
    };
    screen.commands.iter().filter_map(replay).collect()
}

fn numbers(screen: &Screen) -> Vec<u64> {
    replays(screen).iter().map(|replay| replay.original.0).collect()
}

/// The replay that was asked for last is answered as its original was.
fn answer(session: &mut Session, screen: &mut Screen) {
    let last = replays(screen).pop().expect("a replay was asked for");
    again(session, &last);
    screen.show(session.snapshot());
}

/// A shop in which much happens, and the list of calls narrowed to some.
fn listed(session: &mut Session, size: (u16, u16), filter: &str) -> Screen {
    let mut screen = Screen::new(session.snapshot(), size);
    screen.press(&format!("4 / {} Enter", filter.replace(' ', " Space ")));
    screen
}

#[test]
fn a_set_is_sent_oldest_first_and_one_after_the_other() {
    let mut session = states::busy();
    let mut screen = listed(&mut session, SIZE, "id<=3");
    screen.press("S").expect("Send 3 calls again?").expect("may change something      3  3 POST");
    screen.press("n").expect_not("again?").expect_not("Sending");
    assert_eq!(numbers(&screen), [0; 0], "nothing is sent after a no");
    screen.press("S y").expect("Sending 1 of 3 again. Esc stops.");
    screen.show(session.snapshot());
    assert_eq!(numbers(&screen), [1], "the next one waits for the answer to the one before");
    answer(&mut session, &mut screen);
    screen.expect("Sending 2 of 3 again: 1 answered the same. Esc stops.");
    answer(&mut session, &mut screen);
    assert_eq!(numbers(&screen), [1, 2, 3]);
    answer(&mut session, &mut screen);
    screen.expect("3 sent again: 3 answered the same. P lists the replays, Esc closes this.");
    screen.press("P").expect("replay id>=41 id<=43").expect("3 of 43");
    assert_eq!(numbers(&screen), [1, 2, 3], "and nothing more");
}

#[test]
fn each_call_of_a_set_goes_as_it_was() {
    let mut session = states::busy();
    let mut screen = listed(&mut session, SIZE, "id:7");
    screen.press("S Enter");
    let sent = replays(&screen);
    assert_eq!((sent[0].times, &sent[0].request.body[..]), (1, &b"{\"orderId\":7}"[..]));
    assert_eq!(sent[0].request.target, "/v1.0/invoke/order-processor/method/orders");
}

#[test]
fn a_set_is_stopped_and_says_how_far_it_came() {
    let mut session = states::busy();
    let mut screen = listed(&mut session, SIZE, "id<=9");
    screen.press("S y");
    answer(&mut session, &mut screen);
    screen.press("Esc").expect("Stopped after 2 of 9, the last answer is awaited: 1 answered the same.");
    screen.press("S").expect("nothing is sent: a set is being sent already");
    screen.wait(Duration::from_secs(5));
    answer(&mut session, &mut screen);
    screen.expect("Stopped after 2 of 9. 2 sent again: 2 answered the same. P lists the replays");
    assert_eq!(numbers(&screen), [1, 2]);
    screen.press("Esc").expect_not("Stopped").expect("id<=9");
    screen.press("P").expect("no set was sent");
}

#[test]
fn a_set_goes_on_while_somebody_does_something_else() {
    let mut session = states::busy();
    let mut screen = listed(&mut session, SIZE, "id<=2");
    screen.press("S y ?").expect_not("Sending");
    answer(&mut session, &mut screen);
    answer(&mut session, &mut screen);
    screen.press("Esc").expect("2 sent again: 2 answered the same.");
    screen.press("5").expect("2 sent again: 2 answered the same.");
}

#[test]
fn what_came_of_a_set_is_counted_by_how_it_was_answered() {
    let mut session = states::busy();
    session.call(Talk { answer: Some((503, "closed".into())), ..Talk::order(41) });
    let refused = Some((FailureKind::ConnectionRefused, "refused"));
    session.call(Talk { answer: Some((500, "{}".into())), failure: refused, ..Talk::order(42) });
    let mut screen = listed(&mut session, SIZE, "id>=40");
    screen.press("S y");
    answer(&mut session, &mut screen);
    session.call(Talk { replay_of: Some(41), ..Talk::order(41) });
    screen.show(session.snapshot());
    answer(&mut session, &mut screen);
    screen.expect("3 sent again: 1 answered the same, 1 otherwise, 1 not at all.");
}

#[test]
fn a_call_that_is_not_answered_in_time_holds_up_no_set() {
    let mut session = states::busy();
    let mut screen = listed(&mut session, SIZE, "id<=2");
    screen.press("S y");
    session.call(Talk { answer: None, replay_of: Some(1), ..Talk::order(1) });
    screen.show(session.snapshot());
    screen.wait(Duration::from_secs(9));
    assert_eq!(numbers(&screen), [1]);
    screen.wait(Duration::from_secs(1));
    assert_eq!(numbers(&screen), [1, 2], "time alone is enough");
    screen.expect("Sending 2 of 2 again: 1 not answered.");
    // A replay that is never captured is none that was answered.
    screen.wait(Duration::from_secs(10));
    screen.expect("2 sent again: 2 not answered. P lists the replays");
}

#[test]
fn what_is_left_out_and_what_cannot_be_repeated_is_said_before() {
    let mut session = states::probed();
    let replay = Talk { replay_of: Some(3), ..Talk::order(1) };
    session.call(replay.clone());
    session.call(replay);
    session.call(Talk { answer: None, ..Talk::order(7) });
    session.call(Talk { from: "stranger", ..Talk::order(8) });
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 S").expect("Send 42 calls again?").expect("40 POST").expect("only read                 2  2 GET");
    screen.expect("cannot be repeated        1  #125: its body is known once the call has ended");
    screen.expect("cannot be repeated        1  #126: stranger has no sidecar in this run");
    screen.expect("are left out              2  replays themselves: with replay in the filter");
    screen.expect("are left out             80  probes that are folded into one row: o lists them");
    screen.press("Esc / replay Enter S").expect("Send 2 calls again?").expect_not("replays themselves");
}

#[test]
fn what_can_no_longer_be_repeated_when_its_turn_comes_is_passed_over_and_counted() {
    let mut session = Session::new(daptop_model::Limits { calls: 4, ..daptop_model::Limits::default() });
    session.shop();
    for number in 1..=4 {
        session.call(Talk::order(number));
    }
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 S y");
    // The replay takes the place of #1, and another call that of #2.
    again(&mut session, &replays(&screen)[0]);
    session.call(Talk::order(5));
    screen.show(session.snapshot());
    assert_eq!(numbers(&screen), [1, 3]);
    screen.expect("Sending 3 of 4 again");
    screen.press("Esc").expect("Stopped after 3 of 4");
}

#[test]
fn a_list_of_which_nothing_can_be_sent_says_why() {
    let mut empty = Screen::new(states::empty().snapshot(), SIZE);
    empty.press("4 S").expect("nothing is sent: there is no call to be sent again");
    let mut session = states::busy();
    for number in 0..=1_000 {
        session.call(Talk::order(number));
    }
    let mut many = Screen::new(session.snapshot(), SIZE);
    many.press("4 S")
        .expect("nothing is sent: more than 1000 calls are not sent again at once; a filter narrows the list");
    many.press("x").expect("not now: more than 1000 calls");
    session.call(Talk { from: "stranger", ..Talk::order(8) });
    let mut stranger = listed(&mut session, SIZE, "from:stranger");
    stranger.press("S").expect("No call of the list can be sent again");
    stranger.press("y").expect("none of these calls can be repeated");
    assert_eq!(replays(&stranger), []);
}

#[test]
fn whole_screens() {
    at_every_size(|size, theme, picture| {
        let mut session = states::failing();
        session.call(Talk { replay_of: Some(3), ..Talk::order(1) });
        session.call(Talk { answer: None, ..Talk::order(7) });
        let mut screen = Screen::themed(session.snapshot(), size, theme);
        screen.press("4 / id>70 Enter S");
        picture("set_question", &screen);
        screen.press("y");
        answer(&mut session, &mut screen);
        picture("set_running", &screen);
        for _ in 0..20 {
            if !screen.shows("closes") {
                answer(&mut session, &mut screen);
            }
        }
        picture("set_done", &screen);
    });
}
