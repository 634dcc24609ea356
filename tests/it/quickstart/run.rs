//! Does what a README says, in a copy of its folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::greeter::Greeter;
use super::language::Language;
use super::readme::{self, Step};
use crate::port;
use crate::process::Process;

/// How many orders checkout sends.
const ORDERS: u32 = 20;
/// Long enough to install and build anything on a busy machine.
pub(super) const INSTALL: Duration = Duration::from_mins(15);

/// A folder to run a quickstart in, and the environment that its commands are typed in.
pub(crate) struct Place {
    /// The copy of the quickstart.
    pub(crate) folder: PathBuf,
    env: BTreeMap<String, String>,
    _home: TempDir,
    /// The apps' ports are fixed.
    _ports: File,
}

/// Does every step of the README, and looks at what happened while both apps run.
pub(crate) fn whole_readme(language: &Language) {
    let place = Place::new(language);
    let mut running: Option<Process> = None;
    for step in readme::steps(&place.folder.join("README.md")) {
        for command in &step.commands {
            if step.background {
                let run = place.start(&step, command);
                look_at_orders(language, &run);
                look_at_calls(language, &place);
                running = Some(run);
            } else {
                place.type_in(command, &step.name).succeed(INSTALL);
            }
        }
    }
    let run = running.expect("a step runs the apps");
    let printed = run.succeed(Duration::from_mins(1));
    assert!(!printed.contains("failed"), "{}: an order failed:\n{printed}", language.name);
}

/// Both apps have printed each order, once.
fn look_at_orders(language: &Language, run: &Process) {
    let ended = "Exited App successfully";
    run.wait_for_lines("the end of checkout", Duration::from_mins(1), |lines| {
        lines.iter().any(|line| line.contains(ended))
    });
    let lines = run.lines();
    for order in 1..=ORDERS {
        for line in [language.received(order), language.passed(order)] {
            let times = lines.iter().filter(|printed| **printed == line).count();
            assert_eq!(times, 1, "{}: `{line}` in\n{}", language.name, lines.join("\n"));
        }
    }
}

/// daptop has captured one call for each order, from checkout to order-processor, and nothing else.
fn look_at_calls(language: &Language, place: &Place) {
    let calls = place.ended_calls(ORDERS as usize);
    assert_eq!(calls.len(), ORDERS as usize, "{}: {calls:?}", language.name);
    for call in calls {
        let edge = (call["from"].as_str(), call["to"].as_str());
        assert_eq!(edge, (Some("checkout"), Some("order-processor")), "{}: {call}", language.name);
        assert_eq!((&call["outcome"], &call["status"]), (&"answered".into(), &200.into()), "{}: {call}", language.name);
    }
}

