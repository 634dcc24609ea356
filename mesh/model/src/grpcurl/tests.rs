use std::process::Command;

use super::*;
use crate::schema::tests::{call, greeter};
use crate::{HeadBuilder, SchemaFailure};

const ADA: &[u8] = b"\x0a\x03A'a\x10\x03";

fn talk() -> Call {
    let (mut call, message) = call(ADA, ADA.len(), None);
    call.messages.push(message);
    let mut head = HeadBuilder::default();
    for (name, value) in [
        ("content-type", &b"application/grpc"[..]),
        ("user-agent", b"grpc-go"),
        ("grpc-timeout", b"5S"),
        ("traceparent", b"00-1"),
        ("dapr-app-id", b"server"),
        ("dapr-stream", b"true"),
        ("x-token-bin", b"AAE="),
        ("x-odd", b"$(id) `id` \"'\\ %s \x1b[2J"),
        ("authorization", b"Bearer secret"),
    ] {
        head.line(name, value);
    }
    call.request.headers = head.finish();
    call
}

/// What grpcurl is to be told, where this tells what messages are.
fn of(place: SchemaPlace, whole: bool) -> Grpcurl {
    let mut schema = greeter();
    schema.place = Some(place);
    Grpcurl::of(&talk(), "127.0.0.1:50001", Some(&schema), whole).unwrap()
}

fn server(secure: bool) -> SchemaPlace {
    SchemaPlace::Server { address: "[::1]:50051".into(), secure }
}

fn source() -> SchemaPlace {
    let folders = vec!["/home/o'neil/my app/protos/greet".into(), "/home/o'neil/my app/protos".into()];
    SchemaPlace::Source { folders, name: "greeter.proto".into() }
}

/// What a shell hands to grpcurl: the words of each time that it is called. The file that `mktemp` makes has the name `TMP`.
fn words(command: &Grpcurl) -> Vec<Vec<String>> {
    let fake = r#"mktemp() { echo TMP; }; grpcurl() { { printf '%s\036' "$@"; printf '\035'; } >&3; }; exec 3>&1;"#;
    let output = Command::new("sh").arg("-c").arg([fake, &command.text].concat()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}: {output:?}", command.text);
    let text = String::from_utf8(output.stdout).unwrap();
    let split = |text: &str, end| text.split_terminator(end).map(str::to_owned).collect::<Vec<_>>();
    split(&text, '\x1d').iter().map(|call| split(call, '\x1e')).collect()
}

/// The words that say what is called, and with what.
const CALLED: [&str; 14] = [
    "-H",
    "dapr-app-id: server",
    "-H",
    "dapr-stream: true",
    "-H",
    "x-token-bin: AAE=",
    "-H",
    "x-odd: $(id) `id` \"'\\ %s \x1b[2J",
    "-H",
    "authorization: Bearer secret",
    "-d",
    r#"{"name":"A'a","count":"3"}"#,
    "127.0.0.1:50001",
    "helloworld.Greeter/SayHello",
];

#[test]
fn a_call_as_grpcurl_reads_well() {
    let expected = r"grpcurl -plaintext -import-path '/protos' -proto 'greeter.proto' \
  -H 'dapr-app-id: server' \
  -H 'dapr-stream: true' \
";
    let place = SchemaPlace::Source { folders: vec!["/protos".into()], name: "greeter.proto".into() };
    let masked = of(place.clone(), false);
    let end = " \\\n  -H 'authorization: ***' \\\n  -d '{\"name\":\"A'\\''a\",\"count\":\"3\"}' \\\n  \
               127.0.0.1:50001 'helloworld.Greeter/SayHello'\n";
    assert!(masked.text.starts_with(expected) && masked.text.ends_with(end), "{}", masked.text);
    assert_eq!((masked.masked, masked.learns.as_str()), (true, "reads greeter.proto"));
    let whole = of(place, true);
    assert!(whole.text.contains("'authorization: Bearer secret'") && !whole.masked);
}

#[test]
fn files_that_told_what_the_messages_are_are_named_with_the_folders_of_what_they_import() {
    let files = ["-plaintext", "-import-path", "/home/o'neil/my app/protos/greet"];
    let more = ["-import-path", "/home/o'neil/my app/protos", "-proto", "greeter.proto"];
    assert_eq!(words(&of(source(), true)), [[&files[..], &more, &CALLED].concat()]);
    let set = of(SchemaPlace::DescriptorSet { path: "/app/greeter set.binpb".into() }, true);
    assert_eq!(set.learns, "reads greeter set.binpb");
    assert_eq!(words(&set), [[&["-plaintext", "-protoset", "/app/greeter set.binpb"][..], &CALLED].concat()]);
}

#[test]
fn an_app_that_told_it_is_asked_first_and_over_tls_where_it_speaks_that() {
    for (secure, security) in [(false, "-plaintext"), (true, "-insecure")] {
        let command = of(server(secure), true);
        assert_eq!(command.learns, "asks [::1]:50051 first what its messages are");
        let asked = [security, "-protoset-out", "TMP", "[::1]:50051", "describe", "helloworld.Greeter"];
        let called = [&["-plaintext", "-protoset", "TMP"][..], &CALLED].concat();
        assert_eq!(words(&command), [asked.to_vec(), called], "a sidecar itself never speaks TLS");
    }
}

#[test]
fn where_there_is_no_command_it_is_said_why() {
    let mut cut = talk();
    cut.request_body.kept = cut.request_body.kept.slice(..3);
    let failures = Vec::<SchemaFailure>::new();
    let nothing = Schema::unknown("server".into(), "helloworld.Greeter", failures);
    for (call, schema, why) in [
        (talk(), None, "nobody told what the message of /helloworld.Greeter/SayHello is"),
        (talk(), Some(&nothing), "nobody told what the message of /helloworld.Greeter/SayHello is"),
        (cut, Some(&greeter()), "its message #1 is not here whole, or cannot be read"),
    ] {
        let told = Grpcurl::of(&call, "127.0.0.1:50001", schema, false).unwrap_err();
        assert!(told.starts_with(why), "{told}");
    }
}
