//! What is to be run: resolved, validated, nothing left to look up. Run files and command lines both end here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use daptop_mesh::{AppProtocol, HealthSettings, ProtoFile};
use daptop_model::AppId;

/// Everything that one `daptop run` (or `daptop sidecar`) starts.
#[derive(Clone, Debug)]
pub(crate) struct RunPlan {
    /// Where the plan came from.
    pub(crate) source: RunSource,
    /// The run file's `name`, told in the metadata as `runTemplateName`.
    pub(crate) name: Option<String>,
    /// The apps, in file order; never empty.
    pub(crate) apps: Vec<AppPlan>,
}

/// Where a plan came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum RunSource {
    /// A run file, by its absolute path; standard input is `<cwd>/-`.
    File(PathBuf),
    /// The flags of one command line.
    Flags,
}

/// One app and its sidecar.
#[derive(Clone, Debug)]
pub(crate) struct AppPlan {
    /// The app's id.
    pub(crate) app_id: AppId,
    /// The absolute folder that the app runs in.
    pub(crate) folder: PathBuf,
    /// The command and its arguments; empty for a sidecar without an app.
    pub(crate) command: Vec<String>,
    /// The user's environment for the app, which wins over what daptop injects.
    pub(crate) env: BTreeMap<String, String>,
    /// The app's port; `None` for an app that is only a client.
    pub(crate) app_port: Option<u16>,
    /// How to talk to the app.
    pub(crate) app_protocol: AppProtocol,
    /// What `APP_PROTOCOL` says: the text that was written, `https` and `grpcs` with `appSSL`, empty where unknown.
    pub(crate) app_protocol_text: String,
    /// The app's host; `None` where not written (127.0.0.1).
    pub(crate) app_channel_address: Option<String>,
    /// The most requests at the app at once.
    pub(crate) app_max_concurrency: Option<usize>,
    /// App health checks, where they are on.
    pub(crate) health: Option<HealthSettings>,
    /// The ports of the sidecar.
    pub(crate) ports: PortsPlan,
    /// `apiListenAddresses`; empty for loopback.
    pub(crate) listen_addresses: Vec<String>,
    /// The folder of the API's Unix sockets, which then replace its TCP ports.
    pub(crate) unix_domain_socket: Option<PathBuf>,
    /// The largest body of a request in bytes; `None` for no limit.
    pub(crate) max_body_size: Option<u64>,
    /// The largest head in bytes.
    pub(crate) read_buffer_size: usize,
    /// Configuration files, in order.
    pub(crate) config_files: Vec<PathBuf>,
    /// Folders (or files) of resources, in order.
    pub(crate) resources: Vec<PathBuf>,
    /// Files that tell what gRPC messages are.
    pub(crate) protos: Vec<ProtoFile>,
    /// Log each API call.
    pub(crate) api_logging: bool,
    /// The least level of the sidecar's log: `debug`, `info`, `warn`, `error`.
    pub(crate) log_level: String,
    /// Where the app's lines go.
    pub(crate) app_log: LogDestination,
    /// Where the sidecar's lines go.
    pub(crate) sidecar_log: LogDestination,
    /// How long a call to this app is held while it starts.
    pub(crate) hold: Duration,
}

/// The ports of a sidecar: fixed, or any free one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct PortsPlan {
    /// The HTTP API.
    pub(crate) http: Option<u16>,
    /// The gRPC API.
    pub(crate) grpc: Option<u16>,
    /// Other sidecars.
    pub(crate) internal_grpc: Option<u16>,
    /// Metrics.
    pub(crate) metrics: Option<u16>,
}

/// `appLogDestination`, `daprdLogDestination`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LogDestination {
    /// A file under `<folder>/.dapr/logs`.
    File,
    /// Standard output.
    Console,
    /// Both.
    FileAndConsole,
}
