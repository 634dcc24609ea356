//! The bodies of a call on its way to the app and back: one type for each direction, whatever they are read from.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use daptop_model::{BodyEnd, Side};
use futures_util::Stream;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

use crate::api::LogEntry;
use crate::capture::Record;
use crate::unread;
use crate::upstream::LinkBody;

/// An error of a body, whoever sent it.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The error text of a body over its limit (Body size).
pub(crate) const TOO_LARGE: &str = "stream too large";

/// The pieces of a body that comes from the sidecar of another process.
pub(crate) struct Frames(Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>);

impl Frames {
    /// Wraps a stream of pieces.
    pub(crate) fn new(pieces: Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>) -> Self {
        Self(pieces)
    }
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Frames")
    }
}

/// The next piece of a body. Trailers are not carried for HTTP.
fn poll_data<B>(body: &mut B, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BodyError>,
{
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(data)));
                }
            }
        }
    }
}

/// What a request's body is read from.
#[derive(Debug)]
pub(crate) enum RequestSource {
    /// The caller's connection.
    Caller(Incoming),
    /// The payload frames of another process's sidecar.
    Frames(Frames),
    /// Nothing.
    Empty,
    /// Nothing, but sent in chunks: what Go does with a POST whose `Content-Length` is 0.
    EmptyChunks,
}

/// Whether a request's body went over its limit; shared with whoever has to word the error.
#[derive(Clone, Debug)]
pub(crate) struct OverLimit {
    passed: Arc<AtomicBool>,
    limit: u64,
}

impl OverLimit {
    /// The limit in bytes, where it was passed.
    pub(crate) fn passed(&self) -> Option<u64> {
        self.passed.load(Ordering::Relaxed).then_some(self.limit)
    }
}

/// A request's body on its way to the app.
#[derive(Debug)]
pub(crate) struct RequestBody {
    source: RequestSource,
    first: Option<Bytes>,
    left: Option<u64>,
    /// How many bytes are still to come from frames, where the head announced the length.
    awaited: Option<u64>,
    over_limit: OverLimit,
    record: Option<Record>,
    /// Somebody has begun to read it, or it is not to be read before somebody wants to.
    begun: bool,
}

impl RequestBody {
    /// A body of at most `limit` bytes.
    pub(crate) fn new(source: RequestSource, limit: Option<u64>, record: Option<Record>) -> Self {
        let over_limit = OverLimit { passed: Arc::default(), limit: limit.unwrap_or(u64::MAX) };
        let mut body = Self { source, first: None, left: limit, awaited: None, over_limit, record, begun: false };
        if body.source_ended() {
            body.finish(BodyEnd::Complete);
        }
        body
    }

    /// Takes frames to end with the length that the head announced: the app's connection reads no further.
    pub(crate) fn awaiting(mut self, length: Option<u64>) -> Self {
        self.awaited = length;
        if self.source_ended() {
            self.finish(BodyEnd::Complete);
        }
        self
    }

    /// Leaves it with a caller who asks before it sends (`Expect: 100-continue`), where nobody comes to read it.
    pub(crate) fn asked_for(mut self, asks_first: bool) -> Self {
        self.begun |= asks_first;
        self
    }

    /// No body.
    pub(crate) fn none() -> Self {
        Self::new(RequestSource::Empty, None, None)
    }

    /// Whether there never was anything to be sent.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.source, RequestSource::Empty)
    }

    /// Sends an empty body in chunks all the same.
    pub(crate) fn send_in_chunks(&mut self) {
        if self.source_ended() {
            self.source = RequestSource::EmptyChunks;
        }
    }

    /// The mark that tells whether the limit was passed.
    pub(crate) fn over_limit(&self) -> OverLimit {
        self.over_limit.clone()
    }

    /// Reads the first piece and keeps it to be read again; `false` where the body is empty.
    pub(crate) async fn has_data(&mut self) -> Result<bool, BodyError> {
        loop {
            match std::future::poll_fn(|context| Pin::new(&mut *self).poll_frame(context)).await {
                None => return Ok(false),
                Some(Err(error)) => return Err(error),
                Some(Ok(frame)) => {
                    if let Some(data) = frame.into_data().ok().filter(|data| !data.is_empty()) {
                        self.first = Some(data);
                        return Ok(true);
                    }
                }
            }
        }
    }

    fn source_ended(&self) -> bool {
        match &self.source {
            RequestSource::Caller(body) => body.is_end_stream(),
            RequestSource::Empty => true,
            RequestSource::Frames(_) => self.awaited == Some(0),
            RequestSource::EmptyChunks => false,
        }
    }

    fn finish(&mut self, end: BodyEnd) {
        if let Some(record) = self.record.take() {
            record.ended(Side::Request, end);
        }
    }

    fn poll_source(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        self.begun = true;
        match &mut self.source {
            RequestSource::Caller(body) => poll_data(body, context),
            RequestSource::Frames(frames) => frames.0.as_mut().poll_next(context),
            RequestSource::Empty | RequestSource::EmptyChunks => Poll::Ready(None),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match ready!(self.poll_source(context)) {
            None => {
                self.finish(BodyEnd::Complete);
                Poll::Ready(None)
            }
            Some(Err(error)) => {
                self.finish(BodyEnd::Broken);
                Poll::Ready(Some(Err(error)))
            }
            Some(Ok(data)) => {
                if let Some(left) = &mut self.left {
                    let Some(rest) = left.checked_sub(data.len() as u64) else {
                        self.over_limit.passed.store(true, Ordering::Relaxed);
                        self.finish(BodyEnd::Broken);
                        return Poll::Ready(Some(Err(TOO_LARGE.into())));
                    };
                    *left = rest;
                }
                if let Some(awaited) = &mut self.awaited {
                    *awaited = awaited.saturating_sub(data.len() as u64);
                }
                if let Some(record) = &self.record {
                    record.passed(Side::Request, &data);
                }
                if self.source_ended() {
                    self.finish(BodyEnd::Complete);
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.source_ended()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            RequestSource::Caller(body) if self.first.is_none() => body.size_hint(),
            RequestSource::Empty => SizeHint::with_exact(0),
            _ => SizeHint::default(),
        }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.source, RequestSource::Empty) {
            RequestSource::Caller(body) if !self.begun => {
                if let Some(record) = self.record.take() {
                    unread::read(body, record, self.left, |_, _| {});
                }
            }
            _ => self.finish(BodyEnd::Abandoned),
        }
    }
}

/// What an answer's body is read from.
#[derive(Debug)]
pub(crate) enum AnswerSource {
    /// A connection to the app that is driven by whoever reads the body.
    Link(Box<LinkBody>),
    /// An HTTP/2 connection to the app.
    Stream(Incoming),
    /// The payload frames of another process's sidecar.
    Frames(Frames),
    /// Bytes at hand.
    Bytes(Bytes),
}

/// An answer's body on its way to the caller.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    source: AnswerSource,
    first: Option<Bytes>,
    /// The length to announce; `None` for chunks, which is how Dapr passes answers on.
    announced: Option<u64>,
    record: Option<Record>,
    log: Option<Box<LogEntry>>,
    /// The app's concurrency slot, held until the body has been read.
    slot: Option<OwnedSemaphorePermit>,
}

