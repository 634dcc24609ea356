//! The gRPC listeners of a sidecar: its API, and the port for other sidecars.

mod access;
mod app;
mod binary;
pub(crate) mod callback;
mod details;
mod exchange;
mod invoke_service;
#[cfg(any(test, fuzzing))]
pub(crate) mod messages;
#[cfg(not(any(test, fuzzing)))]
mod messages;
mod metadata;
mod observed;
mod pings;
mod proxy;
mod question;
mod reflection;
mod reply;
mod rpc_status;
mod served;
mod service;
pub(crate) mod status;
mod timeout;
mod unsent;
mod upload;
mod whole;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tonic::Status;
use tonic::service::Routes;
use tower::ServiceExt as _;

pub(crate) use app::{GrpcApp, Sidecars};
pub(crate) use messages::Begun;
pub(crate) use proto::InvokeServiceRequest;
pub(crate) use question::{Question, Unanswered};
pub(crate) use reply::Reply;
pub(crate) use status::unread;

use self::pings::Calm;
use self::served::{Activity, Call};
use self::whole::Whole;
use crate::core::Core;
use crate::listen::{Socket, Tasks, accept_all};
use crate::upstream::{CONNECTION_WINDOW, STREAM_WINDOW};

/// Server keepalive: from one ping to the next (Servers, clients, pools).
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// Server keepalive: how long the answer to a ping may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// How many streams may be taken back before they were looked at. Ten thousand calls that are cancelled at once are no
/// attack on a loopback port.
const MOST_UNSEEN_RESETS: usize = 1 << 16;

/// The messages of the API, generated from `proto/`.
#[expect(clippy::pedantic, unreachable_pub, reason = "generated")]
mod proto {
    tonic::include_proto!("dapr.proto.runtime.v1");
}

/// Where a call came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entrance {
    /// At the API, from the sidecar's own app.
    Api,
    /// At the internal port, from another sidecar.
    Internal,
}

/// Serves the API on a socket until the tasks are stopped. What it does not have itself is proxied.
pub(crate) fn serve_api(core: &Arc<Core>, tasks: &Tasks, socket: Socket) {
    serve(core, tasks, socket, Entrance::Api, reflection::of_api());
}

/// Serves other sidecars on a socket until the tasks are stopped. What `routes` does not have is proxied to the app.
pub(crate) fn serve_internal(core: &Arc<Core>, tasks: &Tasks, socket: Socket, routes: Routes) {
    serve(core, tasks, socket, Entrance::Internal, reflection::of_internal(routes));
}

fn serve(core: &Arc<Core>, tasks: &Tasks, socket: Socket, entrance: Entrance, routes: Routes) {
    let logs = core.settings.api_logging && entrance == Entrance::Api;
    let own = Own { core: Arc::clone(core), entrance, logs, routes: routes.prepare() };
    let running = tasks.clone();
    let header_list = app::header_list(&core.settings);
    // One thread for all connections here, and for the one to the app that their calls open: no call is handed from
    // thread to thread.
    let worker = tasks.next_worker();
    accept_all(tasks, socket, move |stream, peer| {
        let own = own.clone();
        let tasks = running.clone();
        running.serve_on(&worker, stream, move |stream| async move {
            let activity = Arc::new(Activity::default());
            let calls = Arc::clone(&activity);
            let service = service_fn(move |request| {
                let call = Call::begin(&calls, &own.core, own.logs, &request);
                // In a box: the server moves what it is given several times before it is a task of its own.
                let answer = Box::pin(own.clone().answer(request, peer));
                async move { Ok::<_, Infallible>(call.answered(answer.await)) }
            });
            let mut builder = Builder::new(TokioExecutor::new()).http2_only();
            builder
                .http2()
                .timer(TokioTimer::new())
                .keep_alive_interval(PING_INTERVAL)
                .keep_alive_timeout(PING_TIMEOUT)
                .max_concurrent_streams(None)
                .max_header_list_size(header_list)
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_pending_accept_reset_streams(MOST_UNSEEN_RESETS)
                .max_local_error_reset_streams(None)
                .auto_date_header(false);
            // A connection that rests is stopped by itself, in the way that all are in the end.
            let tasks = tasks.of_connection();
            tokio::select! {
                () = tasks.drive(builder.serve_connection(TokioIo::new(Calm::new(stream)), service)) => {}
                () = activity.watch(tasks.stop.clone()) => {}
            }
        });
    });
}

/// Answers a request that came from nowhere but this process as the API does.
pub(crate) fn answer_api(
    core: &Arc<Core>,
    request: Request<Incoming>,
) -> impl Future<Output = Response<Reply>> + use<> {
    Own { core: Arc::clone(core), entrance: Entrance::Api, logs: false, routes: Routes::default() }
        .answer(request, None)
}

/// What a listener has of its own.
#[derive(Clone)]
struct Own {
    core: Arc<Core>,
    entrance: Entrance,
    /// Each call has a line in the API log.
    logs: bool,
    routes: Routes,
}

impl Own {
    async fn answer(self, request: Request<Incoming>, peer: Option<SocketAddr>) -> Response<Reply> {
        let (mut parts, body) = request.into_parts();
        if let Some(refused) = whole::refused(&parts) {
            return refused;
        }
        if self.entrance == Entrance::Api
            && let Some(status) = service::check_token(&self.core, &mut parts.headers)
        {
            return Whole::error(&status).response(proxy::content_type(&parts.headers));
        }
        let request = Request::from_parts(parts, body);
        let path = request.uri().path();
        let method = path.strip_prefix(service::SERVICE).filter(|method| service::has(method)).map(str::to_owned);
        if let Some(method) = method.filter(|_| self.entrance == Entrance::Api) {
            return service::answer(&self.core, method, request).await;
        }
        let path = request.uri().path();
        if path.starts_with("/grpc.reflection.") {
            return made(self.routes, request, peer).await;
        }
        if path.starts_with("/dapr.proto.internals.v1.ServiceInvocation/") && self.entrance == Entrance::Internal {
            return made(self.routes, request, peer).await;
        }
        proxy::proxy(&self.core, self.entrance, request).await
    }
}

/// Lets a service of the sidecar's own answer.
async fn made(routes: Routes, mut request: Request<Incoming>, peer: Option<SocketAddr>) -> Response<Reply> {
    if let Some(peer) = peer {
        let info = tonic::transport::server::TcpConnectInfo { local_addr: None, remote_addr: Some(peer) };
        request.extensions_mut().insert(info);
    }
    // A cancelled request would be taken for one that ended, and the app would see a whole one.
    let broken = |error| Status::aborted(format!("the request broke off: {error}"));
    let request = request.map(|body| tonic::body::Body::new(body.map_err(broken)));
    match routes.oneshot(request).await {
        Ok(mut response) => {
            if response.headers().contains_key(status::GRPC_STATUS) {
                status::word(response.headers_mut());
            }
            response.map(Reply::Made)
        }
    }
}
