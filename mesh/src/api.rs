//! The HTTP API of a sidecar: what stands before every request, and which handler takes it.

mod blocks;
mod cors;
mod health;
mod log;
mod metadata;
mod routes;
mod shutdown;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, request};
use hyper::body::Incoming;

pub(crate) use self::log::LogEntry;
pub(crate) use self::metadata::protocol_name;
pub(crate) use self::routes::Routes;
use self::routes::{Found, Handler};
pub(crate) use self::shutdown::ask as ask_to_shut_down;
use crate::body::AnswerBody;
use crate::core::Core;
use crate::headers::API_TOKEN;
use crate::invoke::{self, ApiRequest};
use crate::respond::{empty, text_error, with_type};
use crate::spans::OpenSpan;
use crate::trace_context::{self, BAGGAGE, TRACEPARENT};
use crate::{capture, method};

/// Go lets a head be this much larger than its limit.
const HEAD_SLOP: usize = 4096;

/// The words of Go's router where there is nothing.
const NO_PAGE: &str = "404 page not found";

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
    let asked = Box::new(ApiRequest { at, parts, path, body, trace: begun.clone() });
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
    invoked.tell();
    invoked.response
}

async fn dispatch(core: &Arc<Core>, mut asked: Box<ApiRequest>) -> invoke::Invoked {
    if let Some(response) = cors::preflight(&core.settings.allowed_origins, &asked.parts) {
        return response.into();
    }
    let origin = cors::allowed(&core.settings.allowed_origins, &asked.parts.headers);
    let clean = method::clean(&asked.path).into_owned();
    let mut invoked = if is_denied(core, &mut asked.parts, &clean) {
        with_type(StatusCode::UNAUTHORIZED, "text/plain; charset=utf-8", "invalid api token\n").into()
    } else {
        let log = core.settings.api_logging.then(|| LogEntry::new(core, &asked.parts, &asked.path));
        let path = std::str::from_utf8(&clean).unwrap_or_default();
        let found = core.routes.find(&asked.parts.method, path);
        let route = found.as_ref().map(|found| found.route);
        let mut invoked = match found {
            Some(found) => {
                let path = Bytes::copy_from_slice(asked.parts.uri.path().as_bytes());
                let head = asked.trace.is_some().then(|| capture::request_head(&asked.parts, path));
                invoke::Invoked { head, ..Box::pin(answer(core, found, asked)).await.into() }
            }
            None if core.routes.invoke => invoke::invoke(core, asked).await,
            None => text_error(StatusCode::NOT_FOUND, NO_PAGE).into(),
        };
        if let Some(log) = log {
            watch(core, log, route, &mut invoked);
        }
        invoked
    };
    if let Some(origin) = origin {
        cors::allow(invoked.response.headers_mut(), origin);
    }
    invoked
}

/// Lets the API log see the answer.
fn watch(core: &Core, mut log: LogEntry, route: Option<&routes::Route>, invoked: &mut invoke::Invoked) {
    let is_health = route.is_some_and(|route| matches!(route.handler, Handler::Health | Handler::HealthOutbound));
    if core.settings.omit_health_checks && is_health {
        log.cancel();
        return;
    }
    log.answered(invoked.response.status().as_u16());
    if core.settings.obfuscate_urls {
        log.obfuscate(match (route, &invoked.target) {
            (Some(route), _) => route.name.to_owned(),
            (None, Some(target)) => format!("InvokeService/{target}"),
            (None, None) if core.routes.invoke => "InvokeService".to_owned(),
            (None, None) => String::new(),
        });
    }
    invoked.response.body_mut().log(Box::new(log));
}

async fn answer(core: &Arc<Core>, found: Found<'_>, asked: Box<ApiRequest>) -> Response<AnswerBody> {
    match found.route.handler {
        Handler::Health => health::health(core, health::asked_app_id(asked.parts.uri.query()).as_deref()),
        Handler::HealthOutbound => empty(StatusCode::NO_CONTENT),
        Handler::Metadata => metadata::get(core),
        Handler::SetMetadata => metadata::set(core, found.name.to_owned(), asked.body).await,
        Handler::Shutdown => shutdown::shutdown(core, &asked.parts.headers),
        Handler::Block(block) => block.refuse(found.name, core.id(), asked.body).await,
    }
}

/// Answers a request at the public port: health and metadata only (Listener, public port).
pub(crate) fn handle_public<B>(core: &Core, request: &Request<B>) -> Response<AnswerBody> {
    let path = request.uri().path().trim_matches('/');
    match core.routes.find(request.method(), path).map(|found| found.route.handler) {
        Some(Handler::Health) => health::health(core, health::asked_app_id(request.uri().query()).as_deref()),
        Some(Handler::HealthOutbound) => empty(StatusCode::NO_CONTENT),
        Some(Handler::Metadata) => metadata::get(core),
        _ => text_error(StatusCode::NOT_FOUND, NO_PAGE),
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

impl From<Response<AnswerBody>> for invoke::Invoked {
    fn from(response: Response<AnswerBody>) -> Self {
        Self { response, target: None, head: None, record: None, failure: None }
    }
}

/// Whether the sidecar has come up: its app's port answered, or it has none.
fn is_initialized(core: &Core) -> bool {
    core.initialized.load(Ordering::Acquire)
}
