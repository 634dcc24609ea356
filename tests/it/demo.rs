//! `daptop demo`. What `demo --write` writes is built and run with the Rust quickstart's README.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::port;
use crate::process::Process;

const SOON: Duration = Duration::from_secs(30);
/// Where the demo's order-processor listens, unless that is taken.
const PORT: u16 = 6001;

/// A daptop that neither sees other daptops of this user nor a `~/.dapr`, and whose temporary files are in `home`.
fn daptop(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daptop"));
    for variable in ["XDG_RUNTIME_DIR", "DAPR_RUNTIME_PATH", "TMPDIR"] {
        command.env(variable, home.path());
    }
    command.current_dir(home.path()).env("ORDER_PAUSE_MS", "10");
    command
}

fn has(lines: &[String], wanted: &str) -> bool {
    lines.iter().any(|line| line.contains(wanted))
}

#[test]
fn the_demo_sends_its_orders_and_ends_on_ctrl_c_without_a_trace() {
    let (home, _port) = (tempfile::tempdir().unwrap(), port::reserve(PORT));
    let demo = Process::spawn(daptop(&home).args(["demo", "--orders", "3"]), "daptop demo");
    demo.wait_for_lines("the end of checkout", SOON, |lines| has(lines, "Exited App successfully"));
    for order in 1..=3 {
        // What one app writes may come after what the other one has written later.
        for line in [
            format!(r#"== APP - order-processor == Order received: {{"orderId":{order}}}"#),
            format!(r#"== APP - checkout == Order passed: {{"orderId":{order}}}"#),
        ] {
            demo.wait_for_lines(&line, SOON, |lines| has(lines, &line));
        }
    }
    let lines = demo.lines();
    assert!(!has(&lines, r#""orderId":4"#), "{lines:?}");
    demo.signal(Signal::INT);
    demo.succeed(SOON);
    let left: Vec<_> = files(home.path());
    assert!(left.iter().all(|path| !path.contains("daptop-demo-")), "{left:?}");
}

#[test]
fn a_demo_without_an_end_goes_on_until_it_is_stopped() {
    let (home, _port) = (tempfile::tempdir().unwrap(), port::reserve(PORT));
    let demo = Process::spawn(daptop(&home).args(["demo", "--orders", "0"]), "daptop demo");
    demo.wait_for_lines("more than the usual number of orders", SOON, |lines| has(lines, r#"passed: {"orderId":21}"#));
    Process::spawn(daptop(&home).args(["stop", "checkout"]), "daptop stop").succeed(SOON);
    demo.wait_for_lines("the end of checkout", SOON, |lines| has(lines, r#"App "checkout" was stopped"#));
    demo.signal(Signal::INT);
    demo.succeed(SOON);
}

#[test]
fn the_demo_takes_another_port_where_its_own_is_taken() {
    let (home, _port) = (tempfile::tempdir().unwrap(), port::reserve(PORT));
    let _taken = std::net::TcpListener::bind(("127.0.0.1", PORT)).unwrap();
    let demo = Process::spawn(daptop(&home).args(["demo", "--orders", "1"]), "daptop demo");
    demo.wait_for_lines("the order", SOON, |lines| has(lines, r#"passed: {"orderId":1}"#));
    demo.signal(Signal::TERM);
    demo.succeed(SOON);
}

#[test]
fn the_demo_is_written_once_and_never_over_something() {
    let home = tempfile::tempdir().unwrap();
    let write = || Process::spawn(daptop(&home).args(["demo", "--write", "my shop"]), "daptop demo --write");
    let printed = write().succeed(SOON);
    assert!(printed.contains("daptop run -f 'my shop'"), "{printed}");
    let written = files(home.path());
    let (code, printed) = write().end(SOON);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("my shop/README.md exists already, so nothing was written"), "{printed}");
    assert_eq!(files(home.path()), written);
}

/// The files below a folder, as text.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        found.push(entry.path().display().to_string());
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        }
    }
    found.sort();
    found
}