impl Place {
    /// The captured calls, once there are as many as are expected, and all of them have ended there too: what daptop tells
    /// is a frame behind the apps.
    pub(super) fn ended_calls(&self, expected: usize) -> Vec<serde_json::Value> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let printed = self.type_in("daptop calls -o json", "calls").succeed(Duration::from_mins(1));
            let call = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            let calls: Vec<serde_json::Value> = printed.lines().map(call).collect();
            if calls.len() >= expected && calls.iter().all(|call| call["outcome"] != "pending") {
                return calls;
            }
            assert!(Instant::now() < deadline, "{expected} calls are to end:\n{printed}");
        }
    }

    /// A copy of a quickstart, whose port nobody else uses meanwhile.
    pub(crate) fn new(language: &Language) -> Self {
        Self::with(language.name, language.port, language.name, |folder| match language.name {
            "rust" => write_demo(folder),
            _ => copy(&language.folder(), folder),
        })
    }

    /// A copy of a quickstart over gRPC, which may run beside the one over HTTP.
    pub(crate) fn of_greeter(greeter: &Greeter) -> Self {
        let language = greeter.language.name;
        Self::with(language, greeter.port, &format!("{language}-grpc"), |folder| {
            copy(&greeter.folder(), folder);
            if language == "rust" {
                // With the crates that the repository was built of, so that few are fetched.
                for app in ["server", "client"] {
                    fs::copy(
                        Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"),
                        folder.join(app).join("Cargo.lock"),
                    )
                    .unwrap();
                }
            }
        })
    }

    /// `kept` is the name of what is kept between runs.
    fn with(language: &str, port: u16, kept: &str, write: impl FnOnce(&Path)) -> Self {
        let ports = port::reserve(port);
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("quickstart");
        let runtime = home.path().join("run");
        fs::create_dir(&runtime).unwrap();
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(kept);
        let mut path = format!("{}:{}", binary_folder().display(), std::env::var("PATH").unwrap());
        let mut env = BTreeMap::from([
            // Neither other daptops of this user nor a `~/.dapr` play a part.
            ("XDG_RUNTIME_DIR".to_owned(), runtime.display().to_string()),
            ("DAPR_RUNTIME_PATH".to_owned(), runtime.display().to_string()),
        ]);
        write(&folder);
        match language {
            "rust" => {
                env.insert("CARGO_TARGET_DIR".to_owned(), kept.display().to_string());
                // What nobody debugs is built in half the time.
                env.insert("CARGO_PROFILE_DEV_DEBUG".to_owned(), "0".to_owned());
            }
            "python" => {
                make_virtual_environment(&kept);
                path = format!("{}/bin:{path}", kept.display());
            }
            _ => {}
        }
        env.insert("PATH".to_owned(), path);
        Self { folder, env, _home: home, _ports: ports }
    }

    /// Does everything of its README that comes before its apps are run.
    pub(crate) fn installed(self) -> Self {
        let steps = readme::steps(&self.folder.join("README.md"));
        for step in steps.iter().take_while(|step| !step.background) {
            for command in &step.commands {
                self.type_in(command, &step.name).succeed(INSTALL);
            }
        }
        self
    }

    /// The environment that its commands are typed in.
    pub(crate) fn environment(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// Types a command into a shell.
    pub(crate) fn type_in(&self, command: &str, what: &str) -> Process {
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).current_dir(&self.folder).envs(&self.env);
        Process::spawn(&mut shell, &format!("{what}: {command}"))
    }

    /// Starts a command that goes on, and waits for all that the step expects.
    pub(super) fn start(&self, step: &Step, command: &str) -> Process {
        let process = self.type_in(command, &step.name);
        for expected in &step.expected_stdout_lines {
            // A reader waits for `sleep`, then sees what there is; a loaded machine gets longer.
            let limit = Duration::from_secs(3 * (step.sleep + step.timeout_seconds.unwrap_or(300)));
            process.wait_for_lines(&format!("`{expected}`"), limit, |lines| {
                lines.iter().any(|line| line.contains(expected.as_str()))
            });
        }
        process
    }
}

/// The folder of the binary under test, to be found as `daptop`.
fn binary_folder() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_daptop")).parent().unwrap()
}

/// The Rust quickstart as the binary writes it out, with the crates that the binary was built of, so that nothing is
/// fetched.
fn write_demo(folder: &Path) {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_daptop"));
    let printed = Process::spawn(demo.args(["demo", "--write"]).arg(folder), "demo --write").succeed(INSTALL);
    assert!(printed.contains(&format!("daptop run -f {}", folder.display())), "{printed}");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Kept between runs, so that Flask and requests are downloaded once.
fn make_virtual_environment(folder: &Path) {
    if !folder.join("bin/python3").exists() {
        let mut venv = Command::new("python3");
        Process::spawn(venv.args(["-m", "venv"]).arg(folder), "venv").succeed(INSTALL);
    }
}

/// Copies the sources of a quickstart.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in from.read_dir().unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_file() {
            fs::copy(path, target).unwrap();
        } else if !["target", "bin", "obj", ".dapr", ".venv"].iter().any(|built| entry.file_name() == *built) {
            copy(&path, &target);
        }
    }
}
