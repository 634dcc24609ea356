//! `daptop sidecar`: the flags of the runtime (`daprd`), with their defaults.

use std::time::Duration;

use super::flags::Given;
use super::protos::ProtoArgs;
use super::values;

/// `daptop sidecar`. Ports are text, as the runtime takes them; whoever starts the sidecar reads them.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the runtime")]
pub(crate) struct SidecarArgs {
    /// The id of the app
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) app_id: String,
    /// The port that the app listens on
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) app_port: String,
    /// How to talk to the app: http, https, h2c, grpc, grpcs
    #[arg(long, default_value = "http")]
    pub(crate) app_protocol: String,
    /// The host that the app listens on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) app_channel_address: String,
    /// The most requests at the app at once; -1 for no limit
    #[arg(long, default_value = "-1", value_parser = values::integer)]
    pub(crate) app_max_concurrency: i64,
    /// Deprecated: use --app-protocol https or grpcs
    #[arg(long, hide = true)]
    pub(crate) app_ssl: bool,
    /// The port of the HTTP API; 0 for a free one
    #[arg(long, default_value = "3500")]
    pub(crate) dapr_http_port: String,
    /// The port of the gRPC API; 0 for a free one
    #[arg(long, default_value = "50001")]
    pub(crate) dapr_grpc_port: String,
    /// The port for other sidecars; one that depends on the app id and the folder without it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) dapr_internal_grpc_port: String,
    /// The address for other sidecars
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) dapr_internal_grpc_listen_address: String,
    /// The addresses that the API listens on, separated by commas; all without it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) dapr_listen_addresses: String,
    /// A port with health and metadata only
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) dapr_public_port: String,
    /// The address of the port with health and metadata only
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) dapr_public_listen_address: String,
    /// The port of the metrics
    #[arg(long, default_value = "9090")]
    pub(crate) metrics_port: String,
    /// The address of the metrics
    #[arg(long, default_value = "0.0.0.0")]
    pub(crate) metrics_listen_address: String,
    /// Serve metrics
    #[arg(long, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub(crate) enable_metrics: bool,
    /// Accepted for compatibility: there is nothing to profile
    #[arg(long, hide = true, default_value = "7777")]
    pub(crate) profile_port: String,
    /// Accepted for compatibility: there is nothing to profile
    #[arg(long, hide = true)]
    pub(crate) enable_profiling: bool,
    /// The folder of the API's Unix sockets, which replace its ports
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) unix_domain_socket: String,
    /// A Configuration file; may be repeated
    #[arg(long, value_delimiter = ',')]
    pub(crate) config: Vec<String>,
    /// A folder of resources; may be repeated
    #[arg(long, value_delimiter = ',')]
    pub(crate) resources_path: Vec<String>,
    /// Deprecated: use --resources-path
    #[arg(long, hide = true, default_value = "")]
    pub(crate) components_path: String,
    /// The mode; only standalone is supported
    #[arg(long, default_value = "standalone")]
    pub(crate) mode: String,
    /// Check the app's health
    #[arg(long)]
    pub(crate) enable_app_health_check: bool,
    /// The path of the health checks
    #[arg(long, default_value = "/healthz")]
    pub(crate) app_health_check_path: String,
    /// Seconds from one health check to the next
    #[arg(long, default_value = "5", value_parser = values::integer)]
    pub(crate) app_health_probe_interval: i64,
    /// Milliseconds that a health check may take
    #[arg(long, default_value = "500", value_parser = values::integer)]
    pub(crate) app_health_probe_timeout: i64,
    /// Failures in a row that make the app unhealthy
    #[arg(long, default_value = "3", value_parser = values::integer)]
    pub(crate) app_health_threshold: i64,
    /// Endpoints of the app that are not asked at the start: config, subscribe
    #[arg(long, value_delimiter = ',')]
    pub(crate) disable_init_endpoints: Vec<String>,
    /// The largest body of a request, as a quantity
    #[arg(long, default_value = "4Mi")]
    pub(crate) max_body_size: String,
    /// The largest head of a request, as a quantity
    #[arg(long, default_value = "4Ki")]
    pub(crate) read_buffer_size: String,
    /// Deprecated: use --max-body-size; in MiB
    #[arg(long, hide = true, default_value = "4", value_parser = values::integer)]
    pub(crate) dapr_http_max_request_size: i64,
    /// Deprecated: use --read-buffer-size; in KiB
    #[arg(long, hide = true, default_value = "4", value_parser = values::integer)]
    pub(crate) dapr_http_read_buffer_size: i64,
    /// How long running calls may take to end at the stop; 0 for no limit
    #[arg(long, default_value = "5", value_parser = values::integer)]
    pub(crate) dapr_graceful_shutdown_seconds: i64,
    /// How long to serve on before a stop begins
    #[arg(long, value_parser = values::duration)]
    pub(crate) dapr_block_shutdown_duration: Option<Duration>,
    /// Log each call of the API
    #[arg(long, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) enable_api_logging: Option<bool>,
    /// Origins that browsers may call from, separated by commas; * for all
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) allowed_origins: String,
    /// Accepted for compatibility: sidecars speak in clear text
    #[arg(long, hide = true)]
    pub(crate) enable_mtls: bool,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "")]
    pub(crate) sentry_address: String,
    /// Accepted for compatibility
    #[arg(long, hide = true, value_delimiter = ',')]
    pub(crate) sentry_request_jwt_audiences: Vec<String>,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "")]
    pub(crate) control_plane_address: String,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "localhost")]
    pub(crate) control_plane_trust_domain: String,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "default")]
    pub(crate) control_plane_namespace: String,
    /// Accepted for compatibility: there are no actors
    #[arg(long, hide = true, default_value = "")]
    pub(crate) placement_host_address: String,
    /// Accepted for compatibility: there are no jobs
    #[arg(long, hide = true, value_delimiter = ',')]
    pub(crate) scheduler_host_address: Vec<String>,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "3", value_parser = values::integer)]
    pub(crate) scheduler_job_streams: i64,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "30s", value_parser = values::duration)]
    pub(crate) actors_disseminate_timeout: Duration,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "0", value_parser = values::duration)]
    pub(crate) hot_reload_reconcile_interval: Duration,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "3s", value_parser = values::duration)]
    pub(crate) app_binding_options_timeout: Duration,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "")]
    pub(crate) actors_service: String,
    /// Accepted for compatibility
    #[arg(long, hide = true, default_value = "")]
    pub(crate) reminders_service: String,
    /// Accepted for compatibility
    #[arg(long, hide = true)]
    pub(crate) disable_builtin_k8s_secret_store: bool,
    /// The least level of the log: debug, info, warn, error
    #[arg(long, default_value = "info")]
    pub(crate) log_level: String,
    /// A file for the log instead of standard output
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) log_file: String,
    /// What tells of gRPC messages.
    #[command(flatten)]
    pub(crate) protos: ProtoArgs,
    /// Print the version and end
    #[arg(long)]
    pub(crate) version: bool,
    /// Print the build and end
    #[arg(long)]
    pub(crate) build_info: bool,
    /// Wait until the sidecar answers on its HTTP port, and end
    #[arg(long)]
    pub(crate) wait: bool,
    /// The long names of the flags that stand on the command line.
    #[arg(skip)]
    pub(crate) given: Given,
}

impl SidecarArgs {
    /// The folders and files of resources. The deprecated flag counts where the other is not written.
    pub(crate) fn resources(&self) -> Vec<std::path::PathBuf> {
        match self.components_path.as_str() {
            path if self.resources_path.is_empty() && !path.is_empty() => vec![path.into()],
            _ => self.resources_path.iter().map(Into::into).collect(),
        }
    }
}
