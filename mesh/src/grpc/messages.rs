//! The messages of one direction of a call, followed as their bytes pass: where each begins and how long it is, and
//! nothing of what it says.

use tonic::Status;

use super::status::Refusal;

/// A flag and the length, before each message.
pub(super) const PREFIX: usize = 5;

/// Where in a direction's bytes a message begins and ends.
#[derive(Debug)]
pub(super) struct Messages {
    /// The longest message that passes, in bytes.
    limit: Option<u64>,
    prefix: [u8; PREFIX],
    /// How much of the prefix has been seen.
    seen: usize,
    /// How much of the message is still to come.
    left: u64,
    /// How many bytes have passed.
    passed: u64,
}

/// A message that begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Begun {
    /// Where in its direction's bytes, behind its prefix.
    pub(crate) start: u64,
    /// How long it is, in bytes.
    pub(crate) length: u32,
    /// Its flag says that it is compressed.
    pub(crate) compressed: bool,
}

/// A message is too long.
#[derive(Debug)]
pub(super) struct TooLong {
    /// How many of the bytes come before it.
    pub(super) before: usize,
    /// What its sender is told.
    pub(super) refusal: Refusal,
}

impl Messages {
    /// The start of a direction whose messages have at most `limit` bytes.
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self { limit, prefix: [0; PREFIX], seen: 0, left: 0, passed: 0 }
    }

    /// Follows bytes that pass, and tells each message that begins in them. The error is of the first message that is too
    /// long (Body size), as Go words it.
    pub(super) fn pass(&mut self, data: &[u8], mut tell: impl FnMut(Begun)) -> Result<(), TooLong> {
        let length = data.len();
        let before = self.passed;
        self.passed += length as u64;
        let mut data = data;
        while !data.is_empty() {
            if self.left > 0 {
                let part = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len());
                self.left -= part as u64;
                data = data.get(part..).unwrap_or_default();
                continue;
            }
            let part = data.len().min(PREFIX - self.seen);
            self.prefix[self.seen..self.seen + part].copy_from_slice(&data[..part]);
            self.seen += part;
            data = &data[part..];
            if self.seen == PREFIX {
                self.seen = 0;
                let at = length - data.len();
                self.begin().map_err(|refusal| TooLong { before: at.saturating_sub(PREFIX), refusal })?;
                let [flag, length @ ..] = self.prefix;
                tell(Begun {
                    start: before + at as u64,
                    length: u32::from_be_bytes(length),
                    compressed: flag & 1 == 1,
                });
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        let [_, length @ ..] = self.prefix;
        self.left = u64::from(u32::from_be_bytes(length));
        match self.limit {
            Some(limit) if self.left > limit => {
                let text = format!("grpc: received message larger than max ({} vs. {limit})", self.left);
                Err(Refusal::too_large(Status::resource_exhausted(text), self.limit))
            }
            _ => Ok(()),
        }
    }
}

/// Whether every piece of a direction passes, for the fuzz targets.
#[cfg(any(test, fuzzing))]
pub(crate) fn all_pass<'a>(mut pieces: impl Iterator<Item = &'a [u8]>, limit: u64) -> bool {
    let mut messages = Messages::new(Some(limit));
    pieces.all(|piece| messages.pass(piece, |_| {}).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(lengths: &[usize]) -> Vec<u8> {
        let frame = |length: &usize| [&[0][..], &(*length as u32).to_be_bytes(), &vec![7; *length]].concat();
        lengths.iter().flat_map(frame).collect()
    }

    #[test]
    fn a_message_over_the_limit_is_refused_at_its_prefix_in_gos_words() {
        let mut messages = Messages::new(Some(10));
        assert!(messages.pass(&framed(&[10, 0, 3]), |_| {}).is_ok());
        let long = [&framed(&[2])[..], &[0, 0, 0, 0, 11]].concat();
        assert_eq!(Messages::new(Some(10)).pass(&long, |_| {}).unwrap_err().before, 7);
        let refused = messages.pass(&[0, 0, 0, 0, 11], |_| {}).unwrap_err().refusal.status;
        assert_eq!(refused.message(), "grpc: received message larger than max (11 vs. 10)");
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
        assert!(Messages::new(None).pass(&[0, 255, 255, 255, 255, 1], |_| {}).is_ok());
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_same_message_is_refused(
            lengths in prop::collection::vec(0_usize..40, 0..12),
            cuts in prop::collection::vec(1_usize..20, 1..200),
        ) {
            let bytes = framed(&lengths);
            let mut messages = Messages::new(Some(30));
            let (mut rest, mut cuts) = (&bytes[..], cuts.iter().cycle());
            let (mut refused, mut told) = (false, Vec::new());
            while !rest.is_empty() && !refused {
                let (now, later) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                refused = messages.pass(now, |begun| told.push((begun.start, begun.length))).is_err();
                rest = later;
            }
            prop_assert_eq!(refused, lengths.iter().any(|length| *length > 30));
            let mut at = 0;
            let fit = lengths.iter().take_while(|length| **length <= 30).map(|length| {
                let start = at + PREFIX as u64;
                at = start + *length as u64;
                (start, *length as u32)
            });
            prop_assert_eq!(told, fit.collect::<Vec<_>>());
            prop_assert!(refused || (messages.left == 0 && messages.seen == 0));
        }
    }
}
