//! A daptop under test, in a world of its own: its own folder, home and control directory.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

use crate::support::guard::Guard;

/// How long anything may take that takes no time on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with everything that a run needs.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let world = Self { folder: TempDir::new().unwrap() };
        for name in ["home", "runtime"] {
            std::fs::create_dir(world.path().join(name)).unwrap();
        }
        std::fs::set_permissions(world.path().join("runtime"), std::fs::Permissions::from_mode(0o700)).unwrap();
        world
    }

    /// One with a run file; each app is its id, further keys, and the script that `sh` runs.
    pub(crate) fn with_apps(apps: &[(&str, &str, &str)]) -> Self {
        let world = Self::new();
        let mut file = String::from("version: 1\napps:\n");
        for (id, keys, script) in apps {
            std::fs::create_dir(world.path().join(id)).unwrap();
            std::fs::write(world.path().join(id).join("app.sh"), script).unwrap();
            file.extend([format!("- appID: {id}\n  appDirPath: ./{id}\n  command: [sh, app.sh]\n")]);
            file.extend(keys.split_inclusive(';').map(|key| format!("  {}\n", key.trim_matches([';', ' ']))));
        }
        std::fs::write(world.path().join("dapr.yaml"), file).unwrap();
        world
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The environment that keeps a daptop within this world.
    pub(crate) fn variables(&self) -> [(&'static str, std::path::PathBuf); 2] {
        [("HOME", self.path().join("home")), ("XDG_RUNTIME_DIR", self.path().join("runtime"))]
    }

    /// A command of daptop, to be run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daptop"));
        command.args(arguments).current_dir(self.path()).envs(self.variables()).env_remove("NO_COLOR");
        command
    }

    /// Starts a daptop here.
    pub(crate) fn start(&self, arguments: &[&str]) -> Daptop {
        Daptop::start(self.command(arguments))
    }

    /// `daptop run -f .`
    pub(crate) fn run(&self) -> Daptop {
        self.start(&["run", "-f", "."])
    }

    /// The only log file of an app: its own, or with `daprd` its sidecar's.
    pub(crate) fn log(&self, app: &str, kind: &str) -> String {
        let [file] = &self.logs(app, kind)[..] else { panic!("{:?}", self.logs(app, kind)) };
        std::fs::read_to_string(file).unwrap()
    }

    /// How long the log file of an app is by now; 0 where there is none yet.
    pub(crate) fn size_of_log(&self, app: &str, kind: &str) -> u64 {
        self.logs(app, kind).first().map_or(0, |file| file.metadata().unwrap().len())
    }

    fn logs(&self, app: &str, kind: &str) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(self.path().join(app).join(".dapr/logs")) else { return Vec::new() };
        let start = format!("{app}_{kind}_");
        let is_log = |file: &PathBuf| {
            let name = file.file_name().unwrap().to_str().unwrap();
            let second = name.strip_prefix(&start).and_then(|name| name.strip_suffix(".log"));
            second.is_some_and(|second| second.len() == 14 && second.bytes().all(|byte| byte.is_ascii_digit()))
        };
        files.map(|file| file.unwrap().path()).filter(is_log).collect()
    }
}

/// Which stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stream {
    Out,
    Err,
}

#[derive(Default)]
struct Printed {
    out: Vec<u8>,
    err: Vec<u8>,
}

/// A running daptop. What is left of it when the test ends is killed, and its apps with it, also when the test itself is
/// killed.
pub(crate) struct Daptop {
    child: Child,
    _guard: Guard,
    printed: Arc<(Mutex<Printed>, Condvar)>,
    readers: Vec<JoinHandle<()>>,
}

/// The command with SIGHUP as it is on a terminal. Tests that are started by `nohup` ignore it, and so does everything that
/// they start, daptop included, which is to outlive its terminal then.
fn hearing_hangups(command: Command) -> Command {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    if ignored & 1 == 0 {
        return command;
    }
    let mut hearing = Command::new("env");
    hearing.arg("--default-signal=HUP").arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        hearing.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => hearing.env(name, value),
            None => hearing.env_remove(name),
        };
    }
    hearing
}

