//! `GET /v1.0/healthz` (Health).

use http::{Response, StatusCode};

use super::is_initialized;
use crate::body::AnswerBody;
use crate::core::Core;
use crate::method;
use crate::respond::{ApiError, empty};

/// The value of `appid` in a query.
pub(super) fn asked_app_id(query: Option<&str>) -> Option<String> {
    let value = query?.split('&').find_map(|pair| pair.strip_prefix("appid="))?;
    Some(String::from_utf8_lossy(&method::query_unescape(value.as_bytes())?).into_owned())
}

/// Healthy once the app's port has answered; with `appid` only for one's own id.
pub(super) fn health(core: &Core, app_id: Option<&str>) -> Response<AnswerBody> {
    if !is_initialized(core) {
        let message = "dapr is not ready: [app]";
        return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_HEALTH_NOT_READY", message).response();
    }
    if app_id.is_some_and(|id| id != core.id()) {
        let message = "dapr app-id does not match";
        return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_HEALTH_APPID_NOT_MATCH", message).response();
    }
    empty(StatusCode::NO_CONTENT)
}
