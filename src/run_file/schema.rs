//! The keys of a run file, as they are written: nothing is resolved, joined or checked beyond its type.

use std::collections::BTreeMap;

use super::node::{self, SyntaxError};
use super::reader::{Issue, Issues, Kind, MapReader};

const TOP_KEYS: &[&str] = &["version", "name", "common", "apps"];
const APP_KEYS: &[&str] = &[
    "appDirPath",
    "appID",
    "appPort",
    "appChannelAddress",
    "daprHTTPPort",
    "daprGRPCPort",
    "daprInternalGRPCPort",
    "metricsPort",
    "profilePort",
    "unixDomainSocket",
    "command",
    "containerImage",
    "containerImagePullPolicy",
    "createService",
    // Of daptop alone.
    "protos",
];
const SHARED_KEYS: &[&str] = &[
    "configFilePath",
    "appProtocol",
    "apiListenAddresses",
    "enableProfiling",
    "logLevel",
    "appMaxConcurrency",
    "placementHostAddress",
    "schedulerHostAddress",
    "resourcesPath",
    "resourcesPaths",
    "appSSL",
    "maxBodySize",
    "readBufferSize",
    "daprHTTPMaxRequestSize",
    "daprHTTPReadBufferSize",
    "enableAppHealthCheck",
    "appHealthCheckPath",
    "appHealthProbeInterval",
    "appHealthProbeTimeout",
    "appHealthThreshold",
    "enableApiLogging",
    "runtimePath",
    "env",
    "daprdLogDestination",
    "appLogDestination",
];
const TOP: Kind = Kind {
    name: "a run file",
    keys: &[TOP_KEYS],
    elsewhere: &[(SHARED_KEYS, "\"common\" or an app"), (APP_KEYS, "an app")],
};
const COMMON: Kind = Kind { name: "\"common\"", keys: &[SHARED_KEYS], elsewhere: &[(APP_KEYS, "an app")] };
const APP: Kind = Kind { name: "an app", keys: &[SHARED_KEYS, APP_KEYS], elsewhere: &[(TOP_KEYS, "the top level")] };

/// A run file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct RunFile {
    /// `version`; 0 where absent.
    pub(crate) version: i64,
    /// `name`.
    pub(crate) name: String,
    /// `common`.
    pub(crate) common: Shared,
    /// `apps`.
    pub(crate) apps: Vec<App>,
    /// The line of `version`, or else the line that the file's keys begin in; `None` where there is nothing in it.
    pub(crate) line: Option<usize>,
}

/// Keys of `common` and of each app. Absent ones are 0, false or empty, which also is how an app does not overrule
/// `common`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shared {
    pub(crate) config_file_path: String,
    pub(crate) app_protocol: String,
    pub(crate) api_listen_addresses: String,
    pub(crate) log_level: String,
    pub(crate) app_max_concurrency: i64,
    /// `resourcesPaths`, then `resourcesPath`.
    pub(crate) resources_paths: Vec<String>,
    pub(crate) app_ssl: bool,
    /// `maxBodySize`, or `daprHTTPMaxRequestSize` as a quantity.
    pub(crate) max_body_size: String,
    /// `readBufferSize`, or `daprHTTPReadBufferSize` as a quantity.
    pub(crate) read_buffer_size: String,
    pub(crate) enable_app_health_check: bool,
    pub(crate) app_health_check_path: String,
    /// Seconds.
    pub(crate) app_health_probe_interval: i64,
    /// Milliseconds.
    pub(crate) app_health_probe_timeout: i64,
    pub(crate) app_health_threshold: i64,
    pub(crate) enable_api_logging: bool,
    pub(crate) runtime_path: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) daprd_log_destination: String,
    pub(crate) app_log_destination: String,
    /// The lines of the keys.
    pub(crate) lines: BTreeMap<String, usize>,
}

/// An app.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the keys")]
pub(crate) struct App {
    pub(crate) shared: Shared,
    pub(crate) app_dir_path: String,
    pub(crate) app_id: String,
    pub(crate) app_port: i64,
    pub(crate) app_channel_address: String,
    pub(crate) dapr_http_port: i64,
    pub(crate) dapr_grpc_port: i64,
    pub(crate) dapr_internal_grpc_port: i64,
    pub(crate) metrics_port: i64,
    pub(crate) unix_domain_socket: String,
    pub(crate) command: Vec<String>,
    pub(crate) container_image_pull_policy: String,
    pub(crate) protos: Vec<String>,
    /// The line that the app begins in.
    pub(crate) line: usize,
}

