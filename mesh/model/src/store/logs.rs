//! Log lines, bounded by number and by size.

use std::sync::Arc;

use crate::sequence::Sequence;
use crate::{Limits, LogLine, Logs};

#[derive(Debug)]
pub(super) struct LogTable {
    lines: Sequence<LogLine>,
    bytes: usize,
    evicted: u64,
}

impl LogTable {
    pub(super) fn new() -> Self {
        Self { lines: Sequence::new(), bytes: 0, evicted: 0 }
    }

    /// Takes a line in, and gives up the oldest ones that are too many.
    pub(super) fn add(&mut self, line: LogLine, limits: &Limits) {
        self.bytes += line.text.len();
        self.lines.push(Arc::new(line));
        while self.lines.len() > limits.log_lines || self.bytes > limits.log_bytes {
            let Some(oldest) = self.lines.remove_first() else { return };
            self.bytes = self.bytes.saturating_sub(oldest.text.len());
            self.evicted += 1;
        }
    }

    /// How many lines have been given up.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn publish(&mut self) -> Logs {
        Logs(self.lines.publish())
    }
}
