//! One HTTP/1.1 connection, and the body of the answer that is being read from it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use super::{FirstBytes, Origin, Stream};
use crate::body::RequestBody;

/// A connection with nobody's task behind it: it moves only while a call polls it.
#[derive(Debug)]
pub(crate) struct Link {
    sender: SendRequest<RequestBody>,
    connection: Connection<TokioIo<Stream>, RequestBody>,
    closed: bool,
    /// Since when it rests.
    pub(super) idle_since: Instant,
}

/// Why a request got no answer.
#[derive(Debug)]
pub(super) enum ExchangeError {
    /// The connection had been closed before anything was sent: the request is whole.
    Unsent(Box<Request<RequestBody>>),
    /// It broke off later.
    Broken(hyper::Error),
    /// It was closed without an answer.
    Closed,
}

impl Link {
    /// Opens HTTP/1.1 on a stream.
    pub(super) async fn open(stream: Stream) -> Result<Self, hyper::Error> {
        let (sender, connection) = Builder::new()
            .title_case_headers(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await?;
        Ok(Self { sender, connection, closed: false, idle_since: Instant::now() })
    }

    /// Whether a resting connection can take a request. Notices that the other side has closed it.
    pub(super) fn poll_usable(&mut self, context: &mut Context<'_>) -> bool {
        self.drive(context);
        !self.closed && self.sender.is_ready()
    }

    /// The first bytes that came over the connection; none where it is encrypted, for then its protocol was agreed upon.
    pub(super) fn first_bytes(self) -> FirstBytes {
        match self.connection.into_parts().io.into_inner() {
            Stream::Plain(_, first) => first,
            Stream::Tls(_) => FirstBytes::default(),
        }
    }

    fn drive(&mut self, context: &mut Context<'_>) {
        if !self.closed {
            // How the connection ended is told by the request's own future.
            self.closed = Pin::new(&mut self.connection).poll(context).is_ready();
        }
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, ExchangeError> {
        let mut answer = std::pin::pin!(self.sender.try_send_request(request));
        let answered = poll_fn(|context| {
            if !self.closed {
                self.closed = Pin::new(&mut self.connection).poll(context).is_ready();
            }
            match answer.as_mut().poll(context) {
                Poll::Pending if self.closed => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
                Poll::Ready(result) => Poll::Ready(Some(result)),
            }
        })
        .await;
        match answered {
            None => Err(ExchangeError::Closed),
            Some(Ok(response)) => Ok(response),
            Some(Err(mut error)) => Err(match error.take_message() {
                Some(request) => ExchangeError::Unsent(Box::new(request)),
                None => ExchangeError::Broken(error.into_error()),
            }),
        }
    }
}

/// The body of an answer. Reading it drives the connection; read to its end it gives the connection back.
#[derive(Debug)]
pub(crate) struct LinkBody {
    link: Option<Box<Link>>,
    body: Incoming,
    origin: Arc<Origin>,
}

impl LinkBody {
    pub(super) fn new(link: Box<Link>, body: Incoming, origin: Arc<Origin>) -> Self {
        Self { link: Some(link), body, origin }
    }

    /// Gives the connection back at once where the answer has no body: nobody would read it to its end.
    pub(super) async fn settle(&mut self) {
        if self.body.is_end_stream() {
            poll_fn(|context| {
                self.give_back(context);
                Poll::Ready(())
            })
            .await;
        }
    }

    fn give_back(&mut self, context: &mut Context<'_>) {
        if let Some(mut link) = self.link.take()
            && link.poll_usable(context)
        {
            self.origin.rest(link);
        }
    }
}

impl Body for LinkBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_pending() {
            if let Some(link) = &mut self.link {
                link.drive(context);
            }
            polled = Pin::new(&mut self.body).poll_frame(context);
        }
        let ended = match &polled {
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if ended {
            self.give_back(context);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.link.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
