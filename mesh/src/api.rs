//! The HTTP API of a sidecar: what stands before every request, and which handler takes it.

mod blocks;
mod cors;
mod health;
mod metadata;
mod shutdown;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, Method, Request, Response, StatusCode, request};
use hyper::body::Incoming;

use crate::body::AnswerBody;
use crate::core::Core;
use crate::headers::{API_TOKEN, BAGGAGE};
use crate::invoke::{self, ApiRequest};
use crate::respond::{empty, text_error, with_type};
use crate::spans::OpenSpan;
use crate::trace_context::{self, TRACEPARENT};
use crate::{capture, method};

/// Go lets a head be this much larger than its limit.
const HEAD_SLOP: usize = 4096;

/// Answers a request at the HTTP API.
pub(crate) async fn handle(
    core: Arc<Core>,
    request: Request<Incoming>,
    peer: Option<SocketAddr>,
) -> Response<AnswerBody> {
    let at = core.shared.events.now();
    let (parts, body) = request.into_parts();
    if head_size(&parts) > core.settings.read_buffer_size + HEAD_SLOP {
        return too_large_head();
    }
    let Some(path) = method::decode(parts.uri.path().as_bytes()).map(Cow::into_owned) else {
        return with_type(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", "400 Bad Request");
    };
    let begun = core.tracing.begin_request(parts.uri.path(), &parts.headers);
    let mut baggage = None;
    if begun.is_some() {
        match trace_context::baggage(&parts.headers) {
            Ok(found) => baggage = found,
            Err(error) => return text_error(StatusCode::BAD_REQUEST, error.to_string()),
        }
    }
    let span = OpenSpan::of(&core, at, begun.as_ref());
    let log = core.settings.api_logging.then(|| LogEntry::of(&parts));
    let asked = ApiRequest { at, parts, path, body, trace: begun.clone() };
    let mut invoked = dispatch(&core, asked).await;
    let headers = invoked.response.headers_mut();
    if let Some(begun) = &begun
        && !headers.contains_key(TRACEPARENT)
    {
        begun.context.write_to(headers);
    }
    if let Some(baggage) = baggage {
        headers.insert(BAGGAGE, baggage);
    }
    if let (Some(span), Some(head)) = (span, invoked.head.take()) {
        span.end_request(&core, head, invoked.target.take(), invoked.response.status().as_u16(), peer);
    }
    if let Some(log) = log {
        log.write(&core, at, invoked.response.status());
    }
    invoked.tell();
    invoked.response
}

async fn dispatch(core: &Arc<Core>, mut asked: ApiRequest) -> invoke::Invoked {
    if let Some(response) = cors::preflight(&core.settings.allowed_origins, &asked.parts) {
        return response.into();
    }
    let origin = cors::allowed(&core.settings.allowed_origins, &asked.parts.headers);
    let clean = method::clean(&asked.path).into_owned();
    let mut invoked = if is_denied(core, &mut asked.parts, &clean) {
        with_type(StatusCode::UNAUTHORIZED, "text/plain; charset=utf-8", "invalid api token\n").into()
    } else {
        match own_route(core, &asked.parts, &clean) {
            Some(route) => {
                let path = Bytes::copy_from_slice(asked.parts.uri.path().as_bytes());
                let head = asked.trace.is_some().then(|| capture::request_head(&asked.parts, path));
                invoke::Invoked { head, ..Box::pin(answer(core, route, asked)).await.into() }
            }
            None => invoke::invoke(core, asked).await,
        }
    };
    if let Some(origin) = origin {
        cors::allow(invoked.response.headers_mut(), origin);
    }
    invoked
}

/// A path of the API that is not invocation. A registered path goes before every form of target.
#[derive(Debug, PartialEq, Eq)]
enum Route {
    Health { app_id: Option<String> },
    HealthOutbound,
    Metadata,
    SetMetadata(String),
    Shutdown,
    Block(blocks::Block),
}

fn own_route(core: &Core, parts: &request::Parts, clean: &[u8]) -> Option<Route> {
    let path = std::str::from_utf8(clean).ok()?;
    let rest = path.strip_prefix("v1.0")?;
    match (&parts.method, rest) {
        (&Method::GET, "/healthz") => Some(Route::Health { app_id: health::asked_app_id(parts.uri.query()) }),
        (&Method::GET, "/healthz/outbound") => Some(Route::HealthOutbound),
        (&Method::GET, "/metadata") => Some(Route::Metadata),
        (&Method::POST, "/shutdown") => Some(Route::Shutdown),
        (&Method::PUT, _) if rest.starts_with("/metadata/") => {
            let key = rest.strip_prefix("/metadata/").filter(|key| !key.is_empty() && !key.contains('/'))?;
            Some(Route::SetMetadata(key.to_owned()))
        }
        _ => blocks::block(core, &parts.method, path).map(Route::Block),
    }
}

async fn answer(core: &Arc<Core>, route: Route, asked: ApiRequest) -> Response<AnswerBody> {
    match route {
        Route::Health { app_id } => health::health(core, app_id.as_deref()),
        Route::HealthOutbound => empty(StatusCode::NO_CONTENT),
        Route::Metadata => metadata::get(core),
        Route::SetMetadata(key) => metadata::set(core, key, asked.body).await,
        Route::Shutdown => shutdown::shutdown(core, &asked.parts.headers),
        Route::Block(block) => block.refuse(asked.body).await,
    }
}

/// Answers a request at the public port: health and metadata only (Listener, public port).
pub(crate) fn handle_public<B>(core: &Core, request: &Request<B>) -> Response<AnswerBody> {
    let path = request.uri().path();
    match (request.method(), path.trim_end_matches('/')) {
        (&Method::GET, "/v1.0/healthz") => health::health(core, health::asked_app_id(request.uri().query()).as_deref()),
        (&Method::GET, "/v1.0/healthz/outbound") => empty(StatusCode::NO_CONTENT),
        (&Method::GET, "/v1.0/metadata") => metadata::get(core),
        _ => text_error(StatusCode::NOT_FOUND, "404 page not found"),
    }
}

/// Answers every request at the metrics port: none are kept yet, and a scraper is told so.
pub(crate) fn no_metrics() -> Response<AnswerBody> {
    text_error(StatusCode::NOT_IMPLEMENTED, "daptop keeps no metrics; see `daptop calls` and the dashboard")
}

/// Checks the API token, and takes it away before the request goes on. Health may be asked without one.
fn is_denied(core: &Core, parts: &mut request::Parts, clean: &[u8]) -> bool {
    let Some(token) = &core.settings.api_token else { return false };
    if parts.method == Method::GET && clean.starts_with(b"v1.0/healthz") {
        return false;
    }
    parts.headers.remove(API_TOKEN).is_none_or(|sent| sent.as_bytes() != token.as_bytes())
}

fn head_size(parts: &request::Parts) -> usize {
    let line = parts.method.as_str().len() + parts.uri.path_and_query().map_or(1, |path| path.as_str().len()) + 12;
    line + parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>()
}

fn too_large_head() -> Response<AnswerBody> {
    let text = "431 Request Header Fields Too Large";
    let mut response = with_type(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "text/plain; charset=utf-8", text);
    response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}

/// A line of the API log (Tokens, allowlist, logging, CORS).
struct LogEntry {
    method: String,
    user_agent: String,
}

impl LogEntry {
    fn of(parts: &request::Parts) -> Self {
        Self { method: format!("{} {}", parts.method, parts.uri.path()), user_agent: user_agent(&parts.headers) }
    }

    fn write(self, core: &Core, at: daptop_model::Stamp, status: StatusCode) {
        let duration = core.shared.events.now().since(at).as_millis();
        let Self { method, user_agent } = self;
        tracing::info!(
            app_id = core.id(),
            scope = "dapr.runtime.http-info",
            method,
            useragent = user_agent,
            code = status.as_u16(),
            duration = u64::try_from(duration).unwrap_or(u64::MAX),
            "HTTP API Called"
        );
    }
}

fn user_agent(headers: &HeaderMap) -> String {
    headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()).unwrap_or_default()
}

impl From<Response<AnswerBody>> for invoke::Invoked {
    fn from(response: Response<AnswerBody>) -> Self {
        Self { response, target: None, head: None, record: None, failure: None }
    }
}

/// Whether the sidecar has come up: its app's port answered, or it has none.
fn is_initialized(core: &Core) -> bool {
    core.initialized.load(Ordering::Acquire)
}
