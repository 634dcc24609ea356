//! `AppCallback.OnInvoke`: how an app that speaks gRPC is invoked by those who do not name one of its own methods
//! (gRPC app channel; HTTP API to a gRPC app).

use daptop_model::Phase;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, TE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use prost::Message as _;
use tokio::time::Instant;
use tonic::Code;

use super::app::GrpcApp;
use super::rpc_status::RpcStatus;
use super::timeout::GRPC_TIMEOUT;
use super::{binary, details, metadata, status, whole};
use crate::app_channel::Invocation;
use crate::body::AnswerBody;
use crate::core::Core;
use crate::error::InvokeError;
use crate::remote::proto::common::v1::http_extension::Verb;
use crate::remote::proto::common::v1::{HttpExtension, InvokeRequest, InvokeResponse};
use crate::respond::ApiError;
use crate::trace_context::{GRPC_TRACE_BIN, TRACEPARENT, TRACESTATE, encode_binary};

const ON_INVOKE: &str = "/dapr.proto.runtime.v1.AppCallback/OnInvoke";
const HEALTH_CHECK: &str = "/dapr.proto.runtime.v1.AppCallbackHealthCheck/HealthCheck";

/// What an app told over gRPC next to its answer; it travels along with the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppStatus {
    /// The number of its status.
    pub(crate) code: i32,
    /// The status in words.
    pub(crate) message: String,
    /// What else was told.
    pub(crate) details: Vec<prost_types::Any>,
    /// Metadata after the message.
    pub(crate) trailers: HeaderMap,
    /// What the data is; `None` where there is none.
    pub(crate) type_url: Option<String>,
}

/// An answer that stands for an app that was not reached; it travels along with it.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered(pub(crate) InvokeError);

/// What a caller of `InvokeService` said that no HTTP request can say.
#[derive(Clone, Debug)]
pub(crate) struct FromGrpc {
    /// What the data is; `None` where there is none.
    pub(crate) type_url: Option<String>,
    /// It said how to ask an app that speaks HTTP.
    pub(crate) verb: bool,
    /// When its patience ends.
    pub(crate) deadline: Option<Instant>,
}

/// Headers that HTTP itself has; as metadata they get a prefix.
const OF_HTTP: [&str; 28] = [
    "accept",
    "accept-charset",
    "accept-language",
    "accept-ranges",
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "cache-control",
    "content-type",
    "content-length",
    "cookie",
    "date",
    "expect",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-schedule-tag-match",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "referer",
    "via",
    "warning",
];

/// Headers as metadata: those of HTTP itself get a prefix, those of gRPC itself do not pass.
pub(super) fn as_metadata(headers: &HeaderMap, of_http: bool) -> HeaderMap {
    let mut metadata = HeaderMap::with_capacity(headers.len() + 4);
    for (name, value) in headers {
        let text = name.as_str();
        if of_http && OF_HTTP.contains(&text) {
            if let Ok(prefixed) = HeaderName::try_from(format!("dapr-{text}")) {
                metadata.append(prefixed, value.clone());
            }
        } else if !is_reserved(name) {
            metadata.append(name.clone(), value.clone());
        }
    }
    metadata
}

/// What gRPC, or the sidecar, says itself.
fn is_reserved(name: &HeaderName) -> bool {
    let own = [CONTENT_TYPE, USER_AGENT, TE, HOST, GRPC_TIMEOUT, GRPC_TRACE_BIN, TRACEPARENT, TRACESTATE];
    let text = name.as_str();
    own.contains(name)
        || matches!(text, "dapr-authority" | "destination-app-id" | "grpc-encoding" | "grpc-message" | "grpc-status")
        || matches!(text, "grpc-message-type" | "grpc-status-details-bin")
}

/// Invokes the app. What it answers is an answer, whatever its status, and so is that it cannot be reached; the caller's
/// patience is not told to it.
pub(crate) async fn invoke(
    core: &Core,
    app: &GrpcApp,
    invocation: Box<Invocation>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let Invocation { verb, method, query, headers, body, trace, record, grpc, .. } = *invocation;
    let mut metadata = as_metadata(&headers, grpc.is_none());
    // Of a caller over gRPC it tells the length for apps that speak HTTP.
    metadata.remove(CONTENT_LENGTH);
    match &trace {
        Some(span) => {
            span.write_to(&mut metadata);
            metadata.insert(GRPC_TRACE_BIN, binary::encode(&encode_binary(span)));
        }
        None => pass_trace(&headers, &mut metadata),
    }
    metadata::leave_caller(&mut metadata);
    metadata::enter_app(&mut metadata, app.token.as_ref());
    let data = body
        .collect()
        .await
        .map_err(|error| InvokeError::new(daptop_model::FailureKind::TooLarge, error.to_string()))?;
    let has_verb = grpc.as_ref().is_none_or(|grpc| grpc.verb);
    let content_type = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let message = InvokeRequest {
        method: String::from_utf8_lossy(&method).into_owned(),
        data: Some(prost_types::Any {
            type_url: grpc.and_then(|grpc| grpc.type_url).unwrap_or_default(),
            value: data.to_bytes().into(),
        }),
        content_type: content_type.to_owned(),
        http_extension: has_verb.then(|| extension(&verb, query)),
    };
    let limit = core.settings.max_body_size;
    if let Some(record) = &record {
        record.mark(Phase::Connected);
    }
    let called = whole::call(&app.place, ON_INVOKE, metadata, &message.encode_to_vec(), limit, record.as_ref()).await;
    if let Some(record) = &record {
        record.mark(Phase::FirstByte);
    }
    Ok(match called {
        Ok(answer) => answered(answer),
        Err(refusal) => {
            let status = AppStatus {
                code: refusal.status.code() as i32,
                message: refusal.status.message().to_owned(),
                ..AppStatus::default()
            };
            let mut response = respond(status, HeaderMap::new(), Vec::new());
            response.extensions_mut().insert(Unanswered(refusal.error()));
            response
        }
    })
}

