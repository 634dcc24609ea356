//! Who listens on a port, from what Linux tells in `/proc`.

use std::collections::BTreeSet;
use std::path::Path;

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// Says who listens on a TCP port; `None` where that cannot be told.
pub(super) fn of(port: u16) -> Option<String> {
    let inodes: BTreeSet<String> =
        ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().flat_map(|table| listening(table, port)).collect();
    if inodes.is_empty() {
        return None;
    }
    let owner = std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let holds = std::fs::read_dir(entry.path().join("fd")).ok()?.flatten().any(|descriptor| {
            let target = std::fs::read_link(descriptor.path()).unwrap_or_default();
            let inode = target.to_str().and_then(|name| name.strip_prefix("socket:[")?.strip_suffix(']'));
            inode.is_some_and(|inode| inodes.contains(inode))
        });
        holds.then(|| (pid, name(&entry.path())))
    });
    Some(match owner {
        Some((pid, name)) => format!("process {pid} ({name}) listens on it"),
        None => "a process of somebody else listens on it".to_owned(),
    })
}

/// The inodes of the sockets in a table that listen on a port.
fn listening(table: &str, port: u16) -> Vec<String> {
    let text = std::fs::read_to_string(table).unwrap_or_default();
    let suffix = format!(":{port:04X}");
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (address, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
            (address.ends_with(&suffix) && *state == LISTENS).then(|| (*inode).to_owned())
        })
        .collect()
}

fn name(process: &Path) -> String {
    let name = std::fs::read_to_string(process.join("comm")).unwrap_or_default();
    // A process chooses its own name, so nothing of it may reach the terminal as it is.
    name.trim().chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}
