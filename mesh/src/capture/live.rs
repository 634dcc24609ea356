//! Calls that are still open, told as they come along. A record that has something to tell queues itself, once; one task
//! goes through the queue ten times a second. The path of a call does no more than queue, and never waits.

use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::Shared;

/// From one round to the next: how often a call is told at most, and how old what is shown may be.
const ROUND: Duration = Duration::from_millis(100);
/// The most records that wait for a round. One that finds no room queues itself with its next piece.
const MOST: usize = 16 << 10;
/// The most calls that are told in one round; the others follow in the next ones.
const TOLD_AT_ONCE: usize = 1 << 10;
/// The most records that are looked at in one go. Thousands of short calls leave theirs behind in each round: putting
/// them away at once would keep a processor from the calls for milliseconds.
const LOOKED_AT_ONCE: usize = 128;
/// From one go to the next within a round.
const PAUSE: Duration = Duration::from_millis(1);

/// Where records queue.
#[derive(Debug)]
pub(crate) struct Live {
    queue: Sender<Weak<Shared>>,
    waiting: Mutex<Option<Receiver<Weak<Shared>>>>,
}

impl Default for Live {
    fn default() -> Self {
        let (queue, waiting) = mpsc::channel(MOST);
        Self { queue, waiting: Mutex::new(Some(waiting)) }
    }
}

impl Live {
    /// Begins to tell, with the first use. Must be called within a Tokio runtime. The task ends with the mesh.
    pub(crate) fn start(&self) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waiting) = waiting {
            tokio::spawn(tell(waiting));
        }
    }

    /// Queues a record; `false` where there is no room.
    pub(super) fn queue(&self, record: Weak<Shared>) -> bool {
        self.queue.try_send(record).is_ok()
    }
}

async fn tell(mut waiting: Receiver<Weak<Shared>>) {
    let mut round = Vec::new();
    while let Some(first) = waiting.recv().await {
        round.push(first);
        while !round.is_empty() {
            tokio::time::sleep(ROUND).await;
            let room = MOST.saturating_sub(round.len());
            if room > 0 && !waiting.is_empty() {
                waiting.recv_many(&mut round, room).await;
            }
            tell_round(&mut round).await;
        }
    }
}

/// Tells what has not been told, the longest waiting first. What finds no room stays for the next round.
async fn tell_round(round: &mut Vec<Weak<Shared>>) {
    let mut told = 0;
    for (looked_at, record) in std::mem::take(round).into_iter().enumerate() {
        if told == TOLD_AT_ONCE {
            round.push(record);
            continue;
        }
        if looked_at > 0 && looked_at % LOOKED_AT_ONCE == 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let Some(open) = Weak::upgrade(&record) else { continue };
        if open.tell_news() {
            told += 1;
        } else {
            round.push(record);
        }
    }
}
