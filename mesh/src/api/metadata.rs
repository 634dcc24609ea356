//! `GET /v1.0/metadata` and `PUT /v1.0/metadata/{key}` (Metadata).

use std::collections::BTreeMap;
use std::sync::PoisonError;

use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Serialize;

use crate::AppProtocol;
use crate::body::{AnswerBody, TOO_LARGE};
use crate::core::Core;
use crate::respond::{ApiError, empty, json};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    id: &'a str,
    runtime_version: &'a str,
    extended: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    http_endpoints: Vec<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_connection_properties: Option<AppConnection<'a>>,
    actor_runtime: ActorRuntime,
    workflows: Workflows,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AppConnection<'a> {
    port: u16,
    protocol: &'static str,
    channel_address: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_concurrency: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<Health<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Health<'a> {
    #[serde(rename = "healthCheckPath")]
    path: &'a str,
    #[serde(rename = "healthProbeInterval")]
    interval: String,
    #[serde(rename = "healthProbeTimeout")]
    timeout: String,
    #[serde(rename = "healthThreshold")]
    threshold: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActorRuntime {
    runtime_status: &'static str,
    host_ready: bool,
    placement: &'static str,
}

#[derive(Serialize)]
struct Workflows {}

/// The metadata of a sidecar; a line break ends it, as Go's encoder does.
pub(super) fn get(core: &Core) -> Response<AnswerBody> {
    let mut extended = core.extended.lock().unwrap_or_else(PoisonError::into_inner).clone();
    extended.insert("daprRuntimeVersion".to_owned(), crate::RUNTIME_VERSION.to_owned());
    let metadata = Metadata {
        id: core.id(),
        runtime_version: crate::RUNTIME_VERSION,
        extended,
        http_endpoints: core.settings.http_endpoints.iter().map(|endpoint| Named { name: endpoint.name() }).collect(),
        app_connection_properties: connection(core),
        actor_runtime: ActorRuntime {
            runtime_status: "DISABLED",
            host_ready: false,
            placement: "placement: disconnected",
        },
        workflows: Workflows {},
    };
    match serde_json::to_string(&metadata) {
        Ok(text) => json(StatusCode::OK, text + "\n"),
        Err(error) => {
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_METADATA_GET", error.to_string()).response()
        }
    }
}

fn connection(core: &Core) -> Option<AppConnection<'_>> {
    let settings = &core.settings;
    Some(AppConnection {
        port: settings.app_port?,
        protocol: protocol_name(settings.app_protocol),
        channel_address: &settings.app_channel_address,
        max_concurrency: settings.app_max_concurrency,
        health: settings.health.as_ref().map(|health| Health {
            path: &health.path,
            interval: format!("{}s", health.interval.as_secs()),
            timeout: format!("{}ms", health.timeout.as_millis()),
            threshold: health.threshold,
        }),
    })
}

/// A protocol as `--app-protocol` has it.
pub(crate) fn protocol_name(protocol: AppProtocol) -> &'static str {
    match protocol {
        AppProtocol::Http => "http",
        AppProtocol::Https => "https",
        AppProtocol::H2c => "h2c",
        AppProtocol::Grpc => "grpc",
        AppProtocol::Grpcs => "grpcs",
    }
}

/// Sets an entry of `extended` to the request's body.
pub(super) async fn set(core: &Core, key: String, body: Incoming) -> Response<AnswerBody> {
    let limit = core.settings.max_body_size.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    match Limited::new(body, limit).collect().await {
        Ok(value) => {
            let value = String::from_utf8_lossy(&value.to_bytes()).into_owned();
            core.extended.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
            empty(StatusCode::NO_CONTENT)
        }
        Err(error) => {
            let text = if error.is::<LengthLimitError>() { TOO_LARGE.to_owned() } else { error.to_string() };
            let message = format!("failed to read request body: {text}");
            ApiError::new(StatusCode::BAD_REQUEST, "ERR_BODY_READ", message).response()
        }
    }
}
