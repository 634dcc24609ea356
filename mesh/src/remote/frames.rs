//! Bodies in payload frames: at most 2048 bytes each, numbered from 0.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use tonic::Status;

use super::proto::common::v1::StreamPayload;
use super::proto::internals::v1::{InternalInvokeRequestStream, InternalInvokeResponseStream};
use crate::body::BodyError;

/// The largest payload of a frame, in bytes.
pub(super) const PAYLOAD_LIMIT: usize = 2048;

/// Cuts a body into payloads.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    rest: Bytes,
    sequence: u64,
}

impl Cutter {
    /// Takes the next piece of a body; the one before must have been used up.
    pub(super) fn feed(&mut self, data: Bytes) {
        if self.rest.is_empty() {
            self.rest = data;
        } else {
            let mut both = BytesMut::from(&self.rest[..]);
            both.extend_from_slice(&data);
            self.rest = both.freeze();
        }
    }

    /// The next payload; `None` when more has to be fed.
    pub(super) fn cut(&mut self) -> Option<StreamPayload> {
        if self.rest.is_empty() {
            return None;
        }
        let data = self.rest.split_to(self.rest.len().min(PAYLOAD_LIMIT));
        let payload = StreamPayload { data, seq: self.sequence };
        self.sequence += 1;
        Some(payload)
    }
}

/// The body of a request, from the payload of its lead frame and the frames that follow.
pub(super) fn of_request(
    first: Option<StreamPayload>,
    rest: impl Stream<Item = Result<InternalInvokeRequestStream, Status>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static {
    let rest = rest.map(|frame| {
        let InternalInvokeRequestStream { request, payload } =
            frame.map_err(|status| format!("error receiving message: {status}"))?;
        match request {
            Some(request) if request.message.is_some() || !request.metadata.is_empty() => {
                Err("request metadata found in non-leading chunk".into())
            }
            _ => Ok(payload),
        }
    });
    pieces(stream::iter([Ok(first)]).chain(rest))
}

/// The body of an answer, from the payload of its lead frame and the frames that follow.
pub(super) fn of_answer(
    first: Option<StreamPayload>,
    rest: impl Stream<Item = Result<InternalInvokeResponseStream, Status>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static {
    let rest = rest.map(|frame| {
        let InternalInvokeResponseStream { response, payload } = frame?;
        match response {
            Some(response)
                if response.status.is_some() || response.message.is_some() || !response.headers.is_empty() =>
            {
                Err("response metadata found in non-leading chunk".into())
            }
            _ => Ok(payload),
        }
    });
    pieces(stream::iter([Ok(first)]).chain(rest))
}

/// The pieces of a body from its payloads, whose numbers are checked. A frame may have none.
fn pieces(
    payloads: impl Stream<Item = Result<Option<StreamPayload>, BodyError>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static {
    let mut expected = 0;
    payloads.filter_map(move |payload| {
        let piece = match payload {
            Ok(None) => None,
            Ok(Some(StreamPayload { seq, .. })) if seq != expected => {
                Some(Err(format!("invalid sequence number received: {seq} (expected: {expected})").into()))
            }
            Ok(Some(payload)) => {
                expected += 1;
                Some(Ok(payload.data))
            }
            Err(error) => Some(Err(error)),
        };
        std::future::ready(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_into_numbered_payloads() {
        let mut cutter = Cutter::default();
        cutter.feed(Bytes::from(vec![1; 5000]));
        let cut: Vec<_> =
            std::iter::from_fn(|| cutter.cut()).map(|payload| (payload.seq, payload.data.len())).collect();
        assert_eq!(cut, [(0, 2048), (1, 2048), (2, 904)]);
        cutter.feed(Bytes::from_static(b"x"));
        assert_eq!(cutter.cut().unwrap().seq, 3);
    }

    #[tokio::test]
    async fn a_number_out_of_turn_ends_the_body() {
        let payload = |seq| Ok(Some(StreamPayload { data: Bytes::from_static(b"x"), seq }));
        let mut pieces = Box::pin(pieces(stream::iter([payload(0), Ok(None), payload(2)])));
        assert!(pieces.next().await.unwrap().is_ok());
        let error = pieces.next().await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "invalid sequence number received: 2 (expected: 1)");
    }
}
