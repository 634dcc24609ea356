//! The threads that carry the calls of HTTP. Each waits for its own connections and for nobody else's: no call is
//! handed from thread to thread, and none is woken to look whether another one needs help.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Dispatch;
use tracing::dispatcher;
use tracing::subscriber::NoSubscriber;

/// The most threads: who develops a system on a large machine has other uses for it.
const MOST: usize = 8;

thread_local! {
    static CURRENT: Cell<Option<Worker>> = const { Cell::new(None) };
}

/// Which thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Worker(usize);

impl Worker {
    /// The worker whose thread this is; `None` on any other thread.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.get()
    }
}

/// The threads. They end when this is dropped.
#[derive(Debug)]
pub(crate) struct Workers {
    handles: Vec<Handle>,
    turn: AtomicUsize,
    _stop: DropGuard,
}

impl Workers {
    /// Starts a thread for each processor.
    pub(crate) fn start() -> Self {
        let stop = CancellationToken::new();
        let wanted = thread::available_parallelism().map_or(1, usize::from).min(MOST);
        let handles = (0..wanted).map_while(|number| match worker(Worker(number), stop.clone()) {
            Ok(handle) => Some(handle),
            Err(error) => {
                tracing::warn!("calls go on with {number} threads, as no more can be started: {error}");
                None
            }
        });
        Self { handles: handles.collect(), turn: AtomicUsize::new(0), _stop: stop.drop_guard() }
    }

    /// The runtime of the thread whose turn it is; the one that this is called in where there are none.
    pub(crate) fn next(&self) -> Handle {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.handles.len().max(1);
        self.handles.get(turn).cloned().unwrap_or_else(Handle::current)
    }
}

fn worker(worker: Worker, stop: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    // What is logged here goes where the maker of the mesh logs.
    let log = dispatcher::get_default(Dispatch::clone);
    thread::Builder::new().name(format!("calls-{}", worker.0)).spawn(move || {
        CURRENT.set(Some(worker));
        let _log = (!log.is::<NoSubscriber>()).then(|| dispatcher::set_default(&log));
        runtime.block_on(stop.cancelled());
    })?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn tasks_go_to_each_thread_in_turn_and_the_threads_end_with_their_owner() {
        let workers = Workers::start();
        let count = workers.handles.len();
        let mut seen = BTreeSet::new();
        for _ in 0..count {
            let worker = workers.next().spawn(async { Worker::current() }).await.unwrap().unwrap();
            seen.insert(worker.0);
        }
        assert_eq!(seen, (0..count).collect());
        assert_eq!(Worker::current(), None);
        let left = workers.next().spawn(std::future::pending::<()>());
        drop(workers);
        assert!(left.await.unwrap_err().is_cancelled());
    }
}
