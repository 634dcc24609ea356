//! The caller's side of a call: from the request at the HTTP API to the answer that the caller gets.

use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{AppId, FailureKind, Leg, Phase, RequestHead, Stamp};
use http::header::{ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::{HeaderMap, HeaderValue, Method, Response, request};
use hyper::body::{Body as _, Incoming};

use crate::app_channel::Invocation;
use crate::body::{AnswerBody, RequestBody, RequestSource};
use crate::capture::{self, Opening, Record};
use crate::core::Core;
use crate::discover::{self, Destination};
use crate::error::{InvokeError, internal};
use crate::gate::Held;
use crate::grpc::callback::{AppStatus, Unanswered};
use crate::headers;
use crate::replay::Mark;
use crate::respond::ApiError;
use crate::route::{self, Target};
use crate::trace_context::Begun;
use crate::{callee, endpoint, grpc, method, remote, sniff};

/// A request at the HTTP API that is to be invoked.
pub(crate) struct ApiRequest {
    /// When its head was received.
    pub(crate) at: Stamp,
    /// Its head.
    pub(crate) parts: request::Parts,
    /// Its percent-decoded path.
    pub(crate) path: Vec<u8>,
    /// Its body.
    pub(crate) body: Incoming,
    /// Its span; `None` where the headers of traces are left alone.
    pub(crate) trace: Option<Begun>,
}

/// What became of a request.
pub(crate) struct Invoked {
    /// The answer.
    pub(crate) response: Response<AnswerBody>,
    /// What was asked for, if the request named an app.
    pub(crate) target: Option<AppId>,
    /// The request's head; `None` where neither capture nor export wants it.
    pub(crate) head: Option<RequestHead>,
    /// The record, to which the answer has yet to be told.
    pub(crate) record: Option<Record>,
    /// The failure, where no app answered.
    pub(crate) failure: Option<InvokeError>,
}

/// How a request was asked, as far as the answer depends on it.
#[derive(Clone, Copy)]
struct Manner {
    /// Its length was not known: neither buffered nor tried again.
    streaming: bool,
    /// Server-sent events were asked for.
    events: bool,
}

/// Finds the target of a request and calls it.
pub(crate) async fn invoke(core: &Arc<Core>, request: Box<ApiRequest>) -> Invoked {
    let target = route::target(&request.path, &request.parts.headers).filter(|target| !target.id.is_empty());
    let Some(Target { id, method }) = target else {
        return without_app_id(core, &request);
    };
    let checked = method::normalize(&method);
    let path = app_path(checked.as_deref().unwrap_or(&method), request.parts.uri.query());
    let head = head(core, &request, &path);
    let to = target_id(core, &id);
    let record = open_record(core, &request, to.clone(), head.clone());
    let answered = match checked {
        Ok(method) => forward(core, request, &id, method.into_owned(), path, record.clone()).await,
        Err(error) => Err(error.into()),
    };
    let (response, failure) = match answered {
        Ok(mut response) => {
            let unanswered = response.extensions_mut().remove::<Unanswered>();
            (response, unanswered.map(|Unanswered(error)| error))
        }
        Err(error) => (ApiError::invoke(&id, &error).response(), Some(error)),
    };
    Invoked { response, target: Some(to), head, record, failure }
}

fn without_app_id(core: &Core, request: &ApiRequest) -> Invoked {
    let error = ApiError::no_app_id();
    let path = Bytes::copy_from_slice(request.parts.uri.path_and_query().map_or("/", |path| path.as_str()).as_bytes());
    let head = head(core, request, &path);
    let record = open_record(core, request, AppId::new("(no app)"), head.clone());
    let failure = InvokeError::new(FailureKind::NoAppId, error.message.clone());
    Invoked { response: error.response(), target: None, head, record, failure: Some(failure) }
}

/// Path and query as the app sees them, as far as reading goes: escapes may differ.
pub(crate) fn app_path(method: &[u8], query: Option<&str>) -> Bytes {
    let query = query.unwrap_or_default();
    let mut path = Vec::with_capacity(method.len() + query.len() + 2);
    path.push(b'/');
    path.extend_from_slice(method);
    if !query.is_empty() {
        path.push(b'?');
        path.extend_from_slice(query.as_bytes());
    }
    path.into()
}

fn head(core: &Core, request: &ApiRequest, path: &Bytes) -> Option<RequestHead> {
    let exported = core.spans.is_some() && request.trace.as_ref().is_some_and(Begun::is_exported);
    (core.shared.settings.capture || exported).then(|| capture::request_head(&request.parts, path.clone()))
}

fn open_record(core: &Core, request: &ApiRequest, to: AppId, head: Option<RequestHead>) -> Option<Record> {
    let head = head.filter(|_| core.shared.settings.capture)?;
    let opening = Opening {
        at: request.at,
        from: &core.settings.app_id,
        to,
        leg: Leg::Unresolved,
        head,
        protocol: capture::protocol(request.parts.version),
        trace: request.trace.as_ref().and_then(Begun::trace_ref),
        replay: request.parts.extensions.get::<Mark>(),
    };
    Record::open(&core.shared, opening)
}

/// The id of a target, shared with its sidecar where it is one of this process.
pub(crate) fn target_id(core: &Core, id: &str) -> AppId {
    if id == core.id() {
        return core.settings.app_id.clone();
    }
    core.shared.known_id(id).unwrap_or_else(|| AppId::new(id))
}

async fn forward(
    core: &Arc<Core>,
    request: Box<ApiRequest>,
    target: &str,
    method: Vec<u8>,
    path: Bytes,
    record: Option<Record>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let ApiRequest { mut parts, body, trace, .. } = *request;
    let events = parts.headers.get(ACCEPT).is_some_and(asks_for_events);
    let manner = Manner { streaming: !body.is_end_stream() && !parts.headers.contains_key(CONTENT_LENGTH), events };
    let asks_first = parts.headers.contains_key(EXPECT);
    headers::leave_caller(&mut parts.headers);
    let body = RequestBody::new(RequestSource::Caller(body), core.settings.max_body_size, record.clone());
    let mut invocation = Box::new(Invocation {
        verb: known_verb(&parts.method),
        method,
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.asked_for(asks_first),
        trace: trace.as_ref().map(|begun| begun.context.clone()),
        record,
        grpc: None,
    });
    let destination = discover::resolve(core, target).await?;
    if let Some(record) = &invocation.record {
        record.resolved(leg(&destination));
    }
    let remote = matches!(destination, Destination::Here(_) | Destination::There(_));
    introduce(core, &destination, &mut invocation.headers);
    let answer = send(core, destination, invocation, trace.as_ref()).await?;
    Ok(as_events(answer, manner, remote)?.shape(manner).await)
}

/// Which way a destination is.
pub(crate) fn leg(destination: &Destination) -> Leg {
    match destination {
        Destination::Own => Leg::Own,
        Destination::Here(_) => Leg::InProcess,
        Destination::There(_) => Leg::ToProcess,
        Destination::External(_) | Destination::Endpoint(_) => Leg::External,
    }
}

/// Says who calls, on the remote leg. The callee is told without its namespace.
pub(crate) fn introduce(core: &Core, destination: &Destination, headers: &mut HeaderMap) {
    let callee = match destination {
        Destination::Here(callee) => callee.name.clone(),
        Destination::There(entry) => match HeaderValue::from_str(&entry.app_id) {
            Ok(name) => name,
            Err(_) => return,
        },
        Destination::Own | Destination::External(_) | Destination::Endpoint(_) => return,
    };
    headers::introduce(headers, &core.introduction, callee);
}

/// Sends a request its way.
pub(crate) async fn send(
    core: &Arc<Core>,
    destination: Destination,
    invocation: Box<Invocation>,
    trace: Option<&Begun>,
) -> Result<Response<AnswerBody>, InvokeError> {
    match destination {
        Destination::Own => {
            let Some(channel) = &core.channel else {
                let text = "cannot invoke local endpoint: app channel not initialized";
                return Err(InvokeError::new(FailureKind::NoAppPort, text));
            };
            let held = hold(core, invocation.record.as_ref()).await;
            callee::check_health(core)?;
            callee::to_app(core, channel, invocation).await.map_err(|error| after_waiting(error, held))
        }
        Destination::Here(callee) => {
            let held = hold(&callee, invocation.record.as_ref()).await;
            let span = callee.tracing.begin(trace.map(|begun| begun.context.clone()));
            if let (Some(record), Some(span)) = (&invocation.record, span.as_ref().and_then(Begun::trace_ref)) {
                record.served_as(span.caller_span);
            }
            let answered = callee::serve(&callee, invocation, span).await;
            answered.map_err(|error| after_waiting(error, held).told_by_callee())
        }
        // Boxed, as are the next: what is rare shall not make every call's future large.
        Destination::There(entry) => Box::pin(remote::call(core, &entry, invocation)).await,
        Destination::External(url) => Box::pin(endpoint::send_to(&url, &core.external(&url), invocation)).await,
        Destination::Endpoint(endpoint) => Box::pin(endpoint.send(invocation)).await,
    }
}

/// Holds a call whose app is still starting.
pub(crate) async fn hold(callee: &Core, record: Option<&Record>) -> Held {
    if callee.channel.is_none() || !callee.gate.must_wait() {
        return Held::No;
    }
    if let Some(record) = record {
        record.tell_waiting();
    }
    let held = Box::pin(callee.gate.hold(callee.shared.settings.hold)).await;
    if let Some(record) = record {
        record.mark(Phase::Started);
    }
    held
}

/// A refused connection after waiting in vain is told as what it is.
fn after_waiting(error: InvokeError, held: Held) -> InvokeError {
    match (held, error.kind) {
        (Held::InVain, FailureKind::ConnectionRefused) => InvokeError { kind: FailureKind::StillStarting, ..error },
        _ => error,
    }
}

/// Verbs that Dapr's enumeration has; all others become POST (Verbs).
fn known_verb(verb: &Method) -> Method {
    match verb.as_str() {
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH" => verb.clone(),
        _ => Method::POST,
    }
}

/// Whether an `Accept` header asks for server-sent events and nothing else.
pub(crate) fn asks_for_events(accept: &HeaderValue) -> bool {
    accept.as_bytes().trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
}

/// An answer that is not shaped yet.
struct Answer(Response<AnswerBody>);

/// The rules of server-sent events: a remote app must have answered with success.
fn as_events(mut answer: Response<AnswerBody>, manner: Manner, remote: bool) -> Result<Answer, InvokeError> {
    if !manner.events {
        return Ok(Answer(answer));
    }
    if answer.status().is_success() {
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    } else if remote {
        let text = internal("error invoking app channel: no response received from stream");
        return Err(InvokeError::new(FailureKind::BrokenAnswer, text));
    }
    Ok(Answer(answer))
}

impl Answer {
    /// Gives an answer the type and the framing that Dapr would (Response back to the caller).
    async fn shape(self, manner: Manner) -> Response<AnswerBody> {
        let answer = self.0;
        let from_grpc = answer.extensions().get::<AppStatus>().is_some();
        let mut answer = grpc::callback::for_http(answer);
        let is_error = !(200..400).contains(&answer.status().as_u16());
        let typed = answer.headers().contains_key(CONTENT_TYPE);
        if is_error && !manner.streaming && !from_grpc {
            answer.body_mut().announce_length();
            if !typed {
                answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
        } else if !typed && !answer.headers().contains_key(CONTENT_ENCODING) {
            let guess = answer.body_mut().peek().await.map(|first| sniff::content_type(first));
            if let Some(guess) = guess {
                answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(guess));
            }
        }
        answer
    }
}

impl Invoked {
    /// Tells the record of the answer as the caller gets it, and lets the record see the body.
    pub(crate) fn tell(&mut self) {
        let Some(record) = self.record.take() else { return };
        record.answer(self.response.status().as_u16(), self.response.headers());
        if let Some(failure) = &self.failure {
            record.fail(failure);
        }
        self.response.body_mut().observe(record);
    }
}
