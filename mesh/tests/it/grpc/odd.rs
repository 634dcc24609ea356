//! What no good app and no good caller sends: it ends the one call, in Go's words, and harms nothing.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use daptop_mesh::{AppProtocol, MeshSettings};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use tokio::net::{TcpListener, TcpStream};
use tonic::Code;

use super::{PLACE, caller};
use crate::support::{Ask, Pair, soon};

type Lines = Vec<(&'static str, &'static [u8])>;

/// What an app says: metadata, whether a message, and trailers.
#[derive(Clone, Debug, Default)]
struct Said {
    metadata: Lines,
    message: bool,
    trailers: Option<Lines>,
}

/// An app that is nothing but HTTP/2.
struct Bare(Arc<Mutex<Said>>);

impl Bare {
    async fn pair() -> Pair<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::<Mutex<Said>>::default();
        let saying = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&saying)));
            }
        });
        let change = |settings: &mut daptop_mesh::SidecarSettings| settings.app_protocol = AppProtocol::Grpc;
        Pair::of(Self(said), port, MeshSettings::default(), change).await
    }

    fn says(&self, said: Said) {
        *self.0.lock().unwrap() = said;
    }
}

fn map(lines: &Lines) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static [u8])| {
        (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap())
    };
    lines.iter().map(pair).collect()
}

async fn serve(stream: TcpStream, said: Arc<Mutex<Said>>) {
    // A sidecar that only knocks says no HTTP/2.
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        let said = said.lock().unwrap().clone();
        let mut head = Response::builder().header("content-type", "application/grpc").body(()).unwrap();
        head.headers_mut().extend(map(&said.metadata));
        if let (false, None) = (said.message, &said.trailers) {
            respond.send_response(head, true).unwrap();
            continue;
        }
        let mut stream = respond.send_response(head, false).unwrap();
        let message = if said.message { &b"\0\0\0\0\0"[..] } else { b"" };
        stream.send_data(Bytes::from_static(message), said.trailers.is_none()).unwrap();
        if let Some(trailers) = &said.trailers {
            stream.send_trailers(map(trailers)).unwrap();
        }
    }
}

/// `code: 5, message: "abc"` as a message.
const TOLD: (&str, &[u8]) = ("grpc-status-details-bin", b"CAUSA2FiYw");

/// Trailers, and what the caller gets.
fn rows() -> Vec<(Lines, Code, &'static str)> {
    let parsing = "transport: malformed grpc-status: strconv.ParseInt: parsing";
    let words = |rest: &str| &*Box::leak(format!("{parsing} {rest}").into_boxed_str());
    vec![
        (
            vec![("grpc-status", b"5"), ("grpc-status-details-bin", b"not base64")],
            Code::Internal,
            "transport: malformed grpc-status-details-bin: illegal base64 data at input byte 3",
        ),
        (
            vec![("grpc-status", b"5"), ("x-some-bin", b"\xff")],
            Code::Internal,
            "transport: malformed x-some-bin: illegal base64 data at input byte 0",
        ),
        (vec![("grpc-status", b"five")], Code::Unknown, words("\"five\": invalid syntax")),
        (vec![("grpc-status", b" 5")], Code::Unknown, words("\" 5\": invalid syntax")),
        (vec![("grpc-status", b"99999999999")], Code::Unknown, words("\"99999999999\": value out of range")),
        (vec![("grpc-message", b"no number")], Code::Unknown, "no number"),
        (vec![("grpc-status", b"77"), ("grpc-message", b"new")], Code::Unknown, "new"),
        (vec![("grpc-status", b"5"), ("grpc-message", b"100%25 %zz %")], Code::NotFound, "100% %zz %"),
        (vec![("grpc-status", b"5"), ("grpc-message", b"old"), TOLD], Code::NotFound, "abc"),
        (
            vec![("grpc-status", b"5"), ("grpc-message", b"old"), ("grpc-status-details-bin", b"////")],
            Code::NotFound,
            "old",
        ),
    ]
}

