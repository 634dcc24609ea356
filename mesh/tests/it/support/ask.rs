//! A caller that sends a request byte by byte as the test writes it.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::wire::latin1;
use super::{Message, Wire, soon};

/// A request. `Host` and the framing of the body are added where they are missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) chunked: bool,
}

impl Ask {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), ..Self::default() }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::new("POST", target) }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn chunked(self) -> Self {
        Self { chunked: true, ..self }
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    /// The request as bytes; characters of Latin-1 become single bytes.
    fn bytes(&self) -> Vec<u8> {
        let mut lines = vec![format!("{} {} HTTP/1.1", self.method, self.target)];
        if !self.has("host") {
            lines.push("Host: localhost".to_owned());
        }
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let mut body = self.body.clone();
        if self.chunked {
            lines.push("Transfer-Encoding: chunked".to_owned());
            if !body.is_empty() {
                body = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n"].concat();
            }
            body.extend(b"0\r\n\r\n");
        } else if !self.has("content-length")
            && (!body.is_empty() || matches!(self.method.as_str(), "POST" | "PUT" | "PATCH"))
        {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        [latin1(&(lines.join("\r\n") + "\r\n\r\n")), body].concat()
    }
}

/// Asks a port of this machine, on a connection of its own.
pub(crate) async fn ask(port: u16, asked: &Ask) -> Message {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    match ask_over(stream, asked).await {
        Ok(answer) => answer,
        Err(error) => panic!("no answer to {} {}: {error}", asked.method, asked.target),
    }
}

/// Asks over a connection. The answer is read while the request is sent: it may come before the request's end.
pub(crate) async fn ask_over(stream: impl AsyncRead + AsyncWrite, asked: &Ask) -> io::Result<Message> {
    let (reader, mut writer) = tokio::io::split(stream);
    let bytes = asked.bytes();
    let send = async {
        // A sidecar may have stopped reading; its answer says why.
        drop(writer.write_all(&bytes).await);
        std::future::pending::<io::Result<Message>>().await
    };
    let mut wire = Wire::new(reader);
    let answered = async {
        tokio::select! {
            answer = send => answer,
            answer = wire.answer(&asked.method) => answer,
        }
    };
    soon("an answer", answered).await
}
