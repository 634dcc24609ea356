//! The port for other sidecars where none is written: one that stays the same from run to run. (Listeners and ports)

use std::path::Path;

use ring::digest::{SHA256, digest};

/// The first port that it can be.
const START: u16 = 47300;

/// The port of an app id in a folder, for a user of a machine.
pub(super) fn of(app_id: &str, folder: &Path, uid: u32, host: &str) -> u16 {
    let place = format!("{app_id}|{}|{uid}|{host}", folder.display());
    let hash = digest(&SHA256, place.as_bytes());
    let first: [u8; 2] = hash.as_ref().first_chunk().copied().unwrap_or_default();
    START + u16::from_le_bytes(first) % (u16::MAX - START)
}

/// The port of an app id for this process.
pub(super) fn here(app_id: &str) -> u16 {
    let folder = std::env::current_dir().unwrap_or_default();
    let uid = rustix::process::getuid().as_raw();
    of(app_id, &folder, uid, &rustix::system::uname().nodename().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_follows_from_app_folder_user_and_machine() {
        // SHA-256 of `orders|/shop|1000|box` begins with c4 1e.
        let port = of("orders", Path::new("/shop"), 1000, "box");
        assert_eq!(port, 55176);
        for other in [
            of("checkout", Path::new("/shop"), 1000, "box"),
            of("orders", Path::new("/"), 1000, "box"),
            of("orders", Path::new("/shop"), 1001, "box"),
            of("orders", Path::new("/shop"), 1000, "fox"),
        ] {
            assert!(other >= START && other != port, "{other}");
        }
    }
}
