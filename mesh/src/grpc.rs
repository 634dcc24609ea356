//! The gRPC listeners of a sidecar.

use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tonic::Status;
use tonic::service::Routes;
use tower::ServiceExt as _;

use crate::listen::{Socket, Tasks, accept_all};

/// Serves gRPC on a socket until the tasks are stopped. What `routes` does not have is answered with `Unimplemented`.
pub(crate) fn serve(tasks: &Tasks, socket: Socket, routes: Routes) {
    let routes = routes.prepare();
    let running = tasks.clone();
    accept_all(tasks, socket, move |stream, peer| {
        let routes = routes.clone();
        let tasks = running.clone();
        tasks.running.clone().spawn(async move {
            let service = routes.map_request(move |mut request: Request<Incoming>| {
                if let Some(peer) = peer {
                    let info = tonic::transport::server::TcpConnectInfo { local_addr: None, remote_addr: Some(peer) };
                    request.extensions_mut().insert(info);
                }
                // A cancelled request would be taken for one that ended, and the app would see a whole one.
                let broken = |error| Status::aborted(format!("the request broke off: {error}"));
                request.map(|body| tonic::body::Body::new(body.map_err(broken)))
            });
            let builder = Builder::new(TokioExecutor::new()).http2_only();
            tasks.drive(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))).await;
        });
    });
}
