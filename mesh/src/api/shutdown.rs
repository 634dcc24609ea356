//! `POST /v1.0/shutdown` (Shutdown).

use http::{HeaderMap, Response, StatusCode};

use crate::ShutdownRequest;
use crate::body::AnswerBody;
use crate::core::Core;
use crate::respond::empty;

/// Asks for the sidecar's end over HTTP.
pub(super) fn shutdown(core: &Core, headers: &HeaderMap) -> Response<AnswerBody> {
    ask(core, headers);
    empty(StatusCode::NO_CONTENT)
}

/// Tells whoever runs this sidecar that it shall end; `headers` say how.
pub(crate) fn ask(core: &Core, headers: &HeaderMap) {
    let force = headers.get("dapr-force-shutdown").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    let (request, message) = if force {
        (ShutdownRequest::Force, "Force shutdown requested, exiting immediately without graceful shutdown")
    } else {
        (ShutdownRequest::Graceful, "Shutdown requested via API")
    };
    tracing::info!(app_id = core.id(), scope = "dapr.runtime", "{message}");
    core.shutdown.send_replace(Some(request));
}
