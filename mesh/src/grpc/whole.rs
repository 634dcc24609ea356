//! Calls of one message each way: read whole, answered whole.

use std::future::poll_fn;
use std::io::Read as _;

use bytes::{BufMut as _, Bytes, BytesMut};
use daptop_model::framed;
use flate2::read::GzDecoder;
use h2::RecvStream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Response, Version, uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tonic::Status;

use super::binary;
use super::exchange;
use super::messages::{Messages, PREFIX};
use super::reply::Reply;
use super::status::{self, Refusal};
use crate::capture::Record;
use crate::upstream::Multiplexed;

/// An answer that is made here: metadata, a message where it is a good one, and a status.
#[derive(Debug)]
pub(super) struct Whole {
    /// What goes before the message.
    pub(super) metadata: HeaderMap,
    /// The message; `None` for an error.
    pub(super) message: Option<Bytes>,
    /// The status, and what goes with it.
    pub(super) trailers: HeaderMap,
}

impl Whole {
    /// A good answer.
    pub(super) fn message(message: &impl prost::Message) -> Self {
        let message = Some(message.encode_to_vec().into());
        Self { metadata: HeaderMap::new(), message, trailers: status::trailers(&Status::ok("")) }
    }

    /// An error.
    pub(super) fn error(status: &Status) -> Self {
        Self { metadata: HeaderMap::new(), message: None, trailers: status::trailers(status) }
    }

    /// The answer as it goes out.
    pub(super) fn response(self, content_type: HeaderValue) -> Response<Reply> {
        let Self { metadata, message, trailers } = self;
        if message.is_none() && metadata.is_empty() {
            return status::head_only(trailers, content_type);
        }
        let message = message.map(|message| framed(&message));
        let mut response = Response::new(Reply::Whole(message, Some(trailers)));
        *response.headers_mut() = metadata;
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}

/// Reads the one message of a request.
pub(super) async fn read(body: Incoming, metadata: &HeaderMap, limit: Option<u64>) -> Result<Bytes, Refusal> {
    let mut messages = Messages::new(limit);
    let (mut body, mut read) = (body, BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Refusal::new(daptop_model::FailureKind::Other, Status::cancelled(format!("context canceled: {error}")))
        })?;
        if let Ok(data) = frame.into_data() {
            messages.pass(&data, |_| {}).map_err(|long| long.refusal)?;
            read.put(data);
        }
    }
    unframed(read.freeze(), metadata, limit)
}

/// The message within its frame, decompressed where it was compressed.
fn unframed(mut framed: Bytes, metadata: &HeaderMap, limit: Option<u64>) -> Result<Bytes, Refusal> {
    let bad = |text: &str| Refusal::new(daptop_model::FailureKind::BadRequest, Status::internal(text));
    if framed.len() < PREFIX {
        return Err(bad("EOF"));
    }
    let prefix = framed.split_to(PREFIX);
    let length = prefix.iter().skip(1).fold(0, |length, byte| length << 8 | usize::from(*byte));
    let message = framed.split_to(length.min(framed.len()));
    if prefix.first() == Some(&0) {
        return Ok(message);
    }
    if metadata.get("grpc-encoding").is_none_or(|encoding| encoding != "gzip") {
        let text = "grpc: Decompressor is not installed for the message's grpc-encoding; daptop reads gzip";
        return Err(Refusal { status: Status::unimplemented(text), ..bad("") });
    }
    let (limit, mut plain) = (limit.unwrap_or(u64::MAX), Vec::new());
    let unzipped = GzDecoder::new(&message[..]).take(limit.saturating_add(1)).read_to_end(&mut plain);
    unzipped.map_err(|error| bad(&format!("grpc: failed to decompress the received message: {error}")))?;
    if plain.len() as u64 > limit {
        let text = format!("grpc: received message after decompression larger than max {limit}");
        return Err(Refusal::too_large(Status::resource_exhausted(text), Some(limit)));
    }
    Ok(plain.into())
}

