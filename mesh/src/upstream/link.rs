//! One HTTP/1.1 connection, and the body of the answer that is being read from it.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use http::{Method, request};
use http_body::{Body, Frame, SizeHint};
use tokio::io::AsyncWrite as _;
use tokio::time::Instant;
use tokio_util::io::poll_read_buf;

use super::answer_body::Decoder;
use super::answer_head::{self, AnswerHead};
use super::origin::FirstBytes;
use super::outgoing::{Filled, Outgoing, write_head};
use super::{Origin, Stream, UpstreamError};
use crate::body::{BodyError, RequestBody};
use crate::workers::Worker;

/// Room for the next bytes of a head, or of a short body.
const READ: usize = 4 << 10;
/// Room for the next bytes of a long body.
const READ_MUCH: usize = 64 << 10;
/// A resting connection keeps no larger buffers than this.
const KEPT: usize = 16 << 10;

/// A connection with nobody's task behind it: it moves only while a call polls it.
#[derive(Debug)]
pub(crate) struct Link {
    stream: Stream,
    /// What was read and not yet understood.
    read: BytesMut,
    /// What is to be written.
    unwritten: BytesMut,
    /// The rest of the request's body.
    sending: Option<Outgoing>,
    /// Nothing more can be written.
    deaf: bool,
    /// Whether the last answer lets another request follow.
    keeps: bool,
    /// The thread that is woken when something comes.
    pub(super) worker: Option<Worker>,
    /// Since when it rests.
    pub(super) idle_since: Instant,
}

impl Link {
    /// HTTP/1.1 on a stream.
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            read: BytesMut::new(),
            unwritten: BytesMut::new(),
            sending: None,
            deaf: false,
            keeps: true,
            worker: Worker::current(),
            idle_since: Instant::now(),
        }
    }

    /// Whether a resting connection can take a request. Notices that the other side has closed it, or has said
    /// something that nobody asked for.
    pub(super) fn poll_usable(&mut self, context: &mut Context<'_>) -> bool {
        // Another thread is told of the end of its connections, perhaps a moment after this one has asked.
        let is_told_here = self.worker.is_some() && self.worker == Worker::current();
        (is_told_here || !self.stream.has_ended()) && self.poll_read(context, READ).is_pending()
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn exchange(
        &mut self,
        parts: &request::Parts,
        body: RequestBody,
    ) -> Result<AnswerHead, UpstreamError> {
        write_head(parts, &mut self.unwritten);
        self.sending = Outgoing::new(parts, body);
        let head = poll_fn(|context| self.poll_answer(context, &parts.method)).await?;
        self.keeps = head.keeps;
        Ok(head)
    }

    fn poll_answer(&mut self, context: &mut Context<'_>, verb: &Method) -> Poll<Result<AnswerHead, UpstreamError>> {
        let sent = self.poll_send(context);
        loop {
            if let Some(head) = self.take_head(verb)? {
                return Poll::Ready(Ok(head));
            }
            match self.poll_read(context, READ) {
                Poll::Pending => break,
                Poll::Ready(Ok(0)) if self.read.is_empty() => return Poll::Ready(Err(UpstreamError::Closed)),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(UpstreamError::Broken("unexpected EOF".to_owned()))),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(UpstreamError::Broken(self.reading(&error)))),
            }
        }
        match sent {
            Poll::Ready(Err(error)) => Poll::Ready(Err(UpstreamError::Broken(error.to_string()))),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    }

    fn take_head(&mut self, verb: &Method) -> Result<Option<AnswerHead>, UpstreamError> {
        answer_head::take(&mut self.read, verb).map_err(|complaint| {
            let mut first = FirstBytes::default();
            first.iter_mut().zip(&self.read).for_each(|(first, byte)| *first = *byte);
            UpstreamError::Malformed(complaint, first)
        })
    }

    /// Reads more; 0 bytes at the end of the connection.
    fn poll_read(&mut self, context: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        self.read.reserve(room);
        poll_read_buf(Pin::new(&mut self.stream), context, &mut self.read)
    }

    /// Sends on what there is of the request; an error is one of its body. An app may answer before it has read it all, and close: what can no
    /// longer be written is no error, its answer tells.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        loop {
            let filled = match &mut self.sending {
                None => Filled::Ended,
                Some(sending) => sending.fill(context, &mut self.unwritten)?,
            };
            if matches!(filled, Filled::Ended) {
                self.sending = None;
            }
            if ready!(self.poll_write(context)).is_err() {
                self.deaf = true;
                self.sending = None;
                self.unwritten.clear();
                return Poll::Ready(Ok(()));
            }
            match filled {
                Filled::Ended => return Poll::Ready(Ok(())),
                Filled::Waiting => return Poll::Pending,
                Filled::Full => {}
            }
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unwritten.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.unwritten.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.unwritten))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unwritten.advance(written);
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Words an error of reading as Go does.
    fn reading(&self, error: &io::Error) -> String {
        let what = match error.kind() {
            io::ErrorKind::ConnectionReset => "connection reset by peer".to_owned(),
            io::ErrorKind::UnexpectedEof => return "unexpected EOF".to_owned(),
            _ => error.to_string(),
        };
        match self.stream.addresses() {
            Some((own, other)) => format!("read tcp {own}->{other}: read: {what}"),
            None => what,
        }
    }

    /// Whether another request may follow.
    fn is_reusable(&self) -> bool {
        self.keeps && !self.deaf && self.sending.is_none() && self.unwritten.is_empty() && self.read.is_empty()
    }

    /// Gives large buffers back before a rest.
    fn shrink(&mut self) {
        for buffer in [&mut self.read, &mut self.unwritten] {
            if buffer.capacity() > KEPT {
                *buffer = BytesMut::new();
            }
        }
    }
}

