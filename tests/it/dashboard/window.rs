//! A terminal window with daptop in it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Termios, tcgetattr};
use vt100::{MouseProtocolMode, Parser, Screen};

use crate::run::daptop::{PATIENCE, World, runs, wait_until};

pub(super) const ROWS: u16 = 36;
pub(super) const COLUMNS: u16 = 120;

/// A window, and what its program has written.
pub(super) struct Window {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    tty: File,
    before: Termios,
}

struct Seen {
    parser: Parser,
    written: Vec<u8>,
}

/// A command in a world of its own, with the terminal's usual variables and none of daptop's.
pub(super) fn command(world: &World, words: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::from_argv(words.iter().map(Into::into).collect());
    command.cwd(world.path());
    for (name, value) in world.variables() {
        command.env(name, value);
    }
    command.env("TMPDIR", world.path());
    command.env("TERM", "xterm-256color");
    command.env("ORDER_PAUSE_MS", "100");
    command.env_remove("NO_COLOR");
    command.env_remove("DAPTOP_ASCII");
    command
}

impl Window {
    pub(super) fn open(command: CommandBuilder) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let tty = File::options().read(true).write(true).open(pair.master.tty_name().unwrap()).unwrap();
        let before = tcgetattr(&tty).unwrap();
        assert!(before.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO));
        let child = pair.slave.spawn_command(command).unwrap();
        let seen = Seen { parser: Parser::new(ROWS, COLUMNS, 0), written: Vec::new() };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let (mut output, into) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let mut seen = into.0.lock().unwrap();
                seen.parser.process(&bytes[..count]);
                seen.written.extend_from_slice(&bytes[..count]);
                into.1.notify_all();
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, _master: pair.master, keys, seen, tty, before }
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        while !holds(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let shown = seen.parser.screen().contents();
                // The reader goes on writing while the test ends.
                drop(seen);
                panic!("never saw {what}:\n{shown}");
            }
            seen = self.seen.1.wait_timeout(seen, left.min(Duration::from_millis(200))).unwrap().0;
        }
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub(super) fn until(&self, what: &str, holds: impl Fn(&Screen) -> bool) {
        self.wait(what, |seen| holds(seen.parser.screen()));
    }

    #[track_caller]
    pub(super) fn shows(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until a text has been written, though it may no longer be on the screen.
    #[track_caller]
    pub(super) fn writes(&self, text: &str) {
        self.wait(text, |seen| String::from_utf8_lossy(&seen.written).contains(text));
    }

    /// Everything written so far, escape sequences included.
    pub(super) fn written(&self) -> String {
        String::from_utf8_lossy(&self.seen.0.lock().unwrap().written).into_owned()
    }

    pub(super) fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    /// Waits for the end; its exit code.
    #[track_caller]
    pub(super) fn end(&mut self) -> u32 {
        let mut status = None;
        wait_until("the end of daptop", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().exit_code()
    }

    pub(super) fn is_raw(&self) -> bool {
        !tcgetattr(&self.tty).unwrap().local_modes.contains(LocalModes::ICANON)
    }

    /// The terminal is as it was: its modes, and what the program asked of it, last of all.
    #[track_caller]
    pub(super) fn is_given_back(&self) {
        self.until("a terminal as it was", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == MouseProtocolMode::None
        });
        let after = tcgetattr(&self.tty).unwrap();
        assert_eq!(
            (after.input_modes, after.output_modes, after.control_modes, after.local_modes),
            (self.before.input_modes, self.before.output_modes, self.before.control_modes, self.before.local_modes)
        );
        let written = self.written();
        let (_, last) = written.rsplit_once("\x1b[?1049l").unwrap();
        assert!(last.starts_with("\x1b[?25h"), "after the alternate screen came {last:?}");
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // It has ended already in every test that passes.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The processes below one, however deep.
pub(super) fn descendants(pid: i32) -> Vec<i32> {
    let parent = |folder: &Path| {
        let status = std::fs::read_to_string(folder.join("status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse::<i32>().ok()
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let processes: Vec<(i32, i32)> = processes
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, parent(&entry.path())?)))
        .collect();
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&above) = found.get(next) {
        found.extend(processes.iter().filter(|(_, parent)| *parent == above).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

/// Waits until none of these processes runs.
#[track_caller]
pub(super) fn are_gone(pids: &[i32]) {
    wait_until("the end of every process of the run", || pids.iter().all(|pid| !runs(*pid)));
}
