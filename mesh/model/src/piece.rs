//! What the time of a call was spent on.

use std::time::Duration;

use crate::{Call, Outcome, Phase};

/// What a stretch of a call's time was spent on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activity {
    /// Held until the app had started.
    Waiting,
    /// Finding out where the app is.
    Finding,
    /// Waiting for its turn: the app takes only so many calls at once.
    Queueing,
    /// A try that got no answer, by its number from 1.
    Trying(u32),
    /// Waiting after the try of this number, before the next one.
    Pausing(u32),
    /// Getting a connection to it.
    Connecting,
    /// Passing the request on.
    Sending,
    /// The app had the request and had not begun to answer: its own time.
    Answering,
    /// Passing the answer on.
    Receiving,
    /// What was tried last, until it was clear that no app answers.
    Failing,
    /// What was under way when the caller left.
    Leaving,
}

impl Activity {
    /// Whether nothing is done meanwhile but to wait until something may be done.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting | Self::Queueing | Self::Pausing(_))
    }
}

/// A stretch of a call's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What it was spent on.
    pub activity: Activity,
    /// Where it begins, counted from the start of the call.
    pub from: Duration,
    /// Where it ends, counted from the start of the call.
    pub to: Duration,
    /// It still goes on.
    pub open: bool,
}

