//! The last step to a plan, the same for run files and flags: values checked and typed, defaults put in.

use std::path::PathBuf;
use std::time::Duration;

use daptop_mesh::{AppProtocol, HealthSettings, ProtoFile};
use daptop_model::AppId;

use crate::paths;
use crate::plan::{AppPlan, LogDestination, PortsPlan};
use crate::quantity;
use crate::run_file::schema::App;

/// What is known about an app besides its keys.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// Its id.
    pub(crate) app_id: String,
    /// Its absolute folder.
    pub(crate) folder: PathBuf,
    /// Its Configuration files.
    pub(crate) config_files: Vec<PathBuf>,
    /// Its folders of resources.
    pub(crate) resources: Vec<PathBuf>,
    /// Files that tell what its gRPC messages are.
    pub(crate) protos: Vec<ProtoFile>,
    /// The absolute folder of its Unix sockets.
    pub(crate) unix_domain_socket: Option<PathBuf>,
    /// Where its lines go.
    pub(crate) app_log: LogDestination,
    /// Where its sidecar's lines go.
    pub(crate) sidecar_log: LogDestination,
}

/// What is wrong with a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    /// The key of a run file that the value belongs to.
    pub(crate) key: &'static str,
    /// What is wrong, in the words of the Dapr CLI where it has some.
    pub(crate) text: String,
}

/// Makes the plan of an app, or tells everything that is wrong with it.
pub(crate) fn assemble(app: &App, resolved: Resolved, hold: Duration) -> Result<AppPlan, Vec<Fault>> {
    let shared = &app.shared;
    let mut faults = Faults(Vec::new());
    faults.check("appDirPath", folder(&resolved));
    faults.check("command", command(&app.command));
    let ports = PortsPlan {
        http: faults.check(HTTP.key, port(HTTP.name, app.dapr_http_port)).flatten(),
        grpc: faults.check(GRPC.key, port(GRPC.name, app.dapr_grpc_port)).flatten(),
        metrics: faults.check(METRICS.key, port(METRICS.name, app.metrics_port)).flatten(),
        internal_grpc: faults.check(INTERNAL.key, port(INTERNAL.name, app.dapr_internal_grpc_port)).flatten(),
    };
    let app_port = faults.check("appPort", port("AppPort", app.app_port)).flatten();
    faults.0.extend(conflicts(app_port, ports));
    let protocol = faults.check("appProtocol", protocol(&shared.app_protocol, shared.app_ssl));
    let health = faults.check("appHealthProbeTimeout", health(app)).flatten();
    let max_body_size = faults.check("maxBodySize", size(&shared.max_body_size, "4Mi", "max request body size"));
    let read_buffer_size =
        faults.check("readBufferSize", size(&shared.read_buffer_size, "4Ki", "http read buffer size"));
    let log_level = faults.check("logLevel", log_level(&shared.log_level));
    let (Some((app_protocol, text)), Some(max_body_size), Some(read_buffer_size), Some(log_level), true) =
        (protocol, max_body_size, read_buffer_size, log_level, faults.0.is_empty())
    else {
        return Err(faults.0);
    };
    Ok(AppPlan {
        app_id: AppId::new(&resolved.app_id),
        folder: resolved.folder,
        command: app.command.clone(),
        env: shared.env.clone(),
        app_port,
        app_protocol,
        app_protocol_text: text.to_owned(),
        app_channel_address: Some(app.app_channel_address.clone()).filter(|address| !address.is_empty()),
        app_max_concurrency: usize::try_from(shared.app_max_concurrency).ok().filter(|most| *most > 0),
        health,
        ports,
        listen_addresses: addresses(&shared.api_listen_addresses),
        unix_domain_socket: resolved.unix_domain_socket,
        max_body_size: u64::try_from(max_body_size).ok().filter(|size| *size > 0),
        read_buffer_size: usize::try_from(read_buffer_size).ok().filter(|size| *size > 0).unwrap_or(4 << 10),
        config_files: resolved.config_files,
        resources: resolved.resources,
        protos: resolved.protos,
        api_logging: shared.enable_api_logging,
        log_level,
        app_log: resolved.app_log,
        sidecar_log: resolved.sidecar_log,
        hold,
    })
}

/// What is wrong so far.
struct Faults(Vec<Fault>);

impl Faults {
    fn check<T>(&mut self, key: &'static str, result: Result<T, String>) -> Option<T> {
        result.map_err(|text| self.0.push(Fault { key, text })).ok()
    }
}

/// The names of a sidecar's port: that of the Dapr CLI's messages, its flag, its key.
struct PortNames {
    name: &'static str,
    flag: &'static str,
    key: &'static str,
}

const HTTP: PortNames = PortNames { name: "HTTPPort", flag: "dapr-http-port", key: "daprHTTPPort" };
const GRPC: PortNames = PortNames { name: "GRPCPort", flag: "dapr-grpc-port", key: "daprGRPCPort" };
const METRICS: PortNames = PortNames { name: "MetricsPort", flag: "metrics-port", key: "metricsPort" };
const INTERNAL: PortNames =
    PortNames { name: "InternalGRPCPort", flag: "dapr-internal-grpc-port", key: "daprInternalGRPCPort" };

