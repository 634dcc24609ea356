//! Spans out of the process: to Zipkin, and to the log where `stdout` asks for it (Export).
//!
//! The path of a call hands records over without waiting and without formatting ([`SpanSender::send`]). Each
//! destination has a **lane**: a bounded queue and one task that formats, sends, and tries again while the destination
//! is down. What does not fit into the queue is dropped and counted, and formatting takes no more than a fortieth of
//! one core, so a flood of calls fills the queue instead of the machine.

mod collector;
mod lane;
mod record;
mod report;
mod resource;
mod span_data;
mod stdout;
mod zipkin_exporter;
mod zipkin_span;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use daptop_model::AppId;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::lane::{Destination, Lane, LaneEntry};
use self::report::Board;
use self::zipkin_exporter::ZipkinExporter;
use crate::{Events, TracingSettings};

pub use record::{CalleeSpan, MethodSpan, RequestSpan, SpanDetail, SpanRecord};
pub use resource::Resource;

/// How long the end of a run waits for the last spans. It does not wait where the collector is down.
const FLUSH_DEADLINE: Duration = Duration::from_secs(2);

/// The exporter of a process. Clones share it.
#[derive(Clone, Debug)]
pub struct Exporter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    events: Events,
    resource: Resource,
    board: Arc<Board>,
    stop: CancellationToken,
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    zipkin: HashMap<String, LaneEntry>,
    stdout: Option<LaneEntry>,
    tasks: JoinSet<()>,
}

/// Why spans cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The address of Zipkin is not a URL.
    #[error(
        "`spec.tracing.zipkin.endpointAddress` of the Configuration is `{address}`, which is no URL ({why}); write one \
         like http://localhost:9411/api/v2/spans"
    )]
    Address {
        /// The address as written.
        address: String,
        /// What is wrong with it.
        why: String,
    },
}

/// An app's way to the exporter. Clones share it.
#[derive(Clone, Debug)]
pub struct SpanSender {
    origin: Arc<Origin>,
    zipkin: Option<LaneEntry>,
    stdout: Option<LaneEntry>,
    /// The lanes run as long as there is a way to them.
    _lanes_run: Arc<Shared>,
}

/// Whose spans they are.
#[derive(Debug)]
struct Origin {
    service: Arc<str>,
}

impl SpanSender {
    /// Hands a span over, without waiting. Without room nothing is made, and the span is counted as dropped.
    pub fn send(&self, make: impl FnOnce() -> SpanRecord) {
        match (&self.zipkin, &self.stdout) {
            (Some(lane), None) | (None, Some(lane)) => lane.send(&self.origin, make),
            (Some(zipkin), Some(stdout)) => {
                let record = make();
                let copy = record.clone();
                zipkin.send(&self.origin, || record);
                stdout.send(&self.origin, || copy);
            }
            (None, None) => {}
        }
    }
}

impl Exporter {
    /// An exporter without destinations. It tells its state through `events`, a few times a second at most.
    pub fn new(events: Events, resource: Resource) -> Self {
        let board = Arc::new(Board::default());
        let shared = Shared { events, resource, board, stop: CancellationToken::new(), running: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// The way out for an app's spans; `None` where its settings name no destination. Apps with the same destination
    /// share its lane. Must be called within a Tokio runtime, which then runs the lane.
    pub fn sender(&self, app: &AppId, settings: &TracingSettings) -> Result<Option<SpanSender>, ExportError> {
        if settings.zipkin.is_none() && !settings.stdout {
            return Ok(None);
        }
        let mut running = self.shared.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.tasks.is_empty() {
            let report = Arc::clone(&self.shared.board).report(self.shared.events.clone(), self.shared.stop.clone());
            running.tasks.spawn(report);
        }
        let zipkin = settings.zipkin.as_deref().map(|address| self.zipkin_lane(&mut running, address)).transpose()?;
        let stdout = settings.stdout.then(|| self.stdout_lane(&mut running)).transpose()?;
        let service = self.shared.resource.service_name(app);
        let origin = Arc::new(Origin { service });
        Ok(Some(SpanSender { origin, zipkin, stdout, _lanes_run: Arc::clone(&self.shared) }))
    }

    /// Sends what is queued, for up to two seconds, and stops. Spans of a destination that is down are dropped.
    pub async fn shutdown(&self) {
        self.shared.stop.cancel();
        let mut tasks = std::mem::take(&mut self.shared.running.lock().unwrap_or_else(PoisonError::into_inner).tasks);
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FLUSH_DEADLINE, all_ended).await.is_err() {
            tracing::warn!(target: "daptop_mesh", "the last spans were not sent within {FLUSH_DEADLINE:?}");
        }
        self.shared.events.hint(|| self.shared.board.event());
    }

    fn zipkin_lane(&self, running: &mut Running, address: &str) -> Result<LaneEntry, ExportError> {
        if let Some(entry) = running.zipkin.get(address) {
            return Ok(entry.clone());
        }
        let collector = Box::new(collector::Collector::default());
        let exporter = ZipkinExporter::new(address, collector.as_ref().clone())?;
        let entry = self.start(running, exporter, Destination::Zipkin { address: Arc::from(address), collector });
        running.zipkin.insert(address.to_owned(), entry.clone());
        Ok(entry)
    }

    fn stdout_lane(&self, running: &mut Running) -> Result<LaneEntry, ExportError> {
        if let Some(entry) = &running.stdout {
            return Ok(entry.clone());
        }
        let exporter = ZipkinExporter::new(Destination::Stdout.address(), stdout::LogLines)?;
        let entry = self.start(running, exporter, Destination::Stdout);
        running.stdout = Some(entry.clone());
        Ok(entry)
    }

    fn start(&self, running: &mut Running, exporter: ZipkinExporter, destination: Destination) -> LaneEntry {
        let anchor = self.shared.events.clock().anchor();
        let spans = span_data::SpanFormat::new(anchor, self.shared.resource.attributes());
        let (entry, lane) = Lane::new(destination, exporter, spans, &self.shared.board, self.shared.stop.clone());
        running.tasks.spawn(lane.run());
        entry
    }
}

#[cfg(test)]
mod tests;
