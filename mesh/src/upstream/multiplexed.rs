//! One HTTP/2 connection to a place, shared by every gRPC call that goes there, and opened anew once it has ended
//! (Servers, clients, pools).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Builder, Connection, ResponseFuture, SendRequest};
use h2::{Ping, PingPong, SendStream};
use http::Request;
use http::uri::{Authority, Scheme};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::connect::OpenError;
use super::origin::address;
use super::{Security, Stream, UpstreamError};
use crate::capture::Record;

/// How much of one stream's answer may be on its way, in bytes: a slow reader holds up this much and no more.
pub(crate) const STREAM_WINDOW: u32 = 64 << 10;
/// How much of all streams' answers together. The streams' own windows are the bound; a smaller one would let streams
/// that nobody reads hold up all others.
pub(crate) const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// How long opening a connection may take: to an app (App dial timeout).
const DIAL_TIMEOUT: Duration = Duration::from_secs(20);
/// Client keepalive: from one ping to the next.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// Client keepalive: how long the answer to a ping may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a call could not be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// No connection could be opened.
    #[error(transparent)]
    Open(#[from] UpstreamError),
    /// The connection ended while it was opened, or as soon as it stood.
    #[error(transparent)]
    Http2(#[from] h2::Error),
}

/// A place that is reached over one connection.
#[derive(Debug)]
pub(crate) struct Multiplexed {
    host: String,
    port: u16,
    security: Security,
    authority: Option<Authority>,
    /// Pings show whether the other side is still there: between sidecars, not to apps.
    pings: bool,
    max_header_list: u32,
    open: Mutex<Option<Open>>,
    /// One caller opens, the others wait for it.
    opening: Semaphore,
}

#[derive(Clone, Debug)]
struct Open {
    sender: SendRequest<Bytes>,
    ended: Arc<AtomicBool>,
}

impl Multiplexed {
    /// A place without a connection. `max_header_list` is the largest head of an answer, in bytes.
    pub(crate) fn new(host: &str, port: u16, security: Security, pings: bool, max_header_list: u32) -> Self {
        Self {
            host: host.to_owned(),
            port,
            security,
            authority: address(host, port).parse().ok(),
            pings,
            max_header_list,
            open: Mutex::default(),
            opening: Semaphore::new(1),
        }
    }

    /// Scheme and authority for the head of a request.
    pub(crate) fn place(&self) -> (Scheme, Option<Authority>) {
        let scheme = if matches!(self.security, Security::Plain) { Scheme::HTTP } else { Scheme::HTTPS };
        (scheme, self.authority.clone())
    }

    /// Sends the head of a call. Waits while as many streams are open as the other side allows. A connection that turns
    /// out to have ended is opened anew, once, and `record` is told.
    pub(crate) async fn send(
        &self,
        head: &Request<()>,
        ended: bool,
        record: Option<&Record>,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), SendError> {
        let mut again = true;
        loop {
            let open = self.connection().await?;
            let sent = match open.sender.clone().ready().await {
                Ok(mut sender) => sender.send_request(copy(head), ended),
                Err(error) => Err(error),
            };
            match sent {
                Ok(sent) => return Ok(sent),
                Err(error) if again => {
                    again = false;
                    self.forget(&open);
                    if let Some(record) = record {
                        record.try_failed(&format!("the connection had ended: {error}"));
                        record.tries_again();
                    }
                }
                Err(error) => {
                    self.forget(&open);
                    return Err(error.into());
                }
            }
        }
    }

    async fn connection(&self) -> Result<Open, SendError> {
        if let Some(open) = self.standing() {
            return Ok(open);
        }
        // The semaphore is never closed.
        let _turn = self.opening.acquire().await.ok();
        match self.standing() {
            Some(open) => Ok(open),
            None => self.dial().await,
        }
    }

    fn standing(&self) -> Option<Open> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().filter(|open| !open.ended.load(Ordering::Acquire)).cloned()
    }

    fn forget(&self, gone: &Open) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|open| Arc::ptr_eq(&open.ended, &gone.ended)) {
            *open = None;
        }
    }

    async fn dial(&self) -> Result<Open, SendError> {
        let place = (self.host.as_str(), self.port);
        let stream =
            Stream::open(place, &self.security, true, Some(DIAL_TIMEOUT)).await.map_err(|error| match error {
                OpenError::Dial(source) => UpstreamError::Connect { address: address(&self.host, self.port), source },
                OpenError::Handshake(error) => UpstreamError::Handshake(error),
            })?;
        let (sender, mut connection) = Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(self.max_header_list)
            .max_local_error_reset_streams(None)
            .enable_push(false)
            .handshake::<_, Bytes>(stream)
            .await?;
        let ended = Arc::new(AtomicBool::new(false));
        let pings = if self.pings { connection.ping_pong() } else { None };
        tokio::spawn(drive(connection, pings, Arc::clone(&ended)));
        let open = Open { sender, ended };
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open.clone());
        Ok(open)
    }
}

/// Moves a connection until it ends: when the other side closes it or stops to answer pings, or when nobody here holds it
/// any more. Its calls tell of errors.
async fn drive(connection: Connection<Stream, Bytes>, pings: Option<PingPong>, ended: Arc<AtomicBool>) {
    match pings {
        None => drop(connection.await),
        Some(pings) => tokio::select! {
            ended = connection => drop(ended),
            () = silence(pings) => {}
        },
    }
    ended.store(true, Ordering::Release);
}

/// Waits until a ping is not answered in time.
async fn silence(mut pings: PingPong) {
    loop {
        sleep(PING_INTERVAL).await;
        if !matches!(timeout(PING_TIMEOUT, pings.ping(Ping::opaque())).await, Ok(Ok(_))) {
            return;
        }
    }
}

fn copy(head: &Request<()>) -> Request<()> {
    let mut copy = Request::new(());
    *copy.method_mut() = head.method().clone();
    *copy.uri_mut() = head.uri().clone();
    *copy.version_mut() = head.version();
    *copy.headers_mut() = head.headers().clone();
    copy
}
