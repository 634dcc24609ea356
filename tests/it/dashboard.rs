//! The dashboard of the real binary, on a real terminal: what it shows, and that the terminal and the processes are as
//! they were, however it ends.

use std::fs::File;

use rustix::process::{Pid, Signal, kill_process};
use vt100::{Parser, Screen};

use crate::port;
use crate::run::daptop::{Daptop, World, wait_until};

mod grpc;
mod idle;
mod replay;
mod window;

use window::{COLUMNS, ROWS, Window, are_gone, command, descendants};

const DAPTOP: &str = env!("CARGO_BIN_EXE_daptop");
const DEMO: [&str; 4] = [DAPTOP, "demo", "--orders", "0"];
/// The watcher and the two apps.
const PROCESSES: usize = 3;

/// The demo in a window of its own. Its fixed port is reserved for as long as this lives.
struct Demo {
    window: Window,
    _world: World,
    _port: File,
}

impl Demo {
    fn open(flags: &[&str]) -> Self {
        let (world, port) = (World::new(), port::reserve(order_processor::PORT));
        let window = Window::open(command(&world, &[&DEMO, flags].concat()));
        Self { window, _world: world, _port: port }
    }

    /// Once both apps are ready; the processes of the run.
    #[track_caller]
    fn is_up(&self) -> Vec<i32> {
        self.window.until("the demo", shows_the_demo);
        let pids = descendants(self.window.pid());
        assert_eq!(pids.len(), PROCESSES, "{pids:?}");
        pids
    }

    #[track_caller]
    fn ends_well(mut self, pids: &[i32]) {
        assert_eq!(self.window.end(), 0, "{}", self.window.written());
        self.window.is_given_back();
        are_gone(pids);
    }
}

/// Whether a row has all of these words.
fn has_row(screen: &Screen, words: &[&str]) -> bool {
    screen.rows(0, COLUMNS).any(|row| words.iter().all(|word| row.contains(word)))
}

fn shows_the_demo(screen: &Screen) -> bool {
    screen.alternate_screen()
        && has_row(screen, &["checkout", "ready"])
        && has_row(screen, &["order-processor", "ready", ":"])
        && has_row(screen, &["checkout", "▶", "order-processor"])
        && has_row(screen, &["checkout", "order-processor", "POST", "/orders", "200"])
}

#[test]
fn the_dashboard_shows_the_apps_who_calls_whom_and_a_call_until_the_user_quits() {
    let mut demo = Demo::open(&[]);
    let pids = demo.is_up();
    let window = &mut demo.window;
    assert!(window.is_raw());
    window.until("a hidden cursor", Screen::hide_cursor);
    // The screen of the calls, and one of them, enlarged: what there is to say of a call varies by a row or two.
    window.press("4\rz");
    window.until("the request and the answer, with their bodies", |screen| {
        let text = screen.contents();
        let Some((request, answer)) = text.split_once("Response  200") else { return false };
        let Some((_, request)) = request.split_once("Request  POST /orders") else { return false };
        [request, answer].iter().all(|part| part.contains("application/json") && part.contains("\"orderId\":"))
    });
    window.press("q");
    window.shows("Stop");
    window.press("y");
    demo.ends_well(&pids);
}

/// An editor that asks on the terminal what to write.
const EDITOR: &str =
    "#!/bin/sh\nprintf 'a status, please: '\nread -r status\nprintf 'status:%s\\n' \"$status\" > \"$1\"\n";

#[test]
fn the_terminal_is_lent_to_the_editor_and_taken_again() {
    let (world, port) = (World::new(), port::reserve(order_processor::PORT));
    let editor = world.path().join("an editor");
    std::fs::write(&editor, EDITOR).unwrap();
    let mut command = command(&world, &DEMO);
    command.env("EDITOR", format!("sh '{}'", editor.display()));
    let mut demo = Demo { window: Window::open(command), _world: world, _port: port };
    let pids = demo.is_up();
    let window = &mut demo.window;
    window.press("4/");
    window.shows("filter");
    window.press("\u{f}");
    window.shows("a status, please:");
    window.is_given_back();
    window.press("200\n");
    window.until("what was edited, on the dashboard", |screen| {
        screen.alternate_screen() && screen.contents().contains("filter status:200")
    });
    assert!(window.is_raw());
    window.press("\r");
    window.until("the calls of that filter", |screen| has_row(screen, &["status:200", "of"]));
    window.press("\u{3}");
    demo.ends_well(&pids);
}

#[test]
fn control_c_ends_the_run_at_once() {
    let mut demo = Demo::open(&[]);
    let pids = demo.is_up();
    demo.window.press("\u{3}");
    demo.ends_well(&pids);
}

#[test]
fn a_signal_ends_the_run_and_gives_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP] {
        let demo = Demo::open(&[]);
        let pids = demo.is_up();
        demo.window.signal(signal);
        demo.ends_well(&pids);
    }
}

