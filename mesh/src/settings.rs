//! What a sidecar needs to know, resolved and typed. Nothing here is read from a file.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Duration;

use daptop_model::{AppId, InstanceId};

use crate::{HttpEndpoint, UnusedResource};

/// What the sidecars of a process share.
#[derive(Clone, Debug)]
pub struct MeshSettings {
    /// Whether calls are captured.
    pub capture: bool,
    /// How much of a body is kept, in bytes.
    pub body_cap: usize,
    /// How long a call to an app of this process that is still starting is held.
    pub hold: Duration,
    /// The folder through which the daptop processes of one user find each other; `None` to stay alone.
    pub directory: Option<PathBuf>,
    /// Where multicast DNS is spoken, for the sidecars whose resolver that is.
    pub multicast: Multicast,
}

/// The interfaces for multicast DNS.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Multicast {
    /// None.
    #[default]
    Off,
    /// Every one that is up, can multicast and leads out of this machine, as Dapr's sidecars do.
    On,
    /// That of this machine alone.
    Loopback,
}

impl Default for MeshSettings {
    fn default() -> Self {
        Self {
            capture: true,
            body_cap: 1 << 20,
            hold: Duration::from_secs(30),
            directory: None,
            multicast: Multicast::Off,
        }
    }
}

/// One sidecar. Field meanings and defaults: the runtime's flags.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the runtime, independent of the others")]
pub struct SidecarSettings {
    /// The app's id.
    pub app_id: AppId,
    /// Which app of the run.
    pub instance: InstanceId,
    /// The namespace, from the environment variable `NAMESPACE`.
    pub namespace: String,
    /// The app's port; `None` for an app that is only a client.
    pub app_port: Option<u16>,
    /// How to talk to the app.
    pub app_protocol: AppProtocol,
    /// The app's host.
    pub app_channel_address: String,
    /// The most requests at the app at once; `None` for no limit.
    pub app_max_concurrency: Option<usize>,
    /// App health checks, where they are on.
    pub health: Option<HealthSettings>,
    /// The largest body of a request in bytes; `None` for no limit.
    pub max_body_size: Option<u64>,
    /// The largest head in bytes, before Go's slop of 4096.
    pub read_buffer_size: usize,
    /// Skip the app's `/dapr/config`.
    pub skip_app_config: bool,
    /// Which APIs there are.
    pub api_access: ApiAccess,
    /// Which methods of Dapr's service there are at the gRPC API.
    pub grpc_access: ApiAccess,
    /// Whether calls of other apps are denied (accessControl).
    pub deny_calls: bool,
    /// Log each API call.
    pub api_logging: bool,
    /// Log names in place of paths.
    pub obfuscate_urls: bool,
    /// Leave health checks out of the log.
    pub omit_health_checks: bool,
    /// CORS: `""` none, `*` all, or a comma list of origins.
    pub allowed_origins: String,
    /// HTTP/2 in clear text is refused on the HTTP API (Listener).
    pub disable_h2c: bool,
    /// The token that callers of the API must send.
    pub api_token: Option<String>,
    /// The token that is sent to the app.
    pub app_api_token: Option<String>,
    /// The address told to others: the environment variable `DAPR_HOST_IP`, or detected.
    pub host_address: Option<String>,
    /// Tracing.
    pub tracing: TracingSettings,
    /// The `HTTPEndpoint` resources that the app may call, by name.
    pub http_endpoints: Vec<HttpEndpoint>,
    /// Resources that Dapr would use and daptop does not: the sidecar's log names them as it starts.
    pub unused_resources: Vec<UnusedResource>,
    /// How apps of other machines are found.
    pub name_resolution: NameResolution,
    /// Files that tell what the messages of gRPC services are.
    pub protos: Vec<ProtoFile>,
    /// The supervisor tells when the app's process runs and ends. Without one the app is assumed to run.
    pub supervised: bool,
}

impl SidecarSettings {
    /// The defaults of the runtime for an app id.
    pub fn new(app_id: AppId) -> Self {
        Self {
            app_id,
            instance: InstanceId(0),
            namespace: "default".to_owned(),
            app_port: None,
            app_protocol: AppProtocol::Http,
            app_channel_address: "127.0.0.1".to_owned(),
            app_max_concurrency: None,
            health: None,
            max_body_size: Some(4 << 20),
            read_buffer_size: 4 << 10,
            skip_app_config: false,
            api_access: ApiAccess::default(),
            grpc_access: ApiAccess::default(),
            deny_calls: false,
            api_logging: false,
            obfuscate_urls: false,
            omit_health_checks: false,
            allowed_origins: String::new(),
            disable_h2c: false,
            api_token: None,
            app_api_token: None,
            host_address: None,
            tracing: TracingSettings::default(),
            http_endpoints: Vec::new(),
            unused_resources: Vec::new(),
            name_resolution: NameResolution::Mdns,
            protos: Vec::new(),
            supervised: false,
        }
    }
}

/// A file that tells what the messages of gRPC services are. It is read when somebody looks at a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProtoFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub form: ProtoForm,
    /// The app's folder: nothing that the file imports is looked for above it, or, where the file is elsewhere, above the
    /// folder that has both.
    pub root: PathBuf,
}

