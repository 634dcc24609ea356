//! Connections to apps and to external URLs.
//!
//! An HTTP/1.1 connection belongs to one call at a time and is driven by that call's own task: no task a connection, no
//! hand-over between threads a request. Between two calls it rests in a pool.

mod answer_body;
mod answer_head;
mod connect;
mod link;
mod multiplexed;
mod origin;
mod outgoing;
mod tls;

pub(crate) use connect::{Security, Stream};
pub(crate) use link::LinkBody;
pub(crate) use multiplexed::{CONNECTION_WINDOW, Multiplexed, STREAM_WINDOW, SendError};
pub(crate) use origin::{Origin, Transport, UpstreamError, address};
pub(crate) use tls::ClientTls;
pub use tls::TlsError;
