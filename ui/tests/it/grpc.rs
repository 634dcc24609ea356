//! gRPC calls in full: what their messages say, by whom that is told, and how they grow.

use std::time::Duration;

use bytes::Bytes;
use daptop_model::{Command, Limits, Side};
use daptop_ui::edited;

use crate::greeter::{self, HELLO, Rpc, hello, stream, text};
use crate::screen::Screen;
use crate::session::Session;
use crate::snapshots::picture_at;

const SIZE: (u16, u16) = (120, 50);

/// A session with two apps that speak gRPC, of which the second tells what its messages are where `told`.
fn greeters(told: bool) -> Session {
    let mut session = Session::new(Limits::default());
    session.greeters();
    if told {
        session.reflection();
    }
    session
}

/// The newest call in full, at the part that comes after so many `]`.
fn opened(session: &mut Session, parts: usize) -> Screen {
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 G Enter Enter");
    for _ in 0..parts {
        screen.press("]");
    }
    screen
}

#[test]
fn a_unary_call_is_read_by_what_its_app_tells() {
    let mut session = greeters(true);
    session.rpc(&hello("Ada"));
    let mut screen = opened(&mut session, 1);
    screen.expect("[Request]").expect("Request  gRPC /helloworld.Greeter/SayHello").expect("x-tenant");
    screen.expect("1 message  5 B  helloworld.HelloRequest").expect("fields by the app's reflection");
    screen.expect("#1  +0 µs  5 B").expect("\"name\": \"Ada\"");
    screen.press("]").expect("Response  OK").expect("#1  +4.2 ms  11 B").expect("\"message\": \"Hello Ada\"");
    screen.press("]").expect("[Messages]").expect("fields by the app's reflection");
    screen.expect("→ 1 message  5 B  helloworld.HelloRequest").expect("← 1 message  11 B  helloworld.HelloReply");
    screen.expect("→ #1").expect("{ \"name\": \"Ada\" }").expect("← #1").expect("← OK");
    assert_eq!(screen.commands, [], "what is known is not asked for");
}

#[test]
fn messages_unfold_one_by_one_and_all_at_once() {
    let mut session = greeters(true);
    session.rpc(&hello("Ada"));
    let mut screen = opened(&mut session, 3);
    screen
        .press("Down Down Down Down Space")
        .expect("▌▾ → #1")
        .expect_not("{ \"name\": \"Ada\" }")
        .expect("\"name\": \"Ada\"");
    screen.press("Down Down").expect("→ #1 › $.name");
    screen.press("Up Up Enter").expect("▌▸ → #1").expect("{ \"name\": \"Ada\" }");
    screen.press("F").expect_not("{ \"name\"").expect("  \"message\": \"Hello Ada\"");
    screen.press("F").expect("{ \"name\": \"Ada\" }");
    screen.press("/ message\" Enter").expect("1 of 1").expect("← #1 › $.message");
}

#[test]
fn an_app_is_asked_once_what_its_messages_are_and_again_when_that_was_forgotten() {
    let mut session = greeters(false);
    let describe = || Command::Describe { app: "greeter-server".into(), service: "helloworld.Greeter".into() };
    session.rpc(&hello("Ada"));
    let mut screen = opened(&mut session, 1);
    screen.expect("fields by the bytes alone: greeter-server is being asked what they are").expect("\"1\": \"Ada\"");
    screen.wait(Duration::from_secs(1));
    screen.show(session.snapshot());
    assert_eq!(screen.commands, [describe()], "once, however often it is looked at");
    session.reflection();
    screen.show(session.snapshot());
    screen.expect("fields by the app's reflection").expect("\"name\": \"Ada\"");
    screen.press("a").expect("greeter-server is asked again what its messages are");
    assert_eq!(screen.commands, [describe(), describe()]);
    let mut unheard = opened(&mut greeters_with_call(), 1);
    unheard.wait(Duration::from_secs(11));
    assert_eq!(unheard.commands, [describe(), describe()], "a question that nobody answered is asked again");
}

#[test]
fn an_app_that_is_ready_after_it_was_asked_is_asked_again_at_once() {
    let mut session = greeters_with_call();
    let mut screen = opened(&mut session, 1);
    // Nothing listened yet; that is forgotten before it was drawn.
    session.no_reflection("helloworld.Greeter");
    session.app("greeter-server", 50_051, daptop_model::AppState::Ready);
    screen.show(session.snapshot());
    screen.expect("greeter-server is being asked");
    assert_eq!(screen.commands.len(), 2, "{:?}", screen.commands);
}

