//! What a mesh told of a call.

use daptop_model::{CallEnd, CallProgress, CallStart, Event};

use super::{Bed, soon};

/// Every event of one call.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) start: CallStart,
    pub(crate) progress: Vec<CallProgress>,
    pub(crate) end: CallEnd,
}

impl Bed {
    /// The next event.
    pub(crate) async fn next_event(&mut self) -> Event {
        let mut one = Vec::with_capacity(1);
        soon("an event", self.events.receive_many(&mut one, 1)).await;
        one.pop().unwrap()
    }

    /// The next call, from its start to its end. Fails on events of a call that has not started, or of two at once.
    pub(crate) async fn next_call(&mut self) -> Told {
        let Event::CallStarted(start) = self.next_event().await else { panic!("a call begins with its start") };
        let mut progress = Vec::new();
        loop {
            match self.next_event().await {
                Event::CallProgressed(told) if told.id == start.id => progress.push(*told),
                Event::CallEnded(end) if end.id == start.id => return Told { start: *start, progress, end: *end },
                other => panic!("within call {}: {other:?}", start.id),
            }
        }
    }
}
