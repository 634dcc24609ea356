//! The callee's end.

use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{AppId, Leg, Protocol, RequestHead, TraceRef};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response};
use http_body_util::BodyExt as _;
use tonic::{Request, Status, Streaming};

use super::frames::{self, Cutter};
use super::metadata;
use super::proto::common::v1::http_extension::Verb;
use super::proto::common::v1::{InvokeRequest, InvokeResponse, StreamPayload};
use super::proto::internals::v1::service_invocation_server::{ServiceInvocation, ServiceInvocationServer};
use super::proto::internals::v1::{
    self, InternalInvokeRequest, InternalInvokeRequestStream, InternalInvokeResponse, InternalInvokeResponseStream,
};
use crate::app_channel::Invocation;
use crate::body::{AnswerBody, Frames, RequestBody, RequestSource};
use crate::capture::{self, Opening, Record};
use crate::core::Core;
use crate::headers::CALLER_APP_ID;
use crate::listen::{Socket, Tasks};
use crate::trace_context::{Begun, GRPC_TRACE_BIN, SpanContext, TRACESTATE, decode_binary, parse_tracestate};
use crate::{callee, invoke, method};

/// Serves other sidecars on a socket.
pub(crate) fn serve(core: &Arc<Core>, tasks: &Tasks, socket: Socket) {
    let limit = core.settings.max_body_size.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let service = ServiceInvocationServer::new(Internal { core: Arc::clone(core) })
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    crate::grpc::serve(tasks, socket, tonic::service::Routes::new(service));
}

#[derive(Debug)]
struct Internal {
    core: Arc<Core>,
}

type Outgoing = BoxStream<'static, Result<InternalInvokeResponseStream, Status>>;

#[tonic::async_trait]
impl ServiceInvocation for Internal {
    type CallLocalStreamStream = Outgoing;

    async fn call_local(
        &self,
        _: Request<InternalInvokeRequest>,
    ) -> Result<tonic::Response<InternalInvokeResponse>, Status> {
        Err(Status::unimplemented("CallLocal is not served: sidecars since 1.10 use CallLocalStream"))
    }

    async fn call_local_stream(
        &self,
        request: Request<Streaming<InternalInvokeRequestStream>>,
    ) -> Result<tonic::Response<Outgoing>, Status> {
        let at = self.core.shared.events.now();
        let (context, _, mut incoming) = request.into_parts();
        let lead = incoming.message().await?.ok_or_else(incomplete)?;
        let asked = Asked::read(lead)?;
        let caller = caller_span(&context.into_headers()).map(|caller| SpanContext {
            // The vendors' part travels with the request's own headers.
            state: asked.headers.get(TRACESTATE).and_then(|state| parse_tracestate(state.as_bytes())),
            ..caller
        });
        let payloads = stream::iter(asked.payload.clone().map(Ok)).chain(incoming.map(|frame| {
            let InternalInvokeRequestStream { request, payload } = frame?;
            match payload {
                Some(payload) if request.is_none() => Ok(payload),
                _ => Err(Status::invalid_argument("request metadata found in non-leading chunk")),
            }
        }));
        let answered = self.answer(at, asked, caller, payloads).await?;
        Ok(tonic::Response::new(answered))
    }
}

fn incomplete() -> Status {
    let text = "parsing InternalInvokeRequest error: request does not contain the required fields in the leading chunk";
    Status::invalid_argument(text)
}

/// The lead frame of a request, read and checked.
struct Asked {
    verb: Method,
    method: Vec<u8>,
    query: String,
    headers: HeaderMap,
    payload: Option<StreamPayload>,
}

impl Asked {
    fn read(lead: InternalInvokeRequestStream) -> Result<Self, Status> {
        let InternalInvokeRequest { metadata, message, ver, .. } = lead.request.ok_or_else(incomplete)?;
        let InvokeRequest { method, content_type, http_extension, .. } = message.ok_or_else(incomplete)?;
        if metadata.is_empty() {
            return Err(incomplete());
        }
        let method =
            method::normalize(method.as_bytes()).map_err(|error| Status::invalid_argument(error.to_string()))?;
        if ver != i32::from(v1::ApiVersion::V1) {
            return Err(channel_error(&format!(
                "rpc error: code = Unimplemented desc = Unsupported spec version: {ver}"
            )));
        }
        let extension = http_extension
            .ok_or_else(|| channel_error("rpc error: code = InvalidArgument desc = missing HTTP extension field"))?;
        let verb = Some(extension.verb()).filter(|verb| !matches!(verb, Verb::None | Verb::Connect));
        let verb = verb.and_then(|verb| Method::from_bytes(verb.as_str_name().as_bytes()).ok());
        let verb = verb.ok_or_else(|| channel_error("rpc error: code = InvalidArgument desc = invalid HTTP verb"))?;
        let mut headers = metadata::to_headers(&metadata);
        headers.remove(CONTENT_TYPE);
        if let Ok(value) = HeaderValue::from_str(&content_type)
            && !content_type.is_empty()
        {
            headers.insert(CONTENT_TYPE, value);
        }
        Ok(Self { verb, method: method.into_owned(), query: extension.querystring, headers, payload: lead.payload })
    }

