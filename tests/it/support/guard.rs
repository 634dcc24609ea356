//! Processes that must not outlive the tests.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;

/// Waits until nobody holds the other end of its standard input any more, then ends what it was given.
const WAIT_THEN_KILL: &str = "read -r _; kill -s KILL -- \"$1\"";

/// Ends a process when the process of the tests ends, however that comes: a test that was killed drops nothing. Ends
/// by itself with this value, without touching the process, unless the test has failed.
#[derive(Debug)]
pub(crate) struct Guard(Child);

impl Guard {
    /// Watches over a process.
    pub(crate) fn of_process(process: &Child) -> Self {
        Self::of(&process.id().to_string())
    }

    /// Watches over a process that leads a group, and the whole of that group.
    pub(crate) fn of_group(leader: &Child) -> Self {
        Self::of(&format!("-{}", leader.id()))
    }

    fn of(target: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", WAIT_THEN_KILL, "sh", target]);
        // Its standard input closes with the tests; a signal to the group of the tests does not end it before.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Self(shell.spawn().unwrap_or_else(|error| panic!("sh cannot be started: {error}")))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(self.0.stdin.take());
        } else {
            // Killed before its standard input closes: what it watched over has ended, and its number may be another's.
            drop(self.0.kill());
        }
        drop(self.0.wait());
    }
}

#[test]
fn a_guarded_process_ends_with_the_tests_and_no_sooner() {
    let start = || Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
    for guard_of in [Guard::of_process, Guard::of_group] {
        let mut process = start();
        drop(guard_of(&process));
        assert!(process.try_wait().unwrap().is_none(), "the guard alone has ended");
        let mut guard = guard_of(&process);
        // What the kernel does when the tests are killed.
        drop(guard.0.stdin.take());
        assert_eq!(process.wait().unwrap().signal(), Some(Signal::KILL.as_raw()));
    }
}

#[test]
fn a_guarded_process_ends_with_a_test_that_fails() {
    let mut process = Command::new("sleep").arg("600").spawn().unwrap();
    let guard = Guard::of_process(&process);
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _guard = guard;
        std::panic::resume_unwind(Box::new("a test that fails"));
    }));
    assert!(failed.is_err());
    assert_eq!(process.wait().unwrap().signal(), Some(Signal::KILL.as_raw()));
}
