//! Sidecars under test, and requests to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use crate::run::daptop::{Daptop, PATIENCE, World};

/// The line that says that a sidecar and its app can be called.
pub(super) const RUNNING: &str = "dapr initialized. Status: Running.";

/// Ports that nobody else has.
pub(super) const FREE_PORTS: [&str; 6] = ["--dapr-http-port", "0", "--dapr-grpc-port", "0", "--metrics-port", "0"];

/// A command of a sidecar, called through a link named `daprd`.
pub(super) fn daprd(world: &World, args: &[&str]) -> Command {
    let link = world.path().join("daprd");
    if !link.exists() {
        symlink(env!("CARGO_BIN_EXE_daptop"), &link).unwrap();
    }
    let mut command = Command::new(link);
    command.args(args).current_dir(world.path()).envs(world.variables());
    for variable in ["DAPR_API_TOKEN", "APP_API_TOKEN", "NAMESPACE", "DAPR_HOST_IP", "DAPR_HTTP_DISABLE_H2C"] {
        command.env_remove(variable);
    }
    command
}

/// Starts a sidecar on free ports and waits until it runs.
pub(super) fn start(world: &World, args: &[&str]) -> Daptop {
    let sidecar = Daptop::start(daprd(world, &[&FREE_PORTS, args].concat()));
    sidecar.wait_for(RUNNING);
    sidecar.wait_for("Internal gRPC server is running on port ");
    sidecar
}

/// The port of a listener, from the line that tells it.
pub(super) fn port(sidecar: &Daptop, listener: &str) -> u16 {
    u16::try_from(sidecar.number_after(&format!("{listener} server is running on port"))).unwrap()
}

/// The port of the HTTP API.
pub(super) fn http(sidecar: &Daptop) -> u16 {
    port(sidecar, "\"HTTP")
}

/// Sends a request without a body; the status and the body of the answer.
pub(super) fn ask(port: u16, verb: &str, path: &str, headers: &str) -> (u16, String) {
    try_ask(port, verb, path, headers).unwrap_or_else(|| panic!("no answer to {verb} {path}"))
}

/// As [`ask`], of a sidecar that may end before its answer is through.
pub(super) fn try_ask(port: u16, verb: &str, path: &str, headers: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{verb} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n").ok()?;
    let mut answer = String::new();
    // A sidecar that is forced to end cuts its connections.
    BufReader::new(stream).read_to_string(&mut answer).ok();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// An app that takes requests and never answers them, but for those of its sidecar about its configuration.
pub(super) struct Silent {
    pub(super) port: u16,
    asked: std::sync::mpsc::Receiver<TcpStream>,
}

impl Silent {
    pub(super) fn serve() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, asked) = std::sync::mpsc::sync_channel(8);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                std::thread::spawn(move || take(stream, &sender));
            }
        });
        Self { port, asked }
    }

    /// Waits until a request has come; the connection it came on is kept open by the caller.
    pub(super) fn asked(&self) -> TcpStream {
        self.asked.recv_timeout(Duration::from_secs(30)).unwrap()
    }
}

fn take(mut stream: TcpStream, asked: &std::sync::mpsc::SyncSender<TcpStream>) {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Ok(1..) = reader.read_line(&mut head) {
        if !head.ends_with("\r\n\r\n") {
            continue;
        }
        if !head.starts_with("GET /dapr/config") {
            asked.send(stream).ok();
            return;
        }
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
        head.clear();
    }
}

/// A sidecar with a call that its app will not answer; the app's end of that call.
pub(super) fn with_open_call(world: &World, args: &[&str]) -> (Daptop, TcpStream) {
    let app = Silent::serve();
    let sidecar = start(world, &[&["--app-id", "silent", "--app-port", &app.port.to_string()], args].concat());
    let port = http(&sidecar);
    std::thread::spawn(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /v1.0/invoke/silent/method/wait HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).ok();
    });
    let open = app.asked();
    (sidecar, open)
}
