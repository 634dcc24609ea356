//! `Dapr.InvokeService`: an invocation that is asked for over gRPC, of an app that speaks HTTP or gRPC.

use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{AppId, FailureKind, Leg, Protocol, RequestHead};
use futures_util::stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, TE};
use http::{HeaderMap, HeaderValue, Method, Response};
use http_body_util::BodyExt as _;
use tonic::Status;

use super::callback::{AppStatus, FromGrpc, Unanswered, as_metadata};
use super::observed::Observed;
use super::proto::InvokeServiceRequest;
use super::rpc_status::{self, RpcStatus};
use super::service::Asked;
use super::timeout::GRPC_TIMEOUT;
use super::whole::Whole;
use crate::app_channel::Invocation;
use crate::body::{AnswerBody, Frames, RequestBody, RequestSource};
use crate::capture::{self, Opening, Record};
use crate::core::Core;
use crate::discover::{self, Destination};
use crate::error::InvokeError;
use crate::remote::proto::common::v1::http_extension::Verb;
use crate::remote::proto::common::v1::{HttpExtension, InvokeRequest, InvokeResponse};
use crate::spans::OpenSpan;
use crate::trace_context::{Begun, TRACEPARENT};
use crate::{invoke, method};

const HTTP_STATUS: HeaderName = HeaderName::from_static("dapr-http-status");
/// The caller's name for the sidecar, as an app that speaks HTTP sees it.
const AUTHORITY: HeaderName = HeaderName::from_static("dapr-authority");

/// An invocation that has been read.
struct Read {
    id: String,
    message: Option<InvokeRequest>,
    verb: Method,
    query: String,
    /// The normalized method. A slash at its start stays: an app that speaks gRPC sees it.
    method: Result<Vec<u8>, InvokeError>,
}

/// Invokes an app.
pub(super) async fn invoke(asked: Asked<'_>, request: InvokeServiceRequest) -> Whole {
    let core = asked.core;
    let read = Read::of(request);
    let path = read.path();
    let head = RequestHead {
        verb: Bytes::copy_from_slice(read.verb.as_str().as_bytes()),
        target: path.clone(),
        path: path.clone(),
        headers: capture::head(&asked.metadata),
    };
    let to = invoke::target_id(core, &read.id);
    let record = open_record(&asked, to.clone(), &read, &head);
    let mut observed = Observed::new(None);
    if let Some(open) = OpenSpan::of(core, asked.at, asked.begun.as_ref()) {
        observed.invocation(core, open, head, to);
    }
    let id = read.id.clone();
    let traceparent = asked.begun.as_ref().map(|begun| begun.context.traceparent());
    let answered = forward(asked, read, path, record.clone()).await;
    let whole = match answered {
        Ok(answer) => translate(core, answer, record, traceparent).await,
        Err(error) => {
            let whole = Whole::error(&failed(&id, &error));
            if let Some(record) = record {
                record.answer(500, &HeaderMap::new());
                record.trailers(&whole.trailers);
                record.fail(&error);
            }
            whole
        }
    };
    observed.end(&whole.trailers, daptop_model::BodyEnd::Complete);
    whole
}

/// What the caller is told of a call that no app answered.
fn failed(id: &str, error: &InvokeError) -> Status {
    Status::internal(format!("failed to invoke, id: {id}, err: {}", error.text))
}

impl Read {
    fn of(request: InvokeServiceRequest) -> Self {
        let InvokeServiceRequest { id, message } = request;
        let extension = message.as_ref().and_then(|message| message.http_extension.clone());
        let HttpExtension { verb, querystring } = extension.unwrap_or_default();
        // What is no verb reaches the app's channel as one that it refuses.
        let verb = Verb::try_from(verb).ok().filter(|verb| *verb != Verb::None).unwrap_or(Verb::Connect);
        let verb = Method::from_bytes(verb.as_str_name().as_bytes()).unwrap_or(Method::CONNECT);
        let named = message.as_ref().map(|message| message.method.as_str()).unwrap_or_default();
        let method = method::normalize_rooted(named.as_bytes()).map_err(InvokeError::from);
        Self { id, message, verb, query: querystring, method }
    }

