//! The callee's end.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use daptop_model::{AppId, Leg, Protocol, RequestHead, TraceRef};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response};
use http_body_util::BodyExt as _;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataValue;
use tonic::{Request, Status, Streaming};

use super::asked::{Asked, channel_error, incomplete};
use super::frames::{self, Cutter};
use super::metadata;
use super::proto::common::v1::{InvokeResponse, StreamPayload};
use super::proto::internals::v1::service_invocation_server::{ServiceInvocation, ServiceInvocationServer};
use super::proto::internals::v1::{
    self, InternalInvokeRequest, InternalInvokeRequestStream, InternalInvokeResponse, InternalInvokeResponseStream,
};
use crate::app_channel::Invocation;
use crate::body::{AnswerBody, BodyError, Frames, RequestBody, RequestSource};
use crate::capture::{self, Opening, Record};
use crate::core::Core;
use crate::grpc::callback::AppStatus;
use crate::headers::CALLER_APP_ID;
use crate::listen::{Socket, Tasks};
use crate::trace_context::{
    Begun, GRPC_TRACE_BIN, SpanContext, TRACESTATE, decode_binary, encode_binary, parse_tracestate,
};
use crate::{AppProtocol, callee, invoke};

/// Serves other sidecars on a socket.
pub(crate) fn serve(core: &Arc<Core>, tasks: &Tasks, socket: Socket) {
    let limit = core.settings.max_body_size.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let service = ServiceInvocationServer::new(Internal { core: Arc::clone(core) })
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    crate::grpc::serve_internal(core, tasks, socket, tonic::service::Routes::new(service));
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
        request: Request<InternalInvokeRequest>,
    ) -> Result<tonic::Response<InternalInvokeResponse>, Status> {
        let at = self.core.shared.events.now();
        let is_http = self.app_is_http()?;
        let (context, _, request) = request.into_parts();
        let InternalInvokeRequest { metadata, mut message, ver, .. } = request;
        let data = message.as_mut().and_then(|message| message.data.take()).unwrap_or_default();
        let asked = Asked::whole(&metadata, message, ver, is_http)?;
        let span = self.span(&context.into_headers(), &asked);
        let body = stream::iter([Ok(data.value.into())]);
        let answer = self.answer(at, asked, span.clone(), body).await?;
        Ok(tell_span(tonic::Response::new(self.whole(answer).await?), span.as_ref()))
    }

    async fn call_local_stream(
        &self,
        request: Request<Streaming<InternalInvokeRequestStream>>,
    ) -> Result<tonic::Response<Outgoing>, Status> {
        let at = self.core.shared.events.now();
        let is_http = self.app_is_http()?;
        let (context, _, mut incoming) = request.into_parts();
        let InternalInvokeRequestStream { request, payload } = incoming.message().await?.ok_or_else(incomplete)?;
        let asked = Asked::in_lead(request, is_http)?;
        let events = asked.events;
        let span = self.span(&context.into_headers(), &asked);
        let answered = self.answer(at, asked, span.clone(), frames::of_request(payload, incoming)).await;
        let frames = answered.and_then(|answer| {
            if events && !answer.status().is_success() {
                return Err(channel_error("no response received from stream"));
            }
            outgoing(answer, events)
        });
        Ok(match frames {
            Ok(frames) => tonic::Response::new(frames),
            // Before a refusal there is time for the span: the head has not gone out.
            Err(status) => tell_span(tonic::Response::new(stream::iter([Err(status)]).boxed()), span.as_ref()),
        })
    }
}

/// Adds the sidecar's span to the head of an answer.
fn tell_span<T>(mut answer: tonic::Response<T>, span: Option<&Begun>) -> tonic::Response<T> {
    if let Some(span) = span {
        let value = MetadataValue::from_bytes(&encode_binary(&span.context));
        answer.metadata_mut().insert_bin("grpc-trace-bin", value);
    }
    answer
}

/// The caller's span: the binary form goes first.
fn caller_span(headers: &HeaderMap, asked: &Asked) -> Option<SpanContext> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    let binary = headers.get(GRPC_TRACE_BIN).and_then(|value| {
        let text = value.as_bytes();
        let end = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
        decode_binary(&engine.decode(text.get(..end)?).ok()?)
    });
    let caller = binary.or_else(|| SpanContext::of_headers(headers))?;
    // The vendors' part travels with the request's own headers.
    let state = asked.headers.get(TRACESTATE).and_then(|state| parse_tracestate(state.as_bytes()));
    Some(SpanContext { state, ..caller })
}