/// Reads a run file's text.
pub(crate) fn read(text: &str) -> Result<(RunFile, Issues), SyntaxError> {
    let mut issues = Issues::default();
    let Some(root) = node::parse(text)? else { return Ok((RunFile::default(), issues)) };
    let mut map = MapReader::open(&mut issues, &root, String::new(), TOP);
    let version = map.integer("version");
    let line = Some(map.line("version"));
    let name = map.text("name");
    let common = map.raw("common");
    let apps = map.items("apps", "a list of apps, each beginning with `- `");
    let common = common.map_or_else(Shared::default, |node| {
        read_shared(&mut MapReader::open(&mut issues, &node, "common".to_owned(), COMMON))
    });
    let apps = apps
        .iter()
        .enumerate()
        .map(|(at, node)| read_app(&mut MapReader::open(&mut issues, node, format!("apps[{at}]"), APP)))
        .collect();
    issues.errors.sort_by_key(|issue| issue.line);
    issues.warnings.sort_by_key(|issue| issue.line);
    Ok((RunFile { version, name, common, apps, line }, issues))
}

fn read_app(map: &mut MapReader<'_>) -> App {
    map.integer("profilePort");
    map.text("containerImage");
    map.boolean("createService");
    App {
        shared: read_shared(map),
        app_dir_path: map.text("appDirPath"),
        app_id: map.text("appID"),
        app_port: map.integer("appPort"),
        app_channel_address: map.text("appChannelAddress"),
        dapr_http_port: map.integer("daprHTTPPort"),
        dapr_grpc_port: map.integer("daprGRPCPort"),
        dapr_internal_grpc_port: map.integer("daprInternalGRPCPort"),
        metrics_port: map.integer("metricsPort"),
        unix_domain_socket: map.text("unixDomainSocket"),
        command: map.texts("command"),
        container_image_pull_policy: map.text("containerImagePullPolicy"),
        protos: map.texts("protos"),
        line: map.begins(),
    }
}

fn read_shared(map: &mut MapReader<'_>) -> Shared {
    map.boolean("enableProfiling");
    map.text("placementHostAddress");
    map.text("schedulerHostAddress");
    let mut resources_paths = map.texts("resourcesPaths");
    resources_paths.push(map.text("resourcesPath"));
    resources_paths.retain(|path| !path.is_empty());
    Shared {
        config_file_path: map.text("configFilePath"),
        app_protocol: map.text("appProtocol"),
        api_listen_addresses: map.text("apiListenAddresses"),
        log_level: map.text("logLevel"),
        app_max_concurrency: map.integer("appMaxConcurrency"),
        resources_paths,
        app_ssl: map.boolean("appSSL"),
        max_body_size: renamed(map, "maxBodySize", "daprHTTPMaxRequestSize", "Mi"),
        read_buffer_size: renamed(map, "readBufferSize", "daprHTTPReadBufferSize", "Ki"),
        enable_app_health_check: map.boolean("enableAppHealthCheck"),
        app_health_check_path: map.text("appHealthCheckPath"),
        app_health_probe_interval: map.integer("appHealthProbeInterval"),
        app_health_probe_timeout: map.integer("appHealthProbeTimeout"),
        app_health_threshold: map.integer("appHealthThreshold"),
        enable_api_logging: map.boolean("enableApiLogging"),
        runtime_path: map.text("runtimePath"),
        env: map.text_map("env"),
        daprd_log_destination: map.text("daprdLogDestination"),
        app_log_destination: map.text("appLogDestination"),
        lines: map.lines(),
    }
}

/// A size under its name of today, or under its old name, which counted in whole units and took -1 for the default.
fn renamed(map: &mut MapReader<'_>, name: &str, old: &str, unit: &str) -> String {
    let size = map.text(name);
    let old_size = map.integer(old);
    if !size.is_empty() && old_size > 0 {
        let issue = Issue { line: map.line(old), text: format!("{old:?} is the old name of {name:?} and is ignored") };
        map.issues().warnings.push(issue);
    }
    if size.is_empty() && old_size > 0 { format!("{old_size}{unit}") } else { size }
}

impl Shared {
    /// The line of a key, where it is there.
    pub(crate) fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }
}

#[cfg(test)]
mod tests;