    /// Path and query as the app sees them.
    fn path(&self) -> Bytes {
        let method = self.method.as_deref().unwrap_or_default();
        invoke::app_path(method.strip_prefix(b"/").unwrap_or(method), Some(&self.query))
    }
}

/// The data of the invocation is its body, and what that is its type; the message around it is not kept.
fn open_record(asked: &Asked<'_>, to: AppId, read: &Read, head: &RequestHead) -> Option<Record> {
    let core = asked.core;
    if !core.shared.settings.capture {
        return None;
    }
    let mut metadata = asked.metadata.clone();
    metadata.remove(CONTENT_TYPE);
    let kind = read.message.as_ref().and_then(|message| HeaderValue::from_str(&message.content_type).ok());
    if let Some(kind) = kind.filter(|kind| !kind.is_empty()) {
        metadata.insert(CONTENT_TYPE, kind);
    }
    let target = Bytes::from_static(daptop_model::INVOKE_SERVICE.as_bytes());
    let head = RequestHead { target, headers: capture::head(&metadata), ..head.clone() };
    let opening = Opening {
        at: asked.at,
        from: &core.settings.app_id,
        to,
        leg: Leg::Unresolved,
        head,
        protocol: Protocol::Grpc,
        trace: asked.begun.as_ref().and_then(Begun::trace_ref),
        replay: asked.replay.as_ref(),
    };
    Record::open(&core.shared, opening)
}

async fn forward(
    asked: Asked<'_>,
    read: Read,
    path: Bytes,
    record: Option<Record>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let Asked { core, metadata, authority, deadline, begun, .. } = asked;
    let Read { id, message, verb, query, method } = read;
    if id.is_empty() {
        return Err(InvokeError::new(FailureKind::NoAppId, "app id is empty"));
    }
    let destination = discover::resolve(core, &id).await?;
    if let Some(record) = &record {
        record.resolved(invoke::leg(&destination));
    }
    let remote = matches!(destination, Destination::Here(_) | Destination::There(_));
    let is_whole = message.is_some();
    if remote && !is_whole {
        let text = "rpc error: code = InvalidArgument desc = parsing InternalInvokeRequest error: request does not contain the required fields in the leading chunk";
        return Err(InvokeError::new(FailureKind::BadRequest, text));
    }
    let InvokeRequest { data, content_type, http_extension, .. } = message.unwrap_or_default();
    let (type_url, value) = data.map_or((None, Vec::new()), |data| (Some(data.type_url), data.value));
    let mut headers = request_headers(metadata, &content_type, authority.as_ref().map(http::uri::Authority::as_str));
    if !remote && !value.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(value.len()));
    }
    let grpc = Box::new(FromGrpc { type_url, verb: http_extension.is_some(), deadline });
    let mut invocation = Box::new(Invocation {
        verb,
        method: method?,
        path,
        query,
        headers,
        body: request_body(value.into(), remote, record.clone()),
        trace: begun.as_ref().map(|begun| begun.context.clone()),
        record,
        grpc: Some(grpc),
    });
    invoke::introduce(core, &destination, &mut invocation.headers);
    invoke::send(core, destination, invocation, begun.as_ref()).await
}

/// The caller's metadata as an app that speaks HTTP sees it.
fn request_headers(mut metadata: HeaderMap, content_type: &str, authority: Option<&str>) -> HeaderMap {
    for name in [CONTENT_TYPE, TE, HOST, GRPC_TIMEOUT, HeaderName::from_static("grpc-encoding")] {
        metadata.remove(name);
    }
    if let Ok(kind) = HeaderValue::from_str(content_type)
        && !kind.is_empty()
    {
        metadata.insert(CONTENT_TYPE, kind);
    }
    if let Some(authority) = authority.and_then(|authority| HeaderValue::from_str(authority).ok()) {
        metadata.insert(AUTHORITY, authority);
    }
    metadata
}

