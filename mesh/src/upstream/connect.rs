//! Opening connections: TCP, and TLS with or without verification.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::tls::{ANY_CERTIFICATE, VERIFIED};

/// How a connection is secured.
#[derive(Clone, Debug)]
pub(crate) enum Security {
    /// Clear text.
    Plain,
    /// TLS, any certificate is accepted: apps with `https` (App protocols).
    AnyCertificate,
    /// TLS, verified with the system's roots: external URLs.
    Verified,
    /// TLS as an `HTTPEndpoint` says.
    Endpoint(Arc<ClientConfig>),
}

impl Security {
    fn config(&self) -> Option<ClientConfig> {
        match self {
            Self::Plain => None,
            Self::AnyCertificate => Some(ANY_CERTIFICATE.clone()),
            Self::Verified => Some(VERIFIED.clone()),
            Self::Endpoint(config) => Some(ClientConfig::clone(config)),
        }
    }
}

/// Which step of opening a connection failed.
#[derive(Debug)]
pub(super) enum OpenError {
    /// TCP.
    Dial(io::Error),
    /// TLS.
    Handshake(io::Error),
}

/// An open connection.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Clear text.
    Plain(TcpStream),
    /// TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects. `http2` is offered by ALPN where TLS is used; `patience` is how long each of the two steps may take.
    pub(super) async fn open(
        (host, port): (&str, u16),
        security: &Security,
        http2: bool,
        patience: Option<Duration>,
    ) -> Result<Self, OpenError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let tcp = within(patience, TcpStream::connect((host, port))).await.map_err(OpenError::Dial)?;
        if is_to_itself(&tcp) {
            return Err(OpenError::Dial(Errno::CONNREFUSED.into()));
        }
        tcp.set_nodelay(true).map_err(OpenError::Dial)?;
        let Some(mut config) = security.config() else { return Ok(Self::Plain(tcp)) };
        if http2 {
            config.alpn_protocols = vec![b"h2".to_vec()];
        }
        let name =
            ServerName::try_from(host.to_owned()).map_err(|error| OpenError::Handshake(io::Error::other(error)))?;
        let tls = within(patience, TlsConnector::from(Arc::new(config)).connect(name, tcp)).await;
        Ok(Self::Tls(Box::new(tls.map_err(OpenError::Handshake)?)))
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Whether the system knows that the other side has closed the connection, or that it broke.
    pub(super) fn has_ended(&self) -> bool {
        let mut byte = [0_u8];
        match rustix::net::recv(self.tcp(), &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT) {
            Ok((_, waiting)) => waiting == 0,
            Err(error) => !matches!(error, Errno::AGAIN | Errno::INTR),
        }
    }

    /// Its own address and the other one, where they are still known.
    pub(super) fn addresses(&self) -> Option<(SocketAddr, SocketAddr)> {
        let tcp = self.tcp();
        Some((tcp.local_addr().ok()?, tcp.peer_addr().ok()?))
    }
}

/// Whether both ends are the same socket. Where nobody listens on a port that the system gives to callers too, it may give
/// a caller that very port, and TCP then connects the caller to itself. Go's dialer takes that for a refusal as well: an
/// app that is still starting would look as if it listened.
fn is_to_itself(stream: &TcpStream) -> bool {
    stream.local_addr().is_ok_and(|own| stream.peer_addr().is_ok_and(|other| other == own))
}

async fn within<T>(patience: Option<Duration>, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match patience {
        None => step.await,
        Some(patience) => {
            tokio::time::timeout(patience, step).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, data),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, data),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[tokio::test]
    async fn a_caller_that_got_the_port_which_it_calls_has_not_reached_anybody() {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let own = socket.local_addr().unwrap();
        assert!(is_to_itself(&socket.connect(own).await.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert!(!is_to_itself(&TcpStream::connect(listener.local_addr().unwrap()).await.unwrap()));
    }
}
