//! Time without a clock: stamps are offsets from the start of the session, handed in by whoever has a clock.

use std::time::Duration;

/// Microseconds since the session started, on the monotonic clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Stamp(pub u64);

impl Stamp {
    /// The time from `earlier` to this stamp; zero where `earlier` is later.
    pub fn since(self, earlier: Stamp) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This stamp moved later by `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Stamp {
        Stamp(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// The wall time at which the session started; turns a [`Stamp`] into a time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Anchor {
    /// Microseconds since 1970-01-01 UTC at `Stamp(0)`.
    pub unix_micros: u64,
}

impl Anchor {
    /// Microseconds since 1970-01-01 UTC of a stamp.
    pub fn unix_micros(self, stamp: Stamp) -> u64 {
        self.unix_micros.saturating_add(stamp.0)
    }
}

/// A moment in the life of a call, in the order in which they happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Phase {
    /// The callee had started and the call stopped waiting for it. Set only where the call had to wait.
    Started,
    /// The target was found.
    Resolved,
    /// A connection to the app (or to the other sidecar) was at hand.
    Connected,
    /// The request, body included, had been sent.
    Sent,
    /// The first byte of the answer arrived.
    FirstByte,
    /// The last byte of the answer had been passed on, or the call failed.
    Ended,
}

/// When each phase of a call was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Phases {
    /// When the caller's sidecar received the request's head.
    pub received: Stamp,
    /// Microseconds after `received`; `u32::MAX` where the phase was not reached.
    offsets: [u32; 6],
}

impl Phases {
    const UNSET: u32 = u32::MAX;

    /// A call that has only been received.
    pub fn new(received: Stamp) -> Self {
        Self { received, offsets: [Self::UNSET; 6] }
    }

    /// Marks a phase as reached. A later mark of the same phase wins. After 71 minutes the offset no longer grows.
    pub fn mark(&mut self, phase: Phase, at: Stamp) {
        let offset = at.0.saturating_sub(self.received.0);
        self.offsets[phase as usize] = u32::try_from(offset).unwrap_or(Self::UNSET).min(Self::UNSET - 1);
    }

    /// When a phase was reached.
    pub fn at(&self, phase: Phase) -> Option<Stamp> {
        self.offset(phase).map(|offset| self.received.plus(offset))
    }

    /// How long after `received` a phase was reached.
    pub fn offset(&self, phase: Phase) -> Option<Duration> {
        let offset = self.offsets[phase as usize];
        (offset != Self::UNSET).then(|| Duration::from_micros(u64::from(offset)))
    }

    /// The same moments for a call that was received at `received`, which is what they should say already.
    pub(crate) fn received_at(self, received: Stamp) -> Self {
        let mut phases = Self::new(received);
        for (offset, own) in phases.offsets.iter_mut().zip(self.offsets).filter(|(_, own)| *own != Self::UNSET) {
            let at = self.received.0.saturating_add(u64::from(own));
            *offset = u32::try_from(at.saturating_sub(received.0)).unwrap_or(Self::UNSET).min(Self::UNSET - 1);
        }
        phases
    }

    /// The latest moment that was reached.
    pub(crate) fn latest(&self) -> Stamp {
        let latest = self.offsets.iter().filter(|offset| **offset != Self::UNSET).max();
        self.received.plus(Duration::from_micros(latest.copied().unwrap_or_default().into()))
    }

    /// From the request's head to the end; `None` while the call runs.
    pub fn duration(&self) -> Option<Duration> {
        self.offset(Phase::Ended)
    }

    /// How long the call was held for an app that was still starting; zero where it was not.
    pub fn waited(&self) -> Duration {
        self.offset(Phase::Started).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_is_kept_as_its_distance_from_the_start() {
        let mut phases = Phases::new(Stamp(1_000));
        phases.mark(Phase::Ended, Stamp(1_250));
        assert_eq!(phases.at(Phase::Ended), Some(Stamp(1_250)));
        assert_eq!(phases.duration(), Some(Duration::from_micros(250)));
        assert_eq!(phases.at(Phase::Sent), None);
        assert_eq!(phases.waited(), Duration::ZERO);
    }

    #[test]
    fn a_call_of_many_hours_keeps_the_longest_distance_instead_of_none() {
        let mut phases = Phases::new(Stamp(0));
        phases.mark(Phase::Ended, Stamp(u64::MAX));
        assert!(phases.duration().unwrap() > Duration::from_mins(71));
    }
}
