//! Which log lines belong to calls: those that name the trace; where an app does not name it, those that it wrote while
//! the call ran, which is a guess and marked as one.

use std::collections::{BTreeMap, BTreeSet};

use daptop_model::{AppId, Call, LogLine, Snapshot, Stamp, TraceId};

/// An app may write a little before its call is seen and after it has ended: so many microseconds.
const BEFORE: u64 = 2_000;
const AFTER: u64 = 50_000;

/// What the lines belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Belonging {
    /// In words: `call #12`.
    pub(crate) label: String,
    traces: BTreeSet<String>,
    /// When each app had to do with the calls.
    times: BTreeMap<AppId, Vec<(Stamp, Stamp)>>,
    /// The apps that name the traces themselves.
    naming: BTreeSet<AppId>,
}

/// How a line belongs to calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tie {
    /// It names the trace.
    Named,
    /// Its app wrote it while the call ran.
    Guessed,
}

impl Belonging {
    /// The most calls whose lines are looked for.
    pub(crate) const MOST: usize = 500;

    /// What belongs to some calls, to the first [`Self::MOST`] of them.
    pub(crate) fn of_calls<'a>(label: String, calls: impl Iterator<Item = &'a Call>, snapshot: &Snapshot) -> Self {
        let mut belonging = Self { label, traces: BTreeSet::new(), times: BTreeMap::new(), naming: BTreeSet::new() };
        for call in calls.take(Self::MOST) {
            belonging.traces.extend(call.trace.map(|place| place.trace.to_string()));
            let begin = Stamp(call.phases.received.0.saturating_sub(BEFORE));
            let end = call
                .phases
                .duration()
                .map_or(Stamp(u64::MAX), |took| Stamp(call.phases.received.plus(took).0.saturating_add(AFTER)));
            for app in [&call.from, &call.to] {
                belonging.times.entry(app.clone()).or_default().push((begin, end));
            }
        }
        let names = |line: &&std::sync::Arc<LogLine>| belonging.names(&line.text);
        belonging.naming = snapshot.logs.iter().filter(names).map(|line| line.app.clone()).collect();
        belonging
    }

    /// What belongs to a trace.
    pub(crate) fn of_trace(trace: TraceId, snapshot: &Snapshot) -> Self {
        let calls = snapshot.calls.of_trace(trace).map(|call| &**call);
        let mut belonging = Self::of_calls(format!("trace {}", &trace.to_string()[..8]), calls, snapshot);
        belonging.traces.insert(trace.to_string());
        belonging
    }

    /// How a line belongs here, if it does.
    pub(crate) fn tie(&self, line: &LogLine) -> Option<Tie> {
        if self.names(&line.text) {
            return Some(Tie::Named);
        }
        let within = |(begin, end): &(Stamp, Stamp)| (*begin..=*end).contains(&line.at);
        let meanwhile = !self.naming.contains(&line.app) && self.times.get(&line.app)?.iter().any(within);
        meanwhile.then_some(Tie::Guessed)
    }

    /// Whether a text has one of the traces: 32 digits, as in `traceparent`.
    fn names(&self, text: &str) -> bool {
        let digits = text.split(|c: char| !c.is_ascii_hexdigit()).filter(|word| word.len() == 32);
        !self.traces.is_empty() && digits.into_iter().any(|word| self.traces.contains(&word.to_ascii_lowercase()))
    }
}
