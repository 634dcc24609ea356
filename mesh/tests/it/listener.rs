//! Listeners (listener; listeners and ports).

use std::os::unix::net::UnixListener;
use std::time::Duration;

use bytes::Bytes;
use daptop_mesh::ApiListener;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpStream, UnixStream};

use crate::support::{App, Ask, Bed, Pair, Script, Wire, ask, ask_over, settings, soon};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

#[tokio::test]
async fn one_connection_takes_many_requests_one_after_the_other() {
    let pair = Pair::start().await;
    let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", pair.processor.http)).await.unwrap());
    for number in 0..3 {
        wire.send(format!("GET {ORDERS}?n={number} HTTP/1.1\r\nHost: x\r\n\r\n")).await.unwrap();
        assert_eq!(soon("an answer", wire.answer("GET")).await.unwrap().status(), 200);
        assert_eq!(pair.app.seen().await.target(), format!("/orders?n={number}"));
    }
}

#[tokio::test]
async fn the_api_speaks_http_2_by_prior_knowledge() {
    let pair = Pair::start().await;
    let stream = TcpStream::connect(("127.0.0.1", pair.processor.http)).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let target = |path: &str| format!("http://localhost:{}{path}", pair.processor.http);
    let call = Request::post(target(ORDERS)).body(Full::from("{\"orderId\":1}"));
    let answer = soon("an answer", sender.send_request(call.unwrap())).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), r#"{"ok":true}"#);
    let seen = pair.app.seen().await;
    assert_eq!((seen.method(), seen.target(), seen.text().as_str()), ("POST", "/orders", "{\"orderId\":1}"));
    let metadata = Request::get(target("/v1.0/metadata")).body(Full::<Bytes>::default()).unwrap();
    let answer = soon("an answer", sender.send_request(metadata)).await.unwrap();
    let body: serde_json::Value =
        serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(body["id"], "order-processor");
    connection.abort();
}

#[tokio::test]
async fn the_public_port_knows_health_and_metadata_alone() {
    let pair = Pair::start().await;
    let rows = [
        ("GET", "/v1.0/healthz", 204),
        ("GET", "/v1.0/healthz/outbound", 204),
        ("GET", "/v1.0/metadata", 200),
        ("PUT", "/v1.0/metadata/a", 404),
        ("POST", "/v1.0/shutdown", 404),
        ("GET", ORDERS, 404),
        ("GET", "/anything", 404),
    ];
    for (verb, path, status) in rows {
        let asked = Ask::new(verb, path).header("dapr-app-id", "order-processor");
        let answer = ask(pair.processor.public, &asked).await;
        assert_eq!(answer.status(), status, "{verb} {path}");
        if status == 404 {
            assert_eq!(answer.text().trim_end(), "404 page not found", "{verb} {path}");
        }
    }
    assert!(pair.app.take_seen().is_empty());
}

#[tokio::test]
async fn the_api_may_listen_on_a_unix_socket_which_is_removed_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dapr-order-processor-http.socket");
    let app = App::start(Script::default()).await;
    let socket = ApiListener::Unix(UnixListener::bind(&path).unwrap(), path.clone());
    let node = Bed::new().start_with(settings("order-processor", app.port), |listeners| listeners.http = vec![socket]);
    node.wait_for(daptop_mesh::Readiness::Ready).await;
    let answer = ask_over(UnixStream::connect(&path).await.unwrap(), &Ask::post(ORDERS, "{}")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(app.seen().await.target(), "/orders");
    assert!(TcpStream::connect(("127.0.0.1", node.http)).await.is_err(), "it takes the place of the port");
    node.close().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn the_api_may_listen_on_several_addresses() {
    let second = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let address = second.local_addr().unwrap();
    let node =
        Bed::new().start_with(settings("client", None), |listeners| listeners.http.push(ApiListener::Tcp(second)));
    assert_eq!(node.ask(Ask::get("/v1.0/metadata")).await.status(), 200);
    let stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(ask_over(stream, &Ask::get("/v1.0/metadata")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_closing_sidecar_lets_calls_end_and_takes_no_more() {
    let app = App::start(Script { wait: Duration::from_millis(150), ..Script::default() }).await;
    let bed = Bed::new();
    let node = bed.start_ready(settings("order-processor", app.port)).await;
    let port = node.http;
    let running = tokio::spawn(async move { ask(port, &Ask::get(ORDERS)).await });
    app.seen().await;
    soon("the sidecar closes", node.close()).await;
    assert_eq!(running.await.unwrap().status(), 200, "the call that ran came to its end");
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "nobody listens any more");
}
