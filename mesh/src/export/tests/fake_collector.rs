//! A collector that answers as it is told.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};

/// An HTTP server that takes spans.
#[derive(Debug)]
pub(super) struct FakeCollector {
    port: u16,
    shared: Arc<Mutex<Shared>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    status: StatusCode,
    takes: Duration,
    requests: usize,
    spans: Vec<Value>,
}

impl FakeCollector {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Shared { status: StatusCode::ACCEPTED, takes: Duration::ZERO, requests: 0, spans: Vec::new() };
        let shared = Arc::new(Mutex::new(shared));
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { port, shared, task }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api/v2/spans", self.port)
    }

    /// Answers with this status from now on; only what is answered with 2xx is kept.
    pub(super) fn answer(&self, status: StatusCode) {
        self.shared.lock().unwrap().status = status;
    }

    /// Takes this long for each answer from now on.
    pub(super) fn take(&self, time: Duration) {
        self.shared.lock().unwrap().takes = time;
    }

    pub(super) fn requests(&self) -> usize {
        self.shared.lock().unwrap().requests
    }

    pub(super) fn spans(&self) -> Vec<Value> {
        self.shared.lock().unwrap().spans.clone()
    }

    pub(super) async fn wait_for_requests(&self, count: usize) {
        let enough = async {
            while self.requests() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), enough).await.unwrap();
    }
}

impl Drop for FakeCollector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| take(request, Arc::clone(&shared)));
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn take(request: Request<Incoming>, shared: Arc<Mutex<Shared>>) -> Result<Response<Empty<Bytes>>, Infallible> {
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/api/v2/spans"));
    assert_eq!(request.headers()["content-type"], "application/json");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let spans: Vec<Value> = serde_json::from_slice(&body).unwrap();
    let (status, takes) = {
        let mut shared = shared.lock().unwrap();
        shared.requests += 1;
        if shared.status.is_success() {
            shared.spans.extend(spans);
        }
        (shared.status, shared.takes)
    };
    tokio::time::sleep(takes).await;
    Ok(Response::builder().status(status).body(Empty::new()).unwrap())
}

/// A port on which nobody listens for as long as the socket is kept.
pub(super) fn closed_port() -> (u16, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap().port(), socket)
}
