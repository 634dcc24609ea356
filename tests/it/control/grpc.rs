//! `show` and `replay` on gRPC calls: messages are read, and written, as JSON.

use super::greeter::Greeter;
use super::user::{Running, User, until};

const PROTO: &str = "syntax = \"proto3\";\npackage greet;\nmessage Hello { string name = 1; int32 times = 2; bytes data = 3; }\n\
    service Greeter { rpc Say(Hello) returns (Hello); }\n";
/// `{name: "Ada", times: 3}`.
const ADA: &[u8] = b"\x0a\x03Ada\x10\x03";

/// server, whose messages a file tells of, and client, which has said something to it.
struct Shop {
    user: User,
    _run: Running,
    server: Greeter,
}

impl Shop {
    fn open(protos: &str) -> Self {
        let (user, server) = (User::new(), Greeter::serve());
        std::fs::write(user.folder().join("greeter.proto"), PROTO).unwrap();
        let port = server.port;
        let file = format!(
            "version: 1\napps:\n  - appID: server\n    appDirPath: .\n    appPort: {port}\n    appProtocol: grpc\n    \
             protos: {protos}\n    command: [sleep, '600']\n  - appID: client\n    appDirPath: .\n    command: [sleep, '600']\n"
        );
        std::fs::write(user.folder().join("dapr.yaml"), file).unwrap();
        let run = user.run(&["run", "-f", "."], &["server", "client"]);
        let shop = Self { user, _run: run, server };
        shop.say(ADA);
        shop
    }

    /// Lets client say something to server, and waits until the call has ended.
    fn say(&self, message: &[u8]) {
        let ended = || self.user.ask(&["calls", "-o", "json"]).1.matches("\"answered\"").count();
        let before = ended();
        let grpc = self.user.apps().iter().find(|app| app["appId"] == "client").unwrap()["grpcPort"].as_u64().unwrap();
        assert_eq!(self.server.say(grpc as u16, message), "0");
        assert!(until(|| ended() > before));
    }
}

