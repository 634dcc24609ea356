//! What the store costs: folding events, publishing, finding.

mod traffic;

use std::cell::RefCell;

use daptop_model::{CallId, Event, Filter, Snapshot, Stamp};
use divan::Bencher;
use divan::counter::ItemsCount;

const CALLS: u64 = 100_000;

fn main() {
    divan::main();
}

/// A thousand calls, twice as many events; `kept` are in the store before.
#[divan::bench(args = [0, CALLS], sample_count = 50)]
fn fold(bencher: Bencher<'_, '_>, kept: u64) {
    let mut store = traffic::filled(kept);
    let mut next = kept + 1;
    bencher
        .counter(ItemsCount::new(2_000_usize))
        .with_inputs(|| {
            let events: Vec<Event> = traffic::events(next, 1_000).collect();
            next += 1_000;
            events
        })
        .bench_local_refs(|events| {
            for event in events.drain(..) {
                store.apply(event);
            }
        });
}

/// The same, with a snapshot that somebody holds from before: what it shares has to be copied.
#[divan::bench(sample_count = 50)]
fn fold_while_watched(bencher: Bencher<'_, '_>) {
    let mut store = traffic::filled(CALLS);
    let mut next = CALLS + 1;
    let mut watched = store.snapshot(Stamp(0));
    bencher
        .counter(ItemsCount::new(2_000_usize))
        .with_inputs(|| {
            let events: Vec<Event> = traffic::events(next, 1_000).collect();
            next += 1_000;
            events
        })
        .bench_local_refs(|events| {
            for event in events.drain(..) {
                store.apply(event);
            }
            watched = store.snapshot(Stamp(0));
        });
}

/// A snapshot after a call has changed.
#[divan::bench(args = [1_000, CALLS], sample_size = 1)]
fn publish(bencher: Bencher<'_, '_>, kept: u64) {
    let store = RefCell::new(traffic::filled(kept));
    let mut next = kept;
    bencher
        .with_inputs(|| {
            next += 1;
            store.borrow_mut().apply(traffic::start(next));
        })
        .bench_local_values(|()| store.borrow_mut().snapshot(Stamp(0)));
}

/// All calls through a filter.
#[divan::bench(args = ["status:5xx", "m:POST dur>250ms", "hdr:traceparent", "body~orderid", "nowhere"], sample_count = 20)]
fn filter(bencher: Bencher<'_, '_>, text: &str) {
    let snapshot = traffic::filled(CALLS).snapshot(Stamp(0));
    let filter = Filter::parse(text).unwrap_or_default();
    bencher
        .counter(ItemsCount::new(CALLS))
        .bench_local(|| snapshot.calls.iter().filter(|call| filter.matches(call, Stamp(0))).count());
}

/// The trace of a call in the middle.
#[divan::bench]
fn trace(bencher: Bencher<'_, '_>) {
    let snapshot = traffic::filled(CALLS).snapshot(Stamp(0));
    bencher.bench_local(|| look(&snapshot));
}

/// The spans of a call's trace.
fn look(snapshot: &Snapshot) -> usize {
    let call = snapshot.calls.find(CallId(CALLS / 2));
    call.and_then(|call| call.trace).map_or(0, |place| snapshot.trace(place.trace).spans.len())
}
