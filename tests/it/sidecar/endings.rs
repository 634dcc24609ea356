//! Signals, the shutdown of the API, and exit codes.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::bed::{FREE_PORTS, RUNNING, ask, daprd, http, start, try_ask, with_open_call};
use crate::port as ports;
use crate::run::daptop::{Daptop, World, wait_until};
use crate::support::guard::Guard;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_signal_ends_it_well_and_nothing_is_left() {
    for (signal, name) in [(Signal::INT, "interrupt"), (Signal::TERM, "terminated")] {
        let world = World::new();
        let sockets = world.path().join("sockets");
        std::fs::create_dir(&sockets).unwrap();
        let sidecar = {
            let args = ["--app-id", "one", "--unix-domain-socket", sockets.to_str().unwrap()];
            start(&world, &args)
        };
        assert_eq!(names(&sockets), ["dapr-one-grpc.socket", "dapr-one-http.socket"]);
        assert!(sidecar.out().contains("HTTP server is running on socket "), "{}", sidecar.out());
        let shared = world.path().join("runtime/daptop");
        assert_eq!(names(&shared).len(), 2, "its control socket, and the file by which others find it");
        sidecar.signal(signal);
        let ended = sidecar.end();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.out);
        assert!(ended.out.contains(&format!("Received signal '{name}'; beginning shutdown")), "{}", ended.out);
        assert_eq!((names(&sockets), names(&shared)), (vec![], vec![]));
    }
}

#[test]
fn a_signal_ends_it_while_a_port_is_waited_for() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("[::]:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sidecar = Daptop::start(daprd(&world, &["--app-id", "one", "--dapr-http-port", &port]));
    sidecar.wait_for("trying again");
    let ended = sidecar.stop();
    assert!(ended.out.contains("Daprd shutdown gracefully"), "{}", ended.out);
}

#[test]
fn running_calls_may_end_and_then_it_ends_well() {
    let world = World::new();
    let (sidecar, mut open) = with_open_call(&world, &[]);
    sidecar.signal(Signal::TERM);
    sidecar.wait_for("beginning shutdown");
    std::io::Write::write_all(&mut open, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    let ended = sidecar.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.out);
}

#[test]
fn a_call_that_outlives_the_grace_ends_it_with_1() {
    let world = World::new();
    let (sidecar, _open) = with_open_call(&world, &["--dapr-graceful-shutdown-seconds", "1"]);
    let begun = Instant::now();
    sidecar.signal(Signal::TERM);
    let ended = sidecar.end();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(ended.status.code(), Some(1));
    let last = ended.out.lines().next_back().unwrap();
    assert!(last.contains(" level=fatal msg=\"Graceful shutdown timeout exceeded, forcing shutdown\""), "{last}");
}

#[test]
fn a_second_signal_ends_it_at_once_with_1() {
    let world = World::new();
    let sockets = world.path().to_str().unwrap().to_owned();
    let (sidecar, _open) = with_open_call(&world, &["--dapr-graceful-shutdown-seconds", "0"]);
    assert!(sidecar.out().contains("Graceful shutdown timeout is infinite"), "{}", sidecar.out());
    sidecar.signal(Signal::TERM);
    sidecar.wait_for("beginning shutdown");
    sidecar.signal(Signal::INT);
    let ended = sidecar.end();
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.out.contains("Received signal 'interrupt' during shutdown; exiting immediately"), "{}", ended.out);
    assert!(!names(Path::new(&sockets)).iter().any(|name| name.ends_with(".socket")));
}

#[test]
fn the_api_ends_it_well_or_by_force() {
    for (headers, code, message) in [
        ("", 0, "Shutdown requested via API"),
        ("dapr-force-shutdown: true\r\n", 1, "Force shutdown requested, exiting immediately without graceful shutdown"),
    ] {
        let world = World::new();
        let sidecar = start(&world, &["--app-id", "one"]);
        // A forced end leaves its answer a tenth of a second, which may pass before a busy machine has sent it.
        let answer = try_ask(http(&sidecar), "POST", "/v1.0/shutdown", headers);
        assert!(answer.map_or(code == 1, |(status, _)| status == 204));
        let ended = sidecar.end();
        assert_eq!(ended.status.code(), Some(code), "{}", ended.out);
        assert!(ended.out.contains(message), "{}", ended.out);
        assert_eq!(ended.out.contains("Daprd shutdown gracefully"), code == 0, "{}", ended.out);
    }
}

#[test]
fn it_serves_on_while_the_shutdown_is_blocked() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one", "--dapr-block-shutdown-duration", "10m"]);
    let port = http(&sidecar);
    sidecar.signal(Signal::TERM);
    sidecar.wait_for("Blocking graceful shutdown for 10m0s or until app reports unhealthy...");
    assert_eq!(ask(port, "GET", "/v1.0/healthz", "").0, 204);
    sidecar.signal(Signal::TERM);
    assert_eq!(sidecar.end().status.code(), Some(1));
}

#[test]
fn the_block_of_the_shutdown_passes() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one", "--dapr-block-shutdown-duration", "1s"]);
    sidecar.signal(Signal::TERM);
    let ended = sidecar.end();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.out.contains("Block shutdown period expired, entering shutdown..."), "{}", ended.out);
}

#[test]
fn an_unhealthy_app_ends_the_block() {
    let world = World::new();
    let app = super::bed::Silent::serve();
    let port = app.port.to_string();
    let health = ["--enable-app-health-check", "--app-health-probe-interval", "1", "--app-health-threshold", "1"];
    let block = ["--app-id", "one", "--app-port", &port, "--dapr-block-shutdown-duration", "10m"];
    let sidecar = start(&world, &[&block[..], &health].concat());
    sidecar.signal(Signal::TERM);
    sidecar.wait_for("Blocking graceful shutdown for 10m0s");
    let ended = sidecar.end();
    assert!(ended.out.contains("App reported unhealthy, entering shutdown..."), "{}", ended.out);
    assert_eq!(ended.status.code(), Some(0), "{}", ended.out);
}

#[test]
fn it_ends_when_nobody_reads_its_log_any_more() {
    let world = World::new();
    let args = [&FREE_PORTS[..], &["--app-id", "one", "--enable-api-logging"]].concat();
    let mut child = daprd(&world, &args).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let _guard = Guard::of_process(&child);
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap())).map(Result::unwrap);
    let line = lines.find(|line| line.contains("\"HTTP server is running on port ")).unwrap();
    let port = crate::run::daptop::number_after(&line.replace('"', " "), "port").unwrap();
    drop(lines);
    let mut ended = None;
    wait_until("its end", || {
        // The line of a call cannot be written. It may have ended before, over a line of its own, or before it answers.
        try_ask(u16::try_from(port).unwrap(), "GET", "/v1.0/metadata", "");
        ended = child.try_wait().unwrap();
        ended.is_some()
    });
    assert!(ended.unwrap().success());
}

#[test]
fn a_hangup_starts_it_again_in_the_same_process() {
    let world = World::new();
    let free = ports::free();
    let sidecar = start(&world, &["--app-id", "one", "--dapr-http-port", &free.number.to_string()]);
    let port = http(&sidecar);
    sidecar.signal(Signal::HUP);
    wait_until("it to run again", || sidecar.out().matches(RUNNING).count() == 2);
    wait_until("it to listen again", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert_eq!(ask(port, "GET", "/v1.0/healthz", "").0, 204);
    let ended = sidecar.stop();
    assert_eq!(ended.out.matches("Daprd shutdown gracefully").count(), 1, "{}", ended.out);
}