impl Internal {
    /// Whether the app speaks HTTP; fails where there is no app to call.
    fn app_is_http(&self) -> Result<bool, Status> {
        if self.core.channel.is_none() {
            return Err(Status::internal("app channel is not initialized"));
        }
        Ok(!matches!(self.core.settings.app_protocol, AppProtocol::Grpc | AppProtocol::Grpcs))
    }

    /// Begins the callee's span.
    fn span(&self, headers: &HeaderMap, asked: &Asked) -> Option<Begun> {
        self.core.tracing.begin(caller_span(headers, asked))
    }

    async fn answer(
        &self,
        at: daptop_model::Stamp,
        asked: Asked,
        span: Option<Begun>,
        body: impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    ) -> Result<Response<AnswerBody>, Status> {
        let core = &self.core;
        let record = self.record(at, &asked, span.as_ref());
        if let Some(record) = &record {
            record.resolved(Leg::FromProcess);
        }
        let source = RequestSource::Frames(Frames::new(Box::pin(body)));
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
            grpc: asked.grpc,
        });
        invoke::hold(core, record.as_ref()).await;
        let answered = callee::serve(core, invocation, span).await;
        let mut answer = match answered {
            Ok(answer) => answer,
            Err(error) => {
                if let Some(record) = &record {
                    record.fail(&error);
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
        Ok(answer)
    }

    /// An answer in one message.
    async fn whole(&self, answer: Response<AnswerBody>) -> Result<InternalInvokeResponse, Status> {
        let limit = self.core.settings.max_body_size.and_then(|limit| usize::try_from(limit).ok());
        let mut lead = lead(&answer, false)?;
        let (mut body, mut data) = (answer.into_body(), BytesMut::new());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Status::unknown(error.to_string()))?;
            data.extend_from_slice(&frame.into_data().unwrap_or_default());
            if let Some(limit) = limit.filter(|limit| data.len() > *limit) {
                let text = format!("grpc: trying to send message larger than max ({} vs. {limit})", data.len());
                return Err(Status::resource_exhausted(text));
            }
        }
        if let Some(message) = &mut lead.message {
            let type_url = message.data.take().map(|data| data.type_url).unwrap_or_default();
            message.data = Some(prost_types::Any { type_url, value: data.freeze().into() });
        }
        Ok(lead)
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
        let (leg, protocol) = (Leg::FromProcess, Protocol::Http1);
        let opening = Opening { at, from: &from, to, leg, head, protocol, trace, replay: None };
        Record::open(&core.shared, opening)
    }
}

/// The head of an answer.
fn lead(answer: &Response<AnswerBody>, events: bool) -> Result<InternalInvokeResponse, Status> {
    let unfit = |error: crate::error::InvokeError| Status::internal(error.text);
    if let Some(told) = answer.extensions().get::<AppStatus>() {
        return lead_of_grpc(answer, told).map_err(unfit);
    }
    let headers = metadata::of_headers(answer.headers()).map_err(unfit)?;
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let status = v1::Status {
        // Server-sent events carry no status.
        code: if events { 0 } else { i32::from(answer.status().as_u16()) },
        ..v1::Status::default()
    };
    let message = InvokeResponse { data: None, content_type: content_type.to_owned() };
    Ok(InternalInvokeResponse {
        status: Some(status),
        headers,
        message: (!events).then_some(message),
        ..InternalInvokeResponse::default()
    })
}

/// The head of an answer of an app that speaks gRPC: its own status, and its metadata.
fn lead_of_grpc(
    answer: &Response<AnswerBody>,
    told: &AppStatus,
) -> Result<InternalInvokeResponse, crate::error::InvokeError> {
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let data = told.type_url.clone().map(|type_url| prost_types::Any { type_url, ..prost_types::Any::default() });
    let message = InvokeResponse { data, content_type: content_type.to_owned() };
    Ok(InternalInvokeResponse {
        status: Some(v1::Status { code: told.code, message: told.message.clone(), details: told.details.clone() }),
        headers: metadata::of_grpc(answer.headers())?,
        trailers: metadata::of_trailers(&told.trailers)?,
        message: (told.code == 0).then_some(message),
    })
}

/// The frames of an answer: the first carries the head, and the first payload where there is any.
fn outgoing(mut answer: Response<AnswerBody>, events: bool) -> Result<Outgoing, Status> {
    let lead = lead(&answer, events)?;
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
            Some(Err(error)) => return Err(Status::unknown(error.to_string())),
            Some(Ok(frame)) => cutter.feed(frame.into_data().unwrap_or_default()),
        }
    }
}
