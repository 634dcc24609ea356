//! The body of a request between processes, kept while the request may have to be sent again (Resiliency, built-in
//! retries: replay buffering).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use daptop_model::{FailureFact, FailureKind};
use futures_util::{Stream, stream};
use http_body::Body as _;
use tokio::sync::oneshot;

use super::frames::Cutter;
use super::proto::internals::v1::{InternalInvokeRequest, InternalInvokeRequestStream};
use crate::body::{BodyError, RequestBody};
use crate::error::InvokeError;

/// The most that is kept of a body, in bytes. What is longer is sent once.
const MOST_KEPT: usize = 4 << 20;

/// A body that can be sent again. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Replay(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// What is still to come; `None` after the end.
    body: Option<RequestBody>,
    /// What has been read, as long as it is kept.
    read: Vec<Bytes>,
    /// How many bytes that is.
    size: usize,
    /// How many pieces of it the present try has sent.
    position: usize,
    /// What is read is kept.
    keeps: bool,
    /// The present try. An earlier one, which may linger, gets nothing more.
    attempt: usize,
    /// Told when the caller's body cannot be read, and gone from then on.
    abort: Option<oneshot::Sender<InvokeError>>,
}

impl Replay {
    /// Reads as much of a body as is needed to know whether it is empty. Where the body fails later, the receiver is
    /// told: an end would look like the body's own.
    pub(super) async fn new(
        mut body: RequestBody,
        keeps: bool,
    ) -> Result<(Self, oneshot::Receiver<InvokeError>), InvokeError> {
        let over_limit = body.over_limit();
        let has_data = body.has_data().await.map_err(|error| unreadable(&error, over_limit.passed()))?;
        let (abort, aborted) = oneshot::channel();
        let state = State {
            body: has_data.then_some(body),
            read: Vec::new(),
            size: 0,
            position: 0,
            keeps,
            attempt: 0,
            abort: Some(abort),
        };
        Ok((Self(Arc::new(Mutex::new(state))), aborted))
    }

    /// Goes back to the beginning; `false` where that is gone.
    pub(super) fn rewind(&self) -> bool {
        let mut state = self.lock();
        state.position = 0;
        state.attempt += 1;
        state.keeps
    }

    /// The request has arrived: nothing is kept any more.
    pub(super) fn settle(&self) {
        let mut state = self.lock();
        let sent = state.position;
        state.read.iter_mut().take(sent).for_each(Bytes::clear);
        state.keeps = false;
    }

    /// The frames of the present try: the first carries the head, and the first payload where there is any.
    pub(super) fn frames(
        &self,
        request: InternalInvokeRequest,
    ) -> impl Stream<Item = InternalInvokeRequestStream> + Send + 'static {
        let attempt = self.lock().attempt;
        let state = (self.clone(), Some(request), Cutter::default());
        stream::unfold(state, move |(replay, mut request, mut cutter)| async move {
            let payload = loop {
                if let Some(payload) = cutter.cut() {
                    break Some(payload);
                }
                match replay.piece(attempt).await {
                    Some(data) => cutter.feed(data),
                    None => break None,
                }
            };
            if request.is_none() && payload.is_none() {
                return None;
            }
            Some((InternalInvokeRequestStream { request: request.take(), payload }, (replay, request, cutter)))
        })
    }

    /// The whole body, for a call that does not stream.
    pub(super) async fn whole(&self) -> Bytes {
        let attempt = self.lock().attempt;
        let mut whole = BytesMut::new();
        while let Some(data) = self.piece(attempt).await {
            whole.extend_from_slice(&data);
        }
        whole.freeze()
    }

    async fn piece(&self, attempt: usize) -> Option<Bytes> {
        std::future::poll_fn(|context| self.lock().poll_piece(attempt, context)).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn poll_piece(&mut self, attempt: usize, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if attempt != self.attempt || self.abort.is_none() {
            // Another try has the body now, or it broke off; this one is about to be dropped, and an end would look like
            // the body's own.
            return Poll::Pending;
        }
        if let Some(piece) = self.read.get_mut(self.position) {
            let piece = if self.keeps { piece.clone() } else { std::mem::take(piece) };
            self.position += 1;
            return Poll::Ready(Some(piece));
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        match ready!(Pin::new(body).poll_frame(context)) {
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                self.keep(&data);
                Poll::Ready(Some(data))
            }
            Some(Err(error)) => {
                if let Some(abort) = self.abort.take() {
                    // The call may have ended meanwhile.
                    let limit = self.body.as_ref().and_then(|body| body.over_limit().passed());
                    drop(abort.send(unreadable(&error, limit)));
                }
                Poll::Pending
            }
            None => {
                self.body = None;
                Poll::Ready(None)
            }
        }
    }

    fn keep(&mut self, data: &Bytes) {
        if !self.keeps {
            return;
        }
        self.size += data.len();
        if self.size > MOST_KEPT {
            self.keeps = false;
            self.read.clear();
            self.position = 0;
            return;
        }
        self.read.push(data.clone());
        self.position += 1;
    }
}

/// A body that broke off: `limit` where it was over that.
fn unreadable(error: &BodyError, limit: Option<u64>) -> InvokeError {
    InvokeError::new(FailureKind::TooLarge, error.to_string()).with(limit.map(FailureFact::BodyLimit))
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;
    use crate::body::{Frames, RequestSource};

    async fn replay(pieces: &[&'static [u8]], keeps: bool) -> Replay {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
        let source = RequestSource::Frames(Frames::new(Box::pin(stream::iter(pieces))));
        Replay::new(RequestBody::new(source, None, None), keeps).await.unwrap().0
    }

    async fn sent(frames: impl Stream<Item = InternalInvokeRequestStream>) -> Vec<u8> {
        let pieces: Vec<_> = frames.map(|frame| frame.payload.unwrap_or_default().data).collect().await;
        pieces.concat()
    }

    #[tokio::test]
    async fn a_body_can_be_sent_again_until_its_request_has_arrived() {
        let replay = replay(&[b"one ", b"two ", b"three"], true).await;
        let mut first = Box::pin(replay.frames(InternalInvokeRequest::default()));
        assert_eq!(first.next().await.unwrap().payload.unwrap().data, "one ");
        assert!(replay.rewind());
        assert_eq!(sent(replay.frames(InternalInvokeRequest::default())).await, b"one two three");
        assert!(replay.rewind());
        let mut last = Box::pin(replay.frames(InternalInvokeRequest::default()));
        assert_eq!(last.next().await.unwrap().payload.unwrap().data, "one ");
        replay.settle();
        assert_eq!(sent(last).await, b"two three");
        assert!(!replay.rewind());
    }

    #[tokio::test]
    async fn what_is_too_long_or_streamed_is_sent_once() {
        let large: &'static [u8] = Box::leak(vec![b'x'; MOST_KEPT / 2 + 1].into_boxed_slice());
        for (pieces, keeps) in [(vec![large, large, b"end"], true), (vec![&b"short"[..]], false)] {
            let replay = replay(&pieces, keeps).await;
            assert_eq!(sent(replay.frames(InternalInvokeRequest::default())).await, pieces.concat());
            assert!(!replay.rewind());
        }
    }

    #[tokio::test]
    async fn an_empty_body_has_one_frame_without_payload() {
        let replay = replay(&[b"", b""], true).await;
        let frames: Vec<_> = replay.frames(InternalInvokeRequest::default()).collect().await;
        assert_eq!(
            frames,
            [InternalInvokeRequestStream { request: Some(InternalInvokeRequest::default()), payload: None }]
        );
    }
}
