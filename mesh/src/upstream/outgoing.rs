//! A request as HTTP/1.1 writes it.

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request;
use http_body::Body as _;

use crate::body::{BodyError, RequestBody};

/// While this much waits to be written, no more of the body is taken: a slow app slows its caller.
const ROOM: usize = 64 << 10;

/// How the app learns where the body ends.
#[derive(Debug)]
enum Framing {
    /// From `Content-Length`: so many bytes are left.
    Length(u64),
    /// From the last chunk.
    Chunks,
}

/// The body of a request that is being sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: RequestBody,
    framing: Framing,
}

/// What became of a body that was asked for more.
pub(super) enum Filled {
    /// All of it has been taken.
    Ended,
    /// As much as there is room for has been taken.
    Full,
    /// There is no more of it for now.
    Waiting,
}

impl Outgoing {
    /// The body that goes with a head; `None` where the head announces none.
    pub(super) fn new(parts: &request::Parts, body: RequestBody) -> Option<Self> {
        let framing = if parts.headers.contains_key(TRANSFER_ENCODING) {
            Framing::Chunks
        } else {
            let length = parts.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
            Framing::Length(length)
        };
        (!body.is_end_stream()).then_some(Self { body, framing })
    }

    /// Takes what there is of the body, as far as there is room.
    pub(super) fn fill(&mut self, context: &mut Context<'_>, into: &mut BytesMut) -> Result<Filled, BodyError> {
        while into.len() < ROOM {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Pending => return Ok(Filled::Waiting),
                Poll::Ready(Some(Err(error))) => return Err(error),
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.write(&data, into);
                    }
                    if matches!(self.framing, Framing::Length(0)) || self.body.is_end_stream() {
                        return self.end(into);
                    }
                }
                Poll::Ready(None) => return self.end(into),
            }
        }
        Ok(Filled::Full)
    }

    fn write(&mut self, data: &[u8], into: &mut BytesMut) {
        match &mut self.framing {
            Framing::Length(left) => {
                let taken = data.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                into.put_slice(data.get(..taken).unwrap_or_default());
                *left -= taken as u64;
            }
            // An empty chunk would be the last one.
            Framing::Chunks if data.is_empty() => {}
            Framing::Chunks => {
                // Writing to memory does not fail.
                write!(into.writer(), "{:x}\r\n", data.len()).ok();
                into.put_slice(data);
                into.put_slice(b"\r\n");
            }
        }
    }

    fn end(&self, into: &mut BytesMut) -> Result<Filled, BodyError> {
        match self.framing {
            Framing::Length(0) => {}
            Framing::Length(left) => return Err(format!("the body ended {left} bytes before its announced end").into()),
            Framing::Chunks => into.put_slice(b"0\r\n\r\n"),
        }
        Ok(Filled::Ended)
    }
}

/// Writes the head of a request, names as Go writes them: `Content-Type`.
pub(super) fn write_head(parts: &request::Parts, into: &mut BytesMut) {
    let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let size: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    into.reserve(parts.method.as_str().len() + target.len() + size + 14);
    into.put_slice(parts.method.as_str().as_bytes());
    into.put_u8(b' ');
    into.put_slice(target.as_bytes());
    into.put_slice(b" HTTP/1.1\r\n");
    for (name, value) in &parts.headers {
        let start = into.len();
        into.put_slice(name.as_str().as_bytes());
        capitalize(into.get_mut(start..).unwrap_or_default());
        into.put_slice(b": ");
        into.put_slice(value.as_bytes());
        into.put_slice(b"\r\n");
    }
    into.put_slice(b"\r\n");
}

/// The first letter, and each after a hyphen.
fn capitalize(name: &mut [u8]) {
    let mut first = true;
    for letter in name {
        if first {
            letter.make_ascii_uppercase();
        }
        first = *letter == b'-';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_written_as_go_writes_it() {
        let request = http::Request::post("/orders?a=b")
            .header("host", "127.0.0.1:80")
            .header("content-type", "a/b")
            .header("x-two", "1")
            .header("x-two", "2")
            .body(())
            .unwrap();
        let mut text = BytesMut::new();
        write_head(&request.into_parts().0, &mut text);
        let expected =
            "POST /orders?a=b HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Type: a/b\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n";
        assert_eq!(std::str::from_utf8(&text).unwrap(), expected);
    }
}