fn greeters_with_call() -> Session {
    let mut session = greeters(false);
    session.rpc(&hello("Ada"));
    session
}

#[test]
fn nobody_is_asked_about_a_call_that_is_not_grpc() {
    let mut session = greeters(false);
    session.call(crate::session::Talk::order(1));
    let mut screen = opened(&mut session, 3);
    screen.expect("[Timing]").expect_not("Messages");
    screen.press("a").expect("#1 is no gRPC call");
    assert_eq!(screen.commands, []);
}

#[test]
fn guessed_fields_are_said_to_be_guessed_and_why() {
    let mut session = greeters(false);
    session.no_reflection("helloworld.Greeter");
    session.rpc(&hello("Ada"));
    let screen = opened(&mut session, 3);
    screen.expect("fields by the bytes alone: the app has no reflection; no proto file is named");
    screen.expect("{ \"1\": \"Ada\" }");
}

#[test]
fn a_failed_call_has_its_status_by_name_and_its_details() {
    let mut session = greeters(true);
    session.rpc(&greeter::failed());
    let mut screen = opened(&mut session, 2);
    screen.expect("Response  INVALID_ARGUMENT (3)  a name is needed").expect("google.rpc.BadRequest");
    screen.expect("\"description\": \"is empty\"").expect("No message");
    screen.press("]").expect("← INVALID_ARGUMENT (3)  a name is needed").expect("\"description\": \"is empty\"");
    screen.press("Enter").expect("InvalidArg").expect("gRPC");
    let mut wide = Screen::new(session.snapshot(), (150, 40));
    wide.press("4").expect("InvalidArgument");
}

#[test]
fn where_no_message_passed_it_is_not_said_from_where_the_fields_are_known() {
    let mut session = greeters(true);
    session.rpc(&Rpc { messages: Vec::new(), status: Some((14, "nobody", "")), ..hello("") });
    let screen = opened(&mut session, 3);
    screen.expect("→ none").expect("← UNAVAILABLE (14)  nobody").expect_not("fields by");
}

#[test]
fn from_where_the_fields_are_known_is_said_once() {
    let mut session = greeters(true);
    session.rpc(&hello("Ada"));
    let screen = opened(&mut session, 0);
    let text = screen.text();
    assert_eq!(text.matches("fields by the app's reflection").count(), 1, "{text}");
    screen.expect("1 message  5 B  helloworld.HelloRequest").expect("1 message  11 B  helloworld.HelloReply");
}

#[test]
fn a_compressed_message_is_decompressed() {
    let mut session = greeters(true);
    session.rpc(&greeter::compressed());
    let screen = opened(&mut session, 1);
    screen.expect("gzip").expect("\"name\": \"Ada Lovelace, once more: Ada Lovelace\"");
}

#[test]
fn a_stream_that_is_open_is_followed_at_its_end_and_holds_still_elsewhere() {
    let mut session = greeters(true);
    let begin = session.now;
    let first = stream(100);
    let id = session.rpc(&first);
    let mut screen = opened(&mut session, 3);
    screen.expect("→ #1 ").expect_not("#100 ");
    let seen = |screen: &Screen| screen.text().lines().skip(5).take(30).collect::<Vec<_>>().join("\n");
    screen.press("PgDn");
    let before = seen(&screen);
    let passed = [Side::Request, Side::Response].map(|side| {
        first.messages.iter().filter(|message| message.0 == side).map(|message| 5 + message.2.len() as u64).sum()
    });
    let more = Rpc { messages: vec![(Side::Request, 11_000_000, text("Grace"), false)], ..stream(0) };
    session.more(id, begin, passed, &more);
    screen.show(session.snapshot());
    assert_eq!(seen(&screen), before, "what is looked at stays where it is");
    screen.press("G").expect("→ #101").expect("{ \"name\": \"Grace\" }").expect("request: still open");
    let more = Rpc { messages: vec![(Side::Request, 12_000_000, text("Edsger"), false)], ..stream(0) };
    session.more(id, begin, [passed[0] + 12, passed[1]], &more);
    screen.show(session.snapshot());
    screen.expect("→ #102").expect("+12.000 s").expect("{ \"name\": \"Edsger\" }");
}

