//! From the runtime's flags to a sidecar's settings and its bound sockets.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use daptop_mesh::{
    ApiListener, AppProtocol, Configuration, HealthSettings, Listeners, SidecarSettings, TracingSettings,
};
use daptop_model::AppId;

use crate::cli::SidecarArgs;
use crate::control::Directory;
use crate::ports::bind::{self, Address};
use crate::ports::sockets;
use crate::quantity;

/// Everything that is needed to start.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The sidecar.
    pub(super) settings: SidecarSettings,
    /// Its sockets, bound.
    pub(super) listeners: Listeners,
    /// The folder through which processes find each other.
    pub(super) directory: Option<PathBuf>,
    /// How long running calls may take to end at the stop.
    pub(super) grace: Duration,
}

/// Why a sidecar cannot start.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Problem(String);

/// No grace is longer than this: zero asks for no limit.
const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// Checks the flags, reads what they name and binds the sockets.
pub(super) fn prepare(args: &SidecarArgs) -> anyhow::Result<Prepared> {
    if args.app_id.is_empty() {
        return Err(Problem("app-id parameter cannot be empty: write --app-id NAME".to_owned()).into());
    }
    if args.app_id.contains('.') {
        let text = format!("parameter app-id cannot contain dots: it is {}", args.app_id);
        return Err(Problem(text).into());
    }
    let app_port = optional_port("app-port", &args.app_port)?.filter(|port| *port != 0);
    let ports = [("dapr-http-port", &args.dapr_http_port), ("dapr-grpc-port", &args.dapr_grpc_port)];
    for (flag, text) in ports {
        let port = optional_port(flag, text)?.filter(|port| *port != 0);
        if port.is_some() && port == app_port {
            let text = format!("the '{flag}' argument value {} conflicts with 'app-port'", text.trim());
            return Err(Problem(text).into());
        }
    }
    let settings = settings(args, app_port)?;
    let listeners = listeners(args)?;
    let directory = Directory::open().ok().map(|directory| directory.path().to_owned());
    let grace = match args.dapr_graceful_shutdown_seconds {
        0 => NO_LIMIT,
        seconds => Duration::from_secs(u64::try_from(seconds).unwrap_or(5)),
    };
    Ok(Prepared { settings, listeners, directory, grace })
}

fn optional_port(flag: &str, text: &str) -> Result<Option<u16>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Problem(format!("--{flag} is {text}; it must be a port from 0 to 65535")))
}

fn settings(args: &SidecarArgs, app_port: Option<u16>) -> anyhow::Result<SidecarSettings> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let size =
        |flag: &str, text: &str| quantity::parse(text).map_err(|error| Problem(format!("--{flag} is {text}: {error}")));
    let mut settings = SidecarSettings::new(AppId::new(&args.app_id));
    settings.app_port = app_port;
    settings.app_protocol = protocol(&args.app_protocol, args.app_ssl)?;
    settings.app_channel_address.clone_from(&args.app_channel_address);
    settings.app_max_concurrency = usize::try_from(args.app_max_concurrency).ok().filter(|most| *most > 0);
    settings.health = args.enable_app_health_check.then(|| health(args));
    settings.max_body_size = u64::try_from(size("max-body-size", &args.max_body_size)?).ok().filter(|size| *size > 0);
    settings.read_buffer_size = usize::try_from(size("read-buffer-size", &args.read_buffer_size)?).unwrap_or(4 << 10);
    settings.skip_app_config = args.disable_init_endpoints.iter().any(|name| name.trim() == "config");
    settings.api_logging = args.enable_api_logging.unwrap_or_default();
    settings.allowed_origins.clone_from(&args.allowed_origins);
    settings.api_token = variable("DAPR_API_TOKEN");
    settings.app_api_token = variable("APP_API_TOKEN");
    settings.host_address = variable("DAPR_HOST_IP");
    if let Some(namespace) = variable("NAMESPACE") {
        settings.namespace = namespace;
    }
    let files: Vec<PathBuf> = args.config.iter().map(PathBuf::from).collect();
    settings.tracing = if files.is_empty() {
        TracingSettings::local_default()
    } else {
        Configuration::load(&files, |name| std::env::var(name).ok())?.tracing
    };
    Ok(settings)
}

