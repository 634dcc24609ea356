//! The HTTP client that takes a batch to Zipkin.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError};

use super::zipkin_span::spans_of;

/// How long a collector may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The HTTP client that takes a batch to Zipkin, in Dapr's form. Clones share connections.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    client: HyperClient,
    refusal: Arc<Mutex<Option<Refusal>>>,
}

/// Why a batch was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    /// What happened: `connection refused`.
    pub(super) text: String,
    /// The collector understood the batch and does not want it: to send it again would not help.
    pub(super) is_final: bool,
}

impl Default for Collector {
    fn default() -> Self {
        Self { client: HyperClient::with_default_connector(TIMEOUT, None), refusal: Arc::default() }
    }
}

impl Collector {
    /// Why the last batch was not taken, told once.
    pub(super) fn take_refusal(&self) -> Option<Refusal> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn refuse(&self, text: String, is_final: bool) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(Refusal { text, is_final });
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let body = serde_json::to_vec(&spans_of(&body)?)?;
        let answer = self.client.send_bytes(Request::from_parts(parts, body.into())).await;
        match &answer {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => {
                let status = answer.status();
                let may_change = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
                self.refuse(format!("it answered {status}"), status.is_client_error() && !may_change);
            }
            Err(error) => self.refuse(cause(error.as_ref()), false),
        }
        answer
    }
}

/// The innermost reason of a failed request.
fn cause(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    if error.is::<tokio::time::error::Elapsed>() {
        return format!("no answer within {TIMEOUT:?}");
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if let Some(error) = innermost.downcast_ref::<std::io::Error>() {
        return match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
            _ => error.to_string(),
        };
    }
    innermost.to_string()
}
