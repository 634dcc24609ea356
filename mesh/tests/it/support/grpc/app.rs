//! An app that speaks gRPC, any method, and does as it is told.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, future};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tonic::codec::CompressionEncoding;
use tonic::server::Grpc;
use tonic::{Code, Request, Response, Status, Streaming};
use tower::Service;

use super::{Pair, Raw, metadata, pairs};
use crate::support::soon;

/// How an app answers a call.
#[derive(Clone, Debug)]
pub(crate) struct GrpcScript {
    /// Metadata before the messages.
    pub(crate) initial: Vec<Pair>,
    /// Each message of the call is a message of the answer, at once. Otherwise the app reads all, then says its own.
    pub(crate) echo: bool,
    /// Its own messages.
    pub(crate) messages: Vec<Bytes>,
    /// Metadata after the messages.
    pub(crate) trailing: Vec<Pair>,
    /// Its status.
    pub(crate) code: Code,
    /// Its status in words.
    pub(crate) words: String,
    /// The app never tells its status.
    pub(crate) hangs: bool,
    /// The app reads nothing.
    pub(crate) deaf: bool,
    /// After its own messages the same one again and again, for ever.
    pub(crate) endless: Option<Bytes>,
}

impl Default for GrpcScript {
    fn default() -> Self {
        Self {
            initial: Vec::new(),
            echo: false,
            messages: vec![Bytes::from_static(b"reply")],
            trailing: Vec::new(),
            code: Code::Ok,
            words: String::new(),
            hangs: false,
            deaf: false,
            endless: None,
        }
    }
}

/// A call that reached an app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) metadata: Vec<Pair>,
    pub(crate) messages: Vec<Bytes>,
}

impl Seen {
    /// Every value of a key, as text.
    pub(crate) fn values(&self, key: &str) -> Vec<String> {
        let of_key = self.metadata.iter().filter(|(name, _)| name == key);
        of_key.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
    }
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<GrpcScript>,
    seen: Mutex<VecDeque<Arc<Mutex<Seen>>>>,
    changed: Notify,
    /// How many calls are open, and how many have been taken back by their caller.
    open: Mutex<(usize, usize)>,
    connections: Mutex<Vec<AbortHandle>>,
    /// How many messages the app has said.
    said: AtomicUsize,
}

/// An app on a free port.
#[derive(Debug)]
pub(crate) struct GrpcApp {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

impl GrpcApp {
    /// An app that answers as its script says.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, shared) = (listener.local_addr().unwrap().port(), Arc::<Shared>::default());
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                stream.set_nodelay(true).unwrap();
                let connection = tokio::spawn(serve(Arc::clone(&serving), stream)).abort_handle();
                serving.connections.lock().unwrap().push(connection);
            }
        });
        Self { port, shared, accepting: accepting.abort_handle() }
    }

    /// How the next calls are answered.
    pub(crate) fn set(&self, script: GrpcScript) {
        *self.shared.script.lock().unwrap() = script;
    }

    /// The oldest call that was not taken yet, as far as it has come.
    pub(crate) async fn seen(&self) -> Seen {
        soon("a call at the app", async {
            loop {
                let changed = self.shared.changed.notified();
                if let Some(seen) = self.shared.seen.lock().unwrap().pop_front() {
                    return seen.lock().unwrap().clone();
                }
                changed.await;
            }
        })
        .await
    }

    /// Everything that came and was not taken.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().drain(..).map(|seen| seen.lock().unwrap().clone()).collect()
    }

    /// How many calls are open at the app.
    pub(crate) fn open_calls(&self) -> usize {
        self.shared.open.lock().unwrap().0
    }

    /// How many calls ended without their status, because their caller took them back.
    pub(crate) fn cancelled_calls(&self) -> usize {
        self.shared.open.lock().unwrap().1
    }

    /// How many messages the app has said.
    pub(crate) fn said(&self) -> usize {
        self.shared.said.load(Ordering::Relaxed)
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.lock().unwrap().len()
    }

    /// Cuts every connection.
    pub(crate) fn cut(&self) {
        self.shared.connections.lock().unwrap().iter().for_each(AbortHandle::abort);
    }
}

