//! `--wait`: waits until the sidecar on this machine can be called.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::Streams;

/// How long it waits.
const LIMIT: Duration = Duration::from_mins(1);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_millis(500);
/// From one question to the next.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// From one word about what is missing to the next.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Waits until the sidecar on this port lets calls out, telling on standard error how it goes. The exit code is 0 also
/// where it never does, as the runtime's is.
pub(super) async fn until_ready(port: &str, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let port: u16 = port
        .trim()
        .parse()
        .map_err(|_| anyhow::anyhow!("--dapr-http-port is {port}; it must be the port of the sidecar to wait for"))?;
    let address = format!("http://localhost:{port}/v1.0/healthz/outbound");
    let seconds = LIMIT.as_secs();
    writeln!(streams.err, "Waiting for Dapr to be outbound ready (timeout: {seconds} seconds): url={address}")?;
    let end = Instant::now() + LIMIT;
    let mut tell = Instant::now();
    loop {
        let problem = match ask(port).await {
            Ok(()) => {
                writeln!(streams.err, "Dapr is outbound ready!")?;
                return Ok(0);
            }
            Err(problem) => problem,
        };
        if Instant::now() >= end {
            writeln!(streams.err, "timeout waiting for Dapr to become outbound ready. Last error: {problem:#}")?;
            return Ok(0);
        }
        if Instant::now() >= tell {
            tell = Instant::now() + TELL_EVERY;
            writeln!(streams.err, "Dapr outbound NOT ready yet: {problem:#}")?;
        }
        sleep(ASK_EVERY).await;
    }
}

async fn ask(port: u16) -> anyhow::Result<()> {
    let status = timeout(ANSWER, status(port)).await.map_err(|_| anyhow::anyhow!("no answer within {ANSWER:?}"))??;
    anyhow::ensure!(status == StatusCode::NO_CONTENT, "HTTP status code {}", status.as_u16());
    Ok(())
}

async fn status(port: u16) -> anyhow::Result<StatusCode> {
    let stream = TcpStream::connect(("localhost", port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get("/v1.0/healthz/outbound")
        .header(http::header::HOST, format!("localhost:{port}"))
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await;
    connection.abort();
    Ok(answer?.status())
}
