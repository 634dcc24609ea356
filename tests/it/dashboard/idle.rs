//! What the dashboard costs while nothing happens.

use std::time::{Duration, Instant};

use super::DAPTOP;
use super::window::{Window, are_gone, command, descendants};
use crate::run::daptop::{World, wait_until};

/// The share of a core that is allowed, in hundredths, with slack for a build that is not optimized: 1 is the aim.
const MOST: u128 = 10;

/// The processor time that a process has taken.
fn busy(pid: i32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name of the program, in parentheses, may have spaces; user and system time are the 12th and 13th after it.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second())
}

#[test]
fn where_nothing_happens_the_processor_is_left_alone() {
    let world = World::new();
    let mut window = Window::open(command(&world, &[DAPTOP, "run", "--app-id", "quiet"]));
    window.shows("No call yet. quiet");
    let pids = descendants(window.pid());
    // Until what comes with the start is over.
    let mut last = busy(window.pid());
    wait_until("a second without work", || {
        let since = Instant::now();
        wait_until("a second", || since.elapsed() >= Duration::from_secs(1));
        let now = busy(window.pid());
        let worked = now.saturating_sub(last);
        last = now;
        worked < Duration::from_millis(200)
    });
    let begin = Instant::now();
    wait_until("some seconds", || begin.elapsed() >= Duration::from_secs(3));
    let (worked, passed) = (busy(window.pid()).saturating_sub(last), begin.elapsed());
    assert!(worked.as_millis() * 100 <= passed.as_millis() * MOST, "{worked:?} of {passed:?}");
    window.press("q");
    window.shows("quit?");
    window.press("y");
    assert_eq!(window.end(), 0, "{}", window.written());
    are_gone(&pids);
}
