//! The log lines of a run's sidecars.

use std::collections::HashMap;

use daptop_mesh::Events;
use daptop_model::{AppId, Event, InstanceId, LogLine, LogSource};
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::sidecar_line::{LineFormat, Said, level_name};
use crate::supervise::{Report, Reports, What};

/// Turns what the sidecars trace into log lines.
#[derive(Debug)]
pub(crate) struct SidecarLog {
    /// The first replica of each app id, and the least level that it logs.
    pub(crate) apps: HashMap<String, (InstanceId, Level)>,
    /// The store.
    pub(crate) events: Events,
    /// Log files and the terminal.
    pub(crate) reports: Reports,
    /// How lines are written.
    pub(crate) format: LineFormat,
}

impl<S: Subscriber> Layer<S> for SidecarLog {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        let said = Said::by(event);
        let Some(app) = said.app_id.as_deref() else { return };
        let Some((instance, least)) = self.apps.get(app) else { return };
        let level = *event.metadata().level();
        if level > *least {
            return;
        }
        let line = self.format.line(level_name(level), &said);
        self.events.log(|| {
            Event::LogWritten(Box::new(LogLine {
                app: AppId::new(app),
                instance: *instance,
                source: LogSource::Sidecar,
                at: self.events.now(),
                text: line.trim_end().into(),
                continues: false,
            }))
        });
        self.reports.tell(Report::App(*instance, What::SidecarLine(line)));
    }
}
