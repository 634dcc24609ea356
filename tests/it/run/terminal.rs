//! Runs on a real terminal, as people start them: under a shell script, under make, in a window that is closed.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::daptop::{Daptop, World, number_after, runs, wait_until};

const STUBBORN: &str = "(trap '' TERM; echo grandchild $(exec sh -c 'echo $PPID'); exec sleep 600) & wait";

/// The key that ends the input.
const CTRL_D: u8 = 4;

/// A terminal with something running in it.
struct Terminal {
    _master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Mutex<String>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
}

impl Terminal {
    fn open(world: &World, program: &str, arguments: &[&str]) -> Self {
        let pair =
            native_pty_system().openpty(PtySize { rows: 24, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(world.path());
        world.variables().into_iter().for_each(|(name, value)| command.env(name, value));
        command.env("DAPTOP", env!("CARGO_BIN_EXE_daptop"));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::<Mutex<String>>::default();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                shown.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self { _master: pair.master, keyboard, screen, child }
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    fn grandchild(&self) -> i32 {
        wait_until("the grandchild", || number_after(&self.text(), "grandchild").is_some());
        number_after(&self.text(), "grandchild").unwrap()
    }

    fn press_ctrl_c(&mut self) {
        self.type_in(&[3]);
    }

    fn type_in(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
        self.keyboard.flush().unwrap();
    }
}

fn world() -> World {
    let world = World::with_apps(&[("a", "appPort: 1", STUBBORN)]);
    std::fs::write(world.path().join("start.sh"), "\"$DAPTOP\" run --no-tui -f .\necho script ends\n").unwrap();
    std::fs::write(world.path().join("Makefile"), "run:\n\t@\"$$DAPTOP\" run --no-tui -f .\n").unwrap();
    world
}

#[test]
fn ctrl_c_works_under_wrappers() {
    let daptop = env!("CARGO_BIN_EXE_daptop");
    let ways: [(&'static str, &'static [&'static str]); 3] =
        [(daptop, &["run", "--no-tui", "-f", "."]), ("sh", &["start.sh"]), ("make", &["run"])];
    let checks = ways.map(|(program, arguments)| {
        std::thread::spawn(move || {
            let world = world();
            let mut terminal = Terminal::open(&world, program, arguments);
            let grandchild = terminal.grandchild();
            terminal.press_ctrl_c();
            wait_until(&format!("the stop under {program}"), || terminal.text().contains("Received signal to stop"));
            wait_until(&format!("the end of {program}"), || terminal.child.try_wait().unwrap().is_some());
            wait_until(&format!("the apps to end under {program}"), || !runs(grandchild));
        })
    });
    for check in checks {
        check.join().unwrap();
    }
}

#[test]
fn what_is_typed_reaches_the_app_of_a_single_run() {
    let script = "read name; echo hello $name; read more; echo over with $name; exec sleep 600";
    let world = world();
    let mut terminal = Terminal::open(
        &world,
        env!("CARGO_BIN_EXE_daptop"),
        &["run", "--no-tui", "--app-id", "asks", "--", "sh", "-c", script],
    );
    wait_until("the start of the app", || terminal.text().contains("up and running!"));
    terminal.type_in(b"Ada\n");
    wait_until("the app's answer", || terminal.text().contains("hello Ada"));
    terminal.type_in(&[CTRL_D]);
    wait_until("the end of the input", || terminal.text().contains("over with Ada"));
    terminal.press_ctrl_c();
    wait_until("the end of the run", || terminal.child.try_wait().unwrap().is_some_and(|status| status.success()));
}

#[test]
fn closing_the_terminal_ends_everything() {
    // The terminal belongs to another process: when that is killed, it closes.
    const WINDOW: &str = "import pty, sys; pty.spawn(sys.argv[1:])";
    let daptop = env!("CARGO_BIN_EXE_daptop");
    let ways = [vec![daptop, "run", "--no-tui", "-f", "."], vec!["sh", "start.sh"]];
    let checks = ways.map(|arguments| {
        std::thread::spawn(move || {
            let world = world();
            let mut command = std::process::Command::new("python3");
            command.args(["-c", WINDOW]).args(arguments).current_dir(world.path());
            command.envs(world.variables()).env("DAPTOP", daptop);
            let window = Daptop::start(command);
            let grandchild = window.number_after("grandchild");
            drop(window);
            wait_until("the apps to end with their terminal", || !runs(grandchild));
        })
    });
    for check in checks {
        check.join().unwrap();
    }
}