/// What a file is that tells of messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProtoForm {
    /// Written in the language of Protocol Buffers.
    Source,
    /// A `google.protobuf.FileDescriptorSet`, as compilers write it.
    DescriptorSet,
}

/// Which APIs there are (Tokens, allowlist, logging, CORS). What is denied is not there, as if it had never been; where
/// anything is allowed, all else is denied.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApiAccess {
    /// What there is; empty for everything.
    pub allowed: Vec<ApiRule>,
    /// What there is not.
    pub denied: Vec<ApiRule>,
}

/// A group of APIs, as `invoke` and `v1`, or the start of a path, as `invoke` and `v1.0`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiRule {
    /// The group's name, or the path after the version.
    pub name: String,
    /// The version.
    pub version: String,
}

/// `spec.nameResolution` (Name resolution). Apps of this process and of other daptop processes of the user are found
/// before it is asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum NameResolution {
    /// Multicast DNS.
    #[default]
    Mdns,
    /// A table in a file.
    Sqlite(SqliteResolution),
    /// A Consul agent.
    Consul(Box<ConsulResolution>),
}

/// The resolver `sqlite`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SqliteResolution {
    /// The path of the file, or its `file:` URI.
    pub connection: String,
    /// The table of sidecars.
    pub table: String,
    /// The table of what is known of the other.
    pub metadata_table: String,
    /// How long a sidecar is believed in that has not been heard of again.
    pub update_interval: Duration,
    /// From one removal of old rows to the next.
    pub cleanup_interval: Duration,
    /// How long one question may take.
    pub timeout: Duration,
    /// How long a file that another process writes to is waited for.
    pub busy_timeout: Duration,
    /// Whether the file gets a log of writes, so that readers need not wait. Not for files on a network.
    pub write_ahead: bool,
}

/// The resolver `consul`.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsulResolution {
    /// `host:port` of the agent's HTTP API.
    pub address: String,
    /// The token that the agent is sent.
    pub token: Option<String>,
    /// What is added to the query for a service: empty, or `&name=value` once or several times.
    pub query: String,
    /// Whether the sidecar registers itself.
    pub self_register: bool,
    /// Whether it takes that back at its end.
    pub self_deregister: bool,
    /// The key of a service's metadata under which the port for other sidecars is found.
    pub port_key: String,
    /// The checks of the registration, as the agent takes them; `None` for that of the sidecar's health.
    pub checks: Option<serde_json::Value>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its metadata.
    pub meta: std::collections::BTreeMap<String, String>,
    /// A registration as the agent takes it, in place of all that.
    pub advanced: Option<serde_json::Value>,
}

/// `--app-protocol`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppProtocol {
    /// HTTP/1.1.
    Http,
    /// HTTP/1.1 over TLS; the certificate is not verified.
    Https,
    /// HTTP/2 in clear text.
    H2c,
    /// gRPC in clear text.
    Grpc,
    /// gRPC over TLS; the certificate is not verified.
    Grpcs,
}

impl AppProtocol {
    /// Whether the app speaks gRPC.
    pub fn is_grpc(self) -> bool {
        matches!(self, Self::Grpc | Self::Grpcs)
    }
}

/// App health checks (App health).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthSettings {
    /// The path that is asked.
    pub path: String,
    /// From one probe to the next.
    pub interval: Duration,
    /// How long a probe may take.
    pub timeout: Duration,
    /// Failures in a row that make the app unhealthy.
    pub threshold: u32,
}

impl Default for HealthSettings {
    fn default() -> Self {
        Self {
            path: "/healthz".to_owned(),
            interval: Duration::from_secs(5),
            timeout: Duration::from_millis(500),
            threshold: 3,
        }
    }
}

/// Tracing (Configuration, spec.tracing).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TracingSettings {
    /// Which traces are sampled.
    pub sampling: Sampling,
    /// Where Zipkin takes spans.
    pub zipkin: Option<String>,
    /// Print spans to standard output.
    pub stdout: bool,
}

/// `samplingRate` (When it is active).
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Sampling {
    /// `"0"`: tracing is off, nothing is added or rewritten.
    Off,
    /// Unset: headers are handled, and no span is made unless an exporter is configured.
    #[default]
    Unset,
    /// A share of the traces, 0 to 1; what the parent says goes first.
    Rate(f64),
}

/// Where a sidecar listens. The sockets are bound by whoever made them, so that nobody can take a port in between.
#[derive(Debug)]
pub struct Listeners {
    /// The HTTP API.
    pub http: Vec<ApiListener>,
    /// The gRPC API.
    pub grpc: Vec<ApiListener>,
    /// Other sidecars.
    pub internal_grpc: Vec<TcpListener>,
    /// Metrics.
    pub metrics: Option<TcpListener>,
    /// Health and metadata only.
    pub public: Option<TcpListener>,
}

/// A bound socket of an API.
#[derive(Debug)]
pub enum ApiListener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A Unix socket and its path, which is removed at the end.
    Unix(UnixListener, PathBuf),
}