    /// Path and query as the app sees them.
    fn path(&self) -> Bytes {
        let mut path = [b"/", &self.method[..]].concat();
        if !self.query.is_empty() {
            path.push(b'?');
            path.extend_from_slice(self.query.as_bytes());
        }
        path.into()
    }
}

fn channel_error(text: &str) -> Status {
    Status::internal(format!("error invoking app channel: {text}"))
}

/// The caller's span: the binary form goes first.
fn caller_span(headers: &HeaderMap) -> Option<SpanContext> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    let binary = headers.get(GRPC_TRACE_BIN).and_then(|value| {
        let text = value.as_bytes();
        let end = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
        decode_binary(&engine.decode(text.get(..end)?).ok()?)
    });
    binary.or_else(|| SpanContext::of_headers(headers))
}

impl Internal {
    async fn answer(
        &self,
        at: daptop_model::Stamp,
        asked: Asked,
        caller: Option<SpanContext>,
        payloads: impl Stream<Item = Result<StreamPayload, Status>> + Send + 'static,
    ) -> Result<Outgoing, Status> {
        let core = &self.core;
        let span = core.tracing.begin(caller);
        let record = self.record(at, &asked, span.as_ref());
        if let Some(record) = &record {
            record.resolved(Leg::FromProcess);
        }
        let events = asked.headers.get(ACCEPT).is_some_and(invoke::asks_for_events);
        let source = RequestSource::Frames(Frames::new(Box::pin(frames::pieces(payloads))));
        let length = asked.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let invocation = Box::new(Invocation {
            path: asked.path(),
            verb: asked.verb,
            method: asked.method,
            query: asked.query,
            headers: asked.headers,
            // The sidecar that was asked has applied its limit.
            body: RequestBody::new(source, None, record.clone()).awaiting(length),
            trace: None,
            record: record.clone(),
        });
        invoke::hold(core, record.as_ref()).await;
        let answered = callee::serve(core, invocation, span).await;
        let mut answer = match answered {
            Ok(answer) => answer,
            Err(error) => {
                if let Some(record) = &record {
                    record.fail(error.kind, &error.text);
                }
                return Err(match error.denied_description() {
                    Some(description) => Status::permission_denied(description),
                    None => Status::internal(error.callee_description()),
                });
            }
        };
        if let Some(record) = record {
            record.answer(answer.status().as_u16(), answer.headers());
            answer.body_mut().observe(record);
        }
        if events && !answer.status().is_success() {
            return Err(channel_error("no response received from stream"));
        }
        outgoing(answer, events)
    }

    fn record(&self, at: daptop_model::Stamp, asked: &Asked, span: Option<&Begun>) -> Option<Record> {
        let core = &self.core;
        if !core.shared.settings.capture {
            return None;
        }
        let from = asked.headers.get_all(CALLER_APP_ID).iter().next_back();
        let from = AppId::new(from.and_then(|id| id.to_str().ok()).unwrap_or("unknown"));
        let path = asked.path();
        let head = RequestHead {
            verb: Bytes::copy_from_slice(asked.verb.as_str().as_bytes()),
            target: path.clone(),
            path,
            headers: capture::head(&asked.headers),
        };
        let trace = span.and_then(Begun::trace_ref).map(|own| TraceRef {
            // The caller's span was made in its process; it stands above this one.
            caller_span: own.parent.unwrap_or(own.caller_span),
            callee_span: Some(own.caller_span),
            parent: None,
            ..own
        });
        let to = core.settings.app_id.clone();
        let opening = Opening { at, from: &from, to, leg: Leg::FromProcess, head, protocol: Protocol::Http1, trace };
        Record::open(&core.shared.events, core.shared.settings.body_cap, opening)
    }
}

/// The frames of an answer: the first carries the head, and the first payload where there is any.
fn outgoing(mut answer: Response<AnswerBody>, events: bool) -> Result<Outgoing, Status> {
    let headers = metadata::of_headers(answer.headers()).map_err(|error| Status::internal(error.text))?;
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let status = v1::Status {
        // Server-sent events carry no status.
        code: if events { 0 } else { i32::from(answer.status().as_u16()) },
        ..v1::Status::default()
    };
    let message = InvokeResponse { data: None, content_type: content_type.to_owned() };
    let lead = InternalInvokeResponse {
        status: Some(status),
        headers,
        message: (!events).then_some(message),
        ..InternalInvokeResponse::default()
    };
    let body = std::mem::replace(answer.body_mut(), AnswerBody::empty());
    let frames =
        stream::try_unfold((Some(lead), body, Cutter::default()), |(mut lead, mut body, mut cutter)| async move {
            let payload = next_payload(&mut body, &mut cutter).await?;
            if lead.is_none() && payload.is_none() {
                return Ok(None);
            }
            let frame = InternalInvokeResponseStream { response: lead.take(), payload };
            Ok(Some((frame, (lead, body, cutter))))
        });
    Ok(frames.boxed())
}

async fn next_payload(body: &mut AnswerBody, cutter: &mut Cutter) -> Result<Option<StreamPayload>, Status> {
    loop {
        if let Some(payload) = cutter.cut() {
            return Ok(Some(payload));
        }
        match body.frame().await {
            None => return Ok(None),
            Some(Err(error)) => return Err(Status::internal(error.to_string())),
            Some(Ok(frame)) => cutter.feed(frame.into_data().unwrap_or_default()),
        }
    }
}
