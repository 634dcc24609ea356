//! The task that speaks multicast DNS: it asks, answers, announces and says goodbye.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use simple_dns::{Packet, PacketFlag};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::addresses::Addresses;
use super::messages::{self, Service};
use super::sockets::Link;

/// How long the first who asks for an app waits for an answer.
const BROWSING: Duration = Duration::from_secs(1);
/// From one refresh of what is known to the next.
const REFRESH: Duration = Duration::from_secs(30);
/// The longest pause after a probe, in milliseconds.
const PROBE_PAUSE: u64 = 250;
/// From the first announcement to the second.
const ANNOUNCE_AGAIN: Duration = Duration::from_secs(1);
/// Packets that may wait to be read; more are lost, as packets may be.
const PACKETS: usize = 256;
/// The largest packet.
const LARGEST: usize = 9000;
/// How many may wait for one app.
const MOST_WAITING: usize = 4096;

/// What the engine is asked to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Announce a service, and answer for it.
    Register(u64, Service),
    /// Say goodbye for it, and tell when that is done.
    Withdraw(u64, oneshot::Sender<()>),
    /// Find an app; `None` where nobody answers.
    Browse(String, oneshot::Sender<Option<SocketAddr>>),
}

/// Something for later.
enum Due {
    Probe(u64),
    Announce(u64),
    EndBrowsing(String),
    Refresh,
}

/// The state of the task.
pub(super) struct Engine {
    links: Arc<[Link]>,
    services: HashMap<u64, Service>,
    waiting: HashMap<String, Vec<oneshot::Sender<Option<SocketAddr>>>>,
    addresses: Arc<Addresses>,
    due: Vec<(Instant, Due)>,
}

struct Received {
    data: Vec<u8>,
    link: usize,
    from: SocketAddr,
}

impl Engine {
    /// An engine that knows nobody.
    pub(super) fn new(links: Vec<Link>, addresses: Arc<Addresses>) -> Self {
        let due = vec![(Instant::now() + REFRESH, Due::Refresh)];
        Self { links: links.into(), services: HashMap::new(), waiting: HashMap::new(), addresses, due }
    }

    /// Runs until nobody can give orders any more.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let (heard, mut packets) = mpsc::channel(PACKETS);
        let mut listening = JoinSet::new();
        for index in 0..self.links.len() {
            listening.spawn(listen(Arc::clone(&self.links), index, heard.clone()));
        }
        loop {
            let next = self.due.iter().map(|(at, _)| *at).min().unwrap_or_else(|| Instant::now() + REFRESH);
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Some(received) = packets.recv() => self.hear(&received).await,
                () = sleep_until(next) => self.catch_up().await,
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Register(number, service) => {
                self.services.insert(number, service);
                let mut at = Instant::now();
                for what in [Due::Probe, Due::Probe, Due::Announce, Due::Announce] {
                    let due = what(number);
                    let pause = match due {
                        Due::Probe(_) => Duration::from_millis(fastrand::u64(..PROBE_PAUSE)),
                        _ => ANNOUNCE_AGAIN,
                    };
                    self.due.push((at, due));
                    at += pause;
                }
            }
            Order::Withdraw(number, said) => {
                if let Some(service) = self.services.remove(&number) {
                    self.shout(service.goodbye()).await;
                }
                if said.send(()).is_err() {
                    tracing::trace!("nobody waits for a goodbye any more");
                }
            }
            Order::Browse(app_id, tell) => {
                let waiting = self.waiting.entry(app_id.clone()).or_default();
                if waiting.len() < MOST_WAITING {
                    waiting.push(tell);
                }
                if waiting.len() == 1 {
                    self.due.push((Instant::now() + BROWSING, Due::EndBrowsing(app_id.clone())));
                    self.shout(messages::query(&app_id)).await;
                }
            }
        }
    }

    async fn catch_up(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.due).into_iter().partition(|(at, _)| *at <= now);
        self.due = later;
        let mut due: Vec<(Instant, Due)> = due;
        due.sort_by_key(|(at, _)| *at);
        for (_, what) in due {
            match what {
                Due::Probe(number) => {
                    if let Some(message) = self.services.get(&number).map(Service::probe) {
                        self.shout(message).await;
                    }
                }
                Due::Announce(number) => {
                    if let Some(message) = self.services.get(&number).map(Service::announcement) {
                        self.shout(message).await;
                    }
                }
                Due::EndBrowsing(app_id) => self.tell(&app_id, None),
                Due::Refresh => {
                    self.due.push((now + REFRESH, Due::Refresh));
                    for app_id in self.addresses.apps() {
                        self.shout(messages::query(&app_id)).await;
                    }
                }
            }
        }
    }

    /// Tells those who wait for an app.
    fn tell(&mut self, app_id: &str, address: Option<SocketAddr>) {
        for waiting in self.waiting.remove(app_id).unwrap_or_default() {
            if waiting.send(address).is_err() {
                tracing::trace!(app_id, "somebody waits no more");
            }
        }
        self.due.retain(|(_, due)| !matches!(due, Due::EndBrowsing(other) if other == app_id));
    }

    async fn hear(&mut self, received: &Received) {
        let Ok(packet) = Packet::parse(&received.data) else { return };
        if packet.has_flags(PacketFlag::RESPONSE) {
            for told in messages::told(&packet) {
                self.learn(told).await;
            }
        } else if packet.name_servers.is_empty() {
            self.answer(&packet, received).await;
        }
    }

    async fn learn(&mut self, told: messages::Told) {
        let waited_for = self.waiting.contains_key(&told.app_id);
        if told.gone {
            self.addresses.remove(&told.app_id, told.address);
        } else if waited_for || self.addresses.knows(&told.app_id) {
            self.addresses.add(&told.app_id, told.address);
            if waited_for {
                let first = self.addresses.next(&told.app_id);
                self.tell(&told.app_id, first);
                // There may be more of them than the one that was quickest.
                self.shout(messages::query(&told.app_id)).await;
            }
        }
    }

    async fn answer(&self, packet: &Packet<'_>, received: &Received) {
        for question in &packet.questions {
            for service in self.services.values() {
                let Ok(Some(answer)) = service.answer(packet.id(), question) else { continue };
                if question.unicast_response {
                    if let Some(link) = self.links.get(received.link) {
                        send(link, &answer, received.from).await;
                    }
                } else {
                    self.shout(Ok(answer)).await;
                }
            }
        }
    }

    /// Sends a message to every group.
    async fn shout(&self, message: Result<Vec<u8>, simple_dns::SimpleDnsError>) {
        let message = match message {
            Ok(message) => message,
            Err(error) => return tracing::warn!("a name does not fit into a message of mDNS: {error}"),
        };
        for link in self.links.iter() {
            send(link, &message, link.group).await;
        }
    }
}

async fn send(link: &Link, message: &[u8], to: SocketAddr) {
    if let Err(error) = link.socket.send_to(message, to).await {
        // An interface may have gone.
        tracing::debug!("a message of mDNS could not be sent to {to}: {error}");
    }
}

async fn listen(links: Arc<[Link]>, index: usize, heard: mpsc::Sender<Received>) {
    let Some(link) = links.get(index) else { return };
    let mut buffer = vec![0; LARGEST];
    loop {
        match link.socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                let data = buffer.get(..length).unwrap_or_default().to_vec();
                // A full queue loses packets, as networks do.
                drop(heard.try_send(Received { data, link: index, from }));
            }
            Err(error) => {
                tracing::debug!("nothing could be received for mDNS: {error}");
                tokio::time::sleep(REFRESH).await;
            }
        }
    }
}