impl Drop for GrpcApp {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(shared: Arc<Shared>, stream: S) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(shared, request).await) }
    });
    let mut builder = Builder::new(TokioExecutor::new()).http2_only();
    // Streams that the app does not read shall not hold up the others.
    builder.http2().initial_connection_window_size((1 << 31) - 1);
    builder.http2().max_concurrent_streams(None).max_local_error_reset_streams(None).auto_date_header(false);
    // However it ended: the test sees what it needs to see elsewhere.
    drop(builder.serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(shared: Arc<Shared>, request: http::Request<Incoming>) -> http::Response<tonic::body::Body> {
    let method = request.uri().path().to_owned();
    if method.ends_with("/Missing") {
        return Status::unimplemented("Method not found!").into_http();
    }
    let call = Open::begin(shared, method);
    Grpc::new(Raw)
        .accept_compressed(CompressionEncoding::Gzip)
        .streaming(Handler(call), request.map(tonic::body::Body::new))
        .await
}

/// A call that is open; dropping it ends it.
struct Open {
    shared: Arc<Shared>,
    seen: Arc<Mutex<Seen>>,
    ended: bool,
}

impl Open {
    fn begin(shared: Arc<Shared>, method: String) -> Self {
        shared.open.lock().unwrap().0 += 1;
        Self { shared, seen: Arc::new(Mutex::new(Seen { method, ..Seen::default() })), ended: false }
    }
}

impl Open {
    /// The call ends with its status.
    fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock().unwrap();
        open.0 -= 1;
        open.1 += usize::from(!self.ended);
    }
}

struct Handler(Open);

type Answer = BoxStream<'static, Result<Bytes, Status>>;

impl Service<Request<Streaming<Bytes>>> for Handler {
    type Response = Response<Answer>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answer>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let shared = Arc::clone(&self.0.shared);
        let seen = Arc::clone(&self.0.seen);
        let call = Open { shared: Arc::clone(&shared), seen: Arc::clone(&seen), ended: false };
        shared.open.lock().unwrap().0 += 1;
        // The one that is kept by the answer counts from here on.
        self.0.ended = true;
        Box::pin(async move { Ok(handle(call, request)) })
    }
}

fn handle(call: Open, request: Request<Streaming<Bytes>>) -> Response<Answer> {
    let script = call.shared.script.lock().unwrap().clone();
    call.seen.lock().unwrap().metadata = pairs(request.metadata());
    let mut response = Response::new(play(call, request.into_inner(), script.clone()));
    *response.metadata_mut() = metadata(&script.initial);
    response
}

/// The messages of an answer, and its status.
fn play(call: Open, incoming: Streaming<Bytes>, script: GrpcScript) -> Answer {
    let seen = Arc::clone(&call.seen);
    let shared = Arc::clone(&call.shared);
    let queue = Arc::clone(&seen);
    let heard = incoming.map(move |message| {
        let message = message?;
        seen.lock().unwrap().messages.push(message.clone());
        Ok::<_, Status>(message)
    });
    let (messages, endless) = (script.messages.clone(), script.endless.clone());
    let announce = Arc::clone(&shared);
    let own = stream::once(async move {
        announce.seen.lock().unwrap().push_back(queue);
        announce.changed.notify_waiters();
    })
    .flat_map(move |()| stream::iter(messages.clone().into_iter().chain(endless.clone().into_iter().cycle())).map(Ok));
    let said: Answer = match (script.echo, script.deaf) {
        (true, _) => own.filter(|_| future::ready(false)).chain(heard).boxed(),
        (false, true) if script.hangs => {
            // Kept, so that the caller is not told that nobody listens.
            own.chain(stream::once(async move {
                let _heard = heard;
                future::pending().await
            }))
            .boxed()
        }
        (false, true) => own.boxed(),
        (false, false) => heard.filter_map(|message| future::ready(message.err())).map(Err).chain(own).boxed(),
    };
    let counted = said.inspect(move |_| {
        shared.said.fetch_add(1, Ordering::Relaxed);
    });
    let hangs = script.hangs;
    let end = stream::once(async move {
        if hangs {
            future::pending::<()>().await;
        }
        call.end();
        Err(Status::with_metadata(script.code, script.words, metadata(&script.trailing)))
    });
    counted.chain(end).boxed()
}
