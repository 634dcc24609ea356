//! The real terminal: a pseudo-terminal, with the gallery running in it.

use std::io::{Read, Write};
use std::path::PathBuf;
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
}

impl Gallery {
    fn start(word: &str) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(example());
        command.arg(word);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let child = pair.slave.spawn_command(command).unwrap();
        let seen = Arc::new((Mutex::new(Parser::new(24, 80, 0)), Condvar::new()));
        let (mut output, into) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                into.0.lock().unwrap().process(&bytes[..count]);
                into.1.notify_all();
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keys, seen }
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
