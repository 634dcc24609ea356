//! The other end of a connection between two sidecars, played by the test with nothing but HTTP/2.

use std::fs::File;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::soon;

/// What one side sent on a stream.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Its headers; pseudo-headers are among them, with their colons.
    pub(super) headers: Vec<(String, String)>,
    /// Its messages.
    pub(super) messages: Vec<Vec<u8>>,
    /// Its trailers, or the headers where there is nothing else.
    pub(super) trailers: HeaderMap,
}

/// Messages, and the trailers after them.
pub(super) type Answer<'a> = (&'a [Vec<u8>], &'a [(&'static str, &'static str)]);
type Accepted = (Request<h2::RecvStream>, h2::server::SendResponse<Bytes>);

/// A sidecar that other processes are told of. Dropping it takes it off the list.
pub(super) struct Listed {
    listener: TcpListener,
    _locked: File,
}

impl Listed {
    pub(super) async fn start(folder: &Path, id: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let path = folder.join(format!("{}-{id}.sidecars.json", std::process::id()));
        let file = File::create(&path).unwrap();
        file.lock().unwrap();
        let entries = json!([{ "appId": id, "namespace": "default", "address": address }]);
        std::fs::write(&path, entries.to_string()).unwrap();
        Self { listener, _locked: file }
    }

    /// Takes one call, answers it with messages once the request has ended, and tells what was asked.
    pub(super) async fn answer(&self, messages: &[Vec<u8>]) -> Sent {
        self.answer_ending(messages, &[("grpc-status", "0")]).await
    }

    /// As [`Self::answer`], with trailers of one's own.
    pub(super) async fn answer_ending(&self, messages: &[Vec<u8>], end: &[(&'static str, &'static str)]) -> Sent {
        self.answer_each(&[(messages, end)]).await.remove(0)
    }

    /// Takes so many calls on one connection, one after the other.
    pub(super) async fn answer_each(&self, answers: &[Answer<'_>]) -> Vec<Sent> {
        let (stream, _) = soon("a connection", self.listener.accept()).await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let (requests, mut accepted) = mpsc::channel(answers.len().max(1));
        tokio::spawn(async move {
            // It goes on until the caller has read all.
            while let Some(Ok(request)) = connection.accept().await {
                drop(requests.send(request).await);
            }
        });
        let mut asked = Vec::new();
        for answer in answers {
            let request = soon("a request", accepted.recv()).await.unwrap();
            asked.push(Self::respond(request, answer).await);
        }
        asked
    }

    async fn respond((request, mut respond): Accepted, (messages, end): &Answer<'_>) -> Sent {
        let (parts, mut body) = request.into_parts();
        let mut headers = vec![
            (":method".to_owned(), parts.method.to_string()),
            (":path".to_owned(), parts.uri.path().to_owned()),
            (":scheme".to_owned(), parts.uri.scheme_str().unwrap_or_default().to_owned()),
        ];
        headers.extend(lines(&parts.headers));
        let asked = Sent { headers, messages: receive(&mut body).await, trailers: HeaderMap::new() };
        let head = Response::builder().header("content-type", "application/grpc").body(()).unwrap();
        let mut stream = respond.send_response(head, false).unwrap();
        for message in *messages {
            stream.send_data(framed(message), false).unwrap();
        }
        let mut trailers = HeaderMap::new();
        trailers.extend(
            end.iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))),
        );
        stream.send_trailers(trailers).unwrap();
        asked
    }
}

/// Calls a sidecar's port for other sidecars.
pub(super) async fn call(port: u16, path: &str, headers: &[(&str, &str)], messages: &[Vec<u8>]) -> Sent {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let mut request = Request::post(format!("http://127.0.0.1:{port}{path}"));
    let own = [("content-type", "application/grpc"), ("te", "trailers")];
    let own = own.iter().filter(|(name, _)| headers.iter().all(|(other, _)| other != name));
    for (name, value) in own.chain(headers) {
        request = request.header(*name, *value);
    }
    let (response, mut stream) = client.send_request(request.body(()).unwrap(), false).unwrap();
    for message in messages {
        // A sidecar that refuses the first need not take the next.
        drop(stream.send_data(framed(message), false));
    }
    drop(stream.send_data(Bytes::new(), true));
    let response = soon("the head of an answer", response).await.unwrap();
    let (parts, mut body) = response.into_parts();
    let mut sent = Sent { headers: lines(&parts.headers), messages: receive(&mut body).await, ..Sent::default() };
    sent.headers.insert(0, (":status".to_owned(), parts.status.as_u16().to_string()));
    sent.trailers = body.trailers().await.unwrap().unwrap_or(parts.headers);
    driver.abort();
    sent
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

/// A message in its frame: not compressed, the length, the bytes.
fn framed(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::from(&[0][..]);
    frame.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(message);
    frame.freeze()
}

async fn receive(body: &mut h2::RecvStream) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(data) = soon("a body", body.data()).await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        bytes.extend_from_slice(&data);
    }
    let (mut rest, mut messages) = (&bytes[..], Vec::new());
    while let [0, a, b, c, d, after @ ..] = rest {
        let (message, next) = after.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        messages.push(message.to_vec());
        rest = next;
    }
    assert!(rest.is_empty(), "whole messages that are not compressed: {rest:?}");
    messages
}
