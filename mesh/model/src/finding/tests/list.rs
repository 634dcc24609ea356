use proptest::prelude::*;

use super::sketch::failed;
use super::*;
use crate::{FailureKind, Stamp};

fn rows(findings: &Findings) -> Vec<(FindingKind, &str, u64, u64)> {
    findings.groups().map(|group| (group.kind(), group.to.as_str(), group.count, group.newest.0)).collect()
}

#[test]
fn the_same_on_the_same_edge_is_one_row_and_rows_keep_their_places() {
    let mut sketch = Sketch::shop();
    let mut findings = Findings::default();
    sketch.call(|call| call.status = Some(418));
    sketch.call(|_| {});
    sketch.call(|call| call.status = Some(418));
    assert!(findings.take(&sketch.snapshot(), Stamp(0), 100));
    assert_eq!(rows(&findings), [(FindingKind::ClientError, "order-processor", 2, 3)]);
    sketch.call(|call| call.status = Some(500));
    sketch.call(|call| (call.to, call.status) = ("bank", Some(418)));
    sketch.call(|call| (call.to, call.outcome) = ("bamk", failed(FailureKind::UnknownApp, "", None)));
    sketch.call(|call| call.status = Some(500));
    assert!(findings.take(&sketch.snapshot(), Stamp(0), 100));
    assert_eq!(
        rows(&findings),
        [
            (FindingKind::ServerError, "order-processor", 2, 7),
            (FindingKind::UnknownApp, "bamk", 1, 6),
            (FindingKind::ClientError, "order-processor", 2, 3),
            (FindingKind::ClientError, "bank", 1, 5),
        ]
    );
    let group = findings.groups().next().unwrap();
    assert_eq!((group.first, group.last), (Stamp(4_000_000), Stamp(7_000_000)));
    assert_eq!((findings.not_listed(), findings.not_seen()), (0, 0));
}

#[test]
fn an_open_call_is_looked_at_until_it_has_ended() {
    let mut sketch = Sketch::shop();
    let mut findings = Findings::default();
    sketch.call(|call| (call.took, call.phases, call.status) = (None, vec![], Some(500)));
    findings.take(&sketch.snapshot(), Stamp(0), 100);
    assert!(findings.is_empty());
    sketch.now += 9_000;
    findings.take(&sketch.snapshot(), Stamp(0), 100);
    assert_eq!(rows(&findings), [(FindingKind::Hanging, "order-processor", 1, 1)]);
    findings.take(&sketch.snapshot(), Stamp(0), 100);
    assert_eq!(rows(&findings).len(), 1, "what still waits is not counted twice");
    sketch.end_first();
    findings.take(&sketch.snapshot(), Stamp(0), 100);
    assert_eq!(rows(&findings), [(FindingKind::ServerError, "order-processor", 1, 1)]);
}

#[test]
fn calls_are_looked_at_in_slices_and_those_that_come_late_too() {
    let mut sketch = Sketch::shop();
    let mut findings = Findings::default();
    sketch.call(|_| {});
    sketch.skip();
    for _ in 0..8 {
        sketch.call(|call| call.status = Some(500));
    }
    let snapshot = sketch.snapshot();
    for (done, count) in [(false, 2), (false, 5), (true, 8), (true, 8)] {
        assert_eq!(findings.take(&snapshot, Stamp(0), 3), done);
        assert_eq!(rows(&findings)[0].2, count);
    }
    sketch.skipped(|call| (call.to, call.status) = ("bank", Some(500)));
    findings.take(&sketch.snapshot(), Stamp(0), 3);
    assert_eq!(rows(&findings)[1], (FindingKind::ServerError, "bank", 1, 2));
}

#[test]
fn what_was_given_up_before_it_was_looked_at_is_counted() {
    let mut sketch = Sketch::with_calls(10);
    let mut findings = Findings::default();
    sketch.call(|_| {});
    findings.take(&sketch.snapshot(), Stamp(0), 100);
    for _ in 0..30 {
        sketch.call(|call| call.status = Some(500));
    }
    assert!(findings.take(&sketch.snapshot(), Stamp(0), 100));
    assert_eq!((rows(&findings)[0].2, findings.not_seen()), (10, 20));
}

#[test]
fn there_are_never_more_rows_than_can_be_read() {
    let mut sketch = Sketch::shop();
    let mut findings = Findings::default();
    for number in 0..255_u64 {
        let (from, to) = (format!("a{number}"), format!("b{number}"));
        sketch.call(|call| {
            (call.from, call.to) = (from.leak(), to.leak());
            (call.status, call.response_end) = (Some(500), crate::BodyEnd::Broken);
        });
    }
    assert!(findings.take(&sketch.snapshot(), Stamp(0), 1_000));
    assert_eq!((findings.len(), findings.not_listed()), (300, 210));
}

proptest! {
    #[test]
    fn no_call_is_counted_twice_whatever_the_slices(
        statuses in prop::collection::vec(prop::sample::select(vec![200_u16, 404, 500]), 1..40),
        most in 1_usize..7,
    ) {
        let mut sketch = Sketch::shop();
        let mut findings = Findings::default();
        for status in &statuses {
            sketch.call(|call| (call.status, call.path) = (Some(*status), format!("/{}", call.at)));
            findings.take(&sketch.snapshot(), Stamp(0), most);
        }
        while !findings.take(&sketch.snapshot(), Stamp(0), most) {}
        let count = |kind| findings.groups().filter(|group| group.kind() == kind).map(|group| group.count).sum::<u64>();
        let answered = |wanted| statuses.iter().filter(|status| **status == wanted).count() as u64;
        prop_assert_eq!(count(FindingKind::ServerError), answered(500));
        prop_assert_eq!(count(FindingKind::NoSuchPath), answered(404));
    }
}
