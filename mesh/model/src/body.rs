//! Captured bodies.

use bytes::Bytes;

/// What is kept of a body.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CapturedBody {
    /// The first bytes, up to the cap. Empty once evicted.
    pub kept: Bytes,
    /// The true length: how many bytes passed, kept or not.
    pub seen: u64,
    /// How the body ended.
    pub end: BodyEnd,
    /// The kept bytes were given up to stay within the memory limit.
    pub evicted: bool,
}

impl CapturedBody {
    /// Whether every byte that passed is still here.
    pub fn is_whole(&self) -> bool {
        self.kept.len() as u64 == self.seen && self.end == BodyEnd::Complete
    }
}

/// How a body ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BodyEnd {
    /// It is still running, or nobody has read it to its end.
    #[default]
    Open,
    /// Its sender ended it.
    Complete,
    /// It broke off: the sender or the connection failed.
    Broken,
    /// Its receiver went away before the end.
    Abandoned,
}
