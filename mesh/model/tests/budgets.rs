//! What the store may cost: its budget in a release build on a quiet machine, and room for tests that run otherwise.

#[path = "../benches/traffic.rs"]
mod traffic;

use std::time::{Duration, Instant};

use daptop_model::{Anchor, BodyEnd, Call, CallId, CapturedBody, Event, Limits, Stamp, Store};

const CALLS: u64 = 100_000;

/// By how much a budget may be exceeded: a busy machine, and a build without optimisation, which measured five to ten
/// times as slow.
const SLACK: u32 = if cfg!(debug_assertions) { 30 } else { 10 };

/// To fold an event.
const FOLD: Duration = Duration::from_micros(2);

/// To publish a snapshot.
const PUBLISH: Duration = Duration::from_millis(1);

/// To find the spans of a trace.
const TRACE: Duration = Duration::from_micros(200);

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

/// A store with calls whose answers are 1 KiB long.
#[cfg(target_os = "linux")]
fn filled_with_bodies() -> Store {
    let mut store = Store::new(Limits::default(), Anchor::default());
    for event in traffic::events(1, CALLS) {
        store.apply(match event {
            Event::CallEnded(mut end) => {
                let kept = bytes::Bytes::from(vec![b'x'; 1_024]);
                end.response_body = CapturedBody { seen: 1_024, kept, end: BodyEnd::Complete, evicted: false };
                Event::CallEnded(end)
            }
            event => event,
        });
    }
    store
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

    #[cfg(target_os = "linux")]
    {
        // The first store is still there: what comes is on top of it.
        let before = resident().unwrap();
        let store = filled_with_bodies();
        let taken = resident().unwrap().saturating_sub(before);
        println!("100,000 calls of 1 KiB: {} MB", taken / 1_000_000);
        assert!(taken <= 400_000_000, "{taken} bytes");
        drop(store);
    }

    let mut next = CALLS + 1;
    let fold = quickest(100, || {
        let events: Vec<Event> = traffic::events(next, 100).collect();
        next += 100;
        let (count, start) = (events.len() as u32, Instant::now());
        for event in events {
            store.apply(event);
        }
        start.elapsed() / count
    });
    let publish = quickest(20, || {
        store.apply(traffic::start(next));
        next += 1;
        let start = Instant::now();
        drop(store.snapshot(Stamp(0)));
        start.elapsed()
    });
    let snapshot = store.snapshot(Stamp(0));
    let place = snapshot.calls.find(CallId(next / 2)).unwrap().trace.unwrap();
    let trace = quickest(20, || {
        let start = Instant::now();
        assert_eq!(snapshot.trace(place.trace).spans.len(), 2);
        start.elapsed()
    });
    println!("an event {fold:?}, a snapshot {publish:?}, a trace {trace:?}");
    assert!(fold < FOLD * SLACK, "an event took {fold:?}");
    assert!(publish < PUBLISH * SLACK, "a snapshot took {publish:?}");
    assert!(trace < TRACE * SLACK, "a trace took {trace:?}");
}
