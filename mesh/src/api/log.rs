//! A line of the API log (Tokens, allowlist, logging, CORS). It is written when the answer's body has ended.

use std::sync::Arc;

use daptop_model::Stamp;
use http::header::USER_AGENT;
use http::request;

use crate::core::Core;

/// A line that is being written: dropping it writes it.
#[derive(Debug)]
pub(crate) struct LogEntry {
    core: Arc<Core>,
    at: Stamp,
    method: String,
    user_agent: Option<String>,
    code: u16,
    size: u64,
    cancelled: bool,
}

impl LogEntry {
    /// The line of a request; its status and its name are not known yet.
    pub(super) fn new(core: &Arc<Core>, parts: &request::Parts, path: &[u8]) -> Self {
        let agent = parts.headers.get(USER_AGENT);
        Self {
            core: Arc::clone(core),
            at: core.shared.events.now(),
            method: format!("{} {}", parts.method, String::from_utf8_lossy(path)),
            user_agent: agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()),
            code: 0,
            size: 0,
            cancelled: false,
        }
    }

    /// Lets the line not be written.
    pub(super) fn cancel(mut self) {
        self.cancelled = true;
    }

    /// Puts a name in the place of verb and path.
    pub(super) fn obfuscate(&mut self, name: impl Into<String>) {
        self.method = name.into();
    }

    /// The status that the caller gets.
    pub(super) fn answered(&mut self, code: u16) {
        self.code = code;
    }

    /// A piece of the answer's body passed.
    pub(crate) fn passed(&mut self, bytes: usize) {
        self.size += bytes as u64;
    }
}

impl Drop for LogEntry {
    fn drop(&mut self) {
        if self.cancelled {
            return;
        }
        let duration = self.core.shared.events.now().since(self.at).as_millis();
        tracing::info!(
            app_id = self.core.id(),
            scope = "dapr.runtime.http-info",
            method = self.method,
            useragent = self.user_agent.as_deref(),
            code = self.code,
            size = self.size,
            duration = u64::try_from(duration).unwrap_or(u64::MAX),
            "HTTP API Called"
        );
    }
}