#[tokio::test]
async fn odd_trailers_end_the_call_as_with_gos_client() {
    let pair = Bare::pair().await;
    for (trailers, code, words) in rows() {
        for message in [true, false] {
            for only in [false, true].into_iter().filter(|only| !(*only && message)) {
                let (metadata, rest) = if only { (trailers.clone(), None) } else { (vec![], Some(trailers.clone())) };
                pair.app.says(Said { metadata, message, trailers: rest });
                for (leg, node) in pair.legs() {
                    let got = caller(node).ask(PLACE, b"one").await;
                    assert_eq!((got.code, &*got.words), (code, words), "{leg} {trailers:?} {message} {only}");
                }
            }
        }
    }
}

#[tokio::test]
async fn two_numbers_that_differ_are_told_by_each_sidecar_on_the_way() {
    let pair = Bare::pair().await;
    let trailers = vec![("grpc-status", &b"9"[..]), ("grpc-message", b"old"), TOLD];
    pair.app.says(Said { trailers: Some(trailers), ..Said::default() });
    for (leg, node) in pair.legs() {
        let got = caller(node).ask(PLACE, b"one").await;
        let number = if leg == "remote process" { "Internal" } else { "FailedPrecondition" };
        let begins = format!("grpc-status-details-bin mismatch: grpc-status={number}, grpc-message=\"");
        let ends = "\", grpc-status-details-bin=code:5 message:\"abc\"";
        assert_eq!(got.code, Code::Internal, "{leg}");
        assert!(got.words.starts_with(&begins) && got.words.ends_with(ends), "{leg} {}", got.words);
    }
}

#[tokio::test]
async fn odd_metadata_before_a_message_ends_the_call() {
    let pair = Bare::pair().await;
    let trailers = Some(vec![("grpc-status", &b"0"[..])]);
    pair.app.says(Said { metadata: vec![("x-some-bin", b"Q")], message: true, trailers });
    for (leg, node) in pair.legs() {
        let got = caller(node).ask(PLACE, b"one").await;
        let words = "transport: malformed x-some-bin: illegal base64 data at input byte 0";
        assert_eq!((got.code, &*got.words), (Code::Internal, words), "{leg}");
    }
}

#[tokio::test]
async fn a_callback_with_odd_trailers_is_an_answer_over_http() {
    let pair = Bare::pair().await;
    let trailers = vec![("grpc-status", &b"5"[..]), ("grpc-status-details-bin", b"not base64")];
    pair.app.says(Said { trailers: Some(trailers), ..Said::default() });
    for (leg, node) in pair.legs() {
        let answer = node.ask(Ask::post("/v1.0/invoke/order-processor/method/orders", "{}")).await;
        assert_eq!(answer.status(), 500, "{leg}");
        assert!(answer.text().contains("malformed grpc-status-details-bin: illegal base64"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_callers_metadata_that_is_not_base64_is_refused_before_anything_is_done() {
    let pair = Bare::pair().await;
    for (leg, node) in pair.legs() {
        let stream = TcpStream::connect(("127.0.0.1", node.grpc)).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::post(format!("http://localhost{PLACE}"))
            .header("content-type", "application/grpc")
            .header("dapr-app-id", "order-processor")
            .header("grpc-trace-bin", "!");
        let (answer, _) = client.ready().await.unwrap().send_request(request.body(()).unwrap(), true).unwrap();
        let head = soon("an answer", answer).await.unwrap();
        assert_eq!(head.status(), 400, "{leg}");
        assert_eq!(head.headers()["grpc-status"], "13", "{leg}");
        let words = "malformed binary metadata \"!\" in header \"grpc-trace-bin\": illegal base64 data at input byte 0";
        let said = head.headers()["grpc-message"].to_str().unwrap();
        assert_eq!(said.replace("%20", " ").replace("%22", "\""), words, "{leg}");
    }
}
