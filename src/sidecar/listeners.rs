//! Where a sidecar listens: the ports and addresses of its flags, bound. (Listeners and ports)

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use daptop_mesh::{ApiListener, Listeners};
use daptop_model::AppPorts;

use super::{Problem, stable_port};
use crate::cli::SidecarArgs;
use crate::ports::bind::{self, Address, Bound};
use crate::ports::sockets;

/// How long a port that somebody else has is tried for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A port and where it is wanted, as its flags say.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Wanted {
    flag: &'static str,
    /// `None` for any free one.
    port: Option<u16>,
    addresses: Vec<Address>,
}

/// Every listener, as the flags say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    app_id: String,
    app_port: Option<u16>,
    http: Wanted,
    grpc: Wanted,
    internal: Wanted,
    metrics: Option<Wanted>,
    public: Option<Wanted>,
    /// The folder of the sockets that replace the ports of both APIs.
    sockets: Option<PathBuf>,
}

impl Plan {
    /// Reads the flags.
    pub(super) fn read(args: &SidecarArgs) -> Result<Self, Problem> {
        let texts: Vec<String> = args
            .dapr_listen_addresses
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect();
        let api = addresses("dapr-listen-addresses", &texts)?;
        let wanted = |flag, port: &str, address_flag, address: &str| {
            let texts: Vec<String> =
                Some(address.trim()).filter(|text| !text.is_empty()).map(str::to_owned).into_iter().collect();
            Ok::<_, Problem>(Wanted {
                flag,
                port: port_number(flag, port)?,
                addresses: addresses(address_flag, &texts)?,
            })
        };
        let api = |flag, port: &str| {
            Ok::<_, Problem>(Wanted { flag, port: port_number(flag, port)?, addresses: api.clone() })
        };
        let plan = Self {
            app_id: args.app_id.clone(),
            app_port: port_number("app-port", &args.app_port)?,
            http: api("dapr-http-port", &args.dapr_http_port)?,
            grpc: api("dapr-grpc-port", &args.dapr_grpc_port)?,
            internal: wanted(
                "dapr-internal-grpc-port",
                &args.dapr_internal_grpc_port,
                "dapr-internal-grpc-listen-address",
                &args.dapr_internal_grpc_listen_address,
            )?,
            metrics: args
                .enable_metrics
                .then(|| {
                    wanted("metrics-port", &args.metrics_port, "metrics-listen-address", &args.metrics_listen_address)
                })
                .transpose()?,
            public: (!args.dapr_public_port.trim().is_empty())
                .then(|| {
                    wanted(
                        "dapr-public-port",
                        &args.dapr_public_port,
                        "dapr-public-listen-address",
                        &args.dapr_public_listen_address,
                    )
                })
                .transpose()?,
            sockets: Some(PathBuf::from(&args.unix_domain_socket)).filter(|path| !path.as_os_str().is_empty()),
        };
        plan.check()?;
        Ok(plan)
    }

    /// The app's port.
    pub(super) fn app_port(&self) -> Option<u16> {
        self.app_port
    }

    fn tcp(&self) -> impl Iterator<Item = &Wanted> {
        let api = [&self.http, &self.grpc].into_iter().filter(|_| self.sockets.is_none());
        api.chain([&self.internal]).chain(&self.metrics).chain(&self.public)
    }

    /// No port may be the app's own, and none can be had twice.
    fn check(&self) -> Result<(), Problem> {
        let mut taken: Vec<&Wanted> = Vec::new();
        for wanted in self.tcp() {
            let (Some(port), flag) = (wanted.port, wanted.flag) else { continue };
            if self.app_port == Some(port) {
                let text = format!(
                    "the '{flag}' argument value {port} conflicts with 'app-port'; give one of them another port"
                );
                return Err(Problem::new(text));
            }
            if let Some(other) = taken.iter().find(|other| other.port == Some(port)) {
                let text = format!("--{flag} is {port}, and so is --{}; give one of them another port", other.flag);
                return Err(Problem::new(text));
            }
            taken.push(wanted);
        }
        Ok(())
    }

