//! What is kept of one body while it passes.

use bytes::{Bytes, BytesMut};
use daptop_model::{BodyEnd, BodyPiece, CapturedBody};

/// The first bytes of a body, and how many there were.
#[derive(Debug, Default)]
pub(super) struct Kept {
    bytes: BytesMut,
    /// How many bytes passed, kept or not.
    pub(super) seen: u64,
    /// How it ended.
    pub(super) end: BodyEnd,
    /// How many of the kept bytes have been told.
    told: usize,
}

impl Kept {
    /// Takes in a piece; at most `cap` bytes are kept in all.
    pub(super) fn push(&mut self, data: &Bytes, cap: usize) {
        self.seen += data.len() as u64;
        let room = cap.saturating_sub(self.bytes.len());
        // A copy: keeping a slice would pin the whole read buffer of the connection.
        self.bytes.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
    }

    /// What is kept and has not been told.
    pub(super) fn more(&self) -> BodyPiece {
        let bytes = Bytes::copy_from_slice(self.bytes.get(self.told..).unwrap_or_default());
        BodyPiece { at: self.told as u64, bytes }
    }

    /// Everything that is kept has been told.
    pub(super) fn told(&mut self) {
        self.told = self.bytes.len();
    }

    /// The whole, at the end.
    pub(super) fn take(&mut self) -> CapturedBody {
        let kept = std::mem::take(&mut self.bytes);
        // As much memory as the text, no more: a growing buffer has room to spare.
        let kept = if kept.is_empty() { Bytes::new() } else { Bytes::copy_from_slice(&kept) };
        CapturedBody { kept, seen: self.seen, end: self.end, evicted: false }
    }
}
