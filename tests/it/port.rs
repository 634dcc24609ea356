//! Ports that are fixed, as those of the quickstarts are.

use std::fs::File;

/// Waits until no other test, also of another checkout on this machine, uses a fixed port. It may be used until the
/// file is dropped.
pub(crate) fn reserve(port: u16) -> File {
    let file = File::create(std::env::temp_dir().join(format!("daptop-test-{port}.lock"))).unwrap();
    file.lock().unwrap();
    file
}