fn folder(resolved: &Resolved) -> Result<(), String> {
    let folder = &resolved.folder;
    if paths::stat(folder)?.is_dir() { Ok(()) } else { Err(format!("chdir {}: not a directory", folder.display())) }
}

fn command(command: &[String]) -> Result<(), String> {
    if command.first().is_some_and(String::is_empty) {
        return Err("exec: no command: the first word of the command is empty".to_owned());
    }
    match command.iter().position(|word| word.contains('\0')) {
        Some(at) => Err(format!("word {} of the command holds a NUL character", at + 1)),
        None => Ok(()),
    }
}

/// A port that was asked for; 0 and less is any free one.
fn port(name: &str, number: i64) -> Result<Option<u16>, String> {
    if number <= 0 {
        return Ok(None);
    }
    u16::try_from(number).map(Some).map_err(|_| {
        format!("invalid configuration for {name}. Port {number} is not available: the highest port is 65535")
    })
}

/// The runtime refuses an app port that is one of the sidecar's own, and a port that is asked for twice cannot be had.
fn conflicts(app_port: Option<u16>, ports: PortsPlan) -> Vec<Fault> {
    let named = [(HTTP, ports.http), (GRPC, ports.grpc), (METRICS, ports.metrics), (INTERNAL, ports.internal_grpc)];
    let mut faults = Vec::new();
    for (at, (PortNames { name, flag, key }, port)) in named.iter().enumerate() {
        let Some(port) = port else { continue };
        if app_port == Some(*port) {
            let text = format!("the '{flag}' argument value {port} conflicts with 'app-port'");
            faults.push(Fault { key, text });
        }
        if let Some((other, _)) = named[..at].iter().find(|(_, other)| *other == Some(*port)) {
            let why = format!("it is the {} of the same app", other.name);
            let text = format!("invalid configuration for {name}. Port {port} is not available: {why}");
            faults.push(Fault { key, text });
        }
    }
    faults
}

/// `--app-protocol` and the deprecated `--app-ssl`: the protocol, and the word for it.
pub(crate) fn protocol(text: &str, ssl: bool) -> Result<(AppProtocol, &'static str), String> {
    Ok(match (text.to_ascii_lowercase().as_str(), ssl) {
        ("" | "http", false) => (AppProtocol::Http, "http"),
        ("" | "http", true) | ("https", _) => (AppProtocol::Https, "https"),
        ("h2c", _) => (AppProtocol::H2c, "h2c"),
        ("grpc", false) => (AppProtocol::Grpc, "grpc"),
        ("grpc", true) | ("grpcs", _) => (AppProtocol::Grpcs, "grpcs"),
        _ => {
            return Err(format!("invalid value for 'app-protocol': {text}; it can be http, https, h2c, grpc or grpcs"));
        }
    })
}

fn health(app: &App) -> Result<Option<HealthSettings>, String> {
    let shared = &app.shared;
    let (seconds, millis) = (shared.app_health_probe_interval, shared.app_health_probe_timeout);
    let settings = || health_checks(&shared.app_health_check_path, seconds, millis, shared.app_health_threshold);
    shared.enable_app_health_check.then(settings).transpose()
}

/// Health checks from what was written: seconds, milliseconds, failures in a row. What is not positive, and a path that
/// is empty, is the default. (App health)
pub(crate) fn health_checks(
    path: &str,
    interval_seconds: i64,
    timeout_millis: i64,
    threshold: i64,
) -> Result<HealthSettings, String> {
    let defaults = HealthSettings::default();
    let positive = |number: i64| u64::try_from(number).ok().filter(|number| *number > 0);
    let interval = positive(interval_seconds).map_or(defaults.interval, Duration::from_secs);
    let timeout = positive(timeout_millis).map_or(defaults.timeout, Duration::from_millis);
    if timeout > interval {
        let (timeout, interval) = (timeout.as_millis(), interval.as_millis());
        return Err(format!(
            "a health probe may take {timeout} ms, which is longer than from one to the next ({interval} ms)"
        ));
    }
    Ok(HealthSettings {
        path: if path.is_empty() { defaults.path } else { path.to_owned() },
        interval,
        timeout,
        threshold: u32::try_from(threshold).ok().filter(|count| *count > 0).unwrap_or(defaults.threshold),
    })
}

fn size(text: &str, default: &str, what: &str) -> Result<i64, String> {
    let text = if text.is_empty() { default } else { text };
    quantity::parse(text).map_err(|error| format!("invalid {what}: {error}"))
}

/// A log level by one of its names, in small letters.
pub(crate) fn log_level(text: &str) -> Result<String, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok("info".to_owned()),
        level @ ("debug" | "info" | "warn" | "error") => Ok(level.to_owned()),
        "warning" => Ok("warn".to_owned()),
        "fatal" => Ok("error".to_owned()),
        _ => Err(format!("invalid value for 'log-level': {text}; it can be debug, info, warn, error or fatal")),
    }
}

fn addresses(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|address| !address.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
pub(crate) mod tests;
