//! The caller's end: one `CallLocalStream` a call, tried again where no sidecar was reached.

use std::pin::Pin;
use std::time::Duration;

use daptop_model::{FailureKind, Phase};
use futures_util::{Stream, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body::Body as _;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status, Streaming};

use super::fitted::{Fitted, fitted};
use super::proto::common::v1::http_extension::Verb;
use super::proto::common::v1::{HttpExtension, InvokeRequest, StreamPayload};
use super::proto::internals::v1::service_invocation_client::ServiceInvocationClient;
use super::proto::internals::v1::{
    ApiVersion, InternalInvokeRequest, InternalInvokeResponse, InternalInvokeResponseStream,
};
use super::replay::Replay;
use super::{channels, frames, metadata};
use crate::app_channel::Invocation;
use crate::body::{AnswerBody, AnswerSource, Frames};
use crate::core::Core;
use crate::discover::Entry;
use crate::error::InvokeError;
use crate::grpc::callback::{self, AppStatus, FromGrpc};
use crate::grpc::status::code_name;
use crate::headers;
use crate::trace_context::{SpanContext, TRACESTATE, encode_binary};

/// Retries of a sidecar that cannot be reached (`DaprBuiltInServiceRetries`).
const RETRIES: usize = 3;
/// From one try to the next.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Calls an app behind a sidecar of another process. A request whose length is not known is never tried again.
pub(crate) async fn call(
    core: &Core,
    entry: &Entry,
    invocation: Box<Invocation>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let Invocation { verb, method, query, mut headers, body, trace, record, grpc, .. } = *invocation;
    let streaming = grpc.is_none() && !headers.contains_key(CONTENT_LENGTH) && !body.is_end_stream();
    if trace.as_ref().is_some_and(|trace| trace.state.is_none()) {
        // Without a valid parent the vendors' part says nothing.
        headers.remove(TRACESTATE);
    }
    let message = message(&verb, &method, query, &headers, grpc.as_deref());
    let deadline = grpc.as_ref().and_then(|grpc| grpc.deadline);
    let (replay, mut aborted) = Replay::new(body, !streaming).await?;
    let mut retries = 0;
    loop {
        let request = InternalInvokeRequest {
            ver: ApiVersion::V1.into(),
            metadata: if grpc.is_some() {
                metadata::of_call(&headers, &entry.app_id)?
            } else {
                metadata::of_request(&headers, &entry.app_id)?
            },
            message: Some(message.clone()),
            actor: None,
        };
        let tried = match core.shared.channels.get(&entry.address).await {
            Ok(channel) => {
                if let Some(record) = &record {
                    record.mark(Phase::Connected);
                }
                let attempt = Attempt { core, entry, channel, trace: trace.as_ref(), deadline, replay: &replay };
                attempt.send(request, &mut aborted).await
            }
            Err(description) => Err(Refused::Unreachable(Code::Unavailable, description)),
        };
        match tried {
            Ok((lead, incoming)) => {
                replay.settle();
                if let Some(record) = &record {
                    record.mark(Phase::FirstByte);
                }
                return answer(lead, incoming);
            }
            Err(Refused::Unreachable(status, description)) => {
                core.shared.channels.forget(&entry.address);
                if streaming {
                    let text = format!("rpc error: code = {status:?} desc = {description}");
                    return Err(InvokeError::new(FailureKind::SidecarUnreachable, text));
                }
                if retries == RETRIES || !replay.rewind() {
                    return Err(unreachable(entry, retries, status, &description));
                }
                if let Some(record) = &record {
                    record.try_failed(&description);
                    record.tell_progress();
                }
            }
            Err(Refused::Told(status)) => return Err(failed(&status)),
            Err(Refused::Ours(error)) => return Err(error),
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
        retries += 1;
        if let Some(record) = &record {
            record.tries_again();
            record.tell_progress();
        }
        headers::forward(&mut headers, &core.introduction);
    }
}

/// Why a try got no answer.
enum Refused {
    /// No sidecar was reached, or none that knows this one: worth another try.
    Unreachable(Code, String),
    /// The other sidecar said no.
    Told(Status),
    /// The request was not fit to be sent.
    Ours(InvokeError),
}

impl Refused {
    fn by(status: Status, entry: &Entry) -> Self {
        match channels::broke(&status, &entry.address) {
            Some(description) => Self::Unreachable(Code::Unavailable, description),
            None if matches!(status.code(), Code::Unavailable | Code::Unauthenticated) => {
                Self::Unreachable(status.code(), status.message().to_owned())
            }
            None => Self::Told(status),
        }
    }
}

/// One try of a call.
struct Attempt<'a> {
    core: &'a Core,
    entry: &'a Entry,
    channel: Channel,
    trace: Option<&'a SpanContext>,
    /// When the caller's patience ends: the other sidecar is told how much of it is left.
    deadline: Option<Instant>,
    replay: &'a Replay,
}

