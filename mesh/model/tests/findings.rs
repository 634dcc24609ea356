//! What looking for findings may cost: it happens where the dashboard draws.

#[path = "../benches/traffic.rs"]
mod traffic;

use std::time::{Duration, Instant};

use daptop_model::{Findings, Stamp};

/// To look at a call, in a release build on a quiet machine.
const LOOK: Duration = Duration::from_micros(10);

/// Room for a busy machine and for a build without optimisation.
const SLACK: u32 = if cfg!(debug_assertions) { 30 } else { 10 };

#[test]
fn a_call_among_a_hundred_thousand_is_looked_at_in_microseconds() {
    const CALLS: usize = 5_000;
    let snapshot = traffic::filled(100_000).snapshot(Stamp(0));
    let mut findings = Findings::default();
    findings.take(&snapshot, Stamp(0), 1_000);
    let looked = (0..5).map(|_| {
        let start = Instant::now();
        findings.take(&snapshot, Stamp(0), CALLS);
        start.elapsed() / CALLS as u32
    });
    let quickest = looked.min().unwrap_or_default();
    println!("a call {quickest:?}, {} rows", findings.len());
    assert!(quickest < LOOK * SLACK, "a call took {quickest:?}");
}
