//! The caller's end: one `CallLocalStream` a call.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use daptop_model::{FailureKind, Phase};
use futures_util::{Stream, StreamExt as _, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};

use super::frames::{self, Cutter};
use super::metadata;
use super::proto::common::v1::http_extension::Verb;
use super::proto::common::v1::{HttpExtension, InvokeRequest, StreamPayload};
use super::proto::internals::v1::service_invocation_client::ServiceInvocationClient;
use super::proto::internals::v1::{
    ApiVersion, InternalInvokeRequest, InternalInvokeRequestStream, InternalInvokeResponse,
    InternalInvokeResponseStream,
};
use crate::app_channel::Invocation;
use crate::body::{AnswerBody, AnswerSource, Frames, RequestBody};
use crate::core::Core;
use crate::discover::Entry;
use crate::error::InvokeError;
use crate::headers;
use crate::trace_context::{SpanContext, TRACESTATE, encode_binary};

/// Retries of a sidecar that cannot be reached (`DaprBuiltInServiceRetries`).
const RETRIES: usize = 3;
/// From one try to the next.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The open connections to other processes, by address.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<HashMap<String, Channel>>);

impl Channels {
    async fn get(&self, address: &str) -> Result<Channel, tonic::transport::Error> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned();
        if let Some(channel) = known {
            return Ok(channel);
        }
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.connect_timeout(CONNECT_TIMEOUT);
        let channel = endpoint.tcp_nodelay(true).connect().await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address.to_owned(), channel.clone());
        Ok(channel)
    }

    fn forget(&self, address: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
    }
}

/// Calls an app behind a sidecar of another process.
pub(crate) async fn call(
    core: &Core,
    entry: &Entry,
    invocation: Box<Invocation>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let Invocation { verb, method, query, mut headers, mut body, trace, record, .. } = *invocation;
    let streaming = !headers.contains_key(CONTENT_LENGTH) && !body.is_end_stream();
    let (channel, retries) = connect(core, entry, streaming).await?;
    for _ in 0..retries {
        headers::forward(&mut headers, &core.introduction);
    }
    if trace.as_ref().is_some_and(|trace| trace.state.is_none()) {
        // Without a valid parent the vendors' part says nothing.
        headers.remove(TRACESTATE);
    }
    let limit = core.settings.max_body_size.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let request = InternalInvokeRequest {
        ver: ApiVersion::V1.into(),
        metadata: metadata::of_request(&headers, &entry.app_id)?,
        message: Some(message(&verb, &method, query, &headers)),
        actor: None,
    };
    if let Some(record) = &record {
        record.mark(Phase::Connected);
    }
    let (abort, aborted) = oneshot::channel();
    let first = body.has_data().await.map_err(|error| InvokeError::new(FailureKind::TooLarge, error.to_string()))?;
    let mut client =
        ServiceInvocationClient::new(channel).max_decoding_message_size(limit).max_encoding_message_size(limit);
    let mut outgoing = Request::new(outgoing(request, body, first, abort));
    if let Some(trace) = &trace {
        tell_trace(&mut outgoing, trace);
    }
    let answered = tokio::select! {
        answered = client.call_local_stream(outgoing) => answered.map_err(|status| failed(core, entry, &status)),
        Ok(error) = aborted => Err(error),
    };
    let mut incoming = answered?.into_inner();
    let lead = incoming.message().await.map_err(|status| failed(core, entry, &status))?;
    if let Some(record) = &record {
        record.mark(Phase::FirstByte);
    }
    answer(lead, incoming)
}