/// The body of an answer. Reading it drives the connection; read to its end it gives the connection back.
#[derive(Debug)]
pub(crate) struct LinkBody {
    link: Option<Box<Link>>,
    decoder: Decoder,
    origin: Arc<Origin>,
}

impl LinkBody {
    /// What follows a head. Where nothing does, the connection is given back at once: nobody would read to its end.
    pub(super) fn new(link: Box<Link>, decoder: Decoder, origin: Arc<Origin>) -> Self {
        let mut body = Self { link: Some(link), decoder, origin };
        if body.decoder.is_done() {
            body.give_back();
        }
        body
    }

    fn give_back(&mut self) {
        if let Some(mut link) = self.link.take()
            && link.is_reusable()
        {
            link.shrink();
            self.origin.rest(link);
        }
    }

    /// The next piece, with the connection where it was.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let Some(link) = &mut self.link else { return Poll::Ready(None) };
        if (link.sending.is_some() || !link.unwritten.is_empty())
            && let Poll::Ready(Err(error)) = link.poll_send(context)
        {
            return Poll::Ready(Some(Err(error)));
        }
        loop {
            match self.decoder.take(&mut link.read) {
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(piece))),
                Ok(None) if self.decoder.is_done() => return Poll::Ready(None),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
            let room = if self.decoder.left().is_some_and(|left| left <= READ as u64) { READ } else { READ_MUCH };
            match ready!(link.poll_read(context, room)) {
                Ok(0) if matches!(self.decoder, Decoder::UntilClose) => return Poll::Ready(None),
                Ok(0) => return Poll::Ready(Some(Err("unexpected EOF".into()))),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Some(Err(link.reading(&error).into()))),
            }
        }
    }
}

impl Body for LinkBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let piece = ready!(self.poll_piece(context));
        match &piece {
            Some(Err(_)) => self.link = None,
            _ if piece.is_none() || self.decoder.is_done() => self.give_back(),
            _ => {}
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.link.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.decoder.left().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
