//! An app that answers as it is told, and keeps what reached it.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::wire::latin1;
use super::{Message, Wire, soon};

/// How the app answers.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) framing: Framing,
    pub(crate) wait: Duration,
    pub(crate) act: Act,
}

/// How the app tells where its body ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Framing {
    Length,
    /// In two chunks.
    Chunked,
}

/// What the app does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    Answer,
    /// It answers with the request's body.
    Echo,
    /// It closes the connection without a word.
    Close,
    /// It sends what is not HTTP.
    Garbage,
    /// It announces ten bytes more than it sends.
    Cut,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: br#"{"ok":true}"#.to_vec(),
            framing: Framing::Length,
            wait: Duration::ZERO,
            act: Act::Answer,
        }
    }
}

impl Script {
    /// A status, without headers and body.
    pub(crate) fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }
}

/// A scripted HTTP/1.1 server. Dropping it closes its port and its connections.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<Script>,
    health: Mutex<u16>,
    seen: Mutex<VecDeque<Message>>,
    own: Mutex<Vec<Message>>,
    arrived: Notify,
}

impl App {
    pub(crate) async fn start(script: Script) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), None, script)
    }

    /// Speaks TLS with a certificate that nobody vouches for.
    pub(crate) async fn start_secure(script: Script) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["nobody.example".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), Some(acceptor), script)
    }

    /// Listens on a port that was kept for it.
    pub(crate) async fn start_on(port: u16, script: Script) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), None, script)
    }

    /// Serves a listener, with TLS where there is an acceptor.
    pub(crate) fn on(listener: TcpListener, secure: Option<TlsAcceptor>, script: Script) -> Self {
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            health: Mutex::new(404),
            seen: Mutex::default(),
            own: Mutex::default(),
            arrived: Notify::new(),
        });
        let task = tokio::spawn(accept(listener, secure, Arc::clone(&shared)));
        Self { port, shared, task }
    }

    /// Answers like this from now on.
    pub(crate) fn set(&self, script: Script) {
        *self.shared.script.lock().unwrap() = script;
    }

    /// Answers health probes with this status from now on; 404 until then.
    pub(crate) fn set_health(&self, status: u16) {
        *self.shared.health.lock().unwrap() = status;
    }

    /// What reached it since the last look, the sidecar's own requests apart.
    pub(crate) fn take_seen(&self) -> Vec<Message> {
        self.shared.seen.lock().unwrap().drain(..).collect()
    }

    /// The requests that the sidecar made of its own accord.
    pub(crate) fn own_requests(&self) -> Vec<Message> {
        self.shared.own.lock().unwrap().clone()
    }

    /// The next request that reached it.
    pub(crate) async fn seen(&self) -> Message {
        let next = async {
            loop {
                let arrived = self.shared.arrived.notified();
                if let Some(message) = self.shared.seen.lock().unwrap().pop_front() {
                    return message;
                }
                arrived.await;
            }
        };
        soon("a request reaches the app", next).await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, secure: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let shared = Arc::clone(&shared);
        let secure = secure.clone();
        connections.spawn(async move {
            // The other side may hang up whenever it likes.
            drop(match secure {
                None => serve(Wire::new(stream), &shared).await,
                Some(secure) => match secure.accept(stream).await {
                    Ok(stream) => serve(Wire::new(stream), &shared).await,
                    Err(error) => Err(error),
                },
            });
        });
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut wire: Wire<S>, shared: &Shared) -> io::Result<()> {
    loop {
        let request = wire.request().await?;
        if matches!(request.target(), "/dapr/config" | "/healthz" | "/dapr/subscribe") {
            let status = if request.target() == "/healthz" { *shared.health.lock().unwrap() } else { 404 };
            shared.own.lock().unwrap().push(request);
            wire.send(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n")).await?;
            continue;
        }
        let method = request.method().to_owned();
        let mut script = shared.script.lock().unwrap().clone();
        if script.act == Act::Echo {
            script = Script { act: Act::Answer, body: request.body.clone(), ..script };
        }
        shared.seen.lock().unwrap().push_back(request);
        shared.arrived.notify_waiters();
        if !play(&mut wire, &method, script).await? {
            return Ok(());
        }
    }
}

/// Answers a request; `false` where the connection is to be closed.
async fn play<S: AsyncWrite + Unpin>(wire: &mut Wire<S>, method: &str, script: Script) -> io::Result<bool> {
    tokio::time::sleep(script.wait).await;
    let Script { status, headers, body, framing, act, .. } = script;
    let framing = match (act, framing) {
        (Act::Close, _) => return Ok(false),
        (Act::Garbage, _) => {
            wire.send("this is not HTTP\r\n\r\n").await?;
            return Ok(false);
        }
        (Act::Cut, _) => Some(format!("Content-Length: {}", body.len() + 10)),
        (_, _) if matches!(status, 204 | 304) => None,
        (_, Framing::Chunked) if method != "HEAD" => Some("Transfer-Encoding: chunked".to_owned()),
        (_, Framing::Length | Framing::Chunked) => Some(format!("Content-Length: {}", body.len())),
    };
    let is_chunked = framing.as_deref() == Some("Transfer-Encoding: chunked");
    let mut lines = vec![format!("HTTP/1.1 {status} X")];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend(framing);
    let mut bytes = latin1(&(lines.join("\r\n") + "\r\n\r\n"));
    if is_chunked {
        for part in body.chunks(body.len().div_ceil(2).max(1)) {
            bytes.extend([format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat());
        }
        bytes.extend(b"0\r\n\r\n");
    } else if method != "HEAD" && !matches!(status, 204 | 304) {
        bytes.extend(body);
    }
    wire.send(bytes).await?;
    Ok(act == Act::Answer)
}