#[test]
fn the_messages_of_a_call_are_shown_as_what_its_files_say() {
    let shop = Shop::open("[greeter.proto]");
    let (code, page, err) = shop.user.ask(&["show", "1"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "\nMessages (1 sent, 1 answered; read by the proto files)\n  (the app has no reflection)\n",
        "\n  -> 1   +",
        "  7 bytes  greet.Hello\n    {\n      \"name\": \"Ada\",\n      \"times\": 3\n    }\n  <- 1   +",
        "\nRequest body (12 bytes)\n\n",
        "\nStatus\n  0 OK\n",
    ] {
        assert!(page.contains(part), "{part:?} is not in:\n{page}");
    }
}

/// server in one process and client, which has said something to it, in another.
struct Neighbours {
    user: User,
    near: Running,
    far: Running,
    _server: Greeter,
}

impl Neighbours {
    fn open(server: Greeter) -> Self {
        let (user, port) = (User::new(), server.port.to_string());
        let app = ["run", "--app-id", "server", "--app-port", &port, "--app-protocol", "grpc", "--", "sleep", "600"];
        let far = user.run(&app, &["server"]);
        let near = user.run(&["run", "--app-id", "client", "--", "sleep", "600"], &["client"]);
        let grpc = user.apps().iter().find(|app| app["appId"] == "client").unwrap()["grpcPort"].as_u64().unwrap();
        assert_eq!(server.say(grpc as u16, ADA), "0");
        let shop = Self { user, near, far, _server: server };
        assert!(until(|| shop.ask(&["calls", "-o", "json"]).contains("\"answered\"")));
        shop
    }

    /// What a command prints that asks the process of client.
    fn ask(&self, args: &[&str]) -> String {
        let pid = self.near.pid().to_string();
        let (code, out, err) = self.user.ask(&[args, &["--pid", &pid]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        out
    }
}

#[test]
fn an_app_of_another_process_is_asked_through_that_process_what_its_messages_are() {
    let mut shop = Neighbours::open(Greeter::telling(PROTO));
    let told = format!("read by the app's reflection, through process {})\n", shop.far.pid());
    let page = shop.ask(&["show", "1"]);
    assert!(page.contains(&told) && page.contains("\"name\": \"Ada\""), "{told} is not in:\n{page}");
    let out = shop.ask(&["replay", "1", "--diff", "--data", "{\"name\": \"Bob\"}"]);
    assert!(out.contains("sent message $.name: \"Ada\" -> \"Bob\"\n"), "{out}");
    shop.far.kill();
    let page = shop.ask(&["show", "1"]);
    assert!(page.contains(&told), "what it told is kept:\n{page}");
}

#[test]
fn where_the_other_process_does_not_know_it_either_both_say_why() {
    let mut shop = Neighbours::open(Greeter::serve());
    let pid = shop.far.pid();
    let page = shop.ask(&["show", "1"]);
    for part in [
        "; read by the bytes alone)\n".to_owned(),
        format!("  (process {pid}: the app has no reflection)\n  (process {pid}: no proto file is named)\n"),
        "  (no proto file is named)\n".to_owned(),
    ] {
        assert!(page.contains(&part), "{part:?} is not in:\n{page}");
    }
    shop.far.kill();
    let page = shop.ask(&["show", "1"]);
    assert!(page.contains("  (the app is behind a sidecar of no daptop process here, and sidecars"), "{page}");
}

#[test]
fn of_a_message_that_is_too_long_to_be_kept_the_fields_that_are_whole_are_shown_and_where_it_was_cut() {
    let shop = Shop::open("[greeter.proto]");
    // Field 3 has 2 MiB.
    shop.say(&[ADA, b"\x1a\x80\x80\x80\x01", &vec![7; 2 << 20]].concat());
    let (code, page, err) = shop.user.ask(&["show", "2"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "  2097164 bytes  greet.Hello\n    {\n      \"name\": \"Ada\",\n      \"times\": 3\n    }\n",
        "    (1048571 of 2097164 bytes are here: the rest passed, and was not kept)\n",
        "    (cut within data, of which 1048559 of 2097152 bytes are here and not shown)\n",
    ] {
        assert_eq!(page.matches(part).count(), 2, "{part:?}, of both messages, in:\n{page}");
    }
    let (code, _, err) = shop.user.ask(&["replay", "2"]);
    assert_eq!(code, 1);
    assert!(err.contains("a cut body is not sent"), "{err}");
    let (code, out, err) = shop.user.ask(&["replay", "2", "--diff", "--data", "{\"name\": \"Ada\"}"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("the message is not here whole: its first 5 bytes are the same"), "{out}");
}

#[test]
fn a_call_is_sent_again_with_another_message_and_the_fields_that_differ_are_told() {
    let shop = Shop::open("[greeter.proto]");
    let data = ["replay", "1", "--diff", "--data", "{\"name\": \"Bob\", \"times\": 3}"];
    let (code, out, err) = shop.user.ask(&data);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("(replay of #1)"), "{out}");
    assert!(out.contains("    sent message $.name: \"Ada\" -> \"Bob\"\n"), "{out}");
    assert!(!out.contains("$.times"), "{out}");
    let (code, _, err) = shop.user.ask(&["replay", "1", "--data", "{\"nme\": \"Bob\"}"]);
    assert_eq!(code, 1);
    assert!(err.contains("this is not a greet.Hello: unrecognized field name 'nme'"), "{err}");
    let (code, _, err) = shop.user.ask(&["replay", "1", "--method", "GET"]);
    assert_eq!(code, 1);
    assert!(err.contains("a gRPC call has no verb but POST: --path names another method"), "{err}");
    let (code, out, err) = shop.user.ask(&["replay", "1", "--diff"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("    nothing else differs\n"), "{out}");
}

#[test]
fn where_nobody_tells_what_messages_are_they_have_numbers_and_cannot_be_written() {
    let shop = Shop::open("[]");
    let (_, page, _) = shop.user.ask(&["show", "1"]);
    assert!(page.contains("; read by the bytes alone)\n"), "{page}");
    assert!(page.contains("  (no proto file is named)\n"), "{page}");
    assert!(page.contains("    {\n      \"1\": \"Ada\",\n      \"2\": 3\n    }\n"), "{page}");
    let (code, _, err) = shop.user.ask(&["replay", "1", "--data", "{}"]);
    assert_eq!(code, 1);
    assert!(err.contains("nobody told what the message of /greet.Greeter/Say is"), "{err}");
}
