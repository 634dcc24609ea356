//! A connection that has gone over to HTTP/2 with a request on it: to whoever reads it, the request came in frames.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::header::{CONNECTION, HOST, TE, UPGRADE};
use http::request::Parts;
use http::uri::PathAndQuery;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes a client sends before its first frame.
const PREFACE: usize = 24;
/// How many bytes stand before what a frame carries.
const FRAME_HEAD: usize = 9;
/// The most that a frame carries unless more was agreed on.
const MOST: usize = 1 << 14;
/// The stream of the request that asked for HTTP/2.
const STREAM: u32 = 1;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Headers that say something of a connection of HTTP/1.1, and that HTTP/2 does not have.
const OF_HTTP1: [&str; 4] = ["http2-settings", "keep-alive", "proxy-connection", "transfer-encoding"];

/// A request as the frames that it would have come in.
pub(super) fn frames_of(head: &Parts, body: &[u8]) -> Bytes {
    let block = block(head);
    let mut frames = BytesMut::with_capacity(block.len() + body.len() + 64);
    let end = if body.is_empty() { END_STREAM } else { 0 };
    let mut pieces = block.chunks(MOST).peekable();
    let mut kind = HEADERS;
    while let Some(piece) = pieces.next() {
        let last = if pieces.peek().is_none() { END_HEADERS } else { 0 };
        put_frame(&mut frames, kind, last | if kind == HEADERS { end } else { 0 }, piece);
        kind = CONTINUATION;
    }
    let mut pieces = body.chunks(MOST).peekable();
    while let Some(piece) = pieces.next() {
        put_frame(&mut frames, DATA, if pieces.peek().is_none() { END_STREAM } else { 0 }, piece);
    }
    frames.freeze()
}

fn put_frame(frames: &mut BytesMut, kind: u8, flags: u8, carried: &[u8]) {
    frames.put_uint(carried.len() as u64, 3);
    frames.put_u8(kind);
    frames.put_u8(flags);
    frames.put_u32(STREAM);
    frames.put_slice(carried);
}

/// The headers as HPACK writes them without a table: the client's own table stays as it is.
fn block(head: &Parts) -> Vec<u8> {
    let host = head.headers.get(HOST).map(http::HeaderValue::as_bytes).unwrap_or_default();
    let authority = head.uri.authority().map_or(host, |authority| authority.as_str().as_bytes());
    let path = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut block = Vec::new();
    put_header(&mut block, b":method", head.method.as_str().as_bytes());
    put_header(&mut block, b":scheme", b"http");
    put_header(&mut block, b":path", path.as_bytes());
    put_header(&mut block, b":authority", authority);
    for (name, value) in &head.headers {
        let of_connection = [CONNECTION, HOST, TE, UPGRADE].contains(name) || OF_HTTP1.contains(&name.as_str());
        if !of_connection {
            put_header(&mut block, name.as_str().as_bytes(), value.as_bytes());
        }
    }
    block
}

fn put_header(block: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    block.push(0);
    put_text(block, name);
    put_text(block, value);
}

/// A text that is not compressed, after its length, whose first seven bits stand in one byte.
fn put_text(block: &mut Vec<u8>, text: &[u8]) {
    const FIRST: usize = 127;
    if text.len() < FIRST {
        block.push(text.len() as u8);
    } else {
        block.push(FIRST as u8);
        let mut rest = text.len() - FIRST;
        while rest >= 128 {
            block.push((rest % 128) as u8 | 128);
            rest /= 128;
        }
        block.push(rest as u8);
    }
    block.extend_from_slice(text);
}

/// The connection.
#[derive(Debug)]
pub(super) struct Resumed<S> {
    stream: S,
    /// What the client has begun with, until its first frame is whole; then what is to be read before anything else.
    opening: BytesMut,
    /// The request, until it has been put behind the client's first frame, which has the client's settings.
    request: Option<Bytes>,
}

impl<S> Resumed<S> {
    /// A connection that a request has come on already.
    pub(super) fn new(stream: S, request: Bytes) -> Self {
        Self { stream, opening: BytesMut::new(), request: Some(request) }
    }

    /// Puts the request in its place, where the client's first frame is whole or nothing more comes.
    fn insert(&mut self, ended: bool) {
        let Some(place) = first_frame_end(&self.opening).or(ended.then_some(self.opening.len())) else { return };
        if let Some(request) = self.request.take() {
            let after = self.opening.split_off(place);
            self.opening.extend_from_slice(&request);
            self.opening.extend_from_slice(&after);
        }
    }
}

/// Where the first frame after the preface ends, once it is whole. One that is too long for a first frame is left to the
/// reader, who refuses it.
fn first_frame_end(opening: &[u8]) -> Option<usize> {
    let [high, middle, low, ..] = opening.get(PREFACE..)? else { return None };
    let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
    let end = PREFACE + FRAME_HEAD + length.min(MOST);
    (opening.len() >= end).then_some(end)
}

impl<S: AsyncRead + Unpin> AsyncRead for Resumed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.request.is_some() {
            let mut piece = [0; 1024];
            let mut read = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
            self.opening.extend_from_slice(read.filled());
            let ended = read.filled().is_empty();
            self.insert(ended);
        }
        if self.opening.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = self.opening.len().min(buffer.remaining());
        buffer.put_slice(&self.opening[..length]);
        self.opening.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Resumed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, data)
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn however_its_bytes_are_cut_the_request_stands_behind_the_clients_settings() {
        let settings = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0d";
        let sent = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], settings, b"more"].concat();
        for size in 1..=sent.len() {
            let (mut client, stream) = duplex(sent.len());
            let mut resumed = Resumed::new(stream, Bytes::from_static(b"<request>"));
            let pieces = sent.clone();
            tokio::spawn(async move {
                for piece in pieces.chunks(size) {
                    client.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            });
            let mut read = Vec::new();
            resumed.read_to_end(&mut read).await.unwrap();
            let (before, after) = sent.split_at(PREFACE + settings.len());
            assert_eq!(read, [before, b"<request>", after].concat(), "in pieces of {size}");
        }
    }

    #[test]
    fn a_large_request_is_cut_into_frames() {
        let (head, ()) = http::Request::post("/a").header("x", "y".repeat(20_000)).body(()).unwrap().into_parts();
        let mut rest = &frames_of(&head, &vec![7; 40_000])[..];
        let mut kinds = Vec::new();
        while let [high, middle, low, kind, flags, 0, 0, 0, 1, after @ ..] = rest {
            let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
            kinds.push((*kind, *flags, length));
            rest = &after[length..];
        }
        assert!(rest.is_empty());
        let shapes: Vec<_> = kinds.iter().map(|(kind, flags, _)| (*kind, *flags)).collect();
        assert_eq!(shapes, [(1, 0), (9, 4), (0, 0), (0, 0), (0, 1)]);
        assert_eq!(kinds[4].2, 40_000 - 2 * MOST);
    }
}
