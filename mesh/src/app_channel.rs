//! The way to an app over HTTP (Request to an HTTP app).

use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{FailureFact, FailureKind, Phase};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use tokio::sync::OwnedSemaphorePermit;

use crate::body::{AnswerBody, RequestBody, TOO_LARGE};
use crate::capture::Record;
use crate::error::{InvokeError, request_failed};
use crate::grpc::callback::FromGrpc;
use crate::redirect::{Redirects, Sent};
use crate::slots::Slots;
use crate::trace_context::SpanContext;
use crate::upstream::Origin;
use crate::{headers, method};

/// A request on its way from the caller's sidecar to the app. It is handed on as a box: each function on the way would
/// else keep room for all of it.
pub(crate) struct Invocation {
    /// The verb.
    pub(crate) verb: Method,
    /// The normalized method. One that was asked for over gRPC may have a slash at its start.
    pub(crate) method: Vec<u8>,
    /// The raw query, without `?`; empty for none.
    pub(crate) query: String,
    /// Path and query as the app sees them.
    pub(crate) path: Bytes,
    /// The headers, `Content-Length` included.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: RequestBody,
    /// The span to tell the app of; `None` leaves the headers of traces alone.
    pub(crate) trace: Option<SpanContext>,
    /// The record of the call.
    pub(crate) record: Option<Record>,
    /// What was said besides, where it was asked for over gRPC.
    pub(crate) grpc: Option<Box<FromGrpc>>,
}

/// The way to one app, or to one external URL.
#[derive(Debug)]
pub(crate) struct AppChannel {
    origin: Arc<Origin>,
    token: Option<HeaderValue>,
    slots: Option<Slots>,
    head_limit: usize,
    set: Vec<(HeaderName, HeaderValue)>,
    redirects: Option<Redirects>,
}

impl AppChannel {
    /// A way without connections. `slots` are as many as may be at the app at once, `head_limit` is the largest head of
    /// an answer, in bytes.
    pub(crate) fn new(origin: Arc<Origin>, token: Option<&str>, slots: Option<Slots>, head_limit: usize) -> Self {
        let token = token.and_then(|token| HeaderValue::from_str(token).ok());
        Self { origin, token, slots, head_limit, set: Vec::new(), redirects: None }
    }

    /// Headers that each request gets in place of the caller's.
    pub(crate) fn with_headers(self, set: Vec<(HeaderName, HeaderValue)>) -> Self {
        Self { set, ..self }
    }

    /// Follows redirects.
    pub(crate) fn with_redirects(self, redirects: Redirects) -> Self {
        Self { redirects: Some(redirects), ..self }
    }

    /// Closes connections that have rested for too long.
    pub(crate) fn tidy(&self) {
        self.origin.close_rested();
        if let Some(redirects) = &self.redirects {
            redirects.tidy();
        }
    }

    /// Where it leads.
    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(&self, invocation: Box<Invocation>) -> Result<Response<AnswerBody>, InvokeError> {
        if invocation.grpc.as_ref().is_some_and(|grpc| !grpc.verb) {
            let text = "rpc error: code = InvalidArgument desc = missing HTTP extension field";
            return Err(InvokeError::new(FailureKind::BadRequest, text));
        }
        if invocation.verb == Method::CONNECT {
            let text = "rpc error: code = InvalidArgument desc = invalid HTTP verb";
            return Err(InvokeError::new(FailureKind::BadRequest, text));
        }
        let record = invocation.record.clone();
        let slot = self.slot(record.as_ref()).await?;
        let over_limit = invocation.body.over_limit();
        let verb = invocation.verb.clone();
        let request = self.request(invocation).await?;
        let uri = request.uri().clone();
        let followed = self.redirects.as_ref().map(|redirects| (redirects, Sent::new(&request, &self.url(&uri))));
        let answer = self.origin.send(request, record.as_ref()).await;
        if let Some(record) = &record {
            record.mark(Phase::FirstByte);
        }
        let mut answer = answer.map_err(|error| {
            let url = self.url(&uri);
            if let Some(limit) = over_limit.passed() {
                let text = format!("{} \"{url}\": {TOO_LARGE}", crate::error::go_verb(&verb));
                return InvokeError::new(FailureKind::TooLarge, text).with(FailureFact::BodyLimit(limit));
            }
            request_failed(&verb, &url, &error)
        })?;
        if let Some((redirects, sent)) = followed {
            answer = Box::pin(redirects.follow(sent, answer)).await?;
        }
        self.check_head(&answer, &verb, &uri)?;
        let mut answer = answer.map(AnswerBody::new);
        headers::leave_app(answer.headers_mut());
        answer.body_mut().hold(slot);
        Ok(answer)
    }