fn pass_trace(headers: &HeaderMap, metadata: &mut HeaderMap) {
    for name in [TRACEPARENT, TRACESTATE, GRPC_TRACE_BIN] {
        if let Some(value) = headers.get(&name) {
            metadata.insert(name, value.clone());
        }
    }
}

fn extension(verb: &Method, query: String) -> HttpExtension {
    let verb = Verb::from_str_name(verb.as_str()).unwrap_or(Verb::Post);
    HttpExtension { verb: verb.into(), querystring: query }
}

fn answered(answer: whole::Answer) -> Response<AnswerBody> {
    let whole::Answer { mut metadata, message, trailers } = answer;
    let code = status::code(&trailers).unwrap_or(Code::Unknown as i32);
    let told = RpcStatus::of(&trailers);
    let message = InvokeResponse::decode(message).unwrap_or_default();
    let (type_url, value) = message.data.map_or((None, Vec::new()), |data| (Some(data.type_url), data.value));
    metadata.remove(CONTENT_TYPE);
    if let Ok(kind) = HeaderValue::from_str(&message.content_type)
        && !kind.is_empty()
    {
        metadata.insert(CONTENT_TYPE, kind);
    }
    if type_url.as_deref().is_some_and(|url| !url.is_empty()) {
        metadata.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    }
    let status = AppStatus {
        code,
        message: status::words(&trailers),
        details: told.map(|told| told.details).unwrap_or_default(),
        trailers,
        type_url,
    };
    respond(status, metadata, value)
}

fn respond(status: AppStatus, metadata: HeaderMap, data: Vec<u8>) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::bytes(data.into()));
    *response.status_mut() = as_http(Code::from(status.code));
    *response.headers_mut() = metadata;
    response.extensions_mut().insert(status);
    response
}

/// The answer of an app behind another sidecar.
pub(crate) fn over_the_wire(
    mut answer: Response<AnswerBody>,
    told: AppStatus,
    mut metadata: HeaderMap,
    content_type: &str,
) -> Response<AnswerBody> {
    metadata.remove(CONTENT_TYPE);
    if let Ok(kind) = HeaderValue::from_str(content_type)
        && !kind.is_empty()
    {
        metadata.insert(CONTENT_TYPE, kind);
    }
    *answer.status_mut() = as_http(Code::from(told.code));
    *answer.headers_mut() = metadata;
    answer.extensions_mut().insert(told);
    answer
}

/// Asks the app's health service (App health).
pub(crate) async fn is_healthy(app: &GrpcApp) -> bool {
    let mut metadata = HeaderMap::new();
    metadata::leave_caller(&mut metadata);
    metadata::enter_app(&mut metadata, app.token.as_ref());
    let asked = whole::call(&app.place, HEALTH_CHECK, metadata, &[], None, None).await;
    asked.is_ok_and(|answer| status::code(&answer.trailers) == Some(0))
}

/// The status of an HTTP answer that stands for a status of gRPC (HTTP API to a gRPC app).
fn as_http(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => StatusCode::REQUEST_TIMEOUT,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer of an app that speaks gRPC as a caller over HTTP gets it: an error is told as JSON, without a type.
pub(crate) fn for_http(answer: Response<AnswerBody>) -> Response<AnswerBody> {
    let Some(status) = answer.extensions().get::<AppStatus>() else { return answer };
    let json = (status.code != 0).then(|| details::in_json(status));
    let mut answer = answer;
    crate::headers::leave_app(answer.headers_mut());
    match json {
        None => {}
        Some(Ok(json)) => {
            answer.headers_mut().remove(CONTENT_TYPE);
            *answer.body_mut() = AnswerBody::bytes(json.into());
        }
        Some(Err(error)) => {
            let code = "ERR_MALFORMED_RESPONSE";
            let told = ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, code, error).response();
            *answer.status_mut() = told.status();
            answer.headers_mut().extend(told.headers().clone());
            *answer.body_mut() = told.into_body();
        }
    }
    answer
}
