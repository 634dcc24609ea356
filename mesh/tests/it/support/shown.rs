//! What a viewer would see.

use std::sync::Arc;

use daptop_mesh::EventReceiver;
use daptop_model::{Anchor, Call, Event, Limits, Stamp, Store};

use super::{Bed, soon};

/// A store that takes in what a mesh tells.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    events: &'a mut EventReceiver,
    store: Store,
    /// How often calls that were open have been told.
    pub(crate) progresses: usize,
}

impl Bed {
    /// Folds what is told from here on.
    pub(crate) fn shown(&mut self) -> Shown<'_> {
        let store = Store::new(Limits::default(), Anchor { unix_micros: 0 });
        Shown { events: &mut self.events, store, progresses: 0 }
    }
}

impl Shown<'_> {
    /// Waits until the newest call is as wanted.
    pub(crate) async fn call(&mut self, what: &str, holds: impl Fn(&Call) -> bool) -> Arc<Call> {
        soon(what, async {
            loop {
                let mut one = Vec::with_capacity(1);
                self.events.receive_many(&mut one, 1).await;
                let event = one.pop().unwrap();
                self.progresses += usize::from(matches!(event, Event::CallProgressed(_)));
                self.store.apply(event);
                let snapshot = self.store.snapshot(Stamp(0));
                if let Some(call) = snapshot.calls.iter().next_back().filter(|call| holds(call)) {
                    return Arc::clone(call);
                }
            }
        })
        .await
    }
}