    /// Waits until the app may be asked one thing more.
    pub(crate) async fn slot(&self, record: Option<&Record>) -> Result<Option<OwnedSemaphorePermit>, InvokeError> {
        match &self.slots {
            None => Ok(None),
            Some(slots) => slots.take(record).await.map(Some),
        }
    }

    /// A URL of this origin, for error texts.
    fn url(&self, path: impl std::fmt::Display) -> String {
        format!("{}{path}", self.origin.url())
    }

    /// The request as it goes out.
    async fn request(&self, invocation: Box<Invocation>) -> Result<Request<RequestBody>, InvokeError> {
        let Invocation { verb, method, query, mut headers, body, trace, .. } = *invocation;
        let method = method.strip_prefix(b"/").unwrap_or(&method);
        let mut path = method::outgoing(method).map_err(|broken| {
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            let asked = self.url(format_args!("/{}{query}", String::from_utf8_lossy(method)));
            let text = format!("parse {}: invalid URL escape \"{broken}\"", method::quoted(asked.as_bytes()));
            InvokeError::new(FailureKind::BadRequest, text)
        })?;
        if !query.is_empty() {
            path.push(b'?');
            path.extend_from_slice(query.as_bytes());
        }
        let path = Bytes::from(path);
        let uri = Uri::from_maybe_shared(path.clone()).map_err(|error| {
            let asked = self.url(String::from_utf8_lossy(&path));
            InvokeError::new(FailureKind::BadRequest, format!("parse \"{asked}\": {error}"))
        })?;
        headers::enter_app(&mut headers, &self.origin.authority, self.token.as_ref());
        if let Some(trace) = &trace {
            trace.write_to(&mut headers);
        }
        for (name, value) in &self.set {
            headers.insert(name, value.clone());
        }
        let body = frame(&verb, &mut headers, body).await?;
        let mut request = Request::new(body);
        *request.method_mut() = verb;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn check_head<B>(&self, answer: &Response<B>, verb: &Method, uri: &Uri) -> Result<(), InvokeError> {
        let size: usize = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if size <= self.head_limit {
            return Ok(());
        }
        let (limit, url) = (self.head_limit, self.url(uri));
        let text = format!(
            "{} \"{url}\": net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded {limit} bytes; aborted",
            crate::error::go_verb(verb)
        );
        Err(InvokeError::new(FailureKind::TooLarge, text).with(FailureFact::HeadLimit(limit as u64)))
    }
}

/// Go's rules of framing: a known length is announced; of an unknown one only a verb that seldom has a body is asked
/// whether there is any; all else goes in chunks, even if empty.
async fn frame(verb: &Method, headers: &mut HeaderMap, mut body: RequestBody) -> Result<RequestBody, InvokeError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > 0) {
        return Ok(body);
    }
    headers.remove(CONTENT_LENGTH);
    if body.is_nothing() {
        return Ok(body);
    }
    let seldom = [Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS].contains(verb);
    if seldom {
        let any =
            body.has_data().await.map_err(|error| InvokeError::new(FailureKind::BrokenAnswer, error.to_string()))?;
        if !any {
            return Ok(RequestBody::none());
        }
    } else {
        body.send_in_chunks();
    }
    headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    Ok(body)
}
