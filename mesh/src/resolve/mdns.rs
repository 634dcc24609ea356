//! Name resolution over multicast DNS, as Dapr's sidecars do it (Name resolution, mDNS): the app's id is the type of the
//! service. One engine serves all sidecars of a process.

mod addresses;
mod engine;
mod messages;
mod sockets;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use self::addresses::Addresses;
use self::engine::{Engine, Order};
use self::messages::Service;
use crate::Multicast;

/// How long somebody waits for an answer that somebody else has asked for.
const WAITING: Duration = Duration::from_secs(2);
/// Orders that may wait for the engine.
const ORDERS: usize = 256;

/// The way to the engine. Clones share it; it ends with the last of them.
#[derive(Clone, Debug)]
pub(crate) struct Mdns {
    orders: mpsc::Sender<Order>,
    addresses: Arc<Addresses>,
}

/// An app that others can find. It is taken back with [`Mdns::withdraw`].
#[derive(Debug)]
pub(crate) struct Registered(u64);

impl Mdns {
    /// Listens on the interfaces; `None` where there are none, or where that is not wanted. Must be called within a Tokio
    /// runtime.
    pub(crate) fn start(on: Multicast) -> io::Result<Option<Self>> {
        let links = sockets::open(on)?;
        if links.is_empty() {
            return Ok(None);
        }
        let (orders, received) = mpsc::channel(ORDERS);
        let addresses = Arc::new(Addresses::default());
        tokio::spawn(Engine::new(links, Arc::clone(&addresses)).run(received));
        Ok(Some(Self { orders, addresses }))
    }

    /// Lets others find an app: the port is that for other sidecars.
    pub(crate) async fn register(&self, app_id: &str, host: &str, address: IpAddr, port: u16) -> Registered {
        let number = fastrand::u64(..);
        // Several sidecars of a process have the same app id or not; the number keeps their names apart.
        let instance = format!("{host}:{}-{:x}", std::process::id(), number & 0xffff);
        let service = Service { app_id: app_id.to_owned(), instance, host: host.to_owned(), port, address };
        // Without an engine nobody can be told.
        drop(self.orders.send(Order::Register(number, service)).await);
        Registered(number)
    }

    /// Says goodbye: others forget the app. Returns when that has been said.
    pub(crate) async fn withdraw(&self, registered: Registered) {
        let (said, done) = oneshot::channel();
        if self.orders.send(Order::Withdraw(registered.0, said)).await.is_ok() {
            drop(done.await);
        }
    }

    /// Finds an app. The error is in Dapr's words.
    pub(crate) async fn find(&self, app_id: &str) -> Result<String, String> {
        if let Some(address) = self.addresses.next(app_id) {
            return Ok(address.to_string());
        }
        let (tell, told) = oneshot::channel();
        let asked = self.orders.send(Order::Browse(app_id.to_owned(), tell)).await;
        let found = match asked {
            Ok(()) => tokio::time::timeout(WAITING, told).await,
            Err(_) => return Err(format!("couldn't find service: {app_id}")),
        };
        match found {
            Ok(Ok(Some(address))) => Ok(address.to_string()),
            Ok(_) => Err(format!("couldn't find service: {app_id}")),
            Err(_) => Err(format!("timeout waiting for address for app id {app_id}")),
        }
    }
}
