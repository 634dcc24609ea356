//! Findings: what is wrong with a call, or looks wrong, in one plain sentence, and what to do about it.
//!
//! Nothing of this is kept with a call: it is worked out when somebody looks, from the call and the session around it.

mod answers;
mod callers;
mod failures;
mod kind;
mod list;
mod patterns;
mod scene;
mod turns;
mod words;

pub use kind::{FindingKind, Weight};
pub use list::{FindingGroup, Findings};

use crate::{Call, CallId, Snapshot, Stamp};

use scene::Scene;

/// Something that is wrong with a call, or looks wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is, to branch on.
    pub kind: FindingKind,
    /// One or two sentences. They quote captured text: a viewer has to clean them as it does every captured byte.
    pub text: String,
    /// What to do about it: a sentence, without `Do:`.
    pub advice: String,
    /// Another call that explains it.
    pub see: Option<CallId>,
}

impl Finding {
    /// What is wrong with a call, the weightiest first; nothing where it is well. `now` gives open calls an age: a
    /// snapshot stays the newest one while nothing happens.
    pub fn of(call: &Call, snapshot: &Snapshot, now: Stamp) -> Vec<Finding> {
        let scene = Scene::new(call, snapshot, now);
        let mut findings: Vec<Finding> = RULES.iter().filter_map(|rule| rule(&scene)).collect();
        findings.sort_by_key(|finding| finding.kind.weight());
        findings
    }

    fn new(kind: FindingKind, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { kind, text: text.into(), advice: advice.into(), see: None }
    }

    fn seeing(self, call: CallId) -> Self {
        Self { see: Some(call), ..self }
    }
}

/// One rule: looks at a call in its scene and says what it finds.
type Rule = fn(&Scene<'_>) -> Option<Finding>;

/// All rules. At most one of the first three groups finds something in a call; the patterns come on top.
const RULES: &[Rule] = &[
    // No app answered.
    failures::nothing_listens,
    failures::unreachable,
    failures::unknown_app,
    failures::no_app_id,
    failures::no_app_port,
    failures::still_starting,
    failures::unhealthy,
    failures::denied,
    failures::refused,
    failures::too_large,
    failures::wrong_protocol,
    failures::broken_answer,
    failures::unexplained,
    // An app answered.
    answers::no_such_path,
    answers::server_error,
    answers::client_error,
    answers::broke_off,
    // The caller went away, or still waits.
    callers::gave_up,
    callers::went_away,
    callers::held,
    turns::waits,
    turns::waited,
    callers::hanging,
    // What several calls tell together.
    patterns::split_trace,
    patterns::cycle,
    patterns::retry_storm,
    patterns::repeated,
    patterns::one_by_one,
];

#[cfg(test)]
mod tests;
