//! What apps speak (app protocols; client properties).

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use daptop_mesh::{AppProtocol, MeshSettings};
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::{App, Ask, Bed, Pair, Script, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders?a=b";

#[tokio::test]
async fn an_app_may_speak_https_with_a_certificate_that_nobody_vouches_for() {
    let app = App::start_secure(Script::default()).await;
    let port = app.port;
    let https = |settings: &mut daptop_mesh::SidecarSettings| settings.app_protocol = AppProtocol::Https;
    let pair = Pair::of(app, port, MeshSettings::default(), https).await;
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::post(ORDERS, "hello")).await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, r#"{"ok":true}"#), "{leg}");
        let seen = pair.app.seen().await;
        assert_eq!((seen.method(), seen.target(), seen.text().as_str()), ("POST", "/orders?a=b", "hello"), "{leg}");
        assert_eq!(seen.line, "POST /orders?a=b HTTP/1.1", "{leg}");
    }
}

#[tokio::test]
async fn a_url_of_https_is_verified_unless_the_app_itself_speaks_https() {
    let other = App::start_secure(Script::default()).await;
    let bed = Bed::new();
    for (protocol, status) in [(AppProtocol::Http, 500), (AppProtocol::Https, 200)] {
        let node = bed.start(daptop_mesh::SidecarSettings { app_protocol: protocol, ..settings("checkout", None) });
        let answer = node.ask(Ask::get(&format!("/v1.0/invoke/https://127.0.0.1:{}/method/orders", other.port))).await;
        assert_eq!(answer.status(), status, "{protocol:?}: {}", answer.text());
        node.close().await;
    }
    assert_eq!(other.take_seen().len(), 1);
}

#[tokio::test]
async fn an_app_may_be_at_another_address() {
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let app = App::on(listener, None, Script::default());
    let port = app.port;
    let elsewhere = |settings: &mut daptop_mesh::SidecarSettings| settings.app_channel_address = "127.0.0.2".to_owned();
    let pair = Pair::of(app, port, MeshSettings::default(), elsewhere).await;
    for (leg, node) in pair.legs() {
        assert_eq!(node.ask(Ask::get(ORDERS)).await.status(), 200, "{leg}");
        assert_eq!(pair.app.seen().await.header("host"), Some(format!("127.0.0.2:{port}").as_str()), "{leg}");
    }
}

/// What an app of HTTP/2 saw: version, verb, path and query, `:authority` and the body.
type Seen = (Version, String, String, String, Bytes);

async fn h2c_app(listener: TcpListener, seen: Arc<Mutex<Vec<Seen>>>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let seen = Arc::clone(&seen);
        let service = service_fn(move |request: Request<Incoming>| {
            let seen = Arc::clone(&seen);
            async move {
                let (parts, body) = request.into_parts();
                let path = parts.uri.path_and_query().unwrap().to_string();
                let authority = parts.uri.authority().map(ToString::to_string).unwrap_or_default();
                let body = body.collect().await.unwrap().to_bytes();
                if path != "/dapr/config" {
                    seen.lock().unwrap().push((parts.version, parts.method.to_string(), path, authority, body));
                }
                let answer = Response::builder().status(201).header("x-app", "h2c").body(Full::<Bytes>::from("stored"));
                Ok::<_, Infallible>(answer.unwrap())
            }
        });
        connections.spawn(async move {
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            drop(server.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

#[tokio::test]
async fn an_app_may_speak_http_2_in_clear_text() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::default();
    let app = tokio::spawn(h2c_app(listener, Arc::clone(&seen)));
    let h2c = |settings: &mut daptop_mesh::SidecarSettings| settings.app_protocol = AppProtocol::H2c;
    let pair = Pair::of((), port, MeshSettings::default(), h2c).await;
    for (leg, node) in pair.legs() {
        for asked in [Ask::post(ORDERS, "hello"), Ask::post(ORDERS, "hello").chunked()] {
            let answer = node.ask(asked).await;
            assert_eq!((answer.status(), answer.text().as_str()), (201, "stored"), "{leg}");
            assert_eq!(answer.header("x-app"), Some("h2c"), "{leg}");
            let want =
                (Version::HTTP_2, "POST".into(), "/orders?a=b".into(), format!("127.0.0.1:{port}"), "hello".into());
            assert_eq!(seen.lock().unwrap().pop(), Some(want), "{leg}");
        }
    }
    app.abort();
}