/// Opens a connection, trying again as Dapr's built-in policy does, and tells how often it did. A request whose length
/// is not known is never tried again.
async fn connect(core: &Core, entry: &Entry, streaming: bool) -> Result<(Channel, usize), InvokeError> {
    let mut retries = 0;
    loop {
        match core.shared.channels.get(&entry.address).await {
            Ok(channel) => return Ok((channel, retries)),
            Err(error) if streaming => {
                let text = format!("rpc error: code = Unavailable desc = {error}");
                return Err(InvokeError::new(FailureKind::SidecarUnreachable, text));
            }
            Err(error) if retries == RETRIES => return Err(unreachable(entry, &error.to_string())),
            Err(_) => retries += 1,
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

fn unreachable(entry: &Entry, description: &str) -> InvokeError {
    let Entry { app_id, .. } = entry;
    let text = format!(
        "failed to invoke target {app_id} after {RETRIES} retries. Error: rpc error: code = Unavailable desc = {description}"
    );
    InvokeError::new(FailureKind::SidecarUnreachable, text)
}

/// What the other sidecar's refusal means.
fn failed(core: &Core, entry: &Entry, status: &Status) -> InvokeError {
    if status.code() == Code::Unavailable {
        core.shared.channels.forget(&entry.address);
        return unreachable(entry, status.message());
    }
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

/// Go's name of a code.
fn code_name(code: Code) -> String {
    match code {
        Code::Cancelled => "Canceled".to_owned(),
        other => format!("{other:?}"),
    }
}

fn message(verb: &Method, method: &[u8], query: String, headers: &http::HeaderMap) -> InvokeRequest {
    let content_type = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    InvokeRequest {
        method: String::from_utf8_lossy(method).into_owned(),
        data: None,
        content_type: content_type.to_owned(),
        http_extension: Some(HttpExtension {
            verb: Verb::from_str_name(verb.as_str()).unwrap_or(Verb::Post).into(),
            querystring: query,
        }),
    }
}

/// The frames of a request: the first carries the head, and the first payload where there is any.
fn outgoing(
    request: InternalInvokeRequest,
    body: RequestBody,
    has_data: bool,
    abort: oneshot::Sender<InvokeError>,
) -> impl Stream<Item = InternalInvokeRequestStream> + Send + 'static {
    let body = has_data.then_some(body);
    let state = (Some(request), body, Cutter::default(), Some(abort));
    stream::unfold(state, |(mut request, mut body, mut cutter, mut abort)| async move {
        let payload = next_payload(&mut body, &mut cutter, &mut abort).await;
        if request.is_none() && payload.is_none() {
            return None;
        }
        Some((InternalInvokeRequestStream { request: request.take(), payload }, (request, body, cutter, abort)))
    })
}

async fn next_payload(
    body: &mut Option<RequestBody>,
    cutter: &mut Cutter,
    abort: &mut Option<oneshot::Sender<InvokeError>>,
) -> Option<StreamPayload> {
    loop {
        if let Some(payload) = cutter.cut() {
            return Some(payload);
        }
        match body.as_mut()?.frame().await {
            Some(Ok(frame)) => cutter.feed(frame.into_data().unwrap_or_default()),
            Some(Err(error)) => {
                if let Some(abort) = abort.take() {
                    // The call may have ended meanwhile.
                    drop(abort.send(InvokeError::new(FailureKind::TooLarge, error.to_string())));
                }
                // An end would look like the body's own; the call is aborted instead.
                std::future::pending::<()>().await;
            }
            None => {
                *body = None;
                return None;
            }
        }
    }
}

fn tell_trace<T>(request: &mut Request<T>, trace: &SpanContext) {
    if let Ok(value) = MetadataValue::try_from(trace.traceparent().as_bytes()) {
        request.metadata_mut().insert("traceparent", value);
    }
    request.metadata_mut().insert_bin("grpc-trace-bin", MetadataValue::from_bytes(&encode_binary(trace)));
}

/// The answer from its lead frame and those that follow.
fn answer(
    lead: Option<InternalInvokeResponseStream>,
    incoming: Streaming<InternalInvokeResponseStream>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let missing = || {
        InvokeError::new(
            FailureKind::BrokenAnswer,
            "response does not contain the required fields in the leading chunk",
        )
    };
    let InternalInvokeResponseStream { response, payload } = lead.ok_or_else(missing)?;
    let InternalInvokeResponse { status, headers, message, .. } = response.ok_or_else(missing)?;
    let status = status.ok_or_else(missing)?;
    let first = payload.map(Ok::<_, Status>);
    let rest = incoming.map(|frame| match frame?.into_payload() {
        Some(payload) => Ok(payload),
        None => Err(Status::internal("response metadata found in non-leading chunk")),
    });
    let pieces: Pin<Box<dyn Stream<Item = Result<Bytes, crate::body::BodyError>> + Send>> =
        Box::pin(frames::pieces(stream::iter(first).chain(rest)));
    let mut response = Response::new(AnswerBody::new(AnswerSource::Frames(Frames::new(pieces))));
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

impl InternalInvokeResponseStream {
    fn into_payload(self) -> Option<StreamPayload> {
        let Self { response, payload } = self;
        if response.is_some() { None } else { payload }
    }
}
