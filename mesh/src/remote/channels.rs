//! The open connections to other processes, one an address (Servers, clients, pools).

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use crate::grpc;

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From one ping to the next, so that a peer that is gone without a word is noticed.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long the answer to a ping may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// How Go puts it.
const REFUSED: &str = "connect: connection refused";
/// How long a connection that nobody uses is kept.
const MOST_REST: Duration = Duration::from_mins(3);

/// The open connections to other processes, by address.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<HashMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    channel: Channel,
    used: Instant,
}

impl Channels {
    /// The connection to an address, which is opened where there is none. The error is a description in Go's words.
    pub(crate) async fn get(&self, address: &str) -> Result<Channel, String> {
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(address) {
            kept.used = Instant::now();
            return Ok(kept.channel.clone());
        }
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| format!("invalid target address {address}: {error}"))?
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .keep_alive_while_idle(true);
        let channel = endpoint.connect().await.map_err(|error| dialing(address, &error))?;
        let kept = Kept { channel: channel.clone(), used: Instant::now() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address.to_owned(), kept);
        Ok(channel)
    }

    /// Opens another connection the next time. Calls on the old one go on.
    pub(crate) fn forget(&self, address: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
    }

    /// Lets go of what nobody has used for a while.
    pub(crate) fn tidy(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, kept| kept.used.elapsed() < MOST_REST);
    }
}

fn dialing(address: &str, error: &tonic::transport::Error) -> String {
    let reason = match cause::<io::Error>(error) {
        Some(io) if io.kind() == io::ErrorKind::TimedOut => "i/o timeout".to_owned(),
        Some(io) if io.kind() == io::ErrorKind::ConnectionRefused => REFUSED.to_owned(),
        Some(io) => io.to_string(),
        None => error.source().map_or_else(|| error.to_string(), ToString::to_string),
    };
    undialed(address, &reason)
}

fn undialed(address: &str, reason: &str) -> String {
    format!("connection error: desc = \"transport: Error while dialing: dial tcp {address}: {reason}\"")
}

/// The first error of a kind in a chain.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Why a status came from no peer but from a connection to it that broke, in Go's words; `None` where the peer said it, or
/// ended the one stream. Go calls each of them `Unavailable`.
pub(crate) fn broke(status: &Status, address: &str) -> Option<String> {
    let source = status.source()?;
    let stream = cause::<h2::Error>(source).filter(|error| !error.is_io() && !error.is_go_away());
    if stream.is_some_and(|error| error.reason().is_some()) {
        return None;
    }
    match cause::<io::Error>(source) {
        Some(io) if io.kind() == io::ErrorKind::ConnectionRefused => Some(undialed(address, REFUSED)),
        error => Some(grpc::unread(error)),
    }
}