    /// Binds everything. A port that is taken is tried for again for a while.
    pub(super) async fn bind(&self) -> Result<(Listeners, AppPorts), Problem> {
        let mut ports = AppPorts { app: self.app_port.unwrap_or_default(), ..AppPorts::default() };
        let internal = self.bind_internal().await?;
        ports.internal_grpc = internal.port;
        let (http, grpc) = if let Some(folder) = &self.sockets {
            (vec![self.socket(folder, "http")?], vec![self.socket(folder, "grpc")?])
        } else {
            let (http, grpc) = (self.bind_one(&self.http).await?, self.bind_one(&self.grpc).await?);
            (ports.http, ports.grpc) = (http.port, grpc.port);
            let api = |bound: Bound| bound.listeners.into_iter().map(ApiListener::Tcp).collect();
            (api(http), api(grpc))
        };
        let single = async |wanted: &Option<Wanted>| match wanted {
            Some(wanted) => self.bind_one(wanted).await.map(Some),
            None => Ok(None),
        };
        let (metrics, public) = (single(&self.metrics).await?, single(&self.public).await?);
        ports.metrics = metrics.as_ref().map_or(0, |bound| bound.port);
        let first = |bound: Option<Bound>| -> Option<TcpListener> { bound?.listeners.into_iter().next() };
        let listeners =
            Listeners { http, grpc, internal_grpc: internal.listeners, metrics: first(metrics), public: first(public) };
        Ok((listeners, ports))
    }

    /// Without a flag the port is the same from run to run, or any free one where that is taken.
    async fn bind_internal(&self) -> Result<Bound, Problem> {
        if self.internal.port.is_none() {
            let port = stable_port::here(&self.app_id);
            let is_wanted = self.app_port == Some(port) || self.tcp().any(|wanted| wanted.port == Some(port));
            match bind::exactly(port, &self.internal.addresses) {
                Ok(bound) if !is_wanted => return Ok(bound),
                Ok(_) => {}
                Err(why) => tracing::debug!(app_id = self.app_id, "the usual internal port {port} is not free: {why}"),
            }
        }
        self.bind_one(&self.internal).await
    }

    async fn bind_one(&self, wanted: &Wanted) -> Result<Bound, Problem> {
        let flag = wanted.flag;
        let Some(port) = wanted.port else {
            let avoid: BTreeSet<u16> = self.tcp().filter_map(|wanted| wanted.port).chain(self.app_port).collect();
            return bind::any(&avoid, &wanted.addresses).map_err(|error| Problem::new(format!("--{flag}: {error}")));
        };
        let app_id = &self.app_id;
        let waits = |why: &str| tracing::warn!(app_id, "--{flag} is {port}: {why}; trying again for {PATIENCE:?}");
        bind::exactly_within(PATIENCE, port, &wanted.addresses, waits).await.map_err(|why| {
            Problem::new(format!("--{flag} is {port}: {why}; free the port, or give another one (0 for any)"))
        })
    }

    fn socket(&self, folder: &Path, api: &str) -> Result<ApiListener, Problem> {
        sockets::bind(folder, &self.app_id, api)
            .map_err(|why| Problem::new(format!("--unix-domain-socket is {}: {why}", folder.display())))
    }

    /// The lines that tell where the sidecar listens.
    pub(super) fn lines(&self, ports: &AppPorts) -> Vec<String> {
        let mut lines = match &self.sockets {
            Some(folder) => [("HTTP", "http"), ("API gRPC", "grpc")]
                .map(|(name, api)| {
                    format!("{name} server is running on socket {}", sockets::path(folder, &self.app_id, api).display())
                })
                .to_vec(),
            None => vec![
                format!("HTTP server is running on port {}", ports.http),
                format!("API gRPC server is running on port {}", ports.grpc),
            ],
        };
        lines.push(format!("Internal gRPC server is running on port {}", ports.internal_grpc));
        if self.metrics.is_some() {
            lines.push(format!("metrics server started on port {}", ports.metrics));
        }
        lines
    }
}

/// A port; `None` for an empty text and for 0.
fn port_number(flag: &str, text: &str) -> Result<Option<u16>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<u16>() {
        Ok(port) => Ok(Some(port).filter(|port| *port != 0)),
        Err(_) => Err(Problem::new(format!("--{flag} is {text}; it must be a port from 0 to 65535"))),
    }
}

/// Addresses of this machine; all of them where none is written.
fn addresses(flag: &str, texts: &[String]) -> Result<Vec<Address>, Problem> {
    if texts.is_empty() || texts.iter().any(|text| text == "0.0.0.0") {
        return Ok(everywhere());
    }
    bind::addresses(texts).map_err(|why| Problem::new(format!("--{flag} is {}: {why}", texts.join(","))))
}

/// Every address in both families at once, which is also what `0.0.0.0` means to Go.
fn everywhere() -> Vec<Address> {
    let has_ipv6 = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok();
    vec![Address::needed(if has_ipv6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() })]
}
