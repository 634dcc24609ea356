//! Dapr's other building blocks: none of them has a component here, and each says so in Dapr's words. An app that uses one
//! under daptop learns what is missing instead of having its request taken for an invocation.

use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::body::AnswerBody;
use crate::respond::ApiError;

/// A building block that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// State stores.
    State,
    /// Publishing to topics.
    Publish,
    /// Secret stores.
    Secrets,
    /// Output bindings.
    Binding,
    /// Taking a lock.
    Lock,
    /// Giving a lock back.
    Unlock,
    /// Actors, and workflows, which stand on them.
    Actors,
    /// Configuration stores.
    Configuration,
    /// Encryption.
    Crypto,
    /// Conversations.
    Conversation,
    /// Jobs.
    Jobs,
}

impl Block {
    /// The answer to a request to the component `name`.
    pub(super) async fn refuse(self, name: &str, app_id: &str, body: Incoming) -> Response<AnswerBody> {
        // Dapr reads the body first, and some answers depend on it.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        self.error(name, app_id, &body).response()
    }

    fn error(self, name: &str, app_id: &str, body: &Value) -> ApiError {
        let internal = |code, message: String| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, code, message);
        let bad = |code, message: String| ApiError::new(StatusCode::BAD_REQUEST, code, message);
        match self {
            Self::State => ApiError {
                details: Some(details(app_id, "DAPR_STATE_NOT_CONFIGURED")),
                ..internal("ERR_STATE_STORE_NOT_CONFIGURED", format!("state store {name} is not configured"))
            },
            Self::Publish => ApiError {
                details: Some(details(app_id, "DAPR_PUBSUB_NOT_FOUND")),
                ..ApiError::new(StatusCode::NOT_FOUND, "ERR_PUBSUB_NOT_FOUND", format!("pubsub {name} is not found"))
            },
            Self::Secrets => internal("ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured".to_owned()),
            Self::Binding => {
                let why = match body["operation"].as_str() {
                    None | Some("") => "operation field is missing from request".to_owned(),
                    Some(_) => format!("couldn't find output binding {name}"),
                };
                internal("ERR_INVOKE_OUTPUT_BINDING", format!("error invoking output binding {name}: {why}"))
            }
            Self::Lock if body["expiryInSeconds"].as_i64().unwrap_or_default() <= 0 => {
                bad("ERR_MALFORMED_REQUEST", format!("ExpiryInSeconds is not positive in lock store {name}"))
            }
            Self::Lock | Self::Unlock => {
                internal("ERR_LOCK_STORE_NOT_CONFIGURED", "lock store is not configured".to_owned())
            }
            Self::Actors => bad("ERR_ACTOR_NO_PLACEMENT", "placement service is not configured".to_owned()),
            Self::Configuration => {
                internal("ERR_CONFIGURATION_STORE_NOT_CONFIGURED", "configuration stores not configured".to_owned())
            }
            Self::Crypto => {
                internal("ERR_CRYPTO_PROVIDERS_NOT_CONFIGURED", "crypto providers not configured".to_owned())
            }
            Self::Conversation => {
                bad("ERR_CONVERSATION_NOT_FOUND", format!("failed finding conversation component {name}"))
            }
            // Dapr waits half a minute for a scheduler; there is none to wait for.
            Self::Jobs => ApiError::new(
                StatusCode::NOT_IMPLEMENTED,
                "ERR_API_UNIMPLEMENTED",
                "this API is currently not implemented",
            ),
        }
    }
}

fn details(app_id: &str, reason: &str) -> String {
    json!([{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "domain": "dapr.io",
        "metadata": { "appID": app_id },
        "reason": reason,
    }])
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_says_in_daprs_words_what_is_missing() {
        for (block, body, status, code, message) in [
            (Block::State, json!({}), 500, "ERR_STATE_STORE_NOT_CONFIGURED", "state store x is not configured"),
            (Block::Publish, json!({}), 404, "ERR_PUBSUB_NOT_FOUND", "pubsub x is not found"),
            (Block::Secrets, json!(null), 500, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured"),
            (
                Block::Binding,
                json!({}),
                500,
                "ERR_INVOKE_OUTPUT_BINDING",
                "error invoking output binding x: operation field is missing from request",
            ),
            (
                Block::Binding,
                json!({ "operation": "create" }),
                500,
                "ERR_INVOKE_OUTPUT_BINDING",
                "error invoking output binding x: couldn't find output binding x",
            ),
            (Block::Lock, json!({}), 400, "ERR_MALFORMED_REQUEST", "ExpiryInSeconds is not positive in lock store x"),
            (
                Block::Lock,
                json!({ "expiryInSeconds": 5 }),
                500,
                "ERR_LOCK_STORE_NOT_CONFIGURED",
                "lock store is not configured",
            ),
            (Block::Unlock, json!({}), 500, "ERR_LOCK_STORE_NOT_CONFIGURED", "lock store is not configured"),
            (Block::Actors, json!({}), 400, "ERR_ACTOR_NO_PLACEMENT", "placement service is not configured"),
            (
                Block::Configuration,
                json!(null),
                500,
                "ERR_CONFIGURATION_STORE_NOT_CONFIGURED",
                "configuration stores not configured",
            ),
            (
                Block::Conversation,
                json!({}),
                400,
                "ERR_CONVERSATION_NOT_FOUND",
                "failed finding conversation component x",
            ),
        ] {
            let error = block.error("x", "checkout", &body);
            assert_eq!(
                (error.status.as_u16(), error.code, error.message.as_str()),
                (status, code, message),
                "{block:?}"
            );
        }
    }
}
