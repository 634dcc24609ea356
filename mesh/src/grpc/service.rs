//! `dapr.proto.runtime.v1.Dapr`: the methods that a sidecar has itself, and a sentence for those that daptop has not.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use daptop_model::Stamp;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::body::Incoming;
use prost::Message as _;
use tokio::time::Instant;
use tonic::Status;

use super::invoke_service;
use super::observed::Observed;
use super::proto::{
    ActorRuntime, AppConnectionHealthProperties, AppConnectionProperties, GetMetadataRequest, GetMetadataResponse,
    InvokeServiceRequest, MetadataHttpEndpoint, MetadataWorkflows, SetMetadataRequest, ShutdownRequest,
    actor_runtime::ActorRuntimeStatus,
};
use super::reply::Reply;
use super::status::Refusal;
use super::whole::{self, Whole};
use super::{access, binary, metadata, proxy, rpc_status};
use crate::api;
use crate::core::Core;
use crate::replay::Mark;
use crate::spans::OpenSpan;
use crate::trace_context::{self, BAGGAGE, Begun, GRPC_TRACE_BIN, encode_binary};

/// The start of the path of every method.
pub(super) const SERVICE: &str = "/dapr.proto.runtime.v1.Dapr/";

/// A call of a method of the sidecar's own.
pub(super) struct Asked<'a> {
    /// The sidecar.
    pub(super) core: &'a Arc<Core>,
    /// When the head was received.
    pub(super) at: Stamp,
    /// The metadata.
    pub(super) metadata: HeaderMap,
    /// What the caller calls the sidecar.
    pub(super) authority: Option<Authority>,
    /// When the caller's patience ends.
    pub(super) deadline: Option<Instant>,
    /// Its span.
    pub(super) begun: Option<Begun>,
    /// What call it repeats.
    pub(super) replay: Option<Mark>,
}

/// Answers a method of the service; `None` for a name that the service does not have, which is proxied like any other.
pub(super) fn has(method: &str) -> bool {
    access::group(method).is_some()
}

/// Answers a method that the service has.
pub(super) async fn answer(core: &Arc<Core>, method: String, request: Request<Incoming>) -> Response<Reply> {
    let at = core.shared.events.now();
    let (mut parts, body) = request.into_parts();
    let content_type = proxy::content_type(&parts.headers);
    if !access::is_there(&core.settings.grpc_access, &method) {
        let status =
            rpc_status::of_http(501, "requested endpoint is not available").unwrap_or(Status::unimplemented(""));
        return Whole::error(&status).response(content_type);
    }
    let begun = core.tracing.begin(metadata::parent(&parts.headers));
    let mut observed = Observed::new(None);
    let is_invocation = method == "InvokeService";
    if let Some(open) = OpenSpan::of(core, at, begun.as_ref()).filter(|_| !is_invocation) {
        observed.span(core, open, false, proxy::head(&parts));
    }
    let baggage = if begun.is_some() { trace_context::baggage(&parts.headers) } else { Ok(None) };
    let baggage = match baggage {
        Ok(baggage) => baggage,
        Err(error) => return Whole::error(&Status::invalid_argument(error.to_string())).response(content_type),
    };
    let deadline = proxy::deadline(&parts.headers);
    let authority = parts.uri.authority().cloned();
    let replay = parts.extensions.remove();
    let (begun_too, patience) = (begun.clone(), deadline.as_ref().ok().copied().flatten());
    let asked = Asked { core, at, metadata: parts.headers, authority, deadline: patience, begun: begun_too, replay };
    let answered = async {
        let deadline = deadline?;
        let limit = core.settings.max_body_size;
        proxy::within(deadline, async {
            let message = whole::read(body, &asked.metadata, limit).await?;
            Ok(call(&method, asked, message).await)
        })
        .await
    };
    let mut whole = answered.await.unwrap_or_else(|refusal: Refusal| Whole::error(&refusal.status));
    if let Some(begun) = begun.filter(|_| !is_invocation) {
        whole.metadata.insert(GRPC_TRACE_BIN, binary::encode(&encode_binary(&begun.context)));
    }
    if let Some(baggage) = baggage {
        whole.metadata.insert(BAGGAGE, baggage);
    }
    observed.end(&whole.trailers, daptop_model::BodyEnd::Complete);
    whole.response(content_type)
}

