//! Replays: a captured request goes through its caller's sidecar once more.
//!
//! It comes in over a connection within the process, so that everything which happens to a request of the app happens to it:
//! the same checks, the same routing, a trace of its own. That the call repeats another one is known to the connection and
//! to nobody else: no header says so, and no app can see it.

mod grpc;

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use daptop_model::{AppId, CallId, Protocol, Replay, ReplayRequest};
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::DuplexStream;
use tokio::sync::oneshot;

use crate::api;
use crate::body::BodyError;
use crate::core::Core;
use crate::headers::API_TOKEN;
use crate::mesh::Mesh;

/// Room in the connection, in bytes.
const ROOM: usize = 64 << 10;

/// Why a call was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no sidecar to send it through.
    #[error("{0} has no sidecar in this run: it is closed already, or runs in another process")]
    NoSidecar(AppId),
    /// What was asked for is no request.
    #[error("this cannot be sent: {0}")]
    NoRequest(String),
    /// The sidecar did not answer.
    #[error("the sidecar of {caller} broke the replay off: {source}")]
    Broken {
        /// Whose sidecar.
        caller: AppId,
        /// Why.
        source: hyper::Error,
    },
}

/// What the handler of a request that repeats a call is told of it: part of the request within this process, and of no
/// message on a wire.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// The call that is repeated.
    pub(crate) original: CallId,
    opened: Arc<Mutex<Option<oneshot::Sender<CallId>>>>,
}

impl Mark {
    /// Tells the number of the new call.
    pub(crate) fn opened(&self, call: CallId) {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(opened) = opened {
            // Whoever asked may have gone.
            opened.send(call).ok();
        }
    }
}

impl Mesh {
    /// Sends a call again, once, through a sidecar of its caller in this process. The number of the new call is told as soon
    /// as it has one; the sender is dropped where it could not be captured. Returns when the answer has been read to its end.
    ///
    /// # Errors
    /// When nothing was sent, or the sidecar broke the connection. That no app answered is no error: the new call tells it.
    pub async fn replay(&self, replay: &Replay, opened: oneshot::Sender<CallId>) -> Result<(), ReplayError> {
        let core = self.sidecar(replay.caller.as_str()).ok_or_else(|| ReplayError::NoSidecar(replay.caller.clone()))?;
        let request = match replay.protocol {
            Protocol::Grpc => grpc::request(&core, &replay.request)?,
            Protocol::Http1 | Protocol::Http2 => request(&core, replay)?,
        };
        let mark = Mark { original: replay.original, opened: Arc::new(Mutex::new(Some(opened))) };
        let (ours, theirs) = tokio::io::duplex(ROOM);
        let asking = async {
            match replay.protocol {
                Protocol::Http1 => over_http1(ours, request).await,
                Protocol::Http2 | Protocol::Grpc => over_http2(ours, request).await,
            }
        };
        let serving = async {
            match replay.protocol {
                Protocol::Grpc => serve(theirs, mark, |request| crate::grpc::answer_api(&core, request)).await,
                _ => serve(theirs, mark, |request| api::handle(Arc::clone(&core), request, None)).await,
            }
        };
        let (asked, ()) = tokio::join!(asking, serving);
        asked.map_err(|source| ReplayError::Broken { caller: replay.caller.clone(), source })
    }
}

/// The sidecar's side of the connection.
async fn serve<B, F>(stream: DuplexStream, mark: Mark, answer: impl Fn(Request<Incoming>) -> F)
where
    B: http_body::Body<Data = Bytes, Error: Into<BodyError>> + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(mark.clone());
        let answer = answer(request);
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().half_close(false);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!("the connection of a replay ended early: {error}");
    }
}

type Body = BoxBody<Bytes, std::convert::Infallible>;

async fn over_http1(stream: DuplexStream, request: Request<Body>) -> hyper::Result<()> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async move { read_to_end(sender.send_request(request).await?.into_body()).await };
    together(exchange, connection).await
}

async fn over_http2(stream: DuplexStream, request: Request<Body>) -> hyper::Result<()> {
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    let exchange = async move { read_to_end(sender.send_request(request).await?.into_body()).await };
    together(exchange, connection).await
}

/// Drives a connection until its exchange is over.
async fn together(
    exchange: impl Future<Output = hyper::Result<()>>,
    connection: impl Future<Output = hyper::Result<()>>,
) -> hyper::Result<()> {
    let (exchanged, _) = tokio::join!(exchange, connection);
    exchanged
}

/// The call captures the answer; here it is only let through.
async fn read_to_end(mut body: Incoming) -> hyper::Result<()> {
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok(())
}

/// The request as the app sent it.
fn request(core: &Core, replay: &Replay) -> Result<Request<Body>, ReplayError> {
    let ReplayRequest { verb, target, body, chunked, .. } = &replay.request;
    let mut sent = headers(core, &replay.request)?;
    let target = if replay.protocol == Protocol::Http2 {
        let host = sent.remove(HOST);
        let host = host.as_ref().and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        Uri::builder().scheme("http").authority(host).path_and_query(target.as_str()).build()
    } else {
        sent.entry(HOST).or_insert(HeaderValue::from_static("localhost"));
        Uri::builder().path_and_query(target.as_str()).build()
    };
    let verb = Method::try_from(verb.as_str()).map_err(|error| wrong(&error))?;
    let may_be_empty = !replay.request.may_change_something();
    if body.is_empty() && !chunked && !may_be_empty {
        sent.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut request = Request::new(self::body(body, *chunked));
    *request.method_mut() = verb;
    *request.uri_mut() = target.map_err(|error| wrong(&error))?;
    *request.headers_mut() = sent;
    Ok(request)
}

/// The headers as the app sent them.
fn headers(core: &Core, request: &ReplayRequest) -> Result<HeaderMap, ReplayError> {
    request.check().map_err(ReplayError::NoRequest)?;
    let mut sent = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| wrong(&error))?;
        let value = HeaderValue::from_maybe_shared(value.clone()).map_err(|error| wrong(&error))?;
        sent.append(name, value);
    }
    if let Some(token) = &core.settings.api_token {
        // The app knew it; it is not captured.
        sent.insert(API_TOKEN, HeaderValue::from_str(token).map_err(|error| wrong(&error))?);
    }
    Ok(sent)
}

fn wrong(error: &dyn std::fmt::Display) -> ReplayError {
    ReplayError::NoRequest(error.to_string())
}

/// The body, its length announced or not.
fn body(bytes: &Bytes, chunked: bool) -> Body {
    let whole = Full::new(bytes.clone());
    if chunked { Unannounced { whole, begun: false }.boxed() } else { whole.boxed() }
}

/// A body at hand whose length is not told. Its end goes with its bytes: behind them it could come after the answer.
struct Unannounced {
    whole: Full<Bytes>,
    begun: bool,
}

impl http_body::Body for Unannounced {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.begun = true;
        Pin::new(&mut self.whole).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.begun && self.whole.is_end_stream()
    }
}