/// What a daptop has printed and how it ended.
pub(crate) struct Ended {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) status: ExitStatus,
}

impl Daptop {
    /// Starts a command of daptop.
    pub(crate) fn start(command: Command) -> Self {
        let mut child = hearing_hangups(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let printed = Arc::default();
        let out = read(child.stdout.take().unwrap(), Stream::Out, &printed);
        let err = read(child.stderr.take().unwrap(), Stream::Err, &printed);
        let guard = Guard::of_process(&child);
        Self { child, _guard: guard, printed, readers: vec![out, err] }
    }

    /// The process id.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends a signal to daptop alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Standard output so far.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.printed.0.lock().unwrap().out).into_owned()
    }

    /// Standard error so far.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.printed.0.lock().unwrap().err).into_owned()
    }

    /// Waits until standard output contains a text.
    pub(crate) fn wait_for(&self, text: &str) {
        let missing = |printed: &mut Printed| !String::from_utf8_lossy(&printed.out).contains(text);
        let (lock, changed) = &*self.printed;
        let (printed, over) = changed.wait_timeout_while(lock.lock().unwrap(), PATIENCE, missing).unwrap();
        let (out, err) = (String::from_utf8_lossy(&printed.out), String::from_utf8_lossy(&printed.err));
        assert!(!over.timed_out(), "{text:?} did not come. stdout:\n{out}\nstderr:\n{err}");
    }

    /// The number that follows a word in standard output, once it is there.
    pub(crate) fn number_after(&self, word: &str) -> i32 {
        self.wait_for(&format!("{word} "));
        wait_until(&format!("a number after {word}"), || number_after(&self.out(), word).is_some());
        number_after(&self.out(), word).unwrap()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let mut status = None;
        wait_until("the end of daptop", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        for reader in std::mem::take(&mut self.readers) {
            reader.join().unwrap();
        }
        let printed = self.printed.0.lock().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { out: text(&printed.out), err: text(&printed.err), status: status.unwrap() }
    }

    /// Asks for the end and waits for it; it must be a good one.
    pub(crate) fn stop(self) -> Ended {
        self.signal(Signal::INT);
        let ended = self.end();
        assert_eq!(ended.status.code(), Some(0), "stdout:\n{}\nstderr:\n{}", ended.out, ended.err);
        ended
    }
}

impl Drop for Daptop {
    fn drop(&mut self) {
        // Already waited for where the test went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(
    mut stream: impl Read + Send + 'static,
    which: Stream,
    printed: &Arc<(Mutex<Printed>, Condvar)>,
) -> JoinHandle<()> {
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let mut all = printed.0.lock().unwrap();
            if which == Stream::Out { &mut all.out } else { &mut all.err }.extend_from_slice(&buffer[..length]);
            printed.1.notify_all();
        }
    })
}

/// The number that follows a word and a space.
pub(crate) fn number_after(text: &str, word: &str) -> Option<i32> {
    let (_, rest) = text.split_once(&format!("{word} "))?;
    let (number, _) = rest.split_once(|character: char| !character.is_ascii_digit())?;
    number.parse().ok()
}

/// Waits for a condition.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited too long for {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Whether a process runs. A zombie does not.
pub(crate) fn runs(pid: i32) -> bool {
    let zombie = std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok() && !zombie
}

/// Text in which ports and process ids, which differ from run to run, are `N`.
pub(crate) fn without_numbers(text: &str) -> String {
    const BEFORE: [&str; 6] = ["HTTP Port: ", "gRPC Port: ", "HTTP port ", "GRPC port ", "appPID: ", "cliPID: "];
    let mut text = text.to_owned();
    for before in BEFORE {
        let mut parts = text.split(before);
        let mut fresh = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            fresh += before;
            fresh += "N";
            fresh += part.trim_start_matches(|character: char| character.is_ascii_digit());
        }
        text = fresh;
    }
    text
}
