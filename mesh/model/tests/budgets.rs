//! What the store may cost, with room for a build without optimisation and a busy machine: ten times the budget.

#[path = "../benches/traffic.rs"]
mod traffic;

use std::time::{Duration, Instant};

use daptop_model::{Call, CallId, Event, Stamp};

const CALLS: u64 = 100_000;

/// The memory that this process has in RAM, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<usize>().ok().map(|kilobytes| kilobytes * 1_024)
}

/// The quickest of some runs: the others were disturbed.
fn quickest(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    (0..runs).map(|_| run()).min().unwrap_or_default()
}

#[test]
fn a_call_without_its_texts_is_small() {
    assert!(size_of::<Call>() <= 432, "{}", size_of::<Call>());
}

// One test, as its parts would measure each other if they ran at the same time.
#[test]
fn a_hundred_thousand_calls_stay_within_memory_and_time() {
    #[cfg(target_os = "linux")]
    let before = resident().unwrap();
    let mut store = traffic::filled(CALLS);
    #[cfg(target_os = "linux")]
    {
        let taken = resident().unwrap() - before;
        println!("100,000 calls: {} MB", taken / 1_000_000);
        assert!(taken <= 110_000_000, "{taken} bytes");
    }

    let mut next = CALLS + 1;
    let fold = quickest(5, || {
        let events: Vec<Event> = traffic::events(next, 1_000).collect();
        next += 1_000;
        let (count, start) = (events.len() as u32, Instant::now());
        for event in events {
            store.apply(event);
        }
        start.elapsed() / count
    });
    let publish = quickest(5, || {
        store.apply(traffic::start(next));
        next += 1;
        let start = Instant::now();
        drop(store.snapshot(Stamp(0)));
        start.elapsed()
    });
    let snapshot = store.snapshot(Stamp(0));
    let place = snapshot.calls.find(CallId(next / 2)).unwrap().trace.unwrap();
    let trace = quickest(5, || {
        let start = Instant::now();
        assert_eq!(snapshot.trace(place.trace).spans.len(), 2);
        start.elapsed()
    });
    println!("an event {fold:?}, a snapshot {publish:?}, a trace {trace:?}");
    assert!(fold < Duration::from_micros(20), "an event took {fold:?}");
    assert!(publish < Duration::from_millis(10), "a snapshot took {publish:?}");
    assert!(trace < Duration::from_millis(10), "a trace took {trace:?}");
}
