//! What one invocation through two embedded sidecars costs, capture off and on, beside the app reached directly.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use daptop_mesh::{
    ApiListener, Clock, Events, Listeners, Mesh, MeshSettings, Readiness, Sampling, SidecarSettings, TracingSettings,
};
use divan::Bencher;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

const REQUEST: &[u8] = b"POST /orders HTTP/1.1\r\nHost: localhost\r\ndapr-app-id: order-processor\r\n\
    Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"orderId\": 1}";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n\
    {\"success\": true, \"orderId\": 1234}";

fn main() {
    divan::main();
}

/// The app reached directly: what any way costs at least.
#[divan::bench]
fn direct(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().expect("a runtime");
    round_trips(bencher, app(&runtime));
}

/// Through both sidecars, nothing captured and nothing traced.
#[divan::bench]
fn capture_off(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().expect("a runtime");
    round_trips(bencher, sidecars(&runtime, false));
}

/// Through both sidecars, captured, with trace headers.
#[divan::bench]
fn capture_on(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().expect("a runtime");
    round_trips(bencher, sidecars(&runtime, true));
}

fn round_trips(bencher: Bencher<'_, '_>, to: SocketAddr) {
    let mut stream = TcpStream::connect(to).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    bencher.bench_local(|| {
        stream.write_all(REQUEST).expect("the request is sent");
        let mut answer = [0; 4096];
        let mut length = 0;
        while !is_whole(&answer[..length]) {
            let read = stream.read(&mut answer[length..]).expect("the answer is read");
            assert!(read > 0, "the connection was closed");
            length += read;
        }
    });
}

/// Whether an answer has come to its end: the body's last brace, or the last chunk.
fn is_whole(answer: &[u8]) -> bool {
    answer.ends_with(b"1234}") || answer.ends_with(b"0\r\n\r\n")
}

/// An app that answers each read with the same bytes.
fn app(runtime: &Runtime) -> SocketAddr {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("an address");
    runtime.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.set_nodelay(true).expect("no delay");
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    if stream.write_all(ANSWER).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Two sidecars in front of the app; the address is that of the caller's.
fn sidecars(runtime: &Runtime, capture: bool) -> SocketAddr {
    let app = app(runtime);
    let (events, mut received) = Events::channel(16 << 10, Clock::start());
    runtime.spawn(async move {
        let mut batch = Vec::new();
        while received.receive_many(&mut batch, 1024).await > 0 {
            batch.clear();
        }
    });
    let mesh = Mesh::new(events, MeshSettings { capture, ..MeshSettings::default() });
    let sampling = if capture { Sampling::Rate(1.0) } else { Sampling::Off };
    let start = |id: &str, port| {
        let mut settings = SidecarSettings::new(id.into());
        settings.app_port = port;
        settings.tracing = TracingSettings { sampling, ..TracingSettings::default() };
        let (listeners, address) = listeners();
        let sidecar = runtime.block_on(async { mesh.start_sidecar(settings, listeners) }).expect("a sidecar");
        let mut readiness = sidecar.readiness();
        runtime.block_on(readiness.wait_for(|is| *is == Readiness::Ready)).expect("a ready app");
        // It serves for as long as the runtime of the benchmark.
        std::mem::forget(sidecar);
        address
    };
    start("order-processor", Some(app.port()));
    start("checkout", None)
}

fn listeners() -> (Listeners, SocketAddr) {
    let http = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = http.local_addr().expect("an address");
    let http = vec![ApiListener::Tcp(http)];
    (Listeners { http, grpc: vec![], internal_grpc: vec![], metrics: None, public: None }, address)
}