async fn call(method: &str, asked: Asked<'_>, message: Bytes) -> Whole {
    let core = asked.core;
    match method {
        "InvokeService" => match InvokeServiceRequest::decode(message) {
            Ok(request) => invoke_service::invoke(asked, request).await,
            Err(error) => unread(&error),
        },
        "GetMetadata" => match GetMetadataRequest::decode(message) {
            Ok(GetMetadataRequest {}) => Whole::message(&describe(core)),
            Err(error) => unread(&error),
        },
        "SetMetadata" => match SetMetadataRequest::decode(message) {
            Ok(SetMetadataRequest { key, value }) => {
                core.extended.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
                Whole::message(&())
            }
            Err(error) => unread(&error),
        },
        "Shutdown" => match ShutdownRequest::decode(message) {
            Ok(ShutdownRequest {}) => {
                api::ask_to_shut_down(core, &asked.metadata);
                Whole::message(&())
            }
            Err(error) => unread(&error),
        },
        other => Whole::error(&Status::unimplemented(access::sentence(other))),
    }
}

fn unread(error: &prost::DecodeError) -> Whole {
    Whole::error(&Status::internal(format!("grpc: error unmarshalling request: {error}")))
}

/// What `GET /v1.0/metadata` tells (Metadata).
fn describe(core: &Core) -> GetMetadataResponse {
    let settings = &core.settings;
    let extended = core.extended.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut extended: HashMap<String, String> = extended.into_iter().collect();
    extended.insert("daprRuntimeVersion".to_owned(), crate::RUNTIME_VERSION.to_owned());
    let health = settings.health.as_ref().map(|health| AppConnectionHealthProperties {
        health_check_path: health.path.clone(),
        health_probe_interval: format!("{}s", health.interval.as_secs()),
        health_probe_timeout: format!("{}ms", health.timeout.as_millis()),
        health_threshold: i32::try_from(health.threshold).unwrap_or(i32::MAX),
    });
    let connection = settings.app_port.map(|port| AppConnectionProperties {
        port: i32::from(port),
        protocol: api::protocol_name(settings.app_protocol).to_owned(),
        channel_address: settings.app_channel_address.clone(),
        max_concurrency: settings.app_max_concurrency.and_then(|most| i32::try_from(most).ok()).unwrap_or_default(),
        health,
    });
    let endpoints = settings.http_endpoints.iter();
    GetMetadataResponse {
        id: core.id().to_owned(),
        extended_metadata: extended,
        http_endpoints: endpoints.map(|endpoint| MetadataHttpEndpoint { name: endpoint.name().to_owned() }).collect(),
        app_connection_properties: connection,
        runtime_version: crate::RUNTIME_VERSION.to_owned(),
        enabled_features: Vec::new(),
        actor_runtime: Some(ActorRuntime {
            runtime_status: ActorRuntimeStatus::Disabled.into(),
            host_ready: false,
            placement: "placement: disconnected".to_owned(),
        }),
        workflows: Some(MetadataWorkflows::default()),
    }
}

/// Checks the API token and takes it away; the status of a call that may not go on (API auth failure).
pub(super) fn check_token(core: &Core, metadata: &mut HeaderMap) -> Option<Status> {
    let token = core.settings.api_token.as_ref()?;
    let sent: Option<HeaderValue> = metadata.remove(crate::headers::API_TOKEN);
    let text = match sent {
        None => "missing api token in request metadata",
        Some(sent) if sent.as_bytes() != token.as_bytes() => "authentication error: api token mismatch",
        Some(_) => return None,
    };
    rpc_status::of_http(401, text)
}
