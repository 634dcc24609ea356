//! A place that requests are sent to, and the connections that rest between two of them.

use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use daptop_model::{FailureFact, Phase, Spoken};
use http::{HeaderValue, Method, Request, Response};
use http_body::Body as _;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::Instant;

use super::connect::OpenError;
use super::link::{Link, LinkBody};
use super::{Security, Stream, tls};
use crate::base_url::BaseUrl;
use crate::body::{AnswerSource, RequestBody};
use crate::capture::Record;
use crate::workers::Worker;

/// The most connections that rest.
const IDLE_CONNECTIONS: usize = 64;
/// How long a connection rests before it is closed, as in Go's transport.
const IDLE_TIME: Duration = Duration::from_secs(90);

/// What is spoken to an origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(crate) enum Transport {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, known beforehand.
    Http2,
}

/// The first bytes of what should have been an answer: what tells one protocol from another.
pub(crate) type FirstBytes = [u8; 8];

/// Why an origin gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// No connection could be opened. Worded as Go's dialer does.
    #[error("dial tcp {address}: {}", dial_error(.source))]
    Connect {
        /// `host:port`.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// TLS could not be agreed upon. Worded as Go's client does.
    #[error("{}", tls::words(.0))]
    Handshake(io::Error),
    /// The connection was closed before an answer came.
    #[error("EOF")]
    Closed,
    /// What came was not an answer.
    #[error("net/http: HTTP/1.x transport connection broken: {0}")]
    Malformed(String, FirstBytes),
    /// The connection broke, or the request's body did.
    #[error("{0}")]
    Broken(String),
}

impl UpstreamError {
    /// What is known of it as a figure.
    pub(crate) fn fact(&self) -> Option<FailureFact> {
        match self {
            Self::Connect { address, source } if source.kind() == io::ErrorKind::ConnectionRefused => {
                Some(FailureFact::Refused(address.rsplit(':').next()?.parse().ok()?))
            }
            Self::Handshake(error) if tls::is_no_tls(error) => Some(FailureFact::Speaks(Spoken::Unknown)),
            Self::Malformed(_, first) => Some(FailureFact::Speaks(spoken(first))),
            Self::Connect { .. } | Self::Handshake(_) | Self::Closed | Self::Broken(_) => None,
        }
    }
}

/// What a port speaks, by the first bytes that came from it: a TLS record, an HTTP/2 frame of settings or of a farewell,
/// or the line of a status.
fn spoken(first: &[u8]) -> Spoken {
    match first {
        [0x15 | 0x16, 3, ..] => Spoken::Tls,
        [0, _, _, 4 | 7, ..] => Spoken::Http2,
        first if first.starts_with(b"HTTP/1.") => Spoken::Http1,
        _ => Spoken::Unknown,
    }
}

/// Go words a refused connection like this, and tools look for it.
fn dial_error(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
        io::ErrorKind::TimedOut => "i/o timeout".to_owned(),
        _ => source.to_string(),
    }
}

fn deepest(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        if error.is_incomplete_message() || error.is_canceled() { Self::Closed } else { Self::Broken(deepest(&error)) }
    }
}

/// A place that requests are sent to.
#[derive(Debug)]
pub(crate) struct Origin {
    host: String,
    port: u16,
    security: Security,
    transport: Transport,
    /// How long dialling may take, and the handshake; `None` for as long as the system lets it.
    patience: Option<Duration>,
    /// Scheme, host and port as they are written.
    url: String,
    /// The value of `Host`.
    pub(crate) authority: HeaderValue,
    #[expect(clippy::vec_box, reason = "a link is handed on as a box, and a large one to move")]
    idle: Mutex<Vec<Box<Link>>>,
    http2: Mutex<Option<http2::SendRequest<RequestBody>>>,
}

impl Origin {
    /// An app's port.
    pub(crate) fn new(host: &str, port: u16, security: Security, transport: Transport) -> Self {
        let written = address(host, port);
        Self::written((host, port, &written), security, transport, None)
    }

    /// The host of a URL; `patience` is how long dialling may take, and the handshake.
    pub(crate) fn of_url(url: &BaseUrl, security: Security, transport: Transport, patience: Option<Duration>) -> Self {
        Self::written((&url.host, url.port, &url.authority), security, transport, patience)
    }

    fn written(
        (host, port, authority): (&str, u16, &str),
        security: Security,
        transport: Transport,
        patience: Option<Duration>,
    ) -> Self {
        let scheme = if matches!(security, Security::Plain) { "http" } else { "https" };
        Self {
            host: host.to_owned(),
            port,
            security,
            transport,
            patience,
            url: format!("{scheme}://{authority}"),
            authority: HeaderValue::from_str(authority).unwrap_or(HeaderValue::from_static("localhost")),
            idle: Mutex::default(),
            http2: Mutex::default(),
        }
    }

