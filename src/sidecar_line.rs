//! Log lines in the format of Dapr's sidecars. (Start-up and app readiness: log format)

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// How the lines of this process are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LineFormat {
    /// The name of this machine.
    pub(crate) host: String,
    /// Lines are JSON objects (`--log-as-json`).
    pub(crate) json: bool,
}

/// What a line says.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Said {
    /// The app whose sidecar says it.
    pub(crate) app_id: Option<String>,
    /// The part of the sidecar that says it: `dapr.runtime`.
    pub(crate) scope: Option<String>,
    /// The message.
    pub(crate) message: String,
    /// Everything else, by name.
    more: BTreeMap<&'static str, Value>,
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

/// The name of a level in a line.
pub(crate) fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warning",
        Level::INFO => "info",
        _ => "debug",
    }
}

impl Said {
    /// A message without further fields.
    pub(crate) fn new(app_id: &str, scope: &str, message: &str) -> Self {
        Self {
            app_id: Some(app_id.to_owned()),
            scope: Some(scope.to_owned()),
            message: message.to_owned(),
            more: BTreeMap::new(),
        }
    }

    /// What a tracing event says.
    pub(crate) fn by(event: &Event<'_>) -> Self {
        let mut said = Self::default();
        event.record(&mut said);
        said
    }
}

impl LineFormat {
    /// The format of this machine.
    pub(crate) fn here(json: bool) -> Self {
        Self { host: rustix::system::uname().nodename().to_string_lossy().into_owned(), json }
    }

    /// A line that is said now, with its line break.
    pub(crate) fn line(&self, level: &str, said: &Said) -> String {
        self.line_at(as_go_writes_it(&jiff::Zoned::now()), level, said)
    }

    fn line_at(&self, time: String, level: &str, said: &Said) -> String {
        let first = [("time", time), ("level", level.to_owned()), ("msg", said.message.clone())];
        let mut others = said.more.clone();
        for (name, value) in [
            ("app_id", said.app_id.as_deref().unwrap_or_default()),
            ("instance", &self.host),
            ("scope", said.scope.as_deref().unwrap_or("dapr.runtime")),
            ("type", "log"),
            ("ver", daptop_mesh::RUNTIME_VERSION),
        ] {
            others.insert(name, value.into());
        }
        if self.json {
            others.extend(first.map(|(name, text)| (name, Value::from(text))));
            return serde_json::to_string(&others).unwrap_or_default() + "\n";
        }
        let others = others.into_iter().map(|(name, value)| (name, plain(value)));
        let words: Vec<String> =
            first.into_iter().chain(others).map(|(name, text)| format!("{name}={}", quoted(&text))).collect();
        words.join(" ") + "\n"
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A moment as Go's `RFC3339Nano` has it: no zeros at the end of a fraction, and `Z` where the clock is that of UTC.
fn as_go_writes_it(time: &jiff::Zoned) -> String {
    let zone = if time.offset().is_zero() { "Z" } else { "%:z" };
    time.strftime(&format!("%Y-%m-%dT%H:%M:%S%.f{zone}")).to_string()
}

/// A value as it stands, or in quotes where it has other characters than these.
fn quoted(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-._/@^+".contains(character);
    if value.chars().all(plain) { value.to_owned() } else { in_quotes(value) }
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

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "app_id" => self.app_id = Some(value.to_owned()),
            "scope" => self.scope = Some(value.to_owned()),
            "message" => value.clone_into(&mut self.message),
            name => drop(self.more.insert(name, value.into())),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.more.insert(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2026-11-21T02:54:10.000000001Z";

    fn line(json: bool, said: &Said) -> String {
        LineFormat { host: "my host".to_owned(), json }.line_at(TIME.to_owned(), "info", said)
    }

    fn discovered() -> Said {
        let message = "application discovered on port 8001".to_owned();
        Said { app_id: Some("one".to_owned()), message, ..Said::default() }
    }

    #[test]
    fn a_line_reads_as_daprs_own() {
        assert_eq!(
            line(false, &discovered()),
            "time=\"2026-11-21T02:54:10.000000001Z\" level=info msg=\"application discovered on port 8001\" \
             app_id=one instance=\"my host\" scope=dapr.runtime type=log ver=1.17.0\n"
        );
        assert_eq!(
            line(true, &discovered()),
            "{\"app_id\":\"one\",\"instance\":\"my host\",\"level\":\"info\",\
             \"msg\":\"application discovered on port 8001\",\"scope\":\"dapr.runtime\",\
             \"time\":\"2026-11-21T02:54:10.000000001Z\",\"type\":\"log\",\"ver\":\"1.17.0\"}\n"
        );
    }

    #[test]
    fn further_fields_stand_among_the_others_in_order() {
        let mut said = Said { message: "HTTP API Called".to_owned(), ..discovered() };
        said.more.insert("code", 204.into());
        said.more.insert("useragent", "curl/8 (x)".into());
        let text = line(false, &said);
        assert!(text.contains(" app_id=one code=204 instance="), "{text}");
        assert!(text.contains(" type=log useragent=\"curl/8 (x)\" ver="), "{text}");
        assert!(line(true, &said).contains("\"code\":204,"));
    }

    #[test]
    fn text_from_outside_cannot_make_a_line_of_its_own() {
        assert_eq!(quoted("a\nb\u{1b}[31m\"\\é"), "\"a\\nb\\x1b[31m\\\"\\\\é\"");
        assert_eq!(quoted(""), "", "Dapr does not quote what is empty");
    }

    #[test]
    fn a_time_is_written_as_go_writes_it() {
        for (zone, nanosecond, written) in [
            ("UTC", 120_000_000, "2026-11-21T02:54:10.12Z"),
            ("UTC", 1, "2026-11-21T02:54:10.000000001Z"),
            ("UTC", 0, "2026-11-21T02:54:10Z"),
            ("America/New_York", 500, "2026-11-21T02:54:10.0000005-05:00"),
        ] {
            let time = jiff::civil::date(2026, 11, 21).at(2, 54, 10, nanosecond).in_tz(zone).unwrap();
            assert_eq!(as_go_writes_it(&time), written);
        }
    }
}
