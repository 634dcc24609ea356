//! Runs of one app, given by flags.

use rustix::process::Signal;

use super::daptop::{Daptop, Ended, World, without_numbers};

/// What the Dapr CLI printed in a recorded run.
struct Golden {
    out: String,
    err: String,
}

impl Golden {
    fn read(name: &str) -> Self {
        let path = format!("{}/tests/golden/cli/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let of = |stream: &str| {
            let prefix = format!("{stream}| ");
            text.lines()
                .filter_map(|line| line.strip_prefix(&prefix))
                .fold(String::new(), |all, line| all + line + "\n")
        };
        Self { out: of("out"), err: of("err") }
    }
}

/// The lines that both the Dapr CLI and daptop must print, in order: without those of sidecars and of the app, whose
/// place among the others is a matter of chance.
fn own_lines(text: &str, of_app: &[&str]) -> Vec<String> {
    // Dapr kills its sidecar and says so; its exporter complains to standard error.
    let of_dapr =
        ["<log lines of the sidecar>", "time=", "The daprd process exited", "request to http://localhost:9411"];
    let others = |line: &str| {
        of_dapr.iter().any(|other| line.contains(other)) || of_app.iter().any(|other| line.starts_with(other))
    };
    without_numbers(text).lines().filter(|line| !others(line)).map(str::to_owned).collect()
}

fn check(golden: &str, ended: &Ended, of_app: &[&str]) {
    let golden = Golden::read(golden);
    assert_eq!(own_lines(&ended.out, of_app), own_lines(&golden.out, of_app), "standard output");
    assert_eq!(own_lines(&ended.err, of_app), own_lines(&golden.err, of_app), "standard error");
}

#[test]
fn an_app_that_ends_well_ends_the_run_well() {
    let ended =
        World::new().start(&["run", "--app-id", "two", "--", "sh", "-c", "echo hello; echo oops >&2; sleep 2"]).end();
    check("run-single-exit0.txt", &ended, &["hello", "oops"]);
    assert!(ended.out.contains("\nhello\n") && ended.err.contains("oops\n"));
    assert_eq!(ended.status.code(), Some(0));
}

#[test]
fn an_app_that_fails_fails_the_run() {
    let ended = World::new().start(&["run", "--app-id", "three", "--", "sh", "-c", "echo bye; exit 3"]).end();
    check("run-single-exit3.txt", &ended, &["bye"]);
    assert!(ended.out.contains("\nbye\n"), "{}", ended.out);
    assert_eq!(ended.status.code(), Some(1));
}

#[test]
fn a_command_that_is_not_there_is_told_in_the_dapr_clis_words() {
    let ended = World::new().start(&["run", "--app-id", "four", "--", "no-such-command"]).end();
    check("run-no-such-command.txt", &ended, &[]);
    assert_eq!(ended.status.code(), Some(1));
}

#[test]
fn each_signal_that_asks_for_the_end_gets_a_good_one() {
    let script = "echo Serving HTTP on here; sleep 600";
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let world = World::new();
        let run = world.start(&["run", "--app-id", "one", "--app-port", "1", "--", "sh", "-c", script]);
        run.wait_for("\nServing HTTP");
        run.signal(signal);
        let ended = run.end();
        check("run-single.txt", &ended, &["Serving HTTP", "ℹ️  Updating metadata for app command", "127.0.0.1 - -"]);
        assert_eq!(ended.status.code(), Some(0), "{signal:?}");
    }
}

#[test]
fn what_the_app_writes_comes_through_byte_by_byte() {
    let world = World::new();
    let script = r"printf 'one\r\ntwo\ttabs \033[31mred\033[0m\n\n no end'";
    let ended = world.start(&["run", "--app-id", "x", "--", "sh", "-c", script]).end();
    assert!(ended.out.contains("one\r\ntwo\ttabs \u{1b}[31mred\u{1b}[0m\n\n no end"), "{:?}", ended.out);
}

#[test]
fn a_prompt_without_a_line_break_is_seen_at_once() {
    let world = World::new();
    let run = world.start(&["run", "--app-id", "x", "--", "sh", "-c", "printf 'Name? '; sleep 600"]);
    run.wait_for("Name? ");
    run.stop();
}

#[test]
fn without_a_command_the_sidecar_runs_alone_until_it_is_stopped() {
    let world = World::new();
    let run = world.start(&["run", "--app-id", "alone"]);
    run.wait_for("appear here.\n\n");
    let ended = run.stop();
    let lines = own_lines(&ended.out, &[]);
    assert_eq!(
        lines,
        [
            "WARNING: no application command found.",
            "ℹ️  Starting Dapr with id alone. HTTP Port: N. gRPC Port: N",
            "ℹ️  Checking if Dapr sidecar is listening on HTTP port N",
            "ℹ️  Checking if Dapr sidecar is listening on GRPC port N",
            "ℹ️  Dapr sidecar is up and running.",
            "✅  You're up and running! Dapr logs will appear here.",
            "",
            "ℹ️  ",
            "terminated signal received: shutting down",
            "✅  Exited Dapr successfully",
        ]
    );
}

#[test]
fn with_log_as_json_each_own_line_is_an_object() {
    let world = World::new();
    let ended = world.start(&["run", "--log-as-json", "--app-id", "x", "--", "sh", "-c", "exit 0"]).end();
    for line in ended.out.lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert!(object.get("msg").is_some(), "{line}");
    }
    assert!(ended.out.contains(r#""status":"success","msg":"Exited Dapr successfully"}"#), "{}", ended.out);
}

#[test]
fn with_log_as_json_a_refusal_is_an_object_too() {
    let world = World::new();
    std::fs::write(world.path().join("bad.yaml"), "version: 1\napps:\n- appDirPath: .\n  appPort: many\n").unwrap();
    for (args, words) in [
        (&["-f", "missing.yaml"][..], "Failed to get run file path: "),
        (&["-f", "bad.yaml"], "bad.yaml"),
        (&["--config", "none.yaml", "--", "true"], "error loading configuration: "),
        (&["--app-port", "7001", "--dapr-http-port", "7001", "--", "true"], "7001"),
    ] {
        let ended = world.start(&[&["run", "--log-as-json"], args].concat()).end();
        let lines = ended.out.lines().chain(ended.err.lines());
        let lines = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).expect("only objects"));
        let failures: Vec<_> = lines.filter(|line| line["status"] == "failure").collect();
        let told = failures.iter().any(|line| line["msg"].as_str().is_some_and(|text| text.contains(words)));
        assert!(told && ended.status.code() == Some(1), "{args:?}: {} {}", ended.out, ended.err);
    }
}

#[test]
fn a_link_named_dapr_is_the_same_command() {
    let world = World::new();
    let link = world.path().join("dapr");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_daptop"), &link).unwrap();
    let mut command = std::process::Command::new(link);
    command.args(["run", "--app-id", "two", "--", "sh", "-c", "exit 0"]).current_dir(world.path());
    let ended = Daptop::start({
        command.envs(world.variables());
        command
    })
    .end();
    assert!(ended.out.ends_with("✅  Exited Dapr successfully\n✅  Exited App successfully\n"), "{}", ended.out);
}