    /// Scheme, host and port as they are written.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether a connection can be opened, TLS included.
    pub(crate) async fn answers(&self) -> bool {
        self.connect().await.is_ok()
    }

    /// Sends a request and waits for the head of its answer. `record` is told when a connection is at hand.
    pub(crate) async fn send(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        record: Option<&Record>,
    ) -> Result<Response<AnswerSource>, UpstreamError> {
        match self.transport {
            Transport::Http1 => self.send_http1(request, record).await,
            Transport::Http2 => Box::pin(self.send_http2(request, record)).await,
        }
    }

    async fn send_http1(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        record: Option<&Record>,
    ) -> Result<Response<AnswerSource>, UpstreamError> {
        let (parts, mut body) = request.into_parts();
        loop {
            let rested = self.rested().await;
            // As Go's transport does: an app that closes a resting connection at the moment it is taken has not seen
            // the request, and one without a body can be sent again.
            let may_retry = rested.is_some() && is_repeatable(&parts.method) && body.is_end_stream();
            let mut link = match rested {
                Some(link) => link,
                // Boxed, as what is rare: it shall not make every call's future large.
                None => Box::new(Link::new(Box::pin(self.connect()).await?)),
            };
            if let Some(record) = record {
                record.mark(Phase::Connected);
            }
            match link.exchange(&parts, body).await {
                Ok(head) => {
                    let body = LinkBody::new(link, head.decoder, Arc::clone(self));
                    return Ok(head.response.map(|()| AnswerSource::Link(Box::new(body))));
                }
                Err(UpstreamError::Closed) if may_retry => {
                    if let Some(record) = record {
                        record.try_failed("the app closed the connection, which had rested since another call");
                        record.tries_again();
                    }
                    body = RequestBody::none();
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn send_http2(
        &self,
        request: Request<RequestBody>,
        record: Option<&Record>,
    ) -> Result<Response<AnswerSource>, UpstreamError> {
        let open =
            self.http2.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|sender| !sender.is_closed());
        let mut sender = match open {
            Some(sender) => sender,
            None => self.open_http2().await?,
        };
        sender.ready().await?;
        if let Some(record) = record {
            record.mark(Phase::Connected);
        }
        let response = sender.send_request(self.absolute(request)).await?;
        Ok(response.map(AnswerSource::Stream))
    }

    /// HTTP/2 carries the host in the URI, and the framing in its frames.
    fn absolute(&self, mut request: Request<RequestBody>) -> Request<RequestBody> {
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        if let Ok(uri) = format!("{}{path}", self.url).parse() {
            *request.uri_mut() = uri;
        }
        request.headers_mut().remove(http::header::HOST);
        request.headers_mut().remove(http::header::TRANSFER_ENCODING);
        *request.version_mut() = http::Version::HTTP_2;
        request
    }

    async fn open_http2(&self) -> Result<http2::SendRequest<RequestBody>, UpstreamError> {
        let stream = TokioIo::new(self.connect().await?);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
        // The connection ends when the last sender is dropped or the app closes it; the requests tell of errors.
        tokio::spawn(async move { drop(connection.await) });
        *self.http2.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender.clone());
        Ok(sender)
    }

    async fn connect(&self) -> Result<Stream, UpstreamError> {
        let http2 = self.transport == Transport::Http2;
        Stream::open((&self.host, self.port), &self.security, http2, self.patience).await.map_err(|error| match error {
            OpenError::Dial(source) => UpstreamError::Connect { address: address(&self.host, self.port), source },
            OpenError::Handshake(error) => UpstreamError::Handshake(error),
        })
    }

    /// Takes the connection that has rested for the shortest time and still stands: of this thread's own, or else of all,
    /// as an app may serve but one at a time.
    async fn rested(&self) -> Option<Box<Link>> {
        loop {
            let mut link = self.take_rested()?;
            if poll_fn(|context| std::task::Poll::Ready(link.poll_usable(context))).await {
                return Some(link);
            }
        }
    }

    fn take_rested(&self) -> Option<Box<Link>> {
        let worker = Worker::current();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let own = idle.iter().rposition(|link| link.worker == worker);
        own.map(|own| idle.remove(own)).or_else(|| idle.pop())
    }

    /// Lets a connection rest until the next request.
    pub(super) fn rest(&self, mut link: Box<Link>) {
        link.idle_since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(link);
        }
    }

    /// Whether any connection rests.
    pub(crate) fn has_rested(&self) -> bool {
        !self.idle.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Closes the connections that have rested for too long.
    pub(crate) fn close_rested(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|link| link.idle_since.elapsed() < IDLE_TIME);
    }
}

/// Whether a request of this verb may be sent twice.
fn is_repeatable(verb: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(verb)
}

/// Host and port as they are written.
pub(crate) fn address(host: &str, port: u16) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