/// What came back from a call of one message.
pub(super) struct Answer {
    /// What went before the message.
    pub(super) metadata: HeaderMap,
    /// The message; empty where there was none.
    pub(super) message: Bytes,
    /// The status, and what went with it.
    pub(super) trailers: HeaderMap,
}

/// Makes a call of one message.
pub(super) async fn call(
    place: &Multiplexed,
    path: &'static str,
    metadata: HeaderMap,
    message: &[u8],
    limit: Option<u64>,
    record: Option<&Record>,
) -> Result<Answer, Refusal> {
    let head = exchange::head(place, uri::PathAndQuery::from_static(path), metadata);
    let unreachable = daptop_model::FailureKind::ConnectionRefused;
    let sent = place.send(&head, false, record).await.map_err(|error| Refusal::unsent(&error, unreachable));
    let (answer, mut stream) = sent?;
    let mut rest = framed(message);
    while !rest.is_empty() {
        stream.reserve_capacity(rest.len());
        let room = poll_fn(|context| stream.poll_capacity(context)).await;
        // The answer tells why the app takes no more.
        let Some(Ok(room)) = room else { break };
        let part = rest.split_to(room.min(rest.len()));
        if stream.send_data(part, rest.is_empty()).is_err() {
            break;
        }
    }
    let (head, source) = answer.await.map_err(|error| Refusal::broken(&error))?.into_parts();
    if let Some(refusal) = Refusal::not_grpc(head.status, &head.headers) {
        return Err(refusal);
    }
    if source.is_end_stream() {
        let trailers = status::pass_on(head.headers);
        return Ok(Answer { metadata: HeaderMap::new(), message: Bytes::new(), trailers });
    }
    let (message, trailers) = collect(source, &head.headers, limit).await?;
    Ok(Answer { metadata: head.headers, message, trailers })
}

async fn collect(
    mut source: RecvStream,
    metadata: &HeaderMap,
    limit: Option<u64>,
) -> Result<(Bytes, HeaderMap), Refusal> {
    let (mut messages, mut read) = (Messages::new(limit), BytesMut::new());
    while let Some(data) = source.data().await {
        let data = data.map_err(|error| Refusal::broken(&error))?;
        messages.pass(&data, |_| {}).map_err(|long| long.refusal)?;
        // A stream that has just ended needs no room.
        drop(source.flow_control().release_capacity(data.len()));
        read.put(data);
    }
    let trailers = source.trailers().await.map_err(|error| Refusal::broken(&error))?;
    let trailers = status::pass_on(trailers.unwrap_or_default());
    let message = if read.is_empty() { Bytes::new() } else { unframed(read.freeze(), metadata, limit)? };
    Ok((message, trailers))
}

/// Whether a request is one of gRPC at all; the answer to one that is not, in the way of Go's server.
pub(super) fn refused(head: &http::request::Parts) -> Option<Response<Reply>> {
    let kind = head.headers.get(CONTENT_TYPE);
    let answer = if !kind.is_some_and(|kind| status::is_grpc(kind.as_bytes())) {
        let kind = kind.map_or(String::new(), |kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
        let text = format!("invalid gRPC request content-type {kind:?}");
        (http::StatusCode::UNSUPPORTED_MEDIA_TYPE, Status::invalid_argument(text))
    } else if let Some(binary::Malformed { name, value, why }) = binary::malformed(&head.headers) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let text = format!("malformed binary metadata {value:?} in header {:?}: {why}", name.as_str());
        (http::StatusCode::BAD_REQUEST, Status::internal(text))
    } else if head.method != Method::POST {
        let text = format!("Received a HEADERS frame with :method {:?} which should be POST", head.method.as_str());
        (http::StatusCode::METHOD_NOT_ALLOWED, Status::internal(text))
    } else {
        return None;
    };
    let mut response = status::head_only(status::trailers(&answer.1), HeaderValue::from_static("application/grpc"));
    *response.status_mut() = answer.0;
    *response.version_mut() = Version::HTTP_2;
    Some(response)
}
