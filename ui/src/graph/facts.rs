//! What the calls along a link add up to, at a moment.

use daptop_model::{Edge, Protocols, Snapshot, Stamp, Trouble};

use super::pane::GraphPane;

/// A link is slow from this 95th percentile on, in microseconds.
pub(crate) const SLOW: u64 = 100_000;

/// An open call is stuck after so many microseconds.
const STUCK: u64 = 1_000_000;

/// All calls along a link: of one edge, or of all edges between groups.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Facts {
    /// How many edges it stands for.
    pub(crate) edges: usize,
    /// Calls so far, open ones included.
    pub(crate) calls: u64,
    /// Calls of the last five whole seconds.
    pub(crate) last_five: u64,
    /// Calls of the last ten whole seconds.
    pub(crate) last_ten: u64,
    /// Those of the last ten seconds that ended badly.
    pub(crate) bad: u64,
    /// Calls that are open.
    pub(crate) in_flight: u64,
    /// When the oldest open call was received.
    pub(crate) oldest_open: Option<Stamp>,
    /// Calls that no app answered.
    pub(crate) failed: u64,
    /// Calls answered with an error.
    pub(crate) errors: u64,
    /// Calls left by their caller.
    pub(crate) cancelled: u64,
    /// Bytes of the requests' and of the answers' bodies.
    pub(crate) bytes: (u64, u64),
    /// The median duration in microseconds; of several edges the longest.
    pub(crate) p50: u64,
    /// The 95th percentile; of several edges the longest.
    pub(crate) p95: u64,
    /// What was spoken.
    pub(crate) protocols: Protocols,
    /// The newest call that ended badly.
    pub(crate) trouble: Option<Trouble>,
    /// It fails now.
    pub(crate) is_failing: bool,
    /// When the newest call was received.
    pub(crate) last_at: Stamp,
}

impl Facts {
    /// Adds the calls of an edge.
    pub(crate) fn add(&mut self, edge: &Edge, passed: usize) {
        // What a snapshot says of its last seconds moves on with the time: no new one comes while nothing happens.
        let sum = |recent: &[u32; 10], seconds: usize| {
            recent.iter().skip((10 - seconds) + passed).map(|calls| u64::from(*calls)).sum::<u64>()
        };
        self.edges += 1;
        self.calls += edge.calls;
        self.last_five += sum(&edge.recent, 5);
        self.last_ten += sum(&edge.recent, 10);
        let bad = sum(&edge.recent_bad, 10);
        self.bad += bad;
        self.in_flight += u64::from(edge.in_flight);
        self.oldest_open = self.oldest_open.into_iter().chain(edge.oldest_open).min();
        self.failed += edge.failed;
        self.errors += edge.errors;
        self.cancelled += edge.cancelled;
        self.bytes.0 = self.bytes.0.saturating_add(edge.request_bytes);
        self.bytes.1 = self.bytes.1.saturating_add(edge.response_bytes);
        self.p50 = self.p50.max(edge.p50_micros);
        self.p95 = self.p95.max(edge.p95_micros);
        self.protocols = self.protocols.union(edge.protocols);
        self.last_at = self.last_at.max(edge.last_at);
        if let Some(trouble) = &edge.trouble {
            self.is_failing |= bad > 0 || trouble.call > edge.last_well;
            if self.trouble.as_ref().is_none_or(|known| known.call < trouble.call) {
                self.trouble = Some(trouble.clone());
            }
        }
    }

    /// Nothing is open, and nothing has come for ten seconds.
    pub(crate) fn is_idle(&self, now: Stamp) -> bool {
        self.in_flight == 0 && self.last_ten == 0 && now.since(self.last_at).as_secs() >= 10
    }

    /// Whether a call has been open for long.
    pub(crate) fn is_stuck(&self, now: Stamp) -> bool {
        self.oldest_open.is_some_and(|at| now.since(at).as_micros() >= u128::from(STUCK))
    }
}

impl GraphPane {
    /// The facts of each link, in the order of the topology.
    pub(crate) fn facts(&self, snapshot: &Snapshot, now: Stamp) -> Vec<Facts> {
        let mut facts = vec![Facts::default(); self.topology.links.len()];
        let passed = usize::try_from(now.since(snapshot.taken).as_secs()).unwrap_or(10).min(10);
        for (position, edge) in snapshot.edges.iter().enumerate() {
            if let Some(link) = self.link_of(position, edge, snapshot) {
                facts[link].add(edge, passed);
            }
        }
        facts
    }
}
