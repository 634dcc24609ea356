//! The one task that owns the store: takes events in, publishes snapshots.

use std::sync::Arc;
use std::time::Duration;

use daptop_mesh::EventReceiver;
use daptop_model::{Event, Snapshot, Store};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// From one snapshot to the next at the least: 30 a second.
const FRAME: Duration = Duration::from_millis(33);

/// How many events are taken in at once.
const BATCH: usize = 1024;

/// After it has taken in what was there, the task rests for so long: being woken for an event costs more than folding it.
const REST: Duration = Duration::from_millis(4);

/// Folds events until `end`, and publishes at most 30 snapshots a second: only when something changed or the last one
/// has grown stale, and only while somebody holds a receiver. While nothing happens it sleeps. The last snapshot,
/// published at the end, has everything.
pub(crate) async fn run(
    mut events: EventReceiver,
    mut store: Store,
    snapshots: watch::Sender<Arc<Snapshot>>,
    end: CancellationToken,
) {
    let mut batch: Vec<Event> = Vec::with_capacity(BATCH);
    let mut published = None;
    let mut next = Instant::now();
    let mut stale = None;
    loop {
        let due = if published == Some(store.rev()) { stale } else { Some(next) };
        tokio::select! {
            biased;
            () = sleep_until(due.unwrap_or(next)), if due.is_some() && snapshots.receiver_count() > 0 => {
                published = Some(store.rev());
                let now = events.clock().now();
                let snapshot = store.snapshot(now);
                stale = snapshot.stale_from().map(|at| Instant::now() + at.since(now).max(FRAME));
                snapshots.send_replace(snapshot);
                next = Instant::now() + FRAME;
            }
            taken = events.receive_many(&mut batch, BATCH) => {
                take_in(&mut store, &mut batch, &events);
                if taken == 0 {
                    break;
                }
                if taken < BATCH {
                    sleep(REST).await;
                }
            }
            () = end.cancelled() => break,
        }
    }
    // What was told before the end is there already.
    loop {
        tokio::select! {
            biased;
            taken = events.receive_many(&mut batch, BATCH) => {
                take_in(&mut store, &mut batch, &events);
                if taken == 0 {
                    break;
                }
            }
            () = std::future::ready(()) => break,
        }
    }
    snapshots.send_replace(store.snapshot(events.clock().now()));
}

fn take_in(store: &mut Store, batch: &mut Vec<Event>, events: &EventReceiver) {
    batch.drain(..).for_each(|event| store.apply(event));
    let (calls, log_lines) = events.lost();
    store.count_lost(calls, log_lines);
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use daptop_mesh::{Clock, Events};
    use daptop_model::{
        AppId, CallStart, Head, InstanceId, Leg, Limits, LogLine, LogSource, Protocol, RequestHead, Stamp,
    };

    use super::*;

    fn line(text: &str) -> Event {
        Event::LogWritten(Box::new(LogLine {
            app: AppId::new("app"),
            instance: InstanceId(0),
            source: LogSource::Stdout,
            at: Stamp(0),
            text: text.into(),
            continues: false,
        }))
    }

    fn start() -> (Events, watch::Sender<Arc<Snapshot>>, CancellationToken, tokio::task::JoinHandle<()>) {
        let clock = Clock::start();
        let (events, receiver) = Events::channel(10_000, clock);
        let mut store = Store::new(Limits::default(), clock.anchor());
        let (sender, _) = watch::channel(store.snapshot(clock.now()));
        let end = CancellationToken::new();
        let task = tokio::spawn(run(receiver, store, sender.clone(), end.clone()));
        (events, sender, end, task)
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_published_at_most_thirty_times_a_second() {
        let (events, snapshots, end, task) = start();
        let mut viewer = snapshots.subscribe();
        let mut published = 0;
        for number in 0..1000 {
            events.tell(line(&number.to_string())).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            if viewer.has_changed().unwrap() {
                viewer.mark_unchanged();
                published += 1;
            }
        }
        assert!((20..=31).contains(&published), "{published} snapshots in a second");
        end.cancel();
        task.await.unwrap();
        assert_eq!(viewer.borrow().logs.len(), 1000, "the last snapshot has everything");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_published_while_nothing_changes_or_nobody_looks() {
        let (events, snapshots, end, task) = start();
        events.tell(line("unseen")).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut viewer = snapshots.subscribe();
        assert_eq!(viewer.borrow_and_update().logs.len(), 0, "published though nobody looked");
        events.tell(line("seen")).await;
        viewer.changed().await.unwrap();
        assert_eq!(viewer.borrow_and_update().logs.len(), 2);
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(!viewer.has_changed().unwrap(), "published though nothing changed");
        end.cancel();
        task.await.unwrap();
    }

    #[tokio::test]
    async fn the_calls_of_the_last_seconds_move_on_though_nothing_happens() {
        let (events, snapshots, end, task) = start();
        let mut viewer = snapshots.subscribe();
        let (id, at) = (events.next_call(), events.now());
        let start = CallStart {
            id,
            at,
            from: AppId::new("checkout"),
            to: AppId::new("order-processor"),
            leg: Leg::InProcess,
            protocol: Protocol::Http1,
            request: RequestHead {
                verb: Bytes::from_static(b"GET"),
                target: Bytes::from_static(b"/"),
                path: Bytes::from_static(b"/"),
                headers: Head::default(),
            },
            trace: None,
            replay_of: None,
        };
        events.tell(Event::CallStarted(Box::new(start))).await;
        let counted = viewer.wait_for(|snapshot| snapshot.edges.iter().any(|edge| edge.recent.contains(&1)));
        tokio::time::timeout(Duration::from_secs(10), counted).await.unwrap().unwrap();
        end.cancel();
        task.await.unwrap();
    }
}
