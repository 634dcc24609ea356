//! A gRPC call is opened, read by the names of its fields, sent again with another message and compared, on the real
//! dashboard.

use super::replay::words;
use super::window::{Window, are_gone, command, descendants};
use super::{DAPTOP, has_row};
use crate::quickstart::greeter::PYTHON;
use crate::quickstart::run::Place;
use crate::run::daptop::World;
use crate::support::skip;

/// An editor that greets somebody else.
const EDITOR: &str = "#!/bin/sh\nsed -i 's/Darth Tyrannus/Grace/' \"$1\"\n";

#[test]
fn somebody_reads_the_messages_of_a_call_by_their_fields_changes_one_and_sees_what_differs() {
    if let Err(missing) = PYTHON.language.toolchain() {
        return skip("the dashboard over the Python quickstart of gRPC", &missing);
    }
    let (world, place) = (World::new(), Place::of_greeter(&PYTHON).installed());
    let editor = world.path().join("editor");
    std::fs::write(&editor, EDITOR).unwrap();
    let mut run = command(&world, &[DAPTOP, "run", "-f", ".", "--replay-at-once"]);
    run.cwd(&place.folder);
    for (name, value) in place.environment() {
        run.env(name, value);
    }
    run.env("EDITOR", format!("sh '{}'", editor.display()));
    let mut window = Window::open(run);
    window.until("a call of each method", |screen| {
        screen.alternate_screen()
            && has_row(screen, &["client", "server", "gRPC", "Greeter/SayHello ", "OK"])
            && has_row(screen, &["client", "server", "gRPC", "Greeter/SayHelloBidiStream", "OK"])
    });
    let pids = descendants(window.pid());
    // The unary call: what its messages are is told by the app.
    window.press("4g\r]");
    window.until("the request's message by its field, and who told of it", |screen| {
        let text = words(screen);
        text.contains("1 message 16 B helloworld.HelloRequest")
            && text.contains("fields by the app's reflection (v1alpha): the app has no reflection v1")
            && text.contains("\"name\": \"Darth Tyrannus\"")
    });
    // Edited as JSON, and sent.
    window.press("E");
    window.until("the changed message, in place", |screen| {
        let text = words(screen);
        screen.alternate_screen() && text.contains("\"name\": \"Grace\"") && text.contains("is sent again, changed")
    });
    window.press("\u{12}");
    window.until("what differs, field by field", |screen| {
        let text = words(screen);
        text.contains("sent message $.name \"Darth Tyrannus\" → \"Grace\"")
            && text.contains("status gRPC OK same")
            && text.contains("message $.message \"Hello Darth Tyrannus\" → \"Hello Grace\"")
    });
    // The stream: the messages of both directions, in the order in which they came.
    window.press("\u{1b}");
    window.until("the call", |screen| !words(screen).contains('⟷'));
    window.press("\u{1b}");
    window.until("the calls", |screen| words(screen).contains("▸ Calls"));
    window.press("j\r]]");
    window.until("the messages of the stream", |screen| {
        let text = words(screen);
        text.contains("[Messages]")
            && text.contains("← 5 messages 59 B helloworld.HelloReply")
            && has_row(screen, &["→ #1", "{ \"name\": \"Leia\" }"])
            && has_row(screen, &["← #5", "{ \"message\": \"Hello Finn\" }"])
    });
    // Only a call of one message can be sent again.
    window.press("r");
    window.shows("is not sent again: it sent 5 messages; only calls of one are repeated");
    // The app has really got the other message.
    window.press("1");
    window.until("the line of the app", |screen| has_row(screen, &["server", "Received: Grace"]));
    window.press("q");
    window.shows("quit?");
    window.press("y");
    assert_eq!(window.end(), 0, "{}", window.written());
    window.is_given_back();
    are_gone(&pids);
}