impl Piece {
    /// How long it took so far.
    pub fn duration(&self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

const ACTIVITIES: [(Phase, Activity); 6] = [
    (Phase::Started, Activity::Waiting),
    (Phase::Resolved, Activity::Finding),
    (Phase::Connected, Activity::Connecting),
    (Phase::Sent, Activity::Sending),
    (Phase::FirstByte, Activity::Answering),
    (Phase::Ended, Activity::Receiving),
];

impl Call {
    /// What its time was spent on, in order and without a gap. The last piece of an open call ends where its `age` does.
    pub fn pieces(&self, age: Duration) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(ACTIVITIES.len());
        let mut from = Duration::ZERO;
        for (phase, activity) in ACTIVITIES {
            if phase == Phase::Connected {
                from = self.turn_wait(from, age, &mut pieces);
                if self.delays.turn().is_some_and(|turn| turn.came.is_none()) {
                    // The app never had it. That it was sent is marked even so where there was nothing to send.
                    let ended = self.phases.duration().map(|end| end.max(from));
                    pieces.extend(ended.map(|to| Piece { activity: self.last_activity(), from, to, open: false }));
                    return pieces;
                }
                from = self.failed_tries(from, age, &mut pieces);
            }
            // An answer may begin before the request has been sent: then the rest of the request counts as answer.
            let reached = self.phases.offset(phase).filter(|at| *at >= from || !self.is_of_an_earlier_try(phase));
            if let Some(to) = reached.map(|to| to.max(from)) {
                let activity = if phase == Phase::Ended { self.last_activity() } else { activity };
                pieces.push(Piece { activity, from, to, open: false });
                from = to;
            }
        }
        if self.phases.duration().is_none() && !pieces.last().is_some_and(|last| last.open) {
            pieces.push(Piece { activity: self.current_activity(), from, to: age.max(from), open: true });
        }
        pieces
    }

    /// The wait for its turn, from a moment on. Where it ends.
    fn turn_wait(&self, from: Duration, age: Duration, pieces: &mut Vec<Piece>) -> Duration {
        let Some(turn) = self.delays.turn() else { return from };
        let end = self.phases.duration().unwrap_or(age);
        let to = turn.came.unwrap_or(end).min(end).max(from);
        let open = turn.came.is_none() && self.phases.duration().is_none();
        pieces.push(Piece { activity: Activity::Queueing, from, to, open });
        to
    }

    /// The tries before the last one, and the waiting after each, from a moment on. Where they end.
    fn failed_tries(&self, from: Duration, age: Duration, pieces: &mut Vec<Piece>) -> Duration {
        let end = self.phases.duration().unwrap_or(age);
        let mut from = from;
        let mut add = |activity, to: Duration, open| {
            let to = to.min(end).max(from);
            pieces.push(Piece { activity, from, to, open });
            from = to;
        };
        for failed in self.delays.failed_tries() {
            add(Activity::Trying(failed.number), failed.failed, false);
            match failed.again {
                Some(again) if again <= failed.failed => {}
                Some(again) => add(Activity::Pausing(failed.number), again, false),
                None => add(Activity::Pausing(failed.number), end, self.is_open()),
            }
        }
        from
    }

    /// Whether a phase that lies before the last try was reached by another one.
    fn is_of_an_earlier_try(&self, phase: Phase) -> bool {
        !self.delays.failed_tries().is_empty() && phase != Phase::Ended
    }

    fn last_activity(&self) -> Activity {
        match self.outcome {
            Outcome::Failed(_) => Activity::Failing,
            Outcome::Cancelled => Activity::Leaving,
            Outcome::Answered | Outcome::Pending if self.phases.at(Phase::FirstByte).is_none() => Activity::Answering,
            Outcome::Answered | Outcome::Pending => Activity::Receiving,
        }
    }

    fn current_activity(&self) -> Activity {
        if self.waiting {
            return Activity::Waiting;
        }
        let reached = ACTIVITIES.iter().rposition(|(phase, _)| self.phases.at(*phase).is_some());
        match reached.map(|at| ACTIVITIES[at].0) {
            // The sidecar says nothing of an open call before it waits or streams: the app has had most of that time.
            None | Some(Phase::Started | Phase::Sent) => Activity::Answering,
            _ if !self.delays.failed_tries().is_empty() => Activity::Answering,
            Some(Phase::Resolved) if self.delays.turn().is_some() => Activity::Answering,
            Some(Phase::Resolved) => Activity::Connecting,
            Some(Phase::Connected) => Activity::Sending,
            Some(Phase::FirstByte | Phase::Ended) => Activity::Receiving,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::trace::tests::call;
    use crate::{Delays, Failure, FailureKind, Stamp};

    const PHASES: [Phase; 6] =
        [Phase::Started, Phase::Resolved, Phase::Connected, Phase::Sent, Phase::FirstByte, Phase::Ended];

    fn ran(marks: &[(Phase, u64)], outcome: Outcome) -> Vec<(Activity, u64, bool)> {
        let mut call = call(1, "a", "b", 0, None);
        for (phase, at) in marks {
            call.phases.mark(*phase, Stamp(*at));
        }
        call.outcome = outcome;
        let pieces = call.pieces(Duration::from_micros(100));
        pieces.iter().map(|piece| (piece.activity, piece.duration().as_micros() as u64, piece.open)).collect()
    }

    #[test]
    fn each_phase_ends_a_piece_and_the_outcome_names_the_last() {
        use Activity::{Answering, Connecting, Failing, Finding, Leaving, Receiving, Sending, Waiting};
        let failed = || {
            Outcome::Failed(Box::new(Failure {
                kind: FailureKind::ConnectionRefused,
                text: "refused".into(),
                fact: None,
            }))
        };
        let whole = [
            (Phase::Started, 40),
            (Phase::Resolved, 41),
            (Phase::Connected, 44),
            (Phase::Sent, 50),
            (Phase::FirstByte, 80),
            (Phase::Ended, 100),
        ];
        let done = [(Waiting, 40), (Finding, 1), (Connecting, 3), (Sending, 6), (Answering, 30), (Receiving, 20)];
        assert_eq!(ran(&whole, Outcome::Answered), done.map(|(activity, micros)| (activity, micros, false)));
        assert_eq!(ran(&whole[5..], Outcome::Answered), [(Answering, 100, false)]);
        assert_eq!(
            ran(&[(Phase::Resolved, 1), (Phase::Ended, 9)], failed()),
            [(Finding, 1, false), (Failing, 8, false)]
        );
        assert_eq!(ran(&whole[5..], Outcome::Cancelled), [(Leaving, 100, false)]);
        assert_eq!(ran(&[], Outcome::Pending), [(Answering, 100, true)]);
        assert_eq!(ran(&whole[..3], Outcome::Pending)[3], (Sending, 56, true));
        let early = [(Phase::FirstByte, 10), (Phase::Sent, 60), (Phase::Ended, 70)];
        assert_eq!(
            ran(&early, Outcome::Answered),
            [(Sending, 60, false), (Answering, 0, false), (Receiving, 10, false)]
        );
    }

    #[test]
    fn tries_that_failed_are_pieces_of_their_own_with_the_waiting_after_each() {
        use Activity::{Answering, Connecting, Finding, Leaving, Pausing, Trying};
        let micros = Duration::from_micros;
        let call = call(1, "a", "b", 0, None);
        let told = |marks: &[(Phase, u64)], outcome: Outcome, delays: &Delays| {
            let mut call = call.clone();
            for (phase, at) in marks {
                call.phases.mark(*phase, Stamp(*at));
            }
            (call.outcome, call.delays) = (outcome, delays.clone());
            let pieces = call.pieces(micros(100));
            pieces
                .iter()
                .map(|piece| (piece.activity, piece.duration().as_micros() as u64, piece.open))
                .collect::<Vec<_>>()
        };
        let mut delays = Delays::default();
        delays.try_failed(micros(20), "refused");
        // It waits; the phases are those of the try that failed.
        let early = [(Phase::Resolved, 5), (Phase::Connected, 7), (Phase::Sent, 8)];
        let waits = [(Finding, 5, false), (Trying(1), 15, false)];
        assert_eq!(told(&early, Outcome::Pending, &delays), [&waits[..], &[(Pausing(1), 80, true)]].concat());
        let left = [&early[..], &[(Phase::Ended, 60)]].concat();
        let expected = [&waits[..], &[(Pausing(1), 40, false), (Leaving, 0, false)]].concat();
        assert_eq!(told(&left, Outcome::Cancelled, &delays), expected);
        // The next one went well.
        delays.try_again(micros(50));
        assert_eq!(
            told(&early, Outcome::Pending, &delays),
            [&waits[..], &[(Pausing(1), 30, false), (Answering, 50, true)]].concat()
        );
        let done = [(Phase::Resolved, 5), (Phase::Connected, 52), (Phase::Sent, 8), (Phase::FirstByte, 70)];
        let done = [&done[..], &[(Phase::Ended, 70)]].concat();
        let good =
            [(Pausing(1), 30, false), (Connecting, 2, false), (Answering, 18, false), (Activity::Receiving, 0, false)];
        assert_eq!(told(&done, Outcome::Answered, &delays), [&waits[..], &good].concat());
    }

    #[test]
    fn the_wait_for_its_turn_is_a_piece_of_its_own() {
        use Activity::{Answering, Connecting, Failing, Finding, Leaving, Queueing, Receiving, Sending, Trying};
        let micros = Duration::from_micros;
        let told = |marks: &[(Phase, u64)], outcome: Outcome, came: Option<u64>, failed: Option<u64>| {
            let mut call = call(1, "a", "b", 0, None);
            for (phase, at) in marks {
                call.phases.mark(*phase, Stamp(*at));
            }
            call.outcome = outcome;
            call.delays.turn_begins(micros(3), 2);
            if let Some(came) = came {
                call.delays.turn_came(micros(came));
            }
            if let Some(failed) = failed {
                call.delays.try_failed(micros(failed), "refused");
                call.delays.try_again(micros(failed));
            }
            let waited = call.waited_for_turn(micros(100)).as_micros() as u64;
            let pieces = call.pieces(micros(100));
            let told = |piece: &Piece| (piece.activity, piece.duration().as_micros() as u64, piece.open);
            (waited, pieces.iter().map(told).collect::<Vec<_>>())
        };
        let found = (Phase::Resolved, 2);
        let nothing_to_send = (Phase::Sent, 1);
        assert_eq!(
            told(&[found, nothing_to_send], Outcome::Pending, None, None),
            (97, vec![(Finding, 2, false), (Queueing, 98, true)]),
            "it goes on"
        );
        let has = vec![(Finding, 2, false), (Queueing, 58, false), (Answering, 40, true)];
        assert_eq!(told(&[found], Outcome::Pending, Some(60), None), (57, has), "the app has it");
        let left = vec![(Finding, 2, false), (Queueing, 78, false), (Leaving, 0, false)];
        assert_eq!(told(&[found, nothing_to_send, (Phase::Ended, 80)], Outcome::Cancelled, None, None), (77, left));
        let whole = [found, (Phase::Connected, 61), (Phase::Sent, 62), (Phase::FirstByte, 90), (Phase::Ended, 91)];
        let at_app = [(Sending, 1, false), (Answering, 28, false), (Receiving, 1, false)];
        let waited = [(Finding, 2, false), (Queueing, 58, false)];
        let done = [&waited[..], &[(Connecting, 1, false)], &at_app].concat();
        assert_eq!(told(&whole, Outcome::Answered, Some(60), None), (57, done));
        let whole = [(Phase::Resolved, 2), (Phase::Connected, 75), (Phase::Ended, 80)];
        let failed = Outcome::Failed(Box::new(Failure { kind: FailureKind::Other, text: "".into(), fact: None }));
        let tries = [&waited[..], &[(Trying(1), 10, false), (Connecting, 5, false), (Failing, 5, false)]].concat();
        assert_eq!(told(&whole, failed, Some(60), Some(70)), (57, tries), "tries begin when it has its turn");
    }

    proptest! {
        #[test]
        fn pieces_cover_the_call_without_gap_or_overlap(
            marks in prop::collection::vec((0_usize..6, 0_u64..200), 0..8),
            waiting in any::<bool>(),
            turn in prop::option::of((0_u64..200, prop::option::of(0_u64..200))),
            tries in prop::collection::vec((0_u64..200, prop::option::of(0_u64..200)), 0..4),
        ) {
            let mut call = call(1, "a", "b", 0, None);
            call.waiting = waiting;
            if let Some((began, came)) = turn {
                call.delays.turn_begins(Duration::from_micros(began), 1);
                if let Some(came) = came {
                    call.delays.turn_came(Duration::from_micros(came));
                }
            }
            for (failed, again) in tries {
                call.delays.try_failed(Duration::from_micros(failed), "refused");
                if let Some(again) = again {
                    call.delays.try_again(Duration::from_micros(again));
                }
            }
            for (phase, at) in marks {
                call.phases.mark(PHASES[phase], Stamp(at));
            }
            let age = Duration::from_micros(150);
            let pieces = call.pieces(age);
            prop_assert_eq!(pieces.first().map(|piece| piece.from), Some(Duration::ZERO));
            prop_assert!(pieces.windows(2).all(|pair| pair[0].to == pair[1].from));
            prop_assert!(pieces.iter().all(|piece| piece.from <= piece.to));
            // A call whose turn never came has not got any further.
            let got_to = if matches!(turn, Some((_, None))) { &PHASES[..2] } else { &PHASES[..] };
            let reached = got_to.iter().chain(&[Phase::Ended]);
            let latest = reached.filter_map(|phase| call.phases.offset(*phase)).max().unwrap_or_default();
            let end = if call.phases.duration().is_some() { latest } else { age.max(latest) };
            prop_assert_eq!(pieces.last().map(|piece| piece.to), Some(end));
        }
    }
}