#[test]
fn what_is_not_here_is_said() {
    let mut session = greeters(true);
    let many = (0..1_003).map(|number| (Side::Request, number, text("x"), false));
    session.rpc(&Rpc { path: HELLO, messages: many.collect(), status: Some((5, "none", "")), replay_of: None });
    let mut screen = opened(&mut session, 3);
    screen.expect("→ 1,003 messages");
    screen.press("G");
    while screen.shows("#1,000") && !screen.shows("{ \"name\": \"x\" }") {
        screen.wait(Duration::from_millis(1));
    }
    screen.expect("request: 3 more passed: the first 1,000 of a direction are kept").expect("← NOT_FOUND (5)  none");
    let cut = vec![(Side::Request, 0, Bytes::from_static(b"\xff\xff"), false)];
    session.rpc(&Rpc { messages: cut, ..hello("") });
    let screen = opened(&mut session, 1);
    screen.expect("these bytes are no helloworld.HelloRequest").expect("00000000  ff ff");
}

/// A call of each kind, and an app that tells what its messages are.
fn told() -> Session {
    let mut session = Session::new(Limits::default());
    greeter::tell(&mut session);
    session.reflection();
    session
}

fn picture(name: &str, keys: &str) {
    picture_at(&[(80, 24), (120, 40), (60, 16)], name, told, &format!("4 {keys}"));
}

#[test]
fn whole_screens() {
    picture("grpc_list", "G");
    picture("grpc_messages", "G Enter Enter ] ] ] Down Down Down Down Down Space");
    picture("grpc_guessed", "g Down Enter Enter ]");
    picture("grpc_failed", "g Down Down Enter Enter ] ]");
    picture("grpc_trace", "g Down Down t");
}

#[test]
fn in_a_narrow_list_the_method_and_the_status_of_a_call_are_read_whole() {
    for size in [(60, 16), (80, 24), (96, 30), (120, 40), (160, 50)] {
        let mut session = greeters(true);
        session.rpc(&Rpc { status: Some((9, "not yet", "")), ..hello("Ada") });
        session.rpc(&hello("Ada"));
        session.rpc(&Rpc { replay_of: Some(2), ..hello("Ada") });
        session.call(crate::session::Talk::order(1));
        let mut screen = Screen::new(session.snapshot(), size);
        screen.press("4 G z");
        let text = screen.text();
        let rows: Vec<&str> = text.lines().collect();
        let shows = |row: usize, words: [&str; 2]| words.iter().all(|word| rows[row].contains(word));
        assert!(shows(2, ["Greeter/SayHello ", " FailedPrecondition"]), "{text}");
        assert!(shows(3, ["SayHello ", " OK"]) && shows(4, ["SayHello ", " OK"]), "{text}");
        assert!(rows[5].contains("POST") && shows(5, ["/orders", " 200"]), "the verb of HTTP is told: {text}");
    }
}

#[test]
fn two_calls_are_compared_by_what_their_messages_say() {
    let mut session = greeters(true);
    session.rpc(&hello("Ada"));
    session.pass(Duration::from_secs(1));
    session.rpc(&hello("Grace"));
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 g m Down d").expect("#1 ⟷ #2").expect("gRPC OK");
    screen.expect("sent message $.name").expect("\"Ada\" → \"Grace\"").expect("message      $.message");
    session.rpc(&Rpc { status: Some((0, "", "")), ..stream(3) });
    session.rpc(&Rpc { status: Some((5, "none", "")), ..stream(30) });
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 G m Up d").expect("3 messages → 30 messages").expect("gRPC OK → gRPC NOT_FOUND");
}

#[test]
fn a_call_is_copied_for_grpcurl_and_as_what_it_says() {
    let mut session = greeters(true);
    session.rpc(&hello("Ada"));
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 y").expect("c  as a command line for grpcurl, secrets masked");
    screen.press("Esc");
    let command = "protoset=$(mktemp) &&\ngrpcurl -plaintext -protoset-out \"$protoset\" \\\n  \
                   '127.0.0.1:50051' describe 'helloworld.Greeter' > /dev/null &&\n\
                   grpcurl -plaintext -protoset \"$protoset\" \\\n  -H 'dapr-app-id: greeter-server' \\\n  \
                   -H 'x-tenant: blue' \\\n  -H 'authorization: ***' \\\n  -d '{\"name\":\"Ada\"}' \\\n  \
                   127.0.0.1:50001 'helloworld.Greeter/SayHello'\n";
    for (key, text, what) in [
        ('c', command, "#1 as grpcurl, its secrets masked, which asks 127.0.0.1:50051 first what its messages are"),
        ('B', "{\n  \"name\": \"Ada\"\n}\n", "the request's message of #1"),
        ('b', "{\n  \"message\": \"Hello Ada\"\n}\n", "the answer's message of #1"),
    ] {
        screen.press("y");
        let clip = screen.chord_effects(key).copy.expect("something is copied");
        assert_eq!((clip.text.as_str(), clip.what.as_str()), (text, what));
    }
    screen.press("y");
    let clip = screen.chord_effects('j').copy.expect("something is copied");
    let call: serde_json::Value = serde_json::from_str(&clip.text).unwrap();
    assert_eq!(call["messages"][1]["message"]["message"], "Hello Ada");
    assert_eq!(call["response"]["grpcStatus"], "OK");
    let mut untold = Screen::new(greeters_with_call().snapshot(), SIZE);
    untold
        .press("4 y c")
        .expect("greeter-server is being asked what its messages are: press the key again in a moment");
    let mut session = greeters_with_call();
    session.no_reflection("helloworld.Greeter");
    untold.show(session.snapshot());
    untold.press("y c").expect("nothing is copied: nobody told what the message of /helloworld.Greeter/SayHello is");
}

