//! How long a caller may take over the head of a request (Listener: `ReadHeaderTimeout`).
//!
//! The time begins with the connection, and for each further request with its first byte: a connection may rest for as
//! long as it likes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, Version};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The time for a head.
const MOST: Duration = Duration::from_secs(10);
/// How a connection begins that speaks HTTP/2 from its first byte.
const PREFACE: &[u8] = b"PRI";

/// A head is awaited, or some of it has come.
const HEAD: u8 = 0;
/// A request is read or answered.
const REQUEST: u8 = 1;
/// The last request is over, and nothing of the next has come.
const REST: u8 = 2;
/// The connection speaks HTTP/2: it carries many requests at once, and its heads are not timed.
const HTTP2: u8 = 3;

/// Where a connection is. Its stream and its service both tell.
#[derive(Debug)]
pub(super) struct Heads(AtomicU8);

impl Heads {
    /// A connection that has just been opened.
    pub(super) fn awaited() -> Arc<Self> {
        Arc::new(Self(AtomicU8::new(HEAD)))
    }

    /// A head has been read. What is returned goes with the answer, to its end.
    pub(super) fn read(self: &Arc<Self>, version: Version) -> End {
        self.0.store(if version == Version::HTTP_2 { HTTP2 } else { REQUEST }, Ordering::Relaxed);
        End(Arc::clone(self))
    }

    /// Bytes have come. Tells whether they are the first of a head.
    fn come(&self, bytes: &[u8], first: bool) -> bool {
        if first && bytes.starts_with(PREFACE) {
            self.0.store(HTTP2, Ordering::Relaxed);
        }
        self.0.compare_exchange(REST, HEAD, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// Dropping it ends a request.
#[derive(Debug)]
pub(super) struct End(Arc<Heads>);

impl End {
    /// Lets it go with an answer's body.
    pub(super) fn of<B>(self, answer: Response<B>) -> Response<Ending<B>> {
        answer.map(|body| Ending { body, _end: self })
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // Of HTTP/2 nothing ends here.
        self.0.0.compare_exchange(REQUEST, REST, Ordering::Relaxed, Ordering::Relaxed).ok();
    }
}

/// An answer's body, and the end of its request.
#[derive(Debug)]
pub(super) struct Ending<B> {
    body: B,
    _end: End,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Ending<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection on which no head takes longer than it may.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    heads: Arc<Heads>,
    /// Nothing has come yet.
    fresh: bool,
    /// When the head began that is awaited.
    since: Instant,
    /// The wait for its end. Most heads come in one piece, and are never waited for.
    late: Option<Pin<Box<Sleep>>>,
}

impl<S> Timed<S> {
    /// A connection that has just been opened.
    pub(super) fn new(stream: S, heads: Arc<Heads>) -> Self {
        Self { stream, heads, fresh: true, since: Instant::now(), late: None }
    }

    /// Waits for the end of the time that a head has; for ever where none is awaited.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if self.heads.0.load(Ordering::Relaxed) != HEAD {
            self.late = None;
            return Poll::Pending;
        }
        let late = self.late.get_or_insert_with(|| Box::pin(sleep_until(self.since + MOST)));
        ready!(late.as_mut().poll(context));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "no whole head came in time"))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) else {
            return self.poll_late(context).map(Err);
        };
        let come = buffer.filled().get(before..).unwrap_or_default();
        if !come.is_empty() {
            if self.heads.come(come, self.fresh) {
                (self.since, self.late) = (Instant::now(), None);
            }
            self.fresh = false;
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn connection() -> (DuplexStream, Timed<DuplexStream>, Arc<Heads>) {
        let (caller, stream) = duplex(64);
        let heads = Heads::awaited();
        (caller, Timed::new(stream, Arc::clone(&heads)), heads)
    }

    /// Reads for a while. `None` while nothing comes, else the bytes or that it was too late.
    async fn read(stream: &mut Timed<DuplexStream>, patience: Duration) -> Option<io::Result<Vec<u8>>> {
        let mut buffer = [0; 64];
        let read = tokio::time::timeout(patience, stream.read(&mut buffer)).await.ok()?;
        Some(read.map(|length| buffer[..length].to_vec()))
    }

    fn is_late(read: Option<io::Result<Vec<u8>>>) -> bool {
        read.is_some_and(|read| read.is_err_and(|error| error.kind() == io::ErrorKind::TimedOut))
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_from_the_opening_of_the_connection() {
        let (mut caller, mut stream, _) = connection();
        assert!(read(&mut stream, 6 * SECOND).await.is_none());
        caller.write_all(b"GET / HT").await.unwrap();
        assert!(read(&mut stream, SECOND).await.unwrap().is_ok());
        assert!(read(&mut stream, 3 * SECOND).await.is_none());
        assert!(is_late(read(&mut stream, 2 * SECOND).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_rest_and_the_next_head_has_ten_seconds_from_its_first_byte() {
        let (mut caller, mut stream, heads) = connection();
        caller.write_all(b"one").await.unwrap();
        assert!(read(&mut stream, SECOND).await.unwrap().is_ok());
        let end = heads.read(Version::HTTP_11);
        assert!(read(&mut stream, 60 * SECOND).await.is_none(), "an answer takes as long as it takes");
        drop(end);
        assert!(read(&mut stream, 3600 * SECOND).await.is_none());
        caller.write_all(b"t").await.unwrap();
        assert!(read(&mut stream, SECOND).await.unwrap().is_ok());
        advance(5 * SECOND).await;
        caller.write_all(b"w").await.unwrap();
        assert!(read(&mut stream, SECOND).await.unwrap().is_ok());
        assert!(is_late(read(&mut stream, 6 * SECOND).await));
    }

    #[tokio::test(start_paused = true)]
    async fn heads_of_http_2_are_not_timed() {
        let (mut caller, mut stream, heads) = connection();
        caller.write_all(b"PRI * HTTP/2.0").await.unwrap();
        assert!(read(&mut stream, SECOND).await.unwrap().is_ok());
        assert!(read(&mut stream, 60 * SECOND).await.is_none());
        drop(heads.read(Version::HTTP_2));
        caller.write_all(b"a frame").await.unwrap();
        assert!(read(&mut stream, SECOND).await.unwrap().is_ok());
        assert!(read(&mut stream, 60 * SECOND).await.is_none());
    }
}
