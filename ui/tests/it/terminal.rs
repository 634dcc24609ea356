//! The real terminal: a pseudo-terminal, with the gallery running in it.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{MouseProtocolMode, Parser};

const PATIENCE: Duration = Duration::from_secs(30);

struct Gallery {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Parser>, Condvar)>,
    frames: Arc<AtomicUsize>,
}

/// Finds the sequence with which a frame begins in a stream of bytes.
#[derive(Default)]
struct FrameBegin(usize);

impl FrameBegin {
    const SEQUENCE: &[u8] = b"\x1b[?2026h";

    /// Whether the sequence ends with this byte.
    fn passes(&mut self, byte: u8) -> bool {
        self.0 = if byte == Self::SEQUENCE[self.0] { self.0 + 1 } else { usize::from(byte == Self::SEQUENCE[0]) };
        let ends = self.0 == Self::SEQUENCE.len();
        self.0 = if ends { 0 } else { self.0 };
        ends
    }
}

impl Gallery {
    fn start(word: &str) -> Self {
        let mut command = CommandBuilder::new(example());
        command.arg(word);
        Self::open(command)
    }

    fn open(mut command: CommandBuilder) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let child = pair.slave.spawn_command(command).unwrap();
        let seen = Arc::new((Mutex::new(Parser::new(24, 80, 0)), Condvar::new()));
        let frames = Arc::new(AtomicUsize::new(0));
        let drawn = Arc::clone(&frames);
        let (mut output, into) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        std::thread::spawn(move || {
            let (mut bytes, mut frame) = ([0; 4096], FrameBegin::default());
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let begun = bytes[..count].iter().filter(|byte| frame.passes(**byte)).count();
                drawn.fetch_add(begun, Ordering::SeqCst);
                into.0.lock().unwrap().process(&bytes[..count]);
                into.1.notify_all();
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keys, seen, frames }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    #[track_caller]
    fn until(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut parser = self.seen.0.lock().unwrap();
        while !condition(parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never saw {what}:\n{}", parser.screen().contents());
            parser = self.seen.1.wait_timeout(parser, left.min(Duration::from_millis(200))).unwrap().0;
        }
    }

    #[track_caller]
    fn shows(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// How many frames were drawn so far.
    fn frames(&self) -> usize {
        self.frames.load(Ordering::SeqCst)
    }

    #[track_caller]
    fn is_given_back(&self) {
        self.until("a terminal as it was", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == MouseProtocolMode::None
        });
    }

    /// Waits for the end; whether it was a good one.
    fn ends(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        let (lock, changed) = (Mutex::new(()), Condvar::new());
        let mut guard = lock.lock().unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(Instant::now() < deadline, "the gallery has not ended");
            guard = changed.wait_timeout(guard, Duration::from_millis(20)).unwrap().0;
        }
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        // It has ended already in every test that passes.
        drop(self.child.kill());
    }
}

/// Cargo builds the examples together with the tests, next to them.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let example = test.parent().and_then(std::path::Path::parent).unwrap().join("examples/gallery");
    assert!(example.exists(), "build the gallery first: cargo build -p daptop-ui --example gallery");
    example
}

#[test]
fn the_terminal_is_taken_whole_and_given_back_when_the_user_quits() {
    for keys in ["qy", "\u{3}"] {
        let mut gallery = Gallery::start("still");
        gallery.shows("Who calls whom");
        gallery.until("a taken terminal", |screen| {
            screen.alternate_screen()
                && screen.hide_cursor()
                && screen.bracketed_paste()
                && screen.mouse_protocol_mode() == MouseProtocolMode::PressRelease
        });
        gallery.press(keys);
        assert!(gallery.ends());
        gallery.is_given_back();
    }
}

#[test]
fn the_terminal_is_given_back_when_the_snapshots_end() {
    let mut gallery = Gallery::start("brief");
    assert!(gallery.ends());
    gallery.is_given_back();
    gallery.shows("the session has ended");
}

#[test]
fn a_panic_while_drawing_is_reported_on_a_terminal_that_was_given_back() {
    let mut gallery = Gallery::start("panic");
    assert!(!gallery.ends());
    gallery.is_given_back();
    gallery.shows("panicked at");
}

