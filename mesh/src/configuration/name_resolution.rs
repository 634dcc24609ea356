//! `spec.nameResolution`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

use crate::{ConsulResolution, NameResolution, SqliteResolution};

/// A resolver and its configuration, checked.
pub(super) struct NameResolutionSpec(pub(super) NameResolution);

#[derive(Deserialize, Default)]
struct Written {
    component: Option<String>,
    version: Option<String>,
    configuration: Option<serde_yaml::Value>,
}

impl<'de> Deserialize<'de> for NameResolutionSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { component, version, configuration } = Written::deserialize(deserializer)?;
        let within = |text: String| D::Error::custom(format!("spec.nameResolution{text}"));
        let component = component.unwrap_or_default();
        if version.as_deref().is_some_and(|version| !version.is_empty() && version != "v1") {
            return Err(within(format!(".version is `{}`; there is `v1` alone", version.unwrap_or_default())));
        }
        let mut keys = Keys::of(configuration).map_err(within)?;
        let resolver = match component.to_ascii_lowercase().as_str() {
            "" | "mdns" => NameResolution::Mdns,
            "sqlite" => NameResolution::Sqlite(sqlite(&mut keys).map_err(within)?),
            "consul" => NameResolution::Consul(Box::new(consul(&mut keys).map_err(within)?)),
            _ => return Err(within(format!(".component is `{component}`; write `mdns`, `sqlite` or `consul`"))),
        };
        if !matches!(resolver, NameResolution::Mdns) {
            keys.end().map_err(within)?;
        }
        Ok(Self(resolver))
    }
}

/// The keys of a mapping, in whatever case they are written, with the path to it.
struct Keys {
    path: String,
    left: BTreeMap<String, (String, Value)>,
}

impl Keys {
    fn of(configuration: Option<serde_yaml::Value>) -> Result<Self, String> {
        let path = ".configuration";
        let value = configuration.map(serde_json::to_value).transpose();
        Self::within(path, value.map_err(|error| format!("{path}: {error}"))?.unwrap_or_default())
    }

    fn within(path: &str, value: Value) -> Result<Self, String> {
        let map = match value {
            Value::Null => serde_json::Map::new(),
            Value::Object(map) => map,
            _ => return Err(format!("{path} is no mapping; write keys and values under it")),
        };
        let left = map.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), (key, value))).collect();
        Ok(Self { path: path.to_owned(), left })
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.left.remove(&key.to_ascii_lowercase()).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(is)) => Ok(Some(is.to_string())),
            Some(_) => Err(format!("{}.{key} is no text", self.path)),
        }
    }

    fn switch(&mut self, key: &str) -> Result<Option<bool>, String> {
        let text = self.text(key)?;
        let word = text.as_deref().map(str::to_ascii_lowercase);
        match word.as_deref() {
            None => Ok(None),
            Some("y" | "yes" | "true" | "t" | "on" | "1") => Ok(Some(true)),
            Some("n" | "no" | "false" | "f" | "off" | "0") => Ok(Some(false)),
            Some(word) => Err(format!("{}.{key} is `{word}`; write true or false", self.path)),
        }
    }

    fn duration(&mut self, key: &str, otherwise: Duration) -> Result<Duration, String> {
        let Some(text) = self.text(key)? else { return Ok(otherwise) };
        duration(&text).ok_or_else(|| format!("{}.{key} is `{text}`; write a duration like 5s or 800ms", self.path))
    }

    /// The name of a table, which goes into queries as it is.
    fn table(&mut self, key: &str, otherwise: &str) -> Result<String, String> {
        let name = self.text(key)?.unwrap_or_else(|| otherwise.to_owned());
        if name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Ok(name);
        }
        Err(format!("{}.{key} is `{name}`; use letters, digits and _", self.path))
    }

    /// The rest of the keys under names that the agent knows them by.
    fn named(self, names: &[&str]) -> Result<Value, String> {
        let entries = self.left.into_iter().map(|(lower, (written, value))| {
            let name = names.iter().find(|name| name.to_ascii_lowercase() == lower);
            let name =
                name.ok_or_else(|| format!("{}.{written} is not known; there are {}", self.path, names.join(", ")))?;
            Ok(((*name).to_owned(), value))
        });
        entries.collect::<Result<serde_json::Map<_, _>, String>>().map(Value::Object)
    }

    /// Fails where a key is left that nobody asked for.
    fn end(&self) -> Result<(), String> {
        match self.left.values().next() {
            None => Ok(()),
            Some((key, _)) => Err(format!("{}.{key} is not known; remove it", self.path)),
        }
    }
}

/// A duration as Go writes it, or a number of seconds.
fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let (mut rest, mut whole) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at(digits);
        let units = [("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("ns", 1e-9), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let (unit, seconds) = units.into_iter().find(|(unit, _)| after.starts_with(unit))?;
        whole += Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        rest = after.get(unit.len()..)?;
    }
    Some(whole)
}

