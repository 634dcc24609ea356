//! What the caller of a gRPC listener gets: an answer that passes through, or one that is made here.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use daptop_model::{BodyEnd, Side};
use h2::RecvStream;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;

use super::messages::{Messages, TooLong};
use super::observed::Observed;
use super::status::{self, Refusal};

/// The body of an answer at a gRPC listener.
#[derive(Debug, Default)]
pub(crate) enum Reply {
    /// The head was all.
    #[default]
    Empty,
    /// A message, or none, and trailers.
    Whole(Option<Bytes>, Option<HeaderMap>),
    /// The app's answer on its way.
    Passing(Box<Passing>),
    /// Made by a service of the sidecar's own.
    Made(tonic::body::Body),
}

/// The answer's direction of a proxied call. Dropping it before its end takes the call back at the app.
#[derive(Debug)]
pub(crate) struct Passing {
    pub(super) source: RecvStream,
    /// What was read before the head went out.
    pub(super) first: Option<Bytes>,
    pub(super) messages: Messages,
    /// What the call ends with once the bytes before have gone.
    pub(super) refusal: Option<Refusal>,
    pub(super) deadline: Option<Pin<Box<Sleep>>>,
    /// The request, where it is still on its way.
    pub(super) upload: Option<AbortOnDropHandle<()>>,
    /// Why the request was broken off, if it was.
    pub(super) refused: Option<Arc<OnceLock<Refusal>>>,
    pub(super) observed: Option<Observed>,
}

impl Passing {
    /// Lets a piece pass, and gives the app room for as much again.
    fn pass(&mut self, mut data: Bytes) -> Frame<Bytes> {
        let record = self.observed.as_ref().and_then(Observed::record);
        let followed = self.messages.pass(&data, |message| {
            record.inspect(|record| record.message(Side::Response, message));
        });
        if let Err(TooLong { before, refusal }) = followed {
            if before == 0 {
                return self.refuse(refusal);
            }
            data.truncate(before);
            self.refusal = Some(refusal);
        }
        // A stream that has just ended needs no room.
        drop(self.source.flow_control().release_capacity(data.len()));
        if let Some(record) = self.observed.as_ref().and_then(Observed::record) {
            record.passed(Side::Response, &data);
        }
        Frame::data(data)
    }

    fn end(&mut self, trailers: HeaderMap, end: BodyEnd) -> Frame<Bytes> {
        self.upload = None;
        if let Some(observed) = self.observed.take() {
            observed.end(&trailers, end);
        }
        Frame::trailers(trailers)
    }

    fn refuse(&mut self, refusal: Refusal) -> Frame<Bytes> {
        let refusal = self.refused.as_ref().and_then(|refused| refused.get().cloned()).unwrap_or(refusal);
        let trailers = status::trailers(&refusal.status);
        if let Some(record) = self.observed.as_ref().and_then(Observed::record) {
            record.fail(&refusal.error());
        }
        self.end(trailers, BodyEnd::Broken)
    }

    fn poll_passing(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        if self.observed.is_none() {
            return Poll::Ready(None);
        }
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(self.pass(first)));
        }
        if let Some(refusal) = self.refusal.take() {
            return Poll::Ready(Some(self.refuse(refusal)));
        }
        let is_late = self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(context).is_ready());
        if is_late {
            return Poll::Ready(Some(self.refuse(Refusal::deadline())));
        }
        let frame = match ready!(self.source.poll_data(context)) {
            Some(Ok(data)) => self.pass(data),
            Some(Err(error)) => self.refuse(Refusal::broken(&error)),
            None => match ready!(self.source.poll_trailers(context)) {
                Ok(trailers) => self.end(status::pass_on(trailers.unwrap_or_default()), BodyEnd::Complete),
                Err(error) => self.refuse(Refusal::broken(&error)),
            },
        };
        Poll::Ready(Some(frame))
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Whole(message, trailers) => {
                let frame = message.take().map(Frame::data).or_else(|| trailers.take().map(Frame::trailers));
                Poll::Ready(frame.map(Ok))
            }
            Self::Passing(passing) => {
                let frame = ready!(passing.poll_passing(context));
                if passing.observed.is_none() {
                    // The stream to the app goes now: where it has not ended, the app is told so.
                    *self = Self::Empty;
                }
                Poll::Ready(frame.map(Ok))
            }
            Self::Made(body) => Pin::new(body).poll_frame(context).map_ok(|mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    status::word(trailers);
                }
                frame
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Whole(message, trailers) => message.is_none() && trailers.is_none(),
            Self::Passing(_) => false,
            Self::Made(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Made(body) => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}