impl AnswerBody {
    /// A body that is passed on in chunks.
    pub(crate) fn new(source: AnswerSource) -> Self {
        Self { source, first: None, announced: None, record: None, log: None, slot: None }
    }

    /// A body at hand, announced with its length.
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        let announced = Some(bytes.len() as u64);
        let mut body = Self::new(AnswerSource::Bytes(bytes));
        body.announced = announced;
        body
    }

    /// No body.
    pub(crate) fn empty() -> Self {
        Self::new(AnswerSource::Bytes(Bytes::new()))
    }

    /// Announces the length that the source knows, if it does.
    pub(crate) fn announce_length(&mut self) {
        self.announced = match &self.source {
            AnswerSource::Link(body) => body.size_hint().exact(),
            AnswerSource::Stream(body) => body.size_hint().exact(),
            AnswerSource::Frames(_) => None,
            AnswerSource::Bytes(bytes) => Some(bytes.len() as u64),
        };
    }

    /// Tells the record of each piece from here on.
    pub(crate) fn observe(&mut self, record: Record) {
        self.record = Some(record);
        if self.first.is_none() && self.source_ended() {
            self.finish(BodyEnd::Complete);
        }
    }

    /// Lets a line of the API log count each piece from here on, and be written at the end.
    pub(crate) fn log(&mut self, entry: Box<LogEntry>) {
        self.log = Some(entry);
    }

    /// Holds the app's concurrency slot until the body has been read.
    pub(crate) fn hold(&mut self, slot: Option<OwnedSemaphorePermit>) {
        self.slot = slot;
        if self.source_ended() {
            self.slot = None;
        }
    }

    /// Waits for the first piece without taking it; `None` for an empty body.
    pub(crate) async fn peek(&mut self) -> Option<&Bytes> {
        while self.first.is_none() {
            match std::future::poll_fn(|context| self.poll_source(context)).await {
                Some(Ok(data)) if data.is_empty() => {}
                Some(Ok(data)) => self.first = Some(data),
                Some(Err(error)) => {
                    let failed = futures_util::stream::once(async move { Err(error) });
                    self.source = AnswerSource::Frames(Frames::new(Box::pin(failed)));
                    return None;
                }
                None => return None,
            }
        }
        self.first.as_ref()
    }

    fn source_ended(&self) -> bool {
        match &self.source {
            AnswerSource::Link(body) => body.is_end_stream(),
            AnswerSource::Stream(body) => body.is_end_stream(),
            AnswerSource::Frames(_) => false,
            AnswerSource::Bytes(bytes) => bytes.is_empty(),
        }
    }

    fn finish(&mut self, end: BodyEnd) {
        self.slot = None;
        self.log = None;
        if let Some(record) = self.record.take() {
            record.ended(Side::Response, end);
        }
    }

    fn poll_source(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        match &mut self.source {
            AnswerSource::Link(body) => poll_data(&mut **body, context),
            AnswerSource::Stream(body) => poll_data(body, context),
            AnswerSource::Frames(frames) => frames.0.as_mut().poll_next(context),
            AnswerSource::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)))
            }
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => ready!(self.poll_source(context)),
        };
        match next {
            None => {
                self.finish(BodyEnd::Complete);
                Poll::Ready(None)
            }
            Some(Err(error)) => {
                self.finish(BodyEnd::Broken);
                Poll::Ready(Some(Err(error)))
            }
            Some(Ok(data)) => {
                if let Some(log) = &mut self.log {
                    log.passed(data.len());
                }
                if let Some(record) = &self.record {
                    record.passed(Side::Response, &data);
                }
                if self.source_ended() {
                    self.finish(BodyEnd::Complete);
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.source_ended()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.finish(BodyEnd::Abandoned);
    }
}
