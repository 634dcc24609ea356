//! Each rule, where it holds and where it must not.

mod answers;
mod callers;
mod failures;
mod list;
mod patterns;
mod sketch;
mod turns;

use std::collections::BTreeSet;

use super::*;
use sketch::Sketch;

/// What is found in the last call of a sketch: each kind, with its sentence and its advice.
fn found(sketch: &mut Sketch) -> Vec<Finding> {
    let snapshot = sketch.snapshot();
    let call = snapshot.calls.iter().next_back().expect("a call").clone();
    Finding::of(&call, &snapshot, snapshot.taken)
}

/// Asserts that exactly one thing is found in the last call, and how it is worded.
#[track_caller]
fn says(sketch: &mut Sketch, kind: FindingKind, text: &str, advice: &str) {
    let found = found(sketch);
    let told: Vec<_> = found.iter().map(|finding| (finding.kind, &*finding.text, &*finding.advice)).collect();
    assert_eq!(told, [(kind, text, advice)]);
}

/// Asserts that nothing is found in the last call.
#[track_caller]
fn says_nothing(sketch: &mut Sketch) {
    assert_eq!(found(sketch), []);
}

#[test]
fn every_kind_has_words_of_its_own_and_a_weight() {
    let titles: BTreeSet<&str> = FindingKind::ALL.iter().map(|kind| kind.title()).collect();
    assert_eq!(titles.len(), FindingKind::ALL.len());
    assert!(titles.iter().all(|title| title.len() <= 16), "{titles:?}");
    let kinds: BTreeSet<FindingKind> = FindingKind::ALL.into();
    assert_eq!(kinds.len(), FindingKind::ALL.len());
}
