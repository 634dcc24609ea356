//! Dapr's other building blocks: none of them has a component here, and each says so in Dapr's words. An app that uses one
//! under daptop learns what is missing instead of having its request taken for an invocation.

use http::{Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::json;

use crate::body::AnswerBody;
use crate::core::Core;
use crate::respond::ApiError;

/// A request to a building block that is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    kind: Kind,
    /// The component asked for.
    name: String,
    app_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    State,
    Publish,
    Secrets,
    Binding,
    Lock,
    Actors,
}

/// Verbs and paths, as they are registered. The component's name is the path's next element.
const ROUTES: [(Kind, &[Method], &str); 9] = [
    (Kind::State, &[Method::GET, Method::POST, Method::PUT, Method::DELETE], "v1.0/state/"),
    (Kind::Publish, &[Method::POST, Method::PUT], "v1.0/publish/"),
    (Kind::Secrets, &[Method::GET], "v1.0/secrets/"),
    (Kind::Binding, &[Method::POST, Method::PUT], "v1.0/bindings/"),
    (Kind::Lock, &[Method::POST], "v1.0-alpha1/lock/"),
    (Kind::Lock, &[Method::POST], "v1.0-alpha1/unlock/"),
    (Kind::Actors, &[Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH], "v1.0/actors/"),
    (Kind::State, &[Method::POST, Method::PUT], "v1.0-alpha1/state/"),
    (Kind::Publish, &[Method::POST, Method::PUT], "v1.0-alpha1/publish/bulk/"),
];

/// The building block that a request asks for.
pub(super) fn block(core: &Core, method: &Method, path: &str) -> Option<Block> {
    let (kind, rest) = ROUTES.iter().find_map(|(kind, methods, prefix)| {
        let rest = path.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
        methods.contains(method).then_some((*kind, rest))
    })?;
    let name = rest.split('/').next().unwrap_or_default().to_owned();
    Some(Block { kind, name, app_id: core.id().to_owned() })
}

impl Block {
    /// The answer to it.
    pub(super) async fn refuse(self, body: Incoming) -> Response<AnswerBody> {
        // Dapr reads the body first, and some answers depend on it.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        self.error(&body).response()
    }

    fn error(&self, body: &serde_json::Value) -> ApiError {
        let name = &self.name;
        let internal = StatusCode::INTERNAL_SERVER_ERROR;
        match self.kind {
            Kind::State => ApiError {
                details: Some(self.details("DAPR_STATE_NOT_CONFIGURED")),
                ..ApiError::new(
                    internal,
                    "ERR_STATE_STORE_NOT_CONFIGURED",
                    format!("state store {name} is not configured"),
                )
            },
            Kind::Publish => ApiError {
                details: Some(self.details("DAPR_PUBSUB_NOT_FOUND")),
                ..ApiError::new(StatusCode::NOT_FOUND, "ERR_PUBSUB_NOT_FOUND", format!("pubsub {name} is not found"))
            },
            Kind::Secrets => {
                ApiError::new(internal, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured")
            }
            Kind::Binding => {
                let why = match body["operation"].as_str() {
                    None | Some("") => "operation field is missing from request".to_owned(),
                    Some(_) => format!("couldn't find output binding {name}"),
                };
                let message = format!("error invoking output binding {name}: {why}");
                ApiError::new(internal, "ERR_INVOKE_OUTPUT_BINDING", message)
            }
            Kind::Lock if body["expiryInSeconds"].as_i64().unwrap_or_default() <= 0 => {
                let message = format!("ExpiryInSeconds is not positive in lock store {name}");
                ApiError::new(StatusCode::BAD_REQUEST, "ERR_MALFORMED_REQUEST", message)
            }
            Kind::Lock => ApiError::new(internal, "ERR_LOCK_STORE_NOT_CONFIGURED", "lock store is not configured"),
            Kind::Actors => {
                let message = "placement service is not configured";
                ApiError::new(StatusCode::BAD_REQUEST, "ERR_ACTOR_NO_PLACEMENT", message)
            }
        }
    }

    fn details(&self, reason: &str) -> String {
        json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "domain": "dapr.io",
            "metadata": { "appID": self.app_id },
            "reason": reason,
        }])
        .to_string()
    }
}
