//! Which TCP ports processes listen on, from what Linux tells in `/proc`. Elsewhere it is not known.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// The sockets that listen: the port of each inode.
#[derive(Debug)]
pub(super) struct Listening(HashMap<u64, u16>);

impl Listening {
    /// The sockets that listen now; `None` where the system does not tell.
    pub(super) fn now() -> Option<Self> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(std::fs::read_to_string);
        let known = tables.iter().any(Result::is_ok);
        let sockets = tables.iter().flatten().flat_map(|table| table.lines().filter_map(socket)).collect();
        known.then_some(Self(sockets))
    }

    /// The ports that some processes listen on, ascending.
    pub(super) fn ports(&self, processes: &[u32]) -> Arc<[u16]> {
        let descriptors = processes.iter().flat_map(|process| {
            let folder = PathBuf::from("/proc").join(process.to_string()).join("fd");
            // A process may end meanwhile, or belong to somebody else: then nothing is known of it.
            std::fs::read_dir(folder).into_iter().flatten().flatten()
        });
        let inodes = descriptors.filter_map(|descriptor| {
            let target = std::fs::read_link(descriptor.path()).ok()?;
            target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok()
        });
        let ports: BTreeSet<u16> = inodes.filter_map(|inode| self.0.get(&inode).copied()).collect();
        ports.into_iter().collect()
    }
}

/// Inode and port of a line of the table, where the socket listens.
fn socket(line: &str) -> Option<(u64, u16)> {
    let mut columns = line.split_ascii_whitespace();
    let (address, state) = (columns.nth(1)?, columns.nth(1)?);
    let port = u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok()?;
    let inode = columns.nth(5)?.parse().ok()?;
    (state == LISTENS).then_some((inode, port))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_line_tells_inode_and_port_of_a_socket_that_listens() {
        let line =
            "   0: 0100007F:1771 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 49152 1 0";
        assert_eq!(socket(line), Some((49_152, 6_001)));
        assert_eq!(socket(&line.replace(" 0A ", " 01 ")), None);
        assert_eq!(socket("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_ports_of_a_process_are_those_that_it_listens_on() {
        let (open, closed) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("[::1]:0"));
        let port = open.local_addr().unwrap().port();
        let own = [std::process::id()];
        assert!(Listening::now().unwrap().ports(&own).contains(&port));
        if let Ok(second) = &closed {
            let second = second.local_addr().unwrap().port();
            assert!(Listening::now().unwrap().ports(&own).contains(&second), "IPv6 too");
        }
        assert!(Listening::now().unwrap().ports(&[]).is_empty());
    }
}
