//! The request's direction of a proxied call: the caller's bytes go to the app as fast as the app takes them, and no
//! faster.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use daptop_model::{BodyEnd, Side};
use h2::{Reason, SendStream};
use http_body::Body as _;
use hyper::body::Incoming;

use super::messages::{Messages, TooLong};
use super::status::Refusal;
use crate::capture::Record;

/// Carries the caller's bytes until they end. The error is of a message that is too long; how the app's side of the
/// stream ends is told by its answer.
#[derive(Debug)]
pub(super) struct Upload {
    body: Incoming,
    stream: SendStream<Bytes>,
    messages: Messages,
    /// Where it is written why the request was broken off, for whoever reads the answer.
    refused: Arc<OnceLock<Refusal>>,
    record: Option<Record>,
}

impl Upload {
    pub(super) fn new(body: Incoming, stream: SendStream<Bytes>, limit: Option<u64>, record: Option<Record>) -> Self {
        Self { body, stream, messages: Messages::new(limit), refused: Arc::default(), record }
    }

    /// Why the request was broken off, once it has been.
    pub(super) fn refused(&self) -> Arc<OnceLock<Refusal>> {
        Arc::clone(&self.refused)
    }

    fn finish(&mut self, end: BodyEnd) {
        if let Some(record) = self.record.take() {
            record.ended(Side::Request, end);
        }
    }

    /// Waits until the app takes more; `false` when it takes nothing any more.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        loop {
            self.stream.reserve_capacity(1);
            if self.stream.capacity() > 0 {
                return Poll::Ready(self.stream.poll_reset(context).is_pending());
            }
            match ready!(self.stream.poll_capacity(context)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(false),
            }
        }
    }

    fn pass(&mut self, data: Bytes) -> Result<(), Refusal> {
        let record = self.record.as_ref();
        let followed = self.messages.pass(&data, |message| {
            record.inspect(|record| record.message(Side::Request, message));
        });
        if let Err(TooLong { refusal, .. }) = followed {
            // Nobody else sets it. It stands before the reset makes the answer break off.
            drop(self.refused.set(refusal.clone()));
            self.stream.send_reset(Reason::CANCEL);
            self.finish(BodyEnd::Broken);
            return Err(refusal);
        }
        if let Some(record) = &self.record {
            record.passed(Side::Request, &data);
        }
        let ended = self.body.is_end_stream();
        // The app's answer tells why it takes no more.
        drop(self.stream.send_data(data, ended));
        if ended {
            self.finish(BodyEnd::Complete);
        }
        Ok(())
    }
}

impl Future for Upload {
    type Output = Result<(), Refusal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if !ready!(self.poll_room(context)) {
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => {
                    drop(self.stream.send_data(Bytes::new(), true));
                    self.finish(BodyEnd::Complete);
                    return Poll::Ready(Ok(()));
                }
                Some(Err(_)) => {
                    // The caller took its call back, or went away. An end would look like a whole request.
                    self.stream.send_reset(Reason::CANCEL);
                    self.finish(BodyEnd::Abandoned);
                    return Poll::Ready(Ok(()));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.pass(data)?;
                        if self.body.is_end_stream() {
                            return Poll::Ready(Ok(()));
                        }
                    }
                }
            }
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.finish(BodyEnd::Abandoned);
    }
}
