//! The gRPC quickstarts: a client that asks a server for greetings. What they print is the same in every language.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::language::{self, Language};
use super::readme;
use super::run::{INSTALL, Place};
use crate::process::Process;

/// A gRPC quickstart.
pub(crate) struct Greeter {
    /// The same language's quickstart over HTTP.
    pub(crate) language: Language,
    /// The port of server.
    pub(super) port: u16,
    /// By whom it is told what the messages are.
    pub(crate) told_by: &'static str,
}

pub(super) const GO: Greeter = Greeter { language: language::GO, port: 50051, told_by: "the app's reflection" };
pub(crate) const PYTHON: Greeter =
    Greeter { language: language::PYTHON, port: 50052, told_by: "the app's reflection (v1alpha)" };
pub(super) const RUST: Greeter = Greeter { language: language::RUST, port: 50053, told_by: "the proto files" };

pub(super) const ALL: [Greeter; 3] = [GO, PYTHON, RUST];

/// The names of the stream, in order.
const NAMES: [&str; 5] = ["Leia", "Han", "Lando", "Rey", "Finn"];

impl Greeter {
    pub(super) fn folder(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("quickstarts/service_invocation");
        folder.join(self.language.name).join("grpc")
    }
}

/// Does every step of the README, and looks at what happened while both apps ran.
pub(super) fn whole_readme(greeter: &Greeter) {
    let name = greeter.language.name;
    let place = Place::of_greeter(greeter);
    let mut running: Option<Process> = None;
    for step in readme::steps(&place.folder.join("README.md")) {
        for command in &step.commands {
            if step.background {
                let run = place.start(&step, command);
                look_at_greetings(name, &run);
                look_at_calls(name, &place);
                look_at_messages(greeter, &place);
                running = Some(run);
            } else {
                place.type_in(command, &step.name).succeed(INSTALL);
            }
        }
    }
    let printed = running.expect("a step runs the apps").succeed(Duration::from_mins(1));
    assert!(!printed.contains("could not greet"), "{name}: a call failed:\n{printed}");
}

/// Each name was received and greeted once, and in the stream one after the other.
fn look_at_greetings(name: &str, run: &Process) {
    run.wait_for_lines("the end of client", Duration::from_mins(1), |lines| {
        lines.iter().any(|line| line.contains("Exited App successfully"))
    });
    let lines = run.lines();
    let said = |app: &str| -> Vec<String> {
        let prefix = format!("== APP - {app} == ");
        lines.iter().filter_map(|line| line.strip_prefix(&prefix).map(str::to_owned)).collect()
    };
    let all = || ["Darth Tyrannus"].into_iter().chain(NAMES);
    let received: Vec<_> = all().map(|greeted| format!("Received: {greeted}")).collect();
    assert_eq!(said("server"), received, "{name}:\n{}", lines.join("\n"));
    let mut greetings: Vec<_> = NAMES.map(|greeted| format!("Greeting in a stream: Hello {greeted}")).into();
    greetings.insert(0, "Greeting: Hello Darth Tyrannus".to_owned());
    assert_eq!(said("client"), greetings, "{name}:\n{}", lines.join("\n"));
}

/// daptop has captured one call for each of the two methods, and nothing else.
fn look_at_calls(name: &str, place: &Place) {
    let calls = place.ended_calls(2);
    let told: Vec<_> =
        calls.iter().map(|call| ["from", "to", "path", "outcome"].map(|key| call[key].as_str())).collect();
    let call = |path| [Some("client"), Some("server"), Some(path), Some("answered")];
    let want = [call("/helloworld.Greeter/SayHello"), call("/helloworld.Greeter/SayHelloBidiStream")];
    assert_eq!(told, want, "{name}: {calls:?}");
}

/// daptop can say what was said, by the names of the fields.
fn look_at_messages(greeter: &Greeter, place: &Place) {
    let page = place.type_in("daptop show 1", "show").succeed(Duration::from_mins(1));
    let title = format!("Messages (1 sent, 1 answered; read by {})\n", greeter.told_by);
    for part in [title.as_str(), "\"name\": \"Darth Tyrannus\"", "\"message\": \"Hello Darth Tyrannus\""] {
        assert!(page.contains(part), "{}: {part:?} is not in:\n{page}", greeter.language.name);
    }
}

#[test]
fn run_files_name_a_server_of_grpc_and_a_client() {
    for greeter in &ALL {
        let name = greeter.language.name;
        let text = std::fs::read_to_string(greeter.folder().join("dapr.yaml")).unwrap();
        let file: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let apps = file["apps"].as_sequence().unwrap();
        let ids: Vec<_> = apps.iter().map(|app| app["appID"].as_str().unwrap()).collect();
        assert_eq!(ids, ["server", "client"], "{name}");
        assert_eq!(apps[0]["appPort"], greeter.port, "{name}");
        assert_eq!(apps[0]["appProtocol"], "grpc", "{name}");
        assert!(apps[1].get("appPort").is_none(), "{name}: client is only a client");
    }
}

#[test]
fn the_readmes_say_what_their_sources_do() {
    for greeter in &ALL {
        let (name, folder) = (greeter.language.name, greeter.folder());
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let [server, client] = ["server", "client"].map(|app| sources(&folder.join(app)));
        assert!(
            server.contains(&greeter.port.to_string()) && readme.contains(&greeter.port.to_string()),
            "{name}: port"
        );
        for word in ["dapr-app-id", "dapr-stream"] {
            assert!(client.contains(word) && readme.contains(word), "{name}: {word}");
        }
        assert!(!server.contains("dapr-"), "{name}: the server knows nothing of Dapr");
        let proto = std::fs::read_to_string(folder.join("helloworld.proto")).unwrap();
        assert!(proto.contains("rpc SayHelloBidiStream(stream HelloRequest) returns (stream HelloReply)"), "{name}");
    }
}

/// The source files of an app.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && path.ends_with("src") {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| ["go", "py", "rs"].iter().any(|known| extension == *known)) {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}
