//! A caller that pings too often is told so, and its connection ends (Servers, clients, pools: server keepalive).
//!
//! HTTP/2's own layer answers pings and tells nobody, so their frames are seen where bytes pass: a frame's head says all
//! that is needed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long after a ping the next one may come.
const LEAST: Duration = Duration::from_secs(8);
/// How many pings may come too early in a row.
const MOST_EARLY: u32 = 2;
/// How a connection begins, before its first frame.
const PREFACE: usize = 24;

const HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PING: u8 = 6;
const ACK: u8 = 1;
const GO_AWAY: u8 = 7;
const ENHANCE_YOUR_CALM: u8 = 11;
const REASON: &[u8] = b"too_many_pings";

/// A frame, by its head.
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
}

/// Where in the frames of one direction its bytes are.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; HEAD],
    seen: usize,
    /// How many bytes come before the next head.
    left: usize,
}

impl Frames {
    /// Follows bytes that pass, and tells each frame that begins in them.
    fn pass(&mut self, mut data: &[u8], mut begins: impl FnMut(Frame)) {
        while !data.is_empty() {
            if self.left > 0 {
                let part = self.left.min(data.len());
                self.left -= part;
                data = data.get(part..).unwrap_or_default();
                continue;
            }
            let part = data.len().min(HEAD - self.seen);
            self.head[self.seen..self.seen + part].copy_from_slice(&data[..part]);
            self.seen += part;
            data = &data[part..];
            if self.seen == HEAD {
                self.seen = 0;
                let [a, b, c, kind, flags, stream @ ..] = self.head;
                self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
                begins(Frame { kind, flags, stream: u32::from_be_bytes(stream) & (u32::MAX >> 1) });
            }
        }
    }

    /// Whether another frame may begin here.
    fn is_between(&self) -> bool {
        self.left == 0 && self.seen == 0
    }
}

/// The pings of a caller.
#[derive(Debug, Default)]
struct Pings {
    last: Option<Instant>,
    early: u32,
    /// Something was sent since the last one: the caller had a reason to ask.
    answered: bool,
}

impl Pings {
    /// A ping has come. Tells whether it is one too many.
    fn come(&mut self, now: Instant) -> bool {
        let last = self.last.replace(now);
        if std::mem::take(&mut self.answered) {
            self.early = 0;
            return false;
        }
        self.early += u32::from(last.is_some_and(|last| now < last + LEAST));
        self.early > MOST_EARLY
    }
}

/// A connection whose caller may not ping too often.
#[derive(Debug)]
pub(super) struct Calm<S> {
    stream: S,
    incoming: Frames,
    outgoing: Frames,
    pings: Pings,
    /// The newest stream that the caller has opened.
    newest: u32,
    /// What is still to be said before the connection ends.
    farewell: Option<Vec<u8>>,
}

impl<S> Calm<S> {
    /// A connection that has just been opened.
    pub(super) fn new(stream: S) -> Self {
        let incoming = Frames { left: PREFACE, ..Frames::default() };
        let (outgoing, pings) = (Frames::default(), Pings::default());
        Self { stream, incoming, outgoing, pings, newest: 0, farewell: None }
    }

    /// Looks at what has come.
    fn came(&mut self, data: &[u8]) {
        let Self { incoming, pings, newest, .. } = self;
        let mut too_many = false;
        incoming.pass(data, |frame| match frame.kind {
            HEADERS => *newest = frame.stream.max(*newest),
            PING if frame.flags & ACK == 0 => too_many |= pings.come(Instant::now()),
            _ => {}
        });
        if too_many {
            // In the middle of a frame nothing else can be said: then the connection ends without a word.
            let words = if self.outgoing.is_between() { farewell(self.newest) } else { Vec::new() };
            self.farewell = Some(words);
        }
    }

    /// Looks at what has gone.
    fn went(&mut self, data: &[u8]) {
        let answered = &mut self.pings.answered;
        self.outgoing.pass(data, |frame| *answered |= matches!(frame.kind, DATA | HEADERS));
    }
}

/// The frame that ends a connection.
fn farewell(newest: u32) -> Vec<u8> {
    let length = u8::try_from(8 + REASON.len()).unwrap_or_default();
    [&[0, 0, length, GO_AWAY, 0, 0, 0, 0, 0][..], &newest.to_be_bytes(), &[0, 0, 0, ENHANCE_YOUR_CALM], REASON].concat()
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Calm<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.farewell.is_none() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
            this.came(&buffer.filled()[before..]);
        }
        let Some(farewell) = &mut this.farewell else { return Poll::Ready(Ok(())) };
        while !farewell.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, farewell))?;
            farewell.drain(..written);
        }
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "got too many pings from the client")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Calm<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if self.farewell.is_some() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, data))?;
        self.went(data.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.farewell.is_some() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, pieces))?;
        let mut left = written;
        for piece in pieces {
            let part = left.min(piece.len());
            self.went(piece.get(..part).unwrap_or_default());
            left -= part;
        }
        Poll::Ready(Ok(written))
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
    use super::*;

    #[test]
    fn the_third_ping_in_a_row_that_comes_too_early_is_one_too_many() {
        let start = Instant::now();
        let told = |seconds: &[u64], answered_before: Option<usize>| {
            let mut pings = Pings::default();
            let mut told = Vec::new();
            for (number, at) in seconds.iter().enumerate() {
                pings.answered |= answered_before == Some(number);
                told.push(pings.come(start + Duration::from_secs(*at)));
            }
            told
        };
        assert_eq!(told(&[0, 1, 2, 3], None), [false, false, false, true]);
        assert_eq!(told(&[0, 8, 16, 24, 32], None), [false; 5]);
        // One in time does not make up for those before.
        assert_eq!(told(&[0, 1, 2, 12, 13], None), [false, false, false, false, true]);
        // An answer does.
        assert_eq!(told(&[0, 1, 2, 3, 4, 5, 6], Some(3)), [false, false, false, false, false, false, true]);
    }

    #[test]
    fn however_the_bytes_are_cut_each_frame_is_seen_once() {
        let frame = |kind: u8, stream: u8, length: u8| {
            [&[0, 0, length, kind, 0, 0, 0, 0, stream][..], &vec![PING; usize::from(length)]].concat()
        };
        let bytes = [frame(HEADERS, 1, 20), frame(PING, 0, 8), frame(DATA, 1, 0), frame(HEADERS, 3, 3)].concat();
        for cut in 1..bytes.len() {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            bytes.chunks(cut).for_each(|piece| frames.pass(piece, |frame| seen.push((frame.kind, frame.stream))));
            assert_eq!(seen, [(HEADERS, 1), (PING, 0), (DATA, 1), (HEADERS, 3)]);
            assert!(frames.is_between());
        }
    }
}
