//! The sockets of multicast DNS: one for each interface and family of addresses.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::{InterfaceFlags, if_nametoindex};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use crate::Multicast;

/// The port of multicast DNS.
const PORT: u16 = 5353;
/// Its groups.
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
/// A message does not leave the wire it is sent on: one that says otherwise has passed a router.
const HOPS: u32 = 255;

/// A socket, and the group that it speaks to.
#[derive(Debug)]
pub(super) struct Link {
    /// The socket.
    pub(super) socket: UdpSocket,
    /// The group.
    pub(super) group: SocketAddr,
}

/// An interface: its number, and what addresses it has.
#[derive(Debug, Default)]
struct Interface {
    index: u32,
    v4: Option<Ipv4Addr>,
    v6: bool,
}

/// Opens the sockets. An interface that cannot be used is passed over; the error is that of the last one where none can.
pub(super) fn open(on: Multicast) -> io::Result<Vec<Link>> {
    let (mut links, mut failed) = (Vec::new(), None);
    for interface in interfaces(on)?.values() {
        let v4 = interface.v4.map(link_v4);
        let v6 = interface.v6.then(|| link_v6(interface.index));
        for opened in [v4, v6].into_iter().flatten() {
            match opened {
                Ok(link) => links.push(link),
                Err(error) => failed = Some(error),
            }
        }
    }
    match failed {
        Some(error) if links.is_empty() => Err(error),
        _ => Ok(links),
    }
}

fn interfaces(on: Multicast) -> io::Result<BTreeMap<String, Interface>> {
    let wanted = |flags: InterfaceFlags| {
        let up = flags.contains(InterfaceFlags::IFF_UP);
        let loopback = flags.contains(InterfaceFlags::IFF_LOOPBACK);
        match on {
            Multicast::Off => false,
            Multicast::Loopback => up && loopback,
            Multicast::On => up && !loopback && flags.contains(InterfaceFlags::IFF_MULTICAST),
        }
    };
    let mut found = BTreeMap::new();
    for entry in getifaddrs()?.filter(|entry| wanted(entry.flags)) {
        let Some(address) = entry.address else { continue };
        let index = if_nametoindex(entry.interface_name.as_str())?;
        let interface: &mut Interface = found.entry(entry.interface_name).or_default();
        interface.index = index;
        if let Some(v4) = address.as_sockaddr_in() {
            interface.v4.get_or_insert(v4.ip());
        }
        interface.v6 |= address.as_sockaddr_in6().is_some();
    }
    Ok(found)
}

fn link_v4(interface: Ipv4Addr) -> io::Result<Link> {
    let socket = shared(Domain::IPV4)?;
    #[cfg(target_os = "linux")]
    // Else it would hear what arrives on all other interfaces too.
    socket.set_multicast_all_v4(false)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)).into())?;
    socket.join_multicast_v4(&GROUP_V4, &interface)?;
    socket.set_multicast_if_v4(&interface)?;
    socket.set_multicast_ttl_v4(HOPS)?;
    socket.set_multicast_loop_v4(true)?;
    Ok(Link { socket: UdpSocket::from_std(socket.into())?, group: (GROUP_V4, PORT).into() })
}

fn link_v6(interface: u32) -> io::Result<Link> {
    let socket = shared(Domain::IPV6)?;
    socket.set_only_v6(true)?;
    #[cfg(target_os = "linux")]
    socket.set_multicast_all_v6(false)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT)).into())?;
    socket.join_multicast_v6(&GROUP_V6, interface)?;
    socket.set_multicast_if_v6(interface)?;
    socket.set_multicast_hops_v6(HOPS)?;
    socket.set_multicast_loop_v6(true)?;
    let group = SocketAddrV6::new(GROUP_V6, PORT, 0, interface).into();
    Ok(Link { socket: UdpSocket::from_std(socket.into())?, group })
}

/// A socket whose port others on this machine use as well.
fn shared(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
