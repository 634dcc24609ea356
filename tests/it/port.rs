//! Ports that are fixed, as those of the quickstarts are, and ports for processes that are told which one to listen on.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

/// Ports that the system gives to nobody by itself: those of Linux begin at 32768. The apps of the quickstarts are below.
const FREE: std::ops::Range<u16> = 21_000..30_000;

fn lock_file(port: u16) -> PathBuf {
    std::env::temp_dir().join(format!("daptop-test-{port}.lock"))
}

/// Waits until no other test, also of another checkout on this machine, uses a fixed port. It may be used until the
/// file is dropped.
pub(crate) fn reserve(port: u16) -> File {
    let file = File::create(lock_file(port)).unwrap();
    file.lock().unwrap();
    file
}

/// A port that nobody has and nobody gets, whoever listens on it and when. A port that the system gave, and that was
/// given back, may be somebody else's before the process of a test has come to listen on it.
#[derive(Debug)]
pub(crate) struct FreePort {
    pub(crate) number: u16,
    _reserved: File,
}

/// The next free port.
pub(crate) fn free() -> FreePort {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    for _ in FREE {
        let number = FREE.start + NEXT.fetch_add(1, Ordering::Relaxed) % (FREE.end - FREE.start);
        let reserved = File::create(lock_file(number)).unwrap();
        let is_free = |host: &str| TcpListener::bind((host, number)).is_ok();
        if reserved.try_lock().is_ok() && (is_free("::") || is_free("127.0.0.1")) {
            return FreePort { number, _reserved: reserved };
        }
    }
    panic!("somebody has every port of {FREE:?}");
}