/// One's own app is told the length; to others a body travels in pieces, and so does none.
fn request_body(data: Bytes, remote: bool, record: Option<Record>) -> RequestBody {
    if !remote && data.is_empty() {
        return RequestBody::new(RequestSource::Empty, None, record);
    }
    let pieces = (!data.is_empty()).then_some(Ok(data));
    RequestBody::new(RequestSource::Frames(Frames::new(Box::pin(stream::iter(pieces)))), None, record)
}

/// The app's answer as the caller over gRPC gets it.
async fn translate(
    core: &Arc<Core>,
    mut answer: Response<AnswerBody>,
    record: Option<Record>,
    traceparent: Option<HeaderValue>,
) -> Whole {
    let told = answer.extensions_mut().remove::<AppStatus>();
    let unanswered = answer.extensions_mut().remove::<Unanswered>();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    if let Some(record) = &record {
        record.answer(status, &headers);
        answer.body_mut().observe(record.clone());
    }
    let whole = match answer.into_body().collect().await {
        Ok(body) => {
            let data = body.to_bytes();
            let mut whole = match told {
                Some(told) => of_grpc(told, &headers, data),
                None => of_http(status, &headers, data),
            };
            tell_trace(&mut whole, traceparent.as_ref());
            check_size(core, whole)
        }
        Err(error) => Whole::error(&Status::internal(error.to_string())),
    };
    if let Some(record) = record {
        record.trailers(&whole.trailers);
        if let Some(Unanswered(error)) = unanswered {
            record.fail(&error);
        }
    }
    whole
}

fn check_size(core: &Core, whole: Whole) -> Whole {
    let length = whole.message.as_ref().map_or(0, |message| message.len() as u64);
    match core.settings.max_body_size {
        Some(limit) if length > limit => {
            let text = format!("trying to send message larger than max ({length} vs. {limit})");
            Whole { metadata: whole.metadata, ..Whole::error(&Status::resource_exhausted(text)) }
        }
        _ => whole,
    }
}

/// Each list of metadata tells the sidecar's span.
fn tell_trace(whole: &mut Whole, traceparent: Option<&HeaderValue>) {
    let Some(traceparent) = traceparent else { return };
    whole.metadata.insert(TRACEPARENT, traceparent.clone());
    if !whole.metadata.contains_key(HTTP_STATUS) {
        whole.trailers.insert(TRACEPARENT, traceparent.clone());
    }
}

fn of_http(status: u16, headers: &HeaderMap, data: Bytes) -> Whole {
    let mut whole = match rpc_status::of_http(status, &String::from_utf8_lossy(&data)) {
        Some(status) => Whole::error(&status),
        None => Whole::message(&response(headers, String::new(), data)),
    };
    whole.metadata = as_metadata(headers, true);
    whole.metadata.insert(HTTP_STATUS, HeaderValue::from(status));
    whole
}

fn of_grpc(told: AppStatus, headers: &HeaderMap, data: Bytes) -> Whole {
    let metadata = as_metadata(headers, false);
    let mut whole = if told.code == 0 {
        Whole::message(&response(headers, told.type_url.unwrap_or_default(), data))
    } else {
        let rpc = RpcStatus { code: told.code, message: told.message, details: told.details };
        Whole::error(&rpc.status())
    };
    let app = as_metadata(&told.trailers, false);
    let status = std::mem::replace(&mut whole.trailers, app);
    status.into_iter().for_each(|(name, value)| {
        if let Some(name) = name {
            whole.trailers.insert(name, value);
        }
    });
    Whole { metadata, ..whole }
}

fn response(headers: &HeaderMap, type_url: String, data: Bytes) -> InvokeResponse {
    let content_type = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    InvokeResponse {
        data: Some(prost_types::Any { type_url, value: data.into() }),
        content_type: content_type.to_owned(),
    }
}