pub(super) type Incoming = Pin<Box<dyn Stream<Item = Result<InternalInvokeResponseStream, Status>> + Send>>;
type Answered = (Option<InternalInvokeResponseStream>, Incoming);

impl Attempt<'_> {
    /// Sends the request and waits for the lead frame of the answer.
    async fn send(
        &self,
        request: InternalInvokeRequest,
        aborted: &mut oneshot::Receiver<InvokeError>,
    ) -> Result<Answered, Refused> {
        tokio::select! {
            biased;
            Ok(error) = aborted => Err(Refused::Ours(error)),
            answered = self.stream(request) => match answered {
                // Whoever keeps the caller's time ends the call now, in the words of Go.
                Err(_) if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) => std::future::pending().await,
                answered => answered,
            },
        }
    }

    async fn stream(&self, request: InternalInvokeRequest) -> Result<Answered, Refused> {
        let outgoing = self.introduced(self.replay.frames(request.clone()));
        let answered = match self.client().call_local_stream(outgoing).await {
            Err(status) if status.code() == Code::Unimplemented => return self.whole(request).await,
            answered => answered.map_err(|status| self.refused(status))?,
        };
        let mut incoming: Streaming<InternalInvokeResponseStream> = answered.into_inner();
        match incoming.message().await {
            Err(status) if status.code() == Code::Unimplemented => self.whole(request).await,
            Err(status) => Err(self.refused(status)),
            Ok(lead) => Ok((lead, Box::pin(incoming))),
        }
    }

    /// Sends the request in one message, to a sidecar from before there were streams.
    async fn whole(&self, mut request: InternalInvokeRequest) -> Result<Answered, Refused> {
        if !self.replay.rewind() {
            let text = format!(
                "target app '{}' is running a version of Dapr that does not support streaming-based service invocation",
                self.entry.app_id
            );
            return Err(Refused::Ours(InvokeError::new(FailureKind::BrokenAnswer, text)));
        }
        let value = self.replay.whole().await;
        if let Some(message) = &mut request.message
            && !value.is_empty()
        {
            let type_url = message.data.take().map(|data| data.type_url).unwrap_or_default();
            message.data = Some(prost_types::Any { type_url, value: value.into() });
        }
        let answered =
            self.client().call_local(self.introduced(request)).await.map_err(|status| self.refused(status))?;
        let mut response = answered.into_inner();
        let data = response.message.as_mut().and_then(|message| message.data.take()).unwrap_or_default();
        let payload = (!data.value.is_empty()).then(|| StreamPayload { data: data.value.into(), seq: 0 });
        let lead = InternalInvokeResponseStream { response: Some(response), payload };
        Ok((Some(lead), Box::pin(stream::empty())))
    }

    fn refused(&self, status: Status) -> Refused {
        Refused::by(status, self.entry)
    }

    fn client(&self) -> ServiceInvocationClient<Fitted> {
        let limit = self.core.settings.max_body_size;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        ServiceInvocationClient::new(fitted(self.channel.clone()))
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(limit)
            .max_encoding_message_size(limit)
    }

    /// A request that tells of the caller's span and patience.
    fn introduced<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(trace) = self.trace {
            tell_trace(&mut request, trace);
        }
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline.saturating_duration_since(Instant::now()));
        }
        request
    }
}

