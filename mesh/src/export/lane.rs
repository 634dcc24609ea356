//! One destination: a bounded queue, and the task that empties it.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::Origin;
use super::collector::{Collector, Refusal};
use super::record::SpanRecord;
use super::report::{Board, Counts, Health};
use super::span_data::SpanFormat;
use super::zipkin_exporter::ZipkinExporter;

/// Room for spans. Four times that of Dapr's batch span processor: the spans of the first thousands of calls should
/// still be there when Zipkin is started a moment late. Full, with heads of usual size, it takes about 4 MB.
const CAPACITY: usize = 8192;
/// The most spans in one request.
const BATCH: usize = 512;
/// How old the first span of a batch may get. Dapr waits for 5 s; a person waits in front of Zipkin.
const BATCH_AGE: Duration = Duration::from_secs(1);
/// After each batch the lane rests for this many times as long as it worked, which leaves it 1/40 of one core.
const REST: u32 = 39;
/// The longest rest, for a machine that is so busy that the measure says little.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// From the first failure to the next try; it doubles up to the longest.
const FIRST_BACK_OFF: Duration = Duration::from_millis(250);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(4);

/// Where a lane leads.
#[derive(Debug)]
pub(super) enum Destination {
    /// A Zipkin server.
    Zipkin {
        /// The URL that takes spans.
        address: Arc<str>,
        /// The client, which knows why a batch was not taken.
        collector: Box<Collector>,
    },
    /// The sidecar's log.
    Stdout,
}

impl Destination {
    /// The URL; for the log one that is never asked.
    pub(super) fn address(&self) -> &str {
        match self {
            Destination::Zipkin { address, .. } => address,
            Destination::Stdout => "http://stdout.invalid/",
        }
    }
}

/// The way into a lane. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct LaneEntry {
    queue: mpsc::Sender<Queued>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    address: String,
    counts: Counts,
    /// Rings when a whole batch waits.
    batch_waits: Notify,
}

#[derive(Debug)]
struct Queued {
    origin: Arc<Origin>,
    record: SpanRecord,
}

impl LaneEntry {
    /// Puts a span into the queue, or counts it as dropped.
    pub(super) fn send(&self, origin: &Arc<Origin>, make: impl FnOnce() -> SpanRecord) {
        let Ok(slot) = self.queue.try_reserve() else {
            self.shared.counts.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        slot.send(Queued { origin: Arc::clone(origin), record: make() });
        if self.queued() >= BATCH as u64 {
            self.shared.batch_waits.notify_one();
        }
    }

    pub(super) fn queued(&self) -> u64 {
        (CAPACITY - self.queue.capacity()) as u64
    }

    pub(super) fn address(&self) -> &str {
        &self.shared.address
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.shared.counts
    }
}

/// The task of a destination.
#[derive(Debug)]
pub(super) struct Lane {
    destination: Destination,
    exporter: ZipkinExporter,
    spans: SpanFormat,
    queue: mpsc::Receiver<Queued>,
    shared: Arc<Shared>,
    board: Arc<Board>,
    stop: CancellationToken,
}

impl Lane {
    /// A lane that has not started, and the way into it.
    pub(super) fn new(
        destination: Destination,
        exporter: ZipkinExporter,
        spans: SpanFormat,
        board: &Arc<Board>,
        stop: CancellationToken,
    ) -> (LaneEntry, Self) {
        let (sender, queue) = mpsc::channel(CAPACITY);
        let address = destination.address().to_owned();
        let shared = Arc::new(Shared { address, counts: Counts::default(), batch_waits: Notify::new() });
        let entry = LaneEntry { queue: sender, shared: Arc::clone(&shared) };
        if matches!(destination, Destination::Zipkin { .. }) {
            board.add(entry.clone());
        }
        (entry, Self { destination, exporter, spans, queue, shared, board: Arc::clone(board), stop })
    }

