//! An app that the test plays itself, byte by byte.

use tokio::net::{TcpListener, TcpStream};

use super::{Message, Wire, soon};

/// A listener whose connections the test serves.
#[derive(Debug)]
pub(crate) struct ByHand {
    pub(crate) port: u16,
    listener: TcpListener,
}

impl ByHand {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { port: listener.local_addr().unwrap().port(), listener }
    }

    /// The next request's head, and the connection that it came on. Connections without a request, such as the sidecar's
    /// knocking, are passed over.
    pub(crate) async fn request(&self) -> (Wire<TcpStream>, Message) {
        let next = async {
            loop {
                let (stream, _) = self.listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut wire = Wire::new(stream);
                if let Ok(head) = wire.head().await {
                    return (wire, head);
                }
            }
        };
        soon("a request reaches the app", next).await
    }
}
