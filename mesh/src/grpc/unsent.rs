//! The request of a proxied call before it goes anywhere.

use daptop_model::Side;
use http_body::Body as _;
use hyper::body::Incoming;

use super::messages::Messages;
use crate::capture::Record;
use crate::unread;

/// A request's bytes, of which none has been sent on. Where none ever is, they are kept all the same.
#[derive(Debug)]
pub(super) struct Unsent {
    body: Option<Incoming>,
    limit: Option<u64>,
    record: Option<Record>,
}

impl Unsent {
    /// The bytes of a call; a message has at most `limit` of them.
    pub(super) fn new(body: Incoming, limit: Option<u64>, record: Option<Record>) -> Self {
        Self { body: Some(body), limit, record }
    }

    /// Whether there are none.
    pub(super) fn is_nothing(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    /// Takes the bytes, which are sent on.
    pub(super) fn take(mut self) -> Option<Incoming> {
        self.body.take()
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        let (Some(body), Some(record)) = (self.body.take(), self.record.take()) else { return };
        let mut messages = Messages::new(self.limit);
        unread::read(body, record, None, move |record, data| {
            // One that is too long is the last that is told; nobody is there to refuse it.
            drop(messages.pass(data, |message| record.message(Side::Request, message)));
        });
    }
}
