//! The log lines of the sidecars, in the format of Dapr's own. (Start-up and app readiness: log format)

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use daptop_mesh::Events;
use daptop_model::{AppId, Event, InstanceId, LogLine, LogSource};
use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::supervise::{Report, Reports, What};

/// The version of Dapr that the sidecars behave as.
const VERSION: &str = "1.17.0";

/// Turns what the sidecars trace into log lines.
#[derive(Debug)]
pub(crate) struct SidecarLog {
    /// The first replica of each app id, and the least level that it logs.
    pub(crate) apps: HashMap<String, (InstanceId, Level)>,
    /// The store.
    pub(crate) events: Events,
    /// Log files and the terminal.
    pub(crate) reports: Reports,
    /// The name of this machine.
    pub(crate) host: String,
    /// Lines are JSON objects (`--log-as-json`).
    pub(crate) json: bool,
}

/// The level that a log level's name stands for; `info` where it is not known.
pub(crate) fn level(name: &str) -> Level {
    match name {
        "debug" => Level::DEBUG,
        "warn" | "warning" => Level::WARN,
        "error" | "fatal" => Level::ERROR,
        _ => Level::INFO,
    }
}

impl<S: Subscriber> Layer<S> for SidecarLog {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        if !event.metadata().target().starts_with("daptop_mesh") {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(app) = fields.app_id.as_deref() else { return };
        let Some((instance, least)) = self.apps.get(app) else { return };
        if event.metadata().level() > least {
            return;
        }
        let line = self.line(event, &fields);
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

impl SidecarLog {
    fn line(&self, event: &tracing::Event<'_>, fields: &Fields) -> String {
        let line = Parts {
            app_id: fields.app_id.as_deref().unwrap_or_default(),
            instance: &self.host,
            level: match *event.metadata().level() {
                Level::ERROR => "error",
                Level::WARN => "warning",
                Level::INFO => "info",
                _ => "debug",
            },
            msg: &fields.message,
            scope: fields.scope.as_deref().unwrap_or("dapr.runtime"),
            time: jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S.%9f%:z").to_string(),
            kind: "log",
            ver: VERSION,
        };
        if self.json { line.json() } else { line.text() }
    }
}

/// The parts of a line, in the order of a JSON line.
#[derive(Serialize)]
struct Parts<'a> {
    app_id: &'a str,
    instance: &'a str,
    level: &'a str,
    msg: &'a str,
    scope: &'a str,
    time: String,
    #[serde(rename = "type")]
    kind: &'a str,
    ver: &'a str,
}

impl Parts<'_> {
    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    fn text(&self) -> String {
        let Self { app_id, instance, level, msg, scope, time, kind, ver } = self;
        let fields = [("time", time.as_str()), ("level", level), ("msg", msg), ("app_id", app_id)];
        let more = [("instance", *instance), ("scope", scope), ("type", kind), ("ver", ver)];
        let words: Vec<String> =
            fields.iter().chain(&more).map(|(name, value)| format!("{name}={}", quoted(value))).collect();
        words.join(" ") + "\n"
    }
}

/// A value as it stands, or in quotes where it has other characters than these.
fn quoted(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-._/@^+".contains(character);
    if !value.is_empty() && value.chars().all(plain) { value.to_owned() } else { in_quotes(value) }
}

/// A text in quotes, as Go writes it: letters of all scripts stay, control characters are escaped.
fn in_quotes(value: &str) -> String {
    let mut text = String::from('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control.is_control() => drop(write!(text, "\\x{:02x}", control as u32)),
            other => text.push(other),
        }
    }
    text + "\""
}

#[derive(Default)]
struct Fields {
    app_id: Option<String>,
    scope: Option<String>,
    message: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "app_id" => self.app_id = Some(value.to_owned()),
            "scope" => self.scope = Some(value.to_owned()),
            "message" => value.clone_into(&mut self.message),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_daprs_own() {
        let parts = Parts {
            app_id: "one",
            instance: "my host",
            level: "info",
            msg: "application discovered on port 8001",
            scope: "dapr.runtime",
            time: "2026-11-21T02:54:10.000000001+00:00".to_owned(),
            kind: "log",
            ver: "1.17.0",
        };
        assert_eq!(
            parts.text(),
            "time=\"2026-11-21T02:54:10.000000001+00:00\" level=info msg=\"application discovered on port 8001\" \
             app_id=one instance=\"my host\" scope=dapr.runtime type=log ver=1.17.0\n"
        );
        assert!(parts.json().starts_with(r#"{"app_id":"one","instance":"my host","level":"info","msg":"#));
    }

    #[test]
    fn text_from_outside_cannot_make_a_line_of_its_own() {
        assert_eq!(quoted("a\nb\u{1b}[31m\"\\é"), "\"a\\nb\\x1b[31m\\\"\\\\é\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
