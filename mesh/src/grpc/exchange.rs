//! One stream to an app, or to another sidecar: the request goes out as it comes in, the answer comes back.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use daptop_model::{BodyEnd, FailureKind, Phase, Side};
use h2::RecvStream;
use http::{HeaderMap, Method, Request, Uri, Version, uri};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::messages::Messages;
use super::observed::Observed;
use super::reply::Passing;
use super::status::{self, Refusal};
use super::timeout::{self, GRPC_TIMEOUT};
use super::unsent::Unsent;
use super::upload::Upload;
use crate::capture::Record;
use crate::upstream::Multiplexed;

/// A call that is ready to be sent.
pub(super) struct Outgoing {
    /// The full method, as it came.
    pub(super) path: uri::PathAndQuery,
    /// The metadata as the other side gets it.
    pub(super) metadata: HeaderMap,
    /// The caller's messages.
    pub(super) body: Unsent,
    /// When the caller's patience ends.
    pub(super) deadline: Option<Instant>,
    /// The longest message, in bytes, either way.
    pub(super) limit: Option<u64>,
    /// What is told of it.
    pub(super) record: Option<Record>,
    /// What it means that nobody answers there.
    pub(super) unreachable: FailureKind,
}

/// What came back.
pub(super) enum Answered {
    /// A status and no message: its trailers. Metadata that came before it is lost, as in Dapr.
    Status(HeaderMap),
    /// Messages; the metadata that came before them.
    Messages(HeaderMap, Box<Incomplete>),
}

/// An answer whose first message is there.
pub(super) struct Incomplete {
    source: RecvStream,
    first: Bytes,
    upload: Option<Upload>,
    deadline: Option<Instant>,
    limit: Option<u64>,
}

/// Sends a call and waits for the first message of its answer, or for its status.
pub(super) async fn exchange(place: &Multiplexed, outgoing: Outgoing) -> Result<Answered, Refusal> {
    let Outgoing { path, mut metadata, body, deadline, limit, record, unreachable } = outgoing;
    if let Some(deadline) = deadline {
        metadata.insert(GRPC_TIMEOUT, timeout::left_until(deadline));
    }
    let ended = body.is_nothing();
    let head = head(place, path, metadata);
    let sent = place.send(&head, ended, record.as_ref()).await;
    let (mut answer, stream) = sent.map_err(|error| Refusal::unsent(&error, unreachable))?;
    if let Some(record) = &record {
        record.mark(Phase::Connected);
        if ended {
            record.ended(Side::Request, BodyEnd::Complete);
        }
    }
    let body = body.take().filter(|_| !ended);
    let mut upload = body.map(|body| Upload::new(body, stream, limit, record.clone()));
    let answer = poll_fn(|context| {
        poll_upload(&mut upload, context)?;
        Pin::new(&mut answer).poll(context).map_err(|error| Refusal::broken(&error))
    });
    let (head, mut source) = answer.await?.into_parts();
    if let Some(record) = &record {
        record.mark(Phase::FirstByte);
    }
    if let Some(refusal) = Refusal::not_grpc(head.status, &head.headers) {
        return Err(refusal);
    }
    if source.is_end_stream() {
        return Ok(Answered::Status(status::pass_on(head.headers)));
    }
    let first = poll_fn(|context| {
        poll_upload(&mut upload, context)?;
        source.poll_data(context).map_err(|error| Refusal::broken(&error))
    });
    if let Some(first) = first.await.transpose()? {
        let incomplete = Incomplete { source, first, upload, deadline, limit };
        return Ok(Answered::Messages(head.headers, Box::new(incomplete)));
    }
    let trailers = source.trailers().await.map_err(|error| Refusal::broken(&error))?;
    Ok(Answered::Status(status::pass_on(trailers.unwrap_or_default())))
}

/// The head of a request to a place.
pub(super) fn head(place: &Multiplexed, path: uri::PathAndQuery, metadata: HeaderMap) -> Request<()> {
    let (scheme, authority) = place.place();
    let mut parts = uri::Parts::default();
    parts.scheme = Some(scheme);
    parts.authority = authority;
    parts.path_and_query = Some(path);
    let mut head = Request::new(());
    *head.method_mut() = Method::POST;
    *head.version_mut() = Version::HTTP_2;
    *head.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    *head.headers_mut() = metadata;
    head
}

/// Moves the request on while its answer is waited for.
fn poll_upload(upload: &mut Option<Upload>, context: &mut Context<'_>) -> Result<(), Refusal> {
    if let Some(moving) = upload
        && let Poll::Ready(done) = Pin::new(moving).poll(context)
    {
        *upload = None;
        done?;
    }
    Ok(())
}

impl Incomplete {
    /// The rest of the answer. A request that is still on its way goes on by itself: an app may wait for it before it
    /// says more, whether or not the caller reads.
    pub(super) fn passing(self, observed: Observed) -> Passing {
        let Self { source, first, upload, deadline, limit } = self;
        let refused = upload.as_ref().map(Upload::refused);
        let upload = upload.map(|upload| AbortOnDropHandle::new(tokio::spawn(async move { drop(upload.await) })));
        Passing {
            source,
            first: Some(first),
            messages: Messages::new(limit),
            refusal: None,
            deadline: deadline.map(|deadline| Box::pin(tokio::time::sleep_until(deadline))),
            upload,
            refused,
            observed: Some(observed),
        }
    }
}
