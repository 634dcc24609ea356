//! Listeners (listener; listeners and ports).

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use bytes::Bytes;
use daptop_mesh::{ApiListener, SidecarSettings};
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use crate::support::{App, Ask, Bed, DEADLINE, Pair, Script, Wire, ask, ask_over, settings, soon};

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

/// Frames until one of a kind on a stream: its flags and what it carries.
async fn frame(stream: &mut TcpStream, kind: u8, number: u32) -> (u8, Vec<u8>) {
    loop {
        let mut head = [0; 9];
        soon("a frame", stream.read_exact(&mut head)).await.unwrap();
        let [high, middle, low, is, flags, of @ ..] = head;
        let mut carried = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        soon("a frame", stream.read_exact(&mut carried)).await.unwrap();
        if is == kind && u32::from_be_bytes(of) == number {
            return (flags, carried);
        }
    }
}

/// A request that asks for HTTP/2, whose client has read that it is agreed and has said its settings.
async fn upgraded(port: u16, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "POST {ORDERS}?a=1 HTTP/1.1\r\nHost: sidecar\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let agreed = "HTTP/1.1 101 Switching Protocols\r\n";
    let mut answer = vec![0; agreed.len()];
    soon("an answer", stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), agreed);
    let mut headers = Vec::new();
    while !headers.ends_with(b"\r\n\r\n") {
        headers.push(soon("a header", stream.read_u8()).await.unwrap());
    }
    let headers = String::from_utf8(headers).unwrap();
    assert!(headers.contains("Connection: Upgrade\r\n") && headers.contains("Upgrade: h2c\r\n"), "{headers}");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    stream
}

#[tokio::test]
async fn a_request_may_ask_to_go_on_in_http_2_and_is_answered_so() {
    let pair = Pair::start().await;
    for body in ["{\"orderId\":1}".to_owned(), "x".repeat(65_535)] {
        let mut stream = upgraded(pair.processor.http, &body).await;
        // `:status: 200` is the eighth entry of the table.
        let (flags, head) = frame(&mut stream, 1, 1).await;
        assert_eq!((flags & 4, head[0]), (4, 0x88), "{head:?}");
        assert_eq!(frame(&mut stream, 0, 1).await.1, br#"{"ok":true}"#);
        let seen = pair.app.seen().await;
        assert_eq!((seen.method(), seen.target(), seen.text()), ("POST", "/orders?a=1", body));
        assert_eq!(seen.header("content-type"), Some("application/json"));
        for name in ["upgrade", "http2-settings", "connection"] {
            assert_eq!(seen.header(name), None, "{name}");
        }
        // GET /v1.0/healthz, on the next stream.
        let block = [&b"\x82\x86\x00\x05:path\x0d/v1.0/healthz\x00\x0a:authority\x01x"[..]].concat();
        let length = u8::try_from(block.len()).unwrap();
        stream.write_all(&[&[0, 0, length, 1, 5, 0, 0, 0, 3], &block[..]].concat()).await.unwrap();
        assert_eq!(frame(&mut stream, 1, 3).await.1[0], 0x89, "`:status: 204` is the ninth");
    }
}

#[tokio::test]
async fn a_wish_for_http_2_is_not_granted_where_it_is_not_spoken() {
    let app = App::start(Script::default()).await;
    let bed = Bed::new();
    let settings = SidecarSettings { disable_h2c: true, ..settings("order-processor", app.port) };
    let node = bed.start_ready(settings).await;
    let ask = Ask::get(ORDERS).header("Connection", "Upgrade, HTTP2-Settings").header("Upgrade", "h2c");
    let answer = node.ask(ask.header("HTTP2-Settings", "")).await;
    assert_eq!((answer.status(), answer.text()), (200, r#"{"ok":true}"#.to_owned()));
    let mut knowing = TcpStream::connect(("127.0.0.1", node.http)).await.unwrap();
    knowing.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut first = [0; 9];
    let read = soon("an answer or the end", knowing.read(&mut first)).await;
    assert!(read.is_err() || first[3] != 4, "a frame of settings is HTTP/2: {first:?}");
}

#[tokio::test]
async fn a_head_has_ten_seconds_and_a_connection_rests_for_longer() {
    let pair = Pair::start().await;
    let connect = || TcpStream::connect(("127.0.0.1", pair.processor.http));
    let mut resting = Wire::new(connect().await.unwrap());
    let ask = format!("GET {ORDERS} HTTP/1.1\r\nHost: x\r\n\r\n");
    resting.send(ask.clone()).await.unwrap();
    assert_eq!(soon("an answer", resting.answer("GET")).await.unwrap().status(), 200);
    let mut slow = connect().await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let begun = Instant::now();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(2 * DEADLINE, slow.read_to_end(&mut answer)).await.expect("the end");
    assert!(read.is_err() || answer.is_empty(), "{answer:?}");
    assert!(begun.elapsed() > Duration::from_millis(9500), "{:?}", begun.elapsed());
    resting.send(ask).await.unwrap();
    assert_eq!(soon("an answer", resting.answer("GET")).await.unwrap().status(), 200);
}
