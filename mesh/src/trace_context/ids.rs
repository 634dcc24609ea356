//! New ids.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher, RandomState};

use daptop_model::{SpanId, TraceId};

thread_local! {
    /// One generator a thread, seeded with the randomness that the system gives the standard library's hash maps, so
    /// that two processes started at the same moment do not make the same ids.
    static GENERATOR: RefCell<fastrand::Rng> =
        RefCell::new(fastrand::Rng::with_seed(RandomState::new().build_hasher().finish()));
}

/// A new random trace id; never all zero.
pub fn new_trace_id() -> TraceId {
    TraceId(GENERATOR.with_borrow_mut(|random| random.u128(1..)).to_be_bytes())
}

/// A new random span id; never all zero.
pub fn new_span_id() -> SpanId {
    SpanId(GENERATOR.with_borrow_mut(|random| random.u64(1..)).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_differ_also_across_threads() {
        let threads: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(|| (0..1_000).map(|_| (new_trace_id(), new_span_id())).collect::<Vec<_>>()))
            .collect();
        let ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(ids.iter().map(|(trace, _)| trace).collect::<HashSet<_>>().len(), 4_000);
        assert_eq!(ids.iter().map(|(_, span)| span).collect::<HashSet<_>>().len(), 4_000);
    }
}
