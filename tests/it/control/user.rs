//! A user of one's own: a folder to work in, and control sockets that nobody else sees.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

/// Two apps that do nothing for a long time.
pub(crate) const SHOP: &str = "version: 1
apps:
  - appID: one
    appDirPath: .
    command: [sleep, '600']
  - appID: two
    appDirPath: .
    command: [sleep, '600']
";

const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody with a folder.
pub(crate) struct User {
    place: tempfile::TempDir,
    has_runtime_folder: bool,
}

impl User {
    pub(crate) fn new() -> Self {
        Self { place: tempfile::tempdir().unwrap(), has_runtime_folder: true }
    }

    pub(crate) fn without_runtime_folder() -> Self {
        Self { has_runtime_folder: false, ..Self::new() }
    }

    /// Where the user works.
    pub(crate) fn folder(&self) -> PathBuf {
        self.place.path().canonicalize().unwrap()
    }

    /// Where the control sockets are.
    pub(crate) fn sockets(&self) -> PathBuf {
        let own = format!("daptop-{}", rustix::process::getuid().as_raw());
        self.folder().join(if self.has_runtime_folder { "daptop" } else { &own })
    }

    pub(crate) fn write_shop(&self) {
        std::fs::write(self.folder().join("dapr.yaml"), SHOP).unwrap();
    }

    fn daptop(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daptop"));
        command.args(args).current_dir(self.folder()).env("TMPDIR", self.folder()).env("HOME", self.folder());
        if self.has_runtime_folder {
            command.env("XDG_RUNTIME_DIR", self.folder());
        } else {
            command.env_remove("XDG_RUNTIME_DIR");
        }
        command.stdin(Stdio::null());
        command
    }

    /// Starts daptop and waits until all of these apps run.
    pub(crate) fn run(&self, args: &[&str], app_ids: &[&str]) -> Running {
        let log = self.folder().join(format!("{}.output", app_ids.join("-")));
        let output = || std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let child = self.daptop(args).stdout(output()).stderr(output()).spawn().unwrap();
        let running = Running { child };
        let started = until(|| {
            let apps = self.apps();
            let runs = |id: &&str| apps.iter().any(|app| app["appId"] == **id && app["appPid"].as_u64() > Some(0));
            app_ids.iter().all(runs)
        });
        assert!(started, "{args:?} did not start: {}", std::fs::read_to_string(&log).unwrap());
        running
    }

    /// Runs a command to its end: exit code, standard output, standard error.
    pub(crate) fn ask(&self, args: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.daptop(args).output().unwrap();
        (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// Starts a command whose streams the test reads.
    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        self.daptop(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What `list -o json` tells.
    pub(crate) fn apps(&self) -> Vec<serde_json::Value> {
        let (code, out, err) = self.ask(&["list", "-o", "json"]);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }

    /// Runs the command of a recording of `dapr`; both streams and the exit code must be as recorded.
    pub(crate) fn check_recording(&self, name: &str) {
        let path = format!("{}/tests/golden/cli/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap().replace("<shop>", self.folder().to_str().unwrap());
        let (command, rest) = text.split_once('\n').unwrap();
        let (printed, code) = rest.rsplit_once("exit ").unwrap();
        let stream =
            |mark| printed.split_inclusive('\n').filter_map(|line| line.strip_prefix(mark)).collect::<String>();
        let args: Vec<&str> = command.strip_prefix("$ dapr ").unwrap().split(' ').collect();
        let recorded = (code.trim().parse().unwrap(), stream("out| "), stream("err| "));
        assert_eq!(self.ask(&args), recorded, "{name}");
    }
}

/// A daptop that runs. Its apps end with it.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The exit code of its end, which must be near.
    pub(crate) fn end(&mut self) -> Option<i32> {
        assert!(until(|| !self.is_running()), "it has not ended");
        self.child.wait().unwrap().code()
    }

    /// Stops its threads where they are.
    pub(crate) fn suspend(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a suspended one go on.
    pub(crate) fn wake(&self) {
        self.signal(Signal::CONT);
    }

    /// Ends it without a chance to clean up.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn signal(&self, signal: Signal) {
        rustix::process::kill_process(number(self.pid()), signal).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its own watcher ends the apps, also of one that is suspended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Whether a process runs; a zombie does not.
pub(crate) fn runs(pid: u32) -> bool {
    rustix::process::test_kill_process(number(pid)).is_ok() && !is_zombie(pid)
}

fn is_zombie(pid: u32) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

fn number(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

/// Waits until a condition holds; tells whether it did in time.
pub(crate) fn until(mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    true
}
