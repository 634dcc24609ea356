//! Name resolution through a Consul agent and its HTTP API (Name resolution, consul).

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::Instance;
use crate::ConsulResolution;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 4 << 20;

/// The resolver.
#[derive(Debug)]
pub(crate) struct Consul {
    settings: ConsulResolution,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A service that is healthy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Healthy {
    #[serde(default)]
    node: Place,
    #[serde(default)]
    service: Place,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Place {
    #[serde(default)]
    address: String,
    #[serde(default)]
    meta: Option<std::collections::BTreeMap<String, String>>,
}

impl Consul {
    /// A resolver that has asked nothing.
    pub(super) fn new(settings: ConsulResolution) -> Self {
        Self { settings, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// One of the healthy sidecars of an app, at random.
    pub(super) async fn find(&self, app_id: &str) -> Result<String, String> {
        let query = &self.settings.query;
        let path = format!("/v1/health/service/{}?passing=1{query}", escaped(app_id));
        let failed = |error| format!("failed to query healthy consul services: {error}");
        let answer = self.ask(Method::GET, &path, None).await.map_err(failed)?;
        let mut healthy: Vec<Healthy> = serde_json::from_slice(&answer).map_err(|error| failed(error.to_string()))?;
        let none = || format!("no healthy services found with AppID '{app_id}'");
        if healthy.is_empty() {
            return Err(none());
        }
        let Healthy { node, service } = healthy.swap_remove(fastrand::usize(..healthy.len()));
        let port = service.meta.as_ref().and_then(|meta| meta.get(&self.settings.port_key));
        let port = port.filter(|port| !port.is_empty());
        let port =
            port.ok_or_else(|| format!("target service AppID '{app_id}' found but DAPR_PORT missing from meta"))?;
        let address = [service.address, node.address].into_iter().find(|address| !address.is_empty());
        let address = address.ok_or_else(none)?;
        // An address of IPv6 has colons of its own.
        Ok(if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") })
    }

    /// Registers a sidecar where that is wanted, and takes it back when it is stopped, where that is wanted too.
    pub(super) async fn attend(&self, instance: &Instance, stop: CancellationToken) -> Result<(), String> {
        let Some(service) = self.registration(instance) else {
            let checked = self.ask(Method::GET, "/v1/agent/self", None).await;
            return checked.map(drop).map_err(|error| format!("failed check on consul agent: {error}"));
        };
        let registered = self.ask(Method::PUT, "/v1/agent/service/register", Some(&service)).await;
        registered.map_err(|error| format!("failed to register consul service: {error}"))?;
        let (app_id, scope) = (&instance.app_id, "dapr.contrib");
        let name = service["Name"].as_str().unwrap_or_default();
        tracing::info!(app_id, scope, "service:{name} registered on consul agent");
        stop.cancelled().await;
        let Some(id) = service["ID"].as_str().filter(|_| self.settings.self_deregister) else { return Ok(()) };
        let gone = self.ask(Method::PUT, &format!("/v1/agent/service/deregister/{}", escaped(id)), None).await;
        gone.map(drop).map_err(|error| format!("failed to deregister consul service: {error}"))
    }

    fn registration(&self, instance: &Instance) -> Option<Value> {
        let settings = &self.settings;
        let mut service = match &settings.advanced {
            Some(advanced) => advanced.clone(),
            None if settings.self_register => self.own(instance),
            None => return None,
        };
        if !service["Meta"].is_object() {
            service["Meta"] = json!({});
        }
        service["Meta"][&settings.port_key] = json!(instance.internal_port.to_string());
        Some(service)
    }

    fn own(&self, instance: &Instance) -> Value {
        let Instance { app_id, address, .. } = instance;
        let http_port = instance.http_port.unwrap_or_default();
        let id = format!("{app_id}-{address}-{http_port}");
        let host = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
        let checks = self.settings.checks.clone().unwrap_or_else(|| {
            json!([{
                "Name": "Dapr Health Status",
                "CheckID": format!("daprHealth:{id}"),
                "Interval": "15s",
                "HTTP": format!("http://{host}:{http_port}/v1.0/healthz?appid={}", escaped(app_id)),
            }])
        });
        json!({
            "ID": id,
            "Name": app_id,
            "Address": address.to_string(),
            "Port": instance.app_port.unwrap_or_default(),
            "Checks": checks,
            "Tags": self.settings.tags,
            "Meta": self.settings.meta,
        })
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Bytes, String> {
        let url = format!("http://{}{path}", self.settings.address);
        let mut request = Request::builder().method(method.clone()).uri(&url);
        if let Some(token) = &self.settings.token {
            request = request.header("x-consul-token", token);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::from(body)).map_err(|error| error.to_string())?;
        let asked = async {
            let answer = self.client.request(request).await.map_err(|error| told(&error))?;
            let status = answer.status();
            let read = Limited::new(answer.into_body(), LARGEST).collect().await;
            let body = read.map_err(|error| error.to_string())?.to_bytes();
            if status.is_success() {
                return Ok(body);
            }
            let text = String::from_utf8_lossy(&body);
            Err(format!("Unexpected response code: {} ({})", status.as_u16(), text.trim()))
        };
        let asked = tokio::time::timeout(PATIENCE, asked).await;
        asked.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}"))).map_err(|error| {
            let verb = crate::error::go_verb(&method);
            if error.starts_with("Unexpected") { error } else { format!("{verb} \"{url}\": {error}") }
        })
    }
}

/// The innermost reason.
fn told(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), told)
}

/// A piece of a path or of a query.
fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
