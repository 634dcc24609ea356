//! Binds one port on several addresses.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use tokio::time::Instant;

use super::holder;
use crate::paths;

/// From one try for a port that is taken to the next.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// How many free ports are tried before giving up: a port that is free on one address may be taken on another.
const TRIES: usize = 100;

/// An address to listen on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Address {
    address: IpAddr,
    /// Not every machine has it: where it is missing, nothing is bound.
    optional: bool,
}

impl Address {
    /// An address that must be there.
    pub(crate) fn needed(address: IpAddr) -> Self {
        Self { address, optional: false }
    }
}

/// One port, held on its addresses.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// One for each address.
    pub(crate) listeners: Vec<TcpListener>,
    /// The port.
    pub(crate) port: u16,
}

/// Loopback in both families: a client that asks for `localhost` may try either first.
pub(crate) fn loopback() -> Vec<Address> {
    vec![
        Address { address: Ipv4Addr::LOCALHOST.into(), optional: false },
        Address { address: Ipv6Addr::LOCALHOST.into(), optional: true },
    ]
}

/// The addresses that are written in `apiListenAddresses` or `--dapr-listen-addresses`; loopback where none is.
pub(crate) fn addresses(written: &[String]) -> Result<Vec<Address>, String> {
    let mut addresses: Vec<Address> = Vec::new();
    for text in written {
        let host = text.trim_start_matches('[').trim_end_matches(']');
        let found = (host, 0).to_socket_addrs().map_err(|error| {
            format!("the listen address {text:?} is no address of this machine: {}", paths::reason(&error))
        })?;
        for address in found.map(|found| Address::needed(found.ip())) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    let all = Address::needed(Ipv6Addr::UNSPECIFIED.into());
    if addresses.contains(&all) {
        // It takes the port in both families, so that no other address can be bound besides.
        addresses = vec![all];
    }
    Ok(if addresses.is_empty() { loopback() } else { addresses })
}

/// Binds a port that was asked for. The error says who has it, where that can be told.
pub(crate) fn exactly(port: u16, addresses: &[Address]) -> Result<Bound, String> {
    bind(port, addresses).map_err(|(address, error)| refused(port, address, &error))
}

/// [`exactly`], tried again for as long as somebody else has the port, at the longest for `patience`. Before the second
/// try `waits` is told who that is.
pub(crate) async fn exactly_within(
    patience: Duration,
    port: u16,
    addresses: &[Address],
    waits: impl FnOnce(&str),
) -> Result<Bound, String> {
    let end = Instant::now() + patience;
    let mut waits = Some(waits);
    loop {
        match bind(port, addresses) {
            Ok(bound) => return Ok(bound),
            Err((address, error)) if error.kind() != io::ErrorKind::AddrInUse || Instant::now() >= end => {
                return Err(refused(port, address, &error));
            }
            Err((address, error)) => {
                if let Some(waits) = waits.take() {
                    waits(&refused(port, address, &error));
                }
                tokio::time::sleep(TRY_EVERY).await;
            }
        }
    }
}

fn refused(port: u16, address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => holder::of(port).unwrap_or_else(|| "it is in use".to_owned()),
        _ => format!("cannot listen on {address}: {}", paths::reason(error)),
    }
}

/// Binds a free port, other than those to avoid.
pub(crate) fn any(avoid: &BTreeSet<u16>, addresses: &[Address]) -> Result<Bound, String> {
    // What is not wanted is kept until the end, or the system would offer it again.
    let mut unwanted = Vec::new();
    for _ in 0..TRIES {
        let (first, rest) = addresses.split_first().ok_or("no address to listen on")?;
        let told =
            |address: SocketAddr, error: &io::Error| format!("cannot listen on {address}: {}", paths::reason(error));
        let mut bound = bind(0, &[*first]).map_err(|(address, error)| told(address, &error))?;
        if avoid.contains(&bound.port) {
            unwanted.push(bound);
            continue;
        }
        match bind(bound.port, rest) {
            Ok(others) => {
                bound.listeners.extend(others.listeners);
                return Ok(bound);
            }
            Err((_, error)) if error.kind() == io::ErrorKind::AddrInUse => unwanted.push(bound),
            Err((address, error)) => return Err(told(address, &error)),
        }
    }
    Err(format!("{TRIES} ports were tried and none is free on every address"))
}

fn bind(port: u16, addresses: &[Address]) -> Result<Bound, (SocketAddr, io::Error)> {
    let mut bound = Bound { listeners: Vec::new(), port };
    for Address { address, optional } in addresses {
        let at = SocketAddr::new(*address, port);
        match listen(at) {
            Ok((listener, port)) => {
                bound.port = port;
                bound.listeners.push(listener);
            }
            Err(error) if *optional && error.kind() != io::ErrorKind::AddrInUse => {}
            Err(error) => return Err((at, error)),
        }
    }
    Ok(bound)
}

fn listen(at: SocketAddr) -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(at)?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}
