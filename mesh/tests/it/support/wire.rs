//! HTTP/1.1 as bytes, true to what was sent: no library smooths anything over.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A message off a socket. Header names are lower case; bytes beyond ASCII in a head are the characters of Latin-1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
}

impl Message {
    /// The word of the first line at an index.
    fn word(&self, index: usize) -> &str {
        self.line.split(' ').nth(index).unwrap_or_default()
    }

    /// A request's verb.
    pub(crate) fn method(&self) -> &str {
        self.word(0)
    }

    /// A request's target.
    pub(crate) fn target(&self) -> &str {
        self.word(1)
    }

    /// An answer's status; 0 where the first line is none of an answer.
    pub(crate) fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or_default()
    }

    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The `message` of an error of the API; the whole body where it is none.
    pub(crate) fn error(&self) -> String {
        self.json()["message"].as_str().map_or_else(|| self.text(), str::to_owned)
    }
}

/// A socket with what was read from it and not used yet.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Sends bytes.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }

    /// Sends a chunk of a chunked body.
    pub(crate) async fn send_chunk(&mut self, data: &str) -> io::Result<()> {
        self.send(format!("{:x}\r\n{data}\r\n", data.len())).await
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    async fn fill(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    async fn until(&mut self, mark: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(mark.len()).position(|window| window == mark) {
                let found = self.buffer.drain(..at).collect();
                self.buffer.drain(..mark.len());
                return Ok(found);
            }
            self.fill().await?;
        }
    }

    /// Reads so many bytes.
    pub(crate) async fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < count {
            self.fill().await?;
        }
        Ok(self.buffer.drain(..count).collect())
    }

    /// Waits for the other side to close; what it sends before is returned.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await.is_ok() {}
        std::mem::take(&mut self.buffer)
    }

    /// Reads a head.
    pub(crate) async fn head(&mut self) -> io::Result<Message> {
        let text: String = self.until(b"\r\n\r\n").await?.into_iter().map(char::from).collect();
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines.filter_map(field).collect();
        Ok(Message { line, headers, ..Message::default() })
    }

    /// Reads the next chunk of a chunked body; `None` at its end. Trailers are added to the message.
    pub(crate) async fn chunk(&mut self, message: &mut Message) -> io::Result<Option<Vec<u8>>> {
        let line = self.until(b"\r\n").await?;
        let text = String::from_utf8_lossy(&line);
        let size = usize::from_str_radix(text.split(';').next().unwrap_or_default().trim(), 16);
        let size = size.map_err(|_| io::Error::other(format!("no size of a chunk: {text:?}")))?;
        if size > 0 {
            let data = self.exactly(size).await?;
            self.exactly(2).await?;
            return Ok(Some(data));
        }
        loop {
            let line = self.until(b"\r\n").await?;
            if line.is_empty() {
                return Ok(None);
            }
            message.trailers.extend(field(&String::from_utf8_lossy(&line)));
        }
    }

    async fn body(&mut self, message: &mut Message, is_answer: bool) -> io::Result<()> {
        if message.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            while let Some(data) = self.chunk(message).await? {
                message.body.extend(data);
            }
        } else if let Some(length) = message.header("content-length").and_then(|value| value.parse().ok()) {
            message.body = self.exactly(length).await?;
        } else if is_answer {
            message.body = self.rest().await;
        }
        Ok(())
    }

    /// Reads a request to its end.
    pub(crate) async fn request(&mut self) -> io::Result<Message> {
        let mut message = self.head().await?;
        self.body(&mut message, false).await?;
        Ok(message)
    }

    /// Reads an answer to its end. Interim answers are passed over.
    pub(crate) async fn answer(&mut self, to: &str) -> io::Result<Message> {
        let mut message = self.head().await?;
        while (100..200).contains(&message.status()) {
            message = self.head().await?;
        }
        if to != "HEAD" && !matches!(message.status(), 204 | 304) {
            self.body(&mut message, true).await?;
        }
        Ok(message)
    }
}

fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

/// The bytes of a text whose characters are those of Latin-1.
pub(super) fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect()
}