fn sqlite(keys: &mut Keys) -> Result<SqliteResolution, String> {
    let connection = match keys.text("connectionString")? {
        Some(connection) => Some(connection),
        None => keys.text("url")?,
    };
    let connection = connection
        .ok_or_else(|| format!("{}.connectionString is missing; write the path of the SQLite file", keys.path))?;
    let seconds = Duration::from_secs;
    let timeout = keys.duration("timeoutInSeconds", seconds(1))?;
    let settings = SqliteResolution {
        table: keys.table("tableName", "hosts")?,
        metadata_table: keys.table("metadataTableName", "metadata")?,
        update_interval: keys.duration("updateInterval", seconds(5))?,
        cleanup_interval: keys.duration("cleanupInterval", seconds(3600))?,
        timeout: keys.duration("timeout", timeout)?,
        busy_timeout: keys.duration("busyTimeout", Duration::from_millis(800))?,
        write_ahead: !keys.switch("disableWAL")?.unwrap_or_default() && !connection.contains(":memory:"),
        connection,
    };
    if settings.timeout < seconds(1) || settings.update_interval <= settings.timeout {
        let text = "needs a timeout of a second at least, and an updateInterval that is longer";
        return Err(format!("{} {text}", keys.path));
    }
    Ok(settings)
}

/// The keys of a service's registration and of a check, as the agent writes them.
const SERVICE: [&str; 14] = [
    "Kind",
    "ID",
    "Name",
    "Tags",
    "Port",
    "Address",
    "TaggedAddresses",
    "EnableTagOverride",
    "Meta",
    "Weights",
    "Check",
    "Checks",
    "Proxy",
    "Connect",
];
const CHECK: [&str; 22] = [
    "CheckID",
    "Name",
    "Args",
    "DockerContainerID",
    "Shell",
    "Interval",
    "Timeout",
    "TTL",
    "HTTP",
    "Header",
    "Method",
    "Body",
    "TCP",
    "UDP",
    "Status",
    "Notes",
    "TLSServerName",
    "TLSSkipVerify",
    "GRPC",
    "GRPCUseTLS",
    "AliasService",
    "DeregisterCriticalServiceAfter",
];

fn consul(keys: &mut Keys) -> Result<ConsulResolution, String> {
    let mut client = Keys::within(".configuration.client", keys.take("client").unwrap_or_default())?;
    let scheme = client.text("scheme")?;
    let address = client.text("address")?.unwrap_or_else(|| "127.0.0.1:8500".to_owned());
    let plain = address.strip_prefix("http://").unwrap_or(&address).trim_end_matches('/');
    if scheme.is_some_and(|scheme| scheme != "http") || plain.contains("://") {
        return Err(format!("{}: only `http` is spoken to Consul; ask an agent on this machine", client.path));
    }
    let plain = if plain.contains(':') { plain.to_owned() } else { format!("{plain}:8500") };
    let token = client.text("token")?;
    let datacenter = client.text("datacenter")?;
    client.end()?;
    let options = Keys::within(".configuration.queryOptions", keys.take("queryOptions").unwrap_or_default())?;
    let checks = keys.take("checks").map(checks_of).transpose()?;
    let mut advanced = keys
        .take("advancedRegistration")
        .map(|value| Keys::within(".configuration.advancedRegistration", value)?.named(&SERVICE));
    if let Some(Ok(service)) = &mut advanced
        && let Some(checks) = service.get_mut("Checks")
    {
        *checks = checks_of(checks.take())?;
    }
    let tags = keys.take("tags").map(serde_json::from_value).transpose();
    let meta = keys.take("meta").map(serde_json::from_value).transpose();
    // What is found is asked for each time, so that nothing is to be kept.
    keys.switch("useCache")?;
    Ok(ConsulResolution {
        address: plain,
        token,
        query: query(options, datacenter)?,
        self_register: keys.switch("selfRegister")?.unwrap_or_default(),
        self_deregister: keys.switch("selfDeregister")?.unwrap_or_default(),
        port_key: keys.text("daprPortMetaKey")?.unwrap_or_else(|| "DAPR_PORT".to_owned()),
        checks,
        tags: tags.map_err(|_| format!("{}.tags is no list of texts", keys.path))?.unwrap_or_default(),
        meta: meta.map_err(|_| format!("{}.meta is no mapping of texts", keys.path))?.unwrap_or_default(),
        advanced: advanced.transpose()?,
    })
}

fn checks_of(value: Value) -> Result<Value, String> {
    let path = ".configuration.checks";
    let Value::Array(checks) = value else { return Err(format!("{path} is no list of checks")) };
    checks.into_iter().map(|check| Keys::within(path, check)?.named(&CHECK)).collect::<Result<_, _>>().map(Value::Array)
}

/// The options of a query as its parameters.
fn query(mut options: Keys, datacenter: Option<String>) -> Result<String, String> {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        let value: String = value
            .bytes()
            .map(|byte| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        query.extend(["&", name, "=", &value]);
    };
    let datacenter = options.text("datacenter")?.or(datacenter);
    let texts = [("dc", datacenter), ("ns", options.text("namespace")?), ("partition", options.text("partition")?)];
    let more =
        [("near", options.text("near")?), ("filter", options.text("filter")?), ("token", options.text("token")?)];
    for (name, value) in texts.into_iter().chain(more) {
        if let Some(value) = value {
            add(name, &value);
        }
    }
    for (name, key) in [("stale", "allowStale"), ("consistent", "requireConsistent"), ("cached", "useCache")] {
        if options.switch(key)?.unwrap_or_default() {
            add(name, "");
        }
    }
    options.end()?;
    Ok(query)
}

#[cfg(test)]
mod tests;
