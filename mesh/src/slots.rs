//! How many calls may be at an app at once (concurrency): the others wait for their turn, in the order in which they came.

use std::sync::Arc;

use daptop_model::FailureKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::capture::Record;
use crate::error::{InvokeError, internal};

/// The slots of an app; each call at the app has one.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    limit: usize,
    free: Arc<Semaphore>,
}

impl Slots {
    /// So many slots, all of them free.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, free: Arc::new(Semaphore::new(limit)) }
    }

    /// Takes a slot. Where none is free, the record tells how long the call waits for one.
    pub(crate) async fn take(&self, record: Option<&Record>) -> Result<OwnedSemaphorePermit, InvokeError> {
        if let Ok(slot) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(slot);
        }
        if let Some(record) = record {
            record.waits_for_turn(self.limit);
        }
        let slot = Arc::clone(&self.free).acquire_owned().await;
        if let Some(record) = record {
            record.turn_came();
        }
        slot.map_err(|_| InvokeError::new(FailureKind::Other, internal("the sidecar is shutting down")))
    }
}