fn protocol(text: &str, ssl: bool) -> Result<AppProtocol, Problem> {
    match (text.to_ascii_lowercase().as_str(), ssl) {
        ("" | "http", false) => Ok(AppProtocol::Http),
        ("" | "http", true) | ("https", _) => Ok(AppProtocol::Https),
        ("h2c", _) => Ok(AppProtocol::H2c),
        ("grpc", false) => Ok(AppProtocol::Grpc),
        ("grpc", true) | ("grpcs", _) => Ok(AppProtocol::Grpcs),
        _ => {
            Err(Problem(format!("invalid value for 'app-protocol': {text}; it can be http, https, h2c, grpc or grpcs")))
        }
    }
}

fn health(args: &SidecarArgs) -> HealthSettings {
    let default = HealthSettings::default();
    let positive = |value: i64| u64::try_from(value).ok().filter(|value| *value > 0);
    HealthSettings {
        path: args.app_health_check_path.clone(),
        interval: positive(args.app_health_probe_interval).map_or(default.interval, Duration::from_secs),
        timeout: positive(args.app_health_probe_timeout).map_or(default.timeout, Duration::from_millis),
        threshold: u32::try_from(args.app_health_threshold).ok().filter(|most| *most > 0).unwrap_or(default.threshold),
    }
}

fn listeners(args: &SidecarArgs) -> Result<Listeners, Problem> {
    let written: Vec<String> = args
        .dapr_listen_addresses
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect();
    let api = if written.is_empty() { everywhere() } else { bind::addresses(&written).map_err(Problem)? };
    let mut listeners = Listeners {
        http: Vec::new(),
        grpc: Vec::new(),
        internal_grpc: tcp(
            "dapr-internal-grpc-port",
            &args.dapr_internal_grpc_port,
            &address(&args.dapr_internal_grpc_listen_address)?,
        )?,
        metrics: None,
        public: None,
    };
    if args.unix_domain_socket.is_empty() {
        listeners.http = tcp("dapr-http-port", &args.dapr_http_port, &api)?.into_iter().map(ApiListener::Tcp).collect();
        listeners.grpc = tcp("dapr-grpc-port", &args.dapr_grpc_port, &api)?.into_iter().map(ApiListener::Tcp).collect();
    } else {
        let folder = Path::new(&args.unix_domain_socket);
        listeners.http = vec![sockets::bind(folder, &args.app_id, "http").map_err(Problem)?];
        listeners.grpc = vec![sockets::bind(folder, &args.app_id, "grpc").map_err(Problem)?];
    }
    if args.enable_metrics {
        listeners.metrics = tcp("metrics-port", &args.metrics_port, &address(&args.metrics_listen_address)?)?.pop();
    }
    if !args.dapr_public_port.is_empty() {
        listeners.public =
            tcp("dapr-public-port", &args.dapr_public_port, &address(&args.dapr_public_listen_address)?)?.pop();
    }
    Ok(listeners)
}

/// All interfaces, in both families at once.
fn everywhere() -> Vec<Address> {
    vec![Address::needed(std::net::Ipv6Addr::UNSPECIFIED.into())]
}

fn address(text: &str) -> Result<Vec<Address>, Problem> {
    match text {
        "" | "0.0.0.0" => Ok(everywhere()),
        text => bind::addresses(&[text.to_owned()]).map_err(Problem),
    }
}

fn tcp(flag: &str, text: &str, addresses: &[Address]) -> Result<Vec<TcpListener>, Problem> {
    let bound = match optional_port(flag, text)? {
        None | Some(0) => bind::any(&std::collections::BTreeSet::new(), addresses),
        Some(port) => bind::exactly(port, addresses),
    };
    bound.map(|bound| bound.listeners).map_err(|error| Problem(format!("--{flag} {text}: {error}")))
}