/// A window of another process's: when that is killed, the window closes.
const OTHER: &str = "import pty, sys; pty.spawn(sys.argv[1:])";

#[test]
fn closing_the_window_ends_everything() {
    // daptop leads the session and hears of it; or a shell does that, and daptop loses its terminal without a word.
    for (script, has_code) in [("exec \"$@\"", false), ("trap : HUP; \"$@\"; echo $? > code", true)] {
        let (world, _port) = (World::new(), port::reserve(order_processor::PORT));
        let mut python = std::process::Command::new("python3");
        let script = format!("stty rows {ROWS} cols {COLUMNS}; {script}");
        python.args(["-c", OTHER, "sh", "-c", &script, "sh"]).args(DEMO).current_dir(world.path());
        python.envs(world.variables()).env("TERM", "xterm-256color").env("TMPDIR", world.path());
        python.env_remove("NO_COLOR").env_remove("DAPTOP_ASCII");
        let window = Daptop::start(python);
        wait_until("the demo", || {
            let mut parser = Parser::new(ROWS, COLUMNS, 0);
            parser.process(window.out().as_bytes());
            shows_the_demo(parser.screen())
        });
        let pids = descendants(window.pid().as_raw_nonzero().get());
        assert!(pids.len() > PROCESSES, "{pids:?}");
        drop(window);
        are_gone(&pids);
        if has_code {
            assert_eq!(std::fs::read_to_string(world.path().join("code")).unwrap(), "0\n");
        }
    }
}

/// Runs a command in a group that is neither in the foreground of the terminal nor anybody's job: the kernel lets it
/// write, and refuses it raw mode.
const REFUSED: &str = r#"set -m
(sh -c 'until [ -e go ]; do sleep 0.05; done; "$@" </dev/tty & echo $! > pid; wait $!; echo $? > code' sh "$@" &)
: > go
until [ -e code ]; do sleep 0.05; done"#;

#[test]
fn a_run_goes_on_in_lines_when_its_dashboard_fails() {
    let (world, _port) = (World::new(), port::reserve(order_processor::PORT));
    let mut window = Window::open(command(&world, &[&["sh", "-c", REFUSED, "sh"][..], &DEMO].concat()));
    // Not what is on the screen: the lines of the apps scroll it away.
    window.writes("The dashboard failed: ");
    window.writes("== APP - checkout == Order passed: ");
    let written = window.written();
    assert_eq!(written.matches("The dashboard failed: ").count(), 1, "{written}");
    assert!(!written.contains("\x1b[?1049h"), "{written}");
    let read_pid = || std::fs::read_to_string(world.path().join("pid")).ok()?.strip_suffix('\n')?.parse::<i32>().ok();
    wait_until("the shell to tell which process it is", || read_pid().is_some());
    let pid = read_pid().unwrap();
    let pids = descendants(pid);
    assert_eq!(pids.len(), PROCESSES, "{pids:?}");
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    assert_eq!(window.end(), 0);
    assert_eq!(std::fs::read_to_string(world.path().join("code")).unwrap(), "0\n");
    assert!(!window.is_raw());
    are_gone(&pids);
}

#[test]
fn there_is_no_dashboard_where_it_is_not_wanted() {
    let (world, _port) = (World::new(), port::reserve(order_processor::PORT));
    let link = world.path().join("dapr");
    std::os::unix::fs::symlink(DAPTOP, &link).unwrap();
    let link = link.to_str().unwrap();
    let mut dumb = command(&world, &DEMO);
    dumb.env("TERM", "dumb");
    let commands = [command(&world, &[&DEMO[..], &["--no-tui"]].concat()), dumb, command(&world, &[link, "demo"])];
    for command in commands {
        let mut window = Window::open(command);
        window.writes("== APP - checkout == Order passed: ");
        assert!(!window.is_raw());
        let pids = descendants(window.pid());
        window.press("\u{3}");
        assert_eq!(window.end(), 0, "{}", window.written());
        assert!(!window.written().contains("\x1b[?1049h"), "{}", window.written());
        are_gone(&pids);
    }
}

#[test]
fn flags_say_how_the_dashboard_looks() {
    let mut demo = Demo::open(&["--ascii", "--no-mouse", "--high-contrast"]);
    demo.window.until("the demo in ASCII", |screen| {
        has_row(screen, &["order-processor", "ready"]) && has_row(screen, &["POST", "/orders", "200"])
    });
    let shown = demo.window.written();
    assert!(shown.is_ascii(), "{shown}");
    assert!(!shown.contains("\x1b[?1000h"), "the mouse is left to the terminal");
    assert!(!shown.contains("\x1b[2m"), "nothing is dim");
    let pids = descendants(demo.window.pid());
    demo.window.press("\u{3}");
    demo.ends_well(&pids);
}