    /// Sends batches until it is told to stop, then what is left.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.fill(&mut batch).await.is_continue() {
            if self.deliver(&mut batch).await.is_break() {
                break;
            }
        }
        self.flush(batch).await;
    }

    /// Waits for a first span, and then until a batch is whole or old enough.
    async fn fill(&mut self, batch: &mut Vec<Queued>) -> ControlFlow<()> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return ControlFlow::Break(()),
            taken = self.queue.recv_many(batch, 1) => if taken == 0 {
                return ControlFlow::Break(());
            },
        }
        if self.queue.len() + 1 < BATCH {
            tokio::select! {
                () = self.stop.cancelled() => return ControlFlow::Break(()),
                () = self.shared.batch_waits.notified() => {}
                () = tokio::time::sleep(BATCH_AGE) => {}
            }
        }
        self.take_queued(batch);
        ControlFlow::Continue(())
    }

    fn take_queued(&mut self, batch: &mut Vec<Queued>) {
        while batch.len() < BATCH
            && let Ok(queued) = self.queue.try_recv()
        {
            batch.push(queued);
        }
        self.shared.counts.progress().in_hand = batch.len() as u64;
    }

    /// Sends a batch, again and again while the destination is down. Breaks when it is told to stop meanwhile.
    async fn deliver(&mut self, batch: &mut Vec<Queued>) -> ControlFlow<()> {
        let mut back_off = FIRST_BACK_OFF;
        loop {
            let (result, worked) = self.export(batch).await;
            let rest = match result {
                Ok(()) => {
                    self.batch_was_taken(batch);
                    (worked * REST).min(LONGEST_REST)
                }
                Err(refusal) => {
                    self.batch_was_refused(batch, &refusal);
                    back_off
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return ControlFlow::Break(()),
                () = tokio::time::sleep(rest) => {}
            }
            if batch.is_empty() {
                return ControlFlow::Continue(());
            }
            back_off = (back_off * 2).min(LONGEST_BACK_OFF);
        }
    }

    /// Sends what is left once, unless the destination is down.
    async fn flush(&mut self, mut batch: Vec<Queued>) {
        self.queue.close();
        let is_down = |lane: &Self| lane.shared.counts.progress().health == Health::Down;
        loop {
            self.take_queued(&mut batch);
            if batch.is_empty() || is_down(self) {
                break;
            }
            match self.export(&batch).await.0 {
                Ok(()) => self.batch_was_taken(&mut batch),
                Err(refusal) => self.batch_was_refused(&mut batch, &refusal),
            }
        }
        let left = batch.len() + self.queue.len();
        self.drop_spans(left);
        self.shared.counts.progress().in_hand = 0;
        while self.queue.try_recv().is_ok() {}
    }

    /// Formats and sends a batch; tells how long this kept the processor busy.
    async fn export(&self, batch: &[Queued]) -> (Result<(), Refusal>, Duration) {
        let started = Instant::now();
        let spans = batch.iter().map(|queued| self.spans.span(&queued.origin.service, &queued.record)).collect();
        let mut worked = started.elapsed();
        let mut sending = pin!(self.exporter.export(spans));
        let result = poll_fn(|context| {
            let started = Instant::now();
            let poll = sending.as_mut().poll(context);
            worked += started.elapsed();
            poll
        })
        .await;
        let refusal = match &self.destination {
            Destination::Zipkin { collector, .. } => collector.take_refusal(),
            Destination::Stdout => None,
        };
        let result =
            result.map_err(|error| refusal.unwrap_or_else(|| Refusal { text: error.to_string(), is_final: true }));
        (result, worked)
    }

    fn batch_was_taken(&self, batch: &mut Vec<Queued>) {
        let was_down = {
            let mut progress = self.shared.counts.progress();
            progress.sent += batch.len() as u64;
            progress.in_hand = 0;
            std::mem::replace(&mut progress.health, Health::Up) == Health::Down
        };
        batch.clear();
        if was_down {
            tracing::info!(
                target: "daptop_mesh",
                "Zipkin at {} takes spans again; {} that waited are being sent",
                self.shared.address, self.queue.len(),
            );
        }
        self.board.ring();
    }

    fn batch_was_refused(&self, batch: &mut Vec<Queued>, refusal: &Refusal) {
        let was_down = {
            let mut progress = self.shared.counts.progress();
            progress.last_error = Some(Arc::from(refusal.text.as_str()));
            if refusal.is_final {
                progress.in_hand = 0;
            }
            std::mem::replace(&mut progress.health, Health::Down) == Health::Down
        };
        let fate = if refusal.is_final {
            self.drop_spans(batch.len());
            format!("{} are dropped", batch.len())
        } else {
            format!("{} wait, and there is room for {CAPACITY}", self.queue.len() + batch.len())
        };
        if refusal.is_final {
            batch.clear();
        }
        if !was_down {
            tracing::warn!(
                target: "daptop_mesh",
                "Zipkin at {} does not take spans: {}. {fate}. Start Zipkin, or use a Configuration without \
                 `zipkin`",
                self.shared.address, refusal.text,
            );
        }
        self.board.ring();
    }

    fn drop_spans(&self, count: usize) {
        self.shared.counts.dropped.fetch_add(count as u64, Ordering::Relaxed);
    }
}
