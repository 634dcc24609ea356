//! Sidecars on free ports.

use std::net::TcpListener;

use daptop_mesh::{
    ApiListener, Clock, EventReceiver, Events, Listeners, Mesh, MeshSettings, Readiness, Sidecar, SidecarSettings,
};
use daptop_model::AppId;
use tokio::net::TcpSocket;

use super::{Ask, DEADLINE, Message, ask, soon};

/// The address that sidecars tell apps as their own: one that no machine has.
pub(crate) const TOLD_ADDRESS: &str = "192.0.2.7";

/// A mesh, and what it tells.
#[derive(Debug)]
pub(crate) struct Bed {
    pub(crate) mesh: Mesh,
    pub(crate) events: EventReceiver,
}

/// A sidecar and its ports.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) sidecar: Sidecar,
    pub(crate) http: u16,
    pub(crate) grpc: u16,
    pub(crate) internal: u16,
    pub(crate) public: u16,
}

/// The defaults of the runtime, for an app at a port.
pub(crate) fn settings(id: &str, app_port: impl Into<Option<u16>>) -> SidecarSettings {
    SidecarSettings {
        app_port: app_port.into(),
        host_address: Some(TOLD_ADDRESS.to_owned()),
        ..SidecarSettings::new(AppId::new(id))
    }
}

/// A port that refuses connections for as long as the socket is kept: bound, so that nobody else gets it, and deaf.
pub(crate) fn closed_port() -> (u16, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap().port(), socket)
}

impl Bed {
    pub(crate) fn new() -> Self {
        Self::with(MeshSettings::default())
    }

    pub(crate) fn with(settings: MeshSettings) -> Self {
        Self::with_room(settings, 16 << 10)
    }

    /// A mesh whose channel has room for so many events.
    pub(crate) fn with_room(settings: MeshSettings, events: usize) -> Self {
        let (events, receiver) = Events::channel(events, Clock::start());
        Self { mesh: Mesh::new(events, settings), events: receiver }
    }

    /// Starts a sidecar.
    pub(crate) fn start(&self, settings: SidecarSettings) -> Node {
        self.start_with(settings, |_| {})
    }

    /// Starts a sidecar with listeners that the test changes first.
    pub(crate) fn start_with(&self, settings: SidecarSettings, change: impl FnOnce(&mut Listeners)) -> Node {
        let [http, grpc, internal, public] = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let ports = [&http, &grpc, &internal, &public].map(port);
        let mut listeners = Listeners {
            http: vec![ApiListener::Tcp(http)],
            grpc: vec![ApiListener::Tcp(grpc)],
            internal_grpc: vec![internal],
            metrics: None,
            public: Some(public),
        };
        change(&mut listeners);
        let sidecar = self.mesh.start_sidecar(settings, listeners).unwrap();
        let [http, grpc, internal, public] = ports;
        Node { sidecar, http, grpc, internal, public }
    }

    /// Starts a sidecar and waits until its app can be called.
    pub(crate) async fn start_ready(&self, settings: SidecarSettings) -> Node {
        let node = self.start(settings);
        node.wait_for(Readiness::Ready).await;
        node
    }
}

impl Node {
    /// Asks its HTTP API.
    pub(crate) async fn ask(&self, asked: Ask) -> Message {
        ask(self.http, &asked).await
    }

    /// Waits until the sidecar knows this of its app.
    pub(crate) async fn wait_for(&self, readiness: Readiness) {
        let mut known = self.sidecar.readiness();
        soon("what the sidecar knows of its app", known.wait_for(|known| *known == readiness)).await.unwrap();
    }

    pub(crate) async fn close(self) {
        self.sidecar.close(DEADLINE / 2).await;
    }
}
