//! `daptop run`: the flags of `dapr run`, with their short names and defaults, and a few of daptop's own.

use std::time::Duration;

use super::dashboard::DashboardArgs;
use super::flags::Given;
use super::protos::ProtoArgs;
use super::values;

/// `daptop run`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the Dapr CLI")]
pub(crate) struct RunArgs {
    /// The run file: a .yaml or .yml file, a folder with a dapr.yaml, or - for standard input
    #[arg(short = 'f', long, value_name = "PATH", default_value = "", hide_default_value = true)]
    pub(crate) run_file: String,
    /// The id of the app; a generated one without it
    #[arg(short = 'a', long, default_value = "", hide_default_value = true)]
    pub(crate) app_id: String,
    /// The port that the app listens on
    #[arg(short = 'p', long, default_value = "-1", value_parser = values::integer)]
    pub(crate) app_port: i64,
    /// How to talk to the app: http, https, h2c, grpc, grpcs
    #[arg(short = 'P', long, default_value = "http")]
    pub(crate) app_protocol: String,
    /// The host that the app listens on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) app_channel_address: String,
    /// The most requests at the app at once; -1 for no limit
    #[arg(long, default_value = "-1", value_parser = values::integer)]
    pub(crate) app_max_concurrency: i64,
    /// Check the app's health
    #[arg(long)]
    pub(crate) enable_app_health_check: bool,
    /// The path of the health checks
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) app_health_check_path: String,
    /// Seconds from one health check to the next; 0 for the default
    #[arg(long, default_value = "0", value_parser = values::integer)]
    pub(crate) app_health_probe_interval: i64,
    /// Milliseconds that a health check may take; 0 for the default
    #[arg(long, default_value = "0", value_parser = values::integer)]
    pub(crate) app_health_probe_timeout: i64,
    /// Failures in a row that make the app unhealthy; 0 for the default
    #[arg(long, default_value = "0", value_parser = values::integer)]
    pub(crate) app_health_threshold: i64,
    /// Log each call of the API
    #[arg(long)]
    pub(crate) enable_api_logging: bool,
    /// Accepted for compatibility: there is nothing to profile
    #[arg(long)]
    pub(crate) enable_profiling: bool,
    /// A Configuration file; ~/.dapr/config.yaml, where it exists, without it
    #[arg(short = 'c', long, default_value = "", hide_default_value = true, value_name = "PATH")]
    pub(crate) config: String,
    /// Deprecated: use --resources-path
    #[arg(short = 'd', long, hide = true, default_value = "")]
    pub(crate) components_path: String,
    /// A folder of resources; repeat it or separate several by commas
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub(crate) resources_path: Vec<String>,
    /// The port of the HTTP API; -1 for a free one
    #[arg(short = 'H', long, default_value = "-1", value_parser = values::integer)]
    pub(crate) dapr_http_port: i64,
    /// The port of the gRPC API; -1 for a free one
    #[arg(short = 'G', long, default_value = "-1", value_parser = values::integer)]
    pub(crate) dapr_grpc_port: i64,
    /// The port for other sidecars; -1 for a free one
    #[arg(short = 'I', long, default_value = "-1", value_parser = values::integer)]
    pub(crate) dapr_internal_grpc_port: i64,
    /// The port of the metrics; -1 for a free one
    #[arg(short = 'M', long, default_value = "-1", value_parser = values::integer)]
    pub(crate) metrics_port: i64,
    /// Accepted for compatibility: there is nothing to profile
    #[arg(long, default_value = "-1", value_parser = values::integer)]
    pub(crate) profile_port: i64,
    /// The addresses that the API listens on, separated by commas; loopback without it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) dapr_listen_addresses: String,
    /// The least level of the sidecar's log: debug, info, warn, error
    #[arg(long, default_value = "info")]
    pub(crate) log_level: String,
    /// The largest body of a request, as a quantity
    #[arg(long, default_value = "4Mi")]
    pub(crate) max_body_size: String,
    /// The largest head of a request, as a quantity
    #[arg(long, default_value = "4Ki")]
    pub(crate) read_buffer_size: String,
    /// Accepted for compatibility: there are no actors
    #[arg(long)]
    pub(crate) placement_host_address: Option<String>,
    /// Accepted for compatibility: there are no jobs
    #[arg(long)]
    pub(crate) scheduler_host_address: Option<String>,
    /// The folder of the API's Unix sockets, which replace its ports
    #[arg(short = 'u', long, default_value = "", hide_default_value = true, value_name = "PATH")]
    pub(crate) unix_domain_socket: String,
    /// Deprecated: use --app-protocol https or grpcs
    #[arg(long, hide = true)]
    pub(crate) app_ssl: bool,
    /// Kubernetes is not supported
    #[arg(short = 'k', long, hide = true)]
    pub(crate) kubernetes: bool,
    /// How the run is shown.
    #[command(flatten)]
    pub(crate) dashboard: DashboardArgs,
    /// What tells of gRPC messages.
    #[command(flatten)]
    pub(crate) protos: ProtoArgs,
    /// How long a call to an app that is still starting is held
    #[arg(long, default_value = "30s", value_parser = values::duration, value_name = "DURATION")]
    pub(crate) hold: Duration,
    /// The app's command and its arguments; none for a sidecar alone
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// The long names of the flags that stand on the command line.
    #[arg(skip)]
    pub(crate) given: Given,
}