#[test]
fn who_copies_or_changes_a_call_that_nobody_has_looked_at_waits_for_what_its_app_tells() {
    let describe = Command::Describe { app: "greeter-server".into(), service: "helloworld.Greeter".into() };
    let asked = "greeter-server is being asked what its messages are: press the key again in a moment";
    for keys in ["e", "y c"] {
        let mut session = greeters_with_call();
        let mut screen = Screen::new(session.snapshot(), (80, 24));
        screen.press("4 G").press(keys).expect(&asked[..70]);
        assert_eq!(screen.commands, std::slice::from_ref(&describe));
        session.reflection();
        screen.show(session.snapshot());
        if keys == "e" {
            screen.press("e").expect("  \"name\": \"Ada\"").expect_not("is being asked");
        } else {
            assert!(screen.press("y").chord_effects('c').copy.is_some());
        }
    }
}

/// The requests that the dashboard wants to be sent.
fn replays(screen: &Screen) -> Vec<daptop_model::ReplayRequest> {
    let request = |command: &Command| match command {
        Command::Replay(replay) => Some(replay.request.clone()),
        _ => None,
    };
    screen.commands.iter().filter_map(request).collect()
}

#[test]
fn a_grpc_call_is_sent_again_as_it_was_and_changed_as_json() {
    let mut session = greeters(true);
    session.rpc(&hello("Ada"));
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 G r").expect("Send gRPC /helloworld.Greeter/SayHello to greeter-server again?");
    screen.press("y e").expect("gRPC /helloworld.Greeter/SayHello").expect("  \"name\": \"Ada\"");
    screen.expect("method, metadata, an empty line, the message");
    let edit = screen.chord_effects('E');
    assert_eq!(edit.edit, None, "what is typed in the form is text");
    screen.press("Ctrl-V Esc");
    let text = screen.chord_effects('E').edit.expect("the editor is opened").text;
    let wrong = text.replace("\"name\"", "\"nme\"");
    edited(&mut screen.ui, Ok(wrong), &screen.snapshot);
    screen.expect("line 10: this is not a helloworld.HelloRequest: unrecognized field name 'nme'");
    edited(&mut screen.ui, Ok(text.replace("Ada", "Grace")), &screen.snapshot);
    screen.press("Ctrl-R y");
    let sent = replays(&screen);
    let bodies: Vec<&[u8]> = sent.iter().map(|request| &request.body[..]).collect();
    assert_eq!(bodies, [&b"\0\0\0\0\x05\x0a\x03Ada"[..], b"\0\0\0\0\x07\x0a\x05Grace"]);
    assert!(sent.iter().all(|request| request.verb == "POST" && request.target == HELLO), "{sent:?}");
}

#[test]
fn where_the_message_cannot_be_edited_the_form_says_why() {
    let mut session = greeters(false);
    session.no_reflection("helloworld.Greeter");
    session.rpc(&hello("Ada"));
    let mut screen = Screen::new(session.snapshot(), (80, 24));
    screen.press("4 G e").expect("10 bytes that are not text").expect("the message is not shown as JSON: nobody told");
    screen.press("Ctrl-R y");
    assert_eq!(replays(&screen)[0].body, "\0\0\0\0\x05\x0a\x03Ada");
    session.rpc(&stream(3));
    let mut screen = Screen::new(session.snapshot(), SIZE);
    screen.press("4 G r").expect("is not sent again").expect_not("again?");
}