#[test]
fn the_mouse_is_left_to_the_terminal_when_asked() {
    let mut gallery = Gallery::start("still");
    gallery.shows("Apps");
    gallery.press("M");
    gallery.until("no mouse", |screen| screen.mouse_protocol_mode() == MouseProtocolMode::None);
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn a_new_size_is_drawn_at_once() {
    let mut gallery = Gallery::start("still");
    gallery.shows("Apps");
    gallery.seen.0.lock().unwrap().screen_mut().set_size(10, 40);
    gallery.master.resize(PtySize { rows: 10, cols: 40, pixel_width: 0, pixel_height: 0 }).unwrap();
    gallery.shows("daptop needs 60x16 here");
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn control_z_gives_the_terminal_back_and_takes_it_again() {
    let mut gallery = Gallery::start("still");
    gallery.shows("Apps");
    gallery.press("\u{1a}");
    gallery.is_given_back();
    // Nobody holds the jobs of this terminal, so the kernel does not stop the process: it goes on by itself.
    gallery.until("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("Apps"));
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn a_key_waits_for_nothing_else_to_happen() {
    let mut gallery = Gallery::start("quiet");
    gallery.shows("[1 Overview]");
    // By the passing of time alone the screen changes once a minute here, which is longer than is waited for.
    for (key, shown) in [("2", "[2 Graph]"), ("3", "[3 Traces]"), ("4", "[4 Calls]"), ("1", "[1 Overview]")] {
        gallery.press(key);
        gallery.shows(shown);
    }
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn a_flood_of_keys_and_of_calls_is_drawn_at_most_twenty_times_a_second() {
    // Counted from the start: what was drawn before a moment may be read after it.
    let start = Instant::now();
    let mut gallery = Gallery::start("");
    gallery.shows("Apps");
    let (begin, before) = (Instant::now(), gallery.frames());
    let mut pressed = 0;
    while begin.elapsed() < Duration::from_secs(2) {
        gallery.press(["4", "\u{1b}[B", "\u{1b}[A", "1"][pressed % 4]);
        pressed += 1;
        // Keys as fast as somebody leans on them: a wait for what does not come.
        drop(gallery.seen.1.wait_timeout(gallery.seen.0.lock().unwrap(), Duration::from_millis(3)).unwrap());
    }
    gallery.until("frames", |_| gallery.frames() > before + 2);
    let (drawn, allowed) = (gallery.frames(), start.elapsed().as_millis() / 50 + 2);
    assert!(drawn as u128 <= allowed, "{drawn} frames where {allowed} are allowed, with {pressed} keys");
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn what_is_to_be_done_after_news_is_done_also_while_keys_are_pressed() {
    let mut gallery = Gallery::start("still");
    gallery.shows("Apps");
    gallery.press("4/to:order-processor id<=30\r");
    gallery.shows("to:order-processor id<=30");
    gallery.press("S");
    gallery.shows("calls again?");
    gallery.press("y");
    let begin = Instant::now();
    let is_over = |gallery: &Gallery| gallery.seen.0.lock().unwrap().screen().contents().contains("closes");
    while !is_over(&gallery) {
        assert!(begin.elapsed() < PATIENCE, "{}", gallery.seen.0.lock().unwrap().screen().contents());
        gallery.press("\u{1b}[A\u{1b}[B");
        drop(gallery.seen.1.wait_timeout(gallery.seen.0.lock().unwrap(), Duration::from_millis(3)).unwrap());
    }
    // A call whose turn came with the news of a frame, and that was not sent, would be counted as not answered.
    let shown = gallery.seen.0.lock().unwrap().screen().contents();
    assert!(shown.contains("answered the same") && !shown.contains("not a"), "{shown}");
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn where_nothing_happens_hardly_anything_is_drawn() {
    let start = Instant::now();
    let mut gallery = Gallery::start("empty");
    gallery.shows("No call yet");
    let shown = Instant::now();
    gallery.until("three seconds", |_| shown.elapsed() > Duration::from_secs(3));
    // The times that are shown pass: a frame a second, and some at the start.
    let (drawn, allowed) = (gallery.frames(), start.elapsed().as_secs() + 6);
    assert!(drawn as u64 <= allowed, "{drawn} frames where {allowed} are allowed");
    gallery.press("\u{3}");
    assert!(gallery.ends());
}

#[test]
fn control_c_ends_the_dashboard_whatever_lies_over_the_panes() {
    for keys in ["?", "/", ":", "4\r", "5/x"] {
        let mut gallery = Gallery::start("still");
        gallery.shows("Apps");
        gallery.press(keys);
        gallery.press("\u{3}");
        assert!(gallery.ends(), "{keys}");
        gallery.is_given_back();
    }
}

/// A shell that has jobs, as at a prompt: it goes on when its job is stopped, and resumes it when told to.
const SHELL: &str =
    r#"set -m; "$0" still; echo 'the job is stopped'; read -r line; fg >/dev/null; echo "the job ended with $?""#;

#[test]
fn control_z_at_a_shell_stops_the_dashboard_and_fg_brings_it_back() {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", SHELL]);
    command.arg(example());
    let mut gallery = Gallery::open(command);
    gallery.shows("Apps");
    gallery.press("\u{1a}");
    gallery.shows("the job is stopped");
    gallery.is_given_back();
    gallery.press("\n");
    gallery.until("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("Apps"));
    gallery.press("\u{3}");
    assert!(gallery.ends());
    gallery.is_given_back();
    gallery.shows("the job ended with 0");
}
