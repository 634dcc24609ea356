//! The way to an `HTTPEndpoint` (External URL vs `HTTPEndpoint` resource).

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRAILER, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Response};

use crate::HttpEndpoint;
use crate::app_channel::{AppChannel, Invocation};
use crate::base_url::BaseUrl;
use crate::body::AnswerBody;
use crate::error::InvokeError;
use crate::redirect::Redirects;
use crate::slots::Slots;
use crate::upstream::{Origin, Security, TlsError, Transport};

/// How long dialling may take, and the TLS handshake.
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest head of an answer, in bytes: the default of Go's client.
const HEAD_LIMIT: usize = 10 << 20;
/// Headers that Go writes by itself, whatever is set.
const UNSET: [HeaderName; 4] = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, TRAILER];

/// The way to an `HTTPEndpoint`, with a client of its own.
#[derive(Debug)]
pub(crate) struct Endpoint {
    base: BaseUrl,
    channel: AppChannel,
}

impl Endpoint {
    /// A way without connections. `max_concurrency` is the most requests at once.
    pub(crate) fn new(resource: &HttpEndpoint, max_concurrency: Option<usize>) -> Result<Self, TlsError> {
        let base = resource.base_url.clone();
        let security = Security::Endpoint(resource.tls.config()?);
        let slots = max_concurrency.map(Slots::new);
        let set: Vec<(HeaderName, HeaderValue)> =
            resource.headers.iter().filter(|(name, _)| !UNSET.contains(name)).cloned().collect();
        let channel = AppChannel::new(Arc::new(open(&base, &security)), None, slots, HEAD_LIMIT)
            .with_headers(set)
            .with_redirects(Redirects::new(open, security));
        Ok(Self { base, channel })
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(&self, invocation: Box<Invocation>) -> Result<Response<AnswerBody>, InvokeError> {
        send_to(&self.base, &self.channel, invocation).await
    }

    /// Closes connections that have rested for too long.
    pub(crate) fn tidy(&self) {
        self.channel.tidy();
    }
}

fn open(url: &BaseUrl, security: &Security) -> Origin {
    let security = if url.secure { security.clone() } else { Security::Plain };
    Origin::of_url(url, security, Transport::Http1, Some(PATIENCE))
}

/// Sends a request to a method below a URL.
pub(crate) async fn send_to(
    url: &BaseUrl,
    channel: &AppChannel,
    mut invocation: Box<Invocation>,
) -> Result<Response<AnswerBody>, InvokeError> {
    let method = std::mem::take(&mut invocation.method);
    (invocation.method, invocation.query) = url.with_method(method, invocation.query);
    if let Some(credentials) = &url.credentials {
        invocation.headers.entry(AUTHORIZATION).or_insert_with(|| credentials.clone());
    }
    channel.send(invocation).await
}
