//! Command lines and run files that cannot be carried out: exact text, stream and exit code.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

fn run(program: &Path, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).current_dir(folder).env_remove("DAPR_RUNTIME_PATH").output().unwrap()
}

fn told(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

fn daptop() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_daptop"))
}

#[test]
fn a_run_file_that_is_not_there_is_told_as_the_dapr_cli_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "❌  Failed to get run file path: error getting file info for missing.yaml: stat missing.yaml: \
                no such file or directory\n";
    let output = run(daptop(), folder.path(), &["run", "-f", "missing.yaml"]);
    assert_eq!(told(&output), (String::new(), text.to_owned(), Some(1)));
}

#[test]
fn nothing_starts_when_one_app_of_a_run_file_is_invalid() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let file = "version: 1\napps:\n- {appDirPath: ., appID: good, command: [touch, started]}\n\
                - {appDirPath: ., appID: bad, maxBodySize: 4mi}\n";
    std::fs::write(folder.path().join("dapr.yaml"), file).unwrap();
    let (stdout, stderr, code) = told(&run(daptop(), folder.path(), &["run", "-f", "."]));
    let path = folder.path().canonicalize().unwrap().join("dapr.yaml");
    let text = format!(
        "❌  Error validating run config for app \"bad\" present in {}: invalid max request body size: unable to parse \
         quantity's suffix (line 4: maxBodySize)\n",
        path.display()
    );
    assert_eq!((stdout, stderr, code), (String::new(), text, Some(1)));
    assert!(!started.exists());
}

#[test]
fn a_port_that_is_taken_ends_a_run_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let arguments = ["run", "--app-id", "a", "--dapr-http-port", &port.to_string(), "--", "touch", "started"];
    let (stdout, stderr, code) = told(&run(daptop(), folder.path(), &arguments));
    let words = format!("❌  invalid configuration for HTTPPort. Port {port} is not available: ");
    assert!(stderr.starts_with(&words) && stdout.is_empty() && code == Some(1), "{stdout}{stderr}{code:?}");
    assert!(!folder.path().join("started").exists());
}

#[test]
fn the_name_of_the_link_decides_the_words_and_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments, stdout, first_line, expected) in [
        ("daptop", ["nope", ""], "unknown command \"nope\" for \"daptop\"\n", "Error: unknown command", 255),
        ("dapr", ["nope", ""], "unknown command \"nope\" for \"dapr\"\n", "Error: unknown command", 255),
        ("dapr", ["run", "--nope"], "unknown flag: --nope\n", "Error: unknown flag: --nope\n", 255),
        ("daprd", ["-nope", ""], "", "unknown flag: --nope\n", 2),
    ] {
        let link = folder.path().join(name);
        if !link.exists() {
            symlink(daptop(), &link).unwrap();
        }
        let output = run(&link, folder.path(), &arguments);
        let (out, err, code) = told(&output);
        assert_eq!((out.as_str(), code), (stdout, Some(expected)), "{name} {arguments:?}: {err}");
        assert!(err.starts_with(first_line), "{name} {arguments:?}: {err}");
    }
}