fn unreachable(entry: &Entry, retries: usize, code: Code, description: &str) -> InvokeError {
    let Entry { app_id, .. } = entry;
    let text = format!(
        "failed to invoke target {app_id} after {retries} retries. Error: rpc error: code = {code:?} desc = {description}"
    );
    InvokeError::new(FailureKind::SidecarUnreachable, text)
}

/// What the other sidecar's refusal means.
fn failed(status: &Status) -> InvokeError {
    if status.code() == Code::PermissionDenied {
        return InvokeError::denied(status.message());
    }
    let text = format!("rpc error: code = {} desc = {}", code_name(status.code()), status.message());
    let kind = match status.message() {
        message if message.contains("connection refused") => FailureKind::ConnectionRefused,
        "app channel is not initialized" => FailureKind::NoAppPort,
        message if message.contains("app is not in a healthy state") => FailureKind::Unhealthy,
        message if message.contains("exceeded") => FailureKind::TooLarge,
        _ => FailureKind::BrokenAnswer,
    };
    InvokeError::new(kind, text)
}

fn message(verb: &Method, method: &[u8], query: String, headers: &HeaderMap, grpc: Option<&FromGrpc>) -> InvokeRequest {
    let content_type = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    InvokeRequest {
        method: String::from_utf8_lossy(method).into_owned(),
        // What it is stays where it was, without the data itself.
        data: grpc
            .and_then(|grpc| grpc.type_url.clone())
            .map(|type_url| prost_types::Any { type_url, value: Vec::new() }),
        content_type: content_type.to_owned(),
        http_extension: grpc.is_none_or(|grpc| grpc.verb).then(|| HttpExtension {
            verb: Verb::from_str_name(verb.as_str()).unwrap_or(Verb::Post).into(),
            querystring: query,
        }),
    }
}

fn tell_trace<T>(request: &mut Request<T>, trace: &SpanContext) {
    if let Ok(value) = MetadataValue::try_from(trace.traceparent().as_bytes()) {
        request.metadata_mut().insert("traceparent", value);
    }
    request.metadata_mut().insert_bin("grpc-trace-bin", MetadataValue::from_bytes(&encode_binary(trace)));
}

/// The answer from its lead frame and those that follow.
pub(super) fn answer(
    lead: Option<InternalInvokeResponseStream>,
    incoming: Incoming,
) -> Result<Response<AnswerBody>, InvokeError> {
    let missing = || {
        InvokeError::new(
            FailureKind::BrokenAnswer,
            "response does not contain the required fields in the leading chunk",
        )
    };
    let InternalInvokeResponseStream { response, payload } = lead.ok_or_else(missing)?;
    let InternalInvokeResponse { status, headers, trailers, message } = response.ok_or_else(missing)?;
    let status = status.ok_or_else(missing)?;
    let mut response = Response::new(AnswerBody::new(AnswerSource::Frames(Frames::new(Box::pin(frames::of_answer(
        payload, incoming,
    ))))));
    if (1..100).contains(&status.code) || (status.code == 0 && message.is_some()) {
        let message = message.unwrap_or_default();
        let told = AppStatus {
            code: status.code,
            message: status.message,
            details: status.details,
            trailers: metadata::to_headers(&trailers),
            type_url: message.data.map(|data| data.type_url),
        };
        return Ok(callback::over_the_wire(response, told, metadata::to_headers(&headers), &message.content_type));
    }
    // An answer of server-sent events carries no status: it was a success.
    let code = if status.code == 0 { 200 } else { u16::try_from(status.code).unwrap_or(500) };
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = metadata::to_headers(&headers);
    let content_type = message.map(|message| message.content_type).unwrap_or_default();
    if let Ok(value) = HeaderValue::from_str(&content_type)
        && !content_type.is_empty()
    {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    headers::leave_app(response.headers_mut());
    Ok(response)
}
