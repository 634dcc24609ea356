//! Listeners: who is accepted, and which handler answers.

mod heads;
mod resumed;
mod stream;
mod upgrade;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::heads::{Heads, Timed};
pub(crate) use self::stream::Stream;
use crate::ApiListener;
use crate::body::AnswerBody;
use crate::workers::Workers;

/// How long accepting rests after an error, such as too many open files.
const REST_AFTER_ERROR: Duration = Duration::from_millis(100);

/// A bound socket on the runtime.
#[derive(Debug)]
pub(crate) enum Socket {
    /// A TCP port.
    Tcp(TcpListener),
    /// A Unix socket and its path, which is removed at the end.
    Unix(UnixListener, PathBuf),
}

impl Socket {
    /// Takes over a bound TCP port.
    pub(crate) fn tcp(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self::Tcp(TcpListener::from_std(listener)?))
    }

    /// Takes over a bound socket of an API.
    pub(crate) fn api(listener: ApiListener) -> io::Result<Self> {
        match listener {
            ApiListener::Tcp(listener) => Self::tcp(listener),
            ApiListener::Unix(listener, path) => {
                listener.set_nonblocking(true)?;
                Ok(Self::Unix(UnixListener::from_std(listener)?, path))
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            // It may have been removed by hand.
            drop(std::fs::remove_file(path));
        }
    }
}

/// Starts and stops the tasks of a sidecar.
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    /// The threads that connections are served on.
    workers: Arc<Workers>,
    /// Tells every task to end.
    pub(crate) stop: CancellationToken,
    /// Tells connections that still run to end at once.
    pub(crate) cut: CancellationToken,
    /// The tasks that run.
    pub(crate) running: TaskTracker,
}

/// Which versions of HTTP a listener speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Versions {
    /// HTTP/1.1, and HTTP/2 in clear text.
    All,
    /// HTTP/1.1 alone.
    Http1,
}

impl Tasks {
    /// No tasks yet.
    pub(crate) fn on(workers: &Arc<Workers>) -> Self {
        Self {
            workers: Arc::clone(workers),
            stop: CancellationToken::new(),
            cut: CancellationToken::new(),
            running: TaskTracker::new(),
        }
    }

    /// Those of one connection: stopped with all others, or alone.
    pub(crate) fn of_connection(&self) -> Self {
        Self { stop: self.stop.child_token(), ..self.clone() }
    }

    /// The thread whose turn it is to get a connection.
    pub(crate) fn next_worker(&self) -> Handle {
        self.workers.next()
    }

    /// Serves an accepted connection on another thread.
    pub(crate) fn serve_on<S, F>(&self, worker: &Handle, stream: Stream, serve: S)
    where
        S: FnOnce(Stream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let stream = match stream.detach() {
            Ok(stream) => stream,
            Err(error) => return tracing::warn!("a connection could not be handed over: {error}"),
        };
        let serve = async move {
            match Stream::attach(stream) {
                Ok(stream) => serve(stream).await,
                Err(error) => tracing::warn!("a connection could not be taken over: {error}"),
            }
        };
        self.running.spawn_on(serve, worker);
    }

    /// Serves a connection to its end: once the tasks are stopped, open requests may end until they are cut.
    pub(crate) async fn drive<C>(&self, connection: C)
    where
        C: GracefulConnection,
        C::Error: std::fmt::Display,
    {
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                self.cut.run_until_cancelled(connection).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            // The caller went away, or what it sent was not HTTP: its own doing, and told on the call.
            tracing::debug!("a connection ended early: {error}");
        }
    }
}

/// Answers requests on a socket until the tasks are stopped. Open requests may end; idle connections are closed at once.
pub(crate) fn serve<H, F>(tasks: &Tasks, socket: Socket, versions: Versions, handler: H)
where
    H: Fn(Request<Incoming>, Option<SocketAddr>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    let serving = tasks.clone();
    accept_all(tasks, socket, move |stream, peer| connection(&serving, stream, peer, versions, handler.clone()));
}

/// Hands each accepted connection over until the tasks are stopped.
pub(crate) fn accept_all(
    tasks: &Tasks,
    socket: Socket,
    on_stream: impl Fn(Stream, Option<SocketAddr>) + Send + 'static,
) {
    let stop = tasks.stop.clone();
    tasks.running.spawn(async move {
        while let Some(accepted) = stop.run_until_cancelled(accept(&socket)).await {
            match accepted {
                Ok((stream, peer)) => on_stream(stream, peer),
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(REST_AFTER_ERROR).await;
                }
            }
        }
    });
}

async fn accept(socket: &Socket) -> io::Result<(Stream, Option<SocketAddr>)> {
    match socket {
        Socket::Tcp(listener) => {
            let (stream, peer) = listener.accept().await?;
            stream.set_nodelay(true)?;
            Ok((Stream::Tcp(stream), Some(peer)))
        }
        Socket::Unix(listener, _) => Ok((Stream::Unix(listener.accept().await?.0), None)),
    }
}

/// HTTP/1.1, or, where both are spoken, HTTP/2 if the first bytes say so or the first request asks for it.
fn connection<H, F>(tasks: &Tasks, stream: Stream, peer: Option<SocketAddr>, versions: Versions, handler: H)
where
    H: Fn(Request<Incoming>, Option<SocketAddr>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    let serving = tasks.clone();
    tasks.serve_on(&tasks.next_worker(), stream, move |stream| async move {
        let (handler, heads) = (Arc::new(move |request| handler(request, peer)), Heads::awaited());
        let (answering, seen) = (serving.clone(), Arc::clone(&heads));
        let service = service_fn(move |request: Request<Incoming>| {
            let (handler, answering, end) = (Arc::clone(&handler), answering.clone(), seen.read(request.version()));
            async move {
                let answer = match upgrade::wanted(&request).filter(|_| versions == Versions::All) {
                    None => handler(request).await,
                    Some(wanted) => upgrade::answer(wanted, request, &answering, handler).await,
                };
                Ok::<_, Infallible>(end.of(answer))
            }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        // Its own time limit of a head would end connections that rest.
        builder.http1().title_case_headers(true).half_close(false).header_read_timeout(None);
        let stream = TokioIo::new(Timed::new(stream, heads));
        match versions {
            // Where a request may ask for HTTP/2, a connection may begin with it: the builder allows both or neither.
            Versions::All => serving.drive(builder.serve_connection_with_upgrades(stream, service)).await,
            Versions::Http1 => serving.drive(builder.http1_only().serve_connection(stream, service)).await,
        }
    });
}
