//! Clients that others wrote, through daptop's sidecars: Dapr's own for each language, and grpc-js. (grpc-go, grpcio and
//! tonic are those of the quickstarts.)

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::port::{self, FreePort};
use crate::process::Process;
use crate::run::daptop::World;
use crate::support::skip;

/// Long enough to fetch and build anything on a busy machine.
const INSTALL: Duration = Duration::from_mins(15);
/// Long enough for a call on a busy machine.
const CALL: Duration = Duration::from_mins(3);

/// A language's client.
struct Client {
    /// The folder of its sources.
    name: &'static str,
    /// Commands that must be there, each with an argument that makes it print its version.
    tools: &'static [(&'static str, &'static str)],
    /// What fetches and builds it, within its folder.
    install: &'static str,
    /// What runs it; `@` stands for its folder.
    command: &'static [&'static str],
    /// What it prints when all is well.
    says: &'static [&'static str],
}

const PYTHON: Client = Client {
    name: "python",
    tools: &[("python3", "--version")],
    install: "python3 -m venv venv && venv/bin/pip install --quiet -r requirements.txt",
    command: &["@/venv/bin/python3", "@/client.py"],
    says: &["http ok", "grpc ok"],
};

const JAVASCRIPT: Client = Client {
    name: "javascript",
    tools: &[("node", "--version"), ("npm", "--version")],
    install: "npm install --no-audit --no-fund --silent",
    command: &["node", "@/client.js"],
    says: &["http ok", "grpc ok", "grpc-js ok"],
};

const GO: Client = Client {
    name: "go",
    tools: &[("go", "version")],
    install: "go build -o client .",
    command: &["@/client"],
    says: &["grpc ok"],
};

const JAVA: Client = Client {
    name: "java",
    tools: &[("javac", "--version"), ("mvn", "--version")],
    install: "mvn --batch-mode --quiet compile dependency:copy-dependencies",
    command: &["java", "-cp", "@/target/classes:@/target/dependency/*", "Client"],
    says: &["http ok", "grpc ok"],
};

#[test]
fn daprs_client_for_python_invokes_over_http_and_grpc() {
    run(&PYTHON);
}

#[test]
fn daprs_client_for_javascript_and_grpc_js_invoke_over_http_and_grpc() {
    run(&JAVASCRIPT);
}

#[test]
fn daprs_client_for_go_invokes_over_grpc() {
    run(&GO);
}

#[test]
fn daprs_client_for_java_invokes_over_http_and_asks_over_grpc() {
    run(&JAVA);
}

fn run(client: &Client) {
    // The app that is invoked is in Python for all.
    for (tool, version) in client.tools.iter().chain(PYTHON.tools) {
        let there = Command::new(tool).arg(version).output().is_ok_and(|output| output.status.success());
        if !there {
            return skip(&format!("Dapr's client for {}", client.name), &format!("there is no `{tool}`"));
        }
    }
    let folder = installed(client);
    let world = World::new();
    let ports = [port::free(), port::free()];
    std::fs::write(world.path().join("dapr.yaml"), run_file(client, &folder, &ports)).unwrap();
    let run = Process::spawn(&mut world.command(&["run", "-f", "."]), client.name);
    let said = client.says.iter().map(|line| format!("== APP - client == {line}"));
    run.wait_for_lines("what the client says in the end", CALL, |lines| {
        let ended = lines.iter().any(|line| line.contains("Exited App"));
        ended || said.clone().all(|line| lines.contains(&line))
    });
    run.wait_for_lines("the client's end", CALL, |lines| lines.iter().any(|line| line.contains("Exited App")));
    let lines = run.lines();
    let whole = || format!("{}:\n{}", client.name, lines.join("\n"));
    assert!(said.clone().all(|line| lines.contains(&line)), "{}", whole());
    assert!(lines.iter().any(|line| line.contains("Exited App successfully")), "{}", whole());
    run.signal(rustix::process::Signal::TERM);
    run.end(CALL);
}

/// The client in a folder that is kept between runs, so that what it needs is fetched once.
fn installed(client: &Client) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(client.name);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients").join(client.name);
    let copy = format!("mkdir -p '{0}' && cp -R '{1}/.' '{0}'", folder.display(), source.display());
    let type_in = |line: &str| {
        let mut shell = Command::new("bash");
        shell.args(["-c", line]);
        if folder.is_dir() {
            shell.current_dir(&folder);
        }
        Process::spawn(&mut shell, line).succeed(INSTALL)
    };
    type_in(&copy);
    type_in(client.install);
    folder
}

/// The app `web`, for those who need it the app `greeter`, and the client.
fn run_file(client: &Client, folder: &Path, ports: &[FreePort; 2]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [web_port, greeter_port] = ports.each_ref().map(|port| port.number);
    let app = |id: &str, keys: &str, command: &[String]| {
        format!("- appID: {id}\n  appDirPath: .\n{keys}  command: {}\n", serde_json::to_string(command).unwrap())
    };
    let web = root.join("tests/clients/web.py").display().to_string();
    let web = ["python3".to_owned(), web, web_port.to_string()];
    let mut file = "version: 1\napps:\n".to_owned() + &app("web", &format!("  appPort: {web_port}\n"), &web);
    let proto = root.join("quickstarts/service_invocation/go/grpc/helloworld.proto");
    let env = format!("  env:\n    PROTO: {}\n", proto.display());
    if client.name == JAVASCRIPT.name {
        let greeter = ["node".to_owned(), format!("{}/greeter.js", folder.display()), greeter_port.to_string()];
        let keys = format!("  appPort: {greeter_port}\n  appProtocol: grpc\n{env}");
        file += &app("greeter", &keys, &greeter);
    }
    let command = client.command.iter().map(|word| word.replace('@', &folder.display().to_string()));
    file + &app("client", &env, &command.collect::<Vec<_>>())
}
