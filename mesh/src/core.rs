//! What the parts of one sidecar share.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use daptop_model::AppId;
use http::HeaderValue;
use tokio::sync::watch;

use crate::api::Routes;
use crate::app_channel::AppChannel;
use crate::base_url::BaseUrl;
use crate::capture::Live;
use crate::describe::Questions;
use crate::discover::Directory;
use crate::endpoint::Endpoint;
use crate::export::SpanSender;
use crate::gate::Gate;
use crate::grpc::{GrpcApp, Sidecars};
use crate::headers::Introduction;
use crate::remote::Channels;
use crate::resolve::{Mdns, Resolver};
use crate::slots::Slots;
use crate::trace_context::Tracing;
use crate::upstream::{Origin, Security, Transport};
use crate::workers::Workers;
use crate::{AppProtocol, Events, MeshSettings, NameResolution, ShutdownRequest, SidecarSettings};

/// What the sidecars of a process share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The settings.
    pub(crate) settings: MeshSettings,
    /// The way to the store.
    pub(crate) events: Events,
    /// What is told of calls while they are open.
    pub(crate) live: Live,
    /// Who is being asked what messages are.
    pub(crate) questions: Questions,
    /// This machine's name.
    pub(crate) hostname: String,
    /// The other processes; `None` to stay alone.
    pub(crate) directory: Option<Directory>,
    /// The threads that carry calls.
    pub(crate) workers: Arc<Workers>,
    /// Open connections to other processes.
    pub(crate) channels: Channels,
    /// Those that carry proxied calls.
    pub(crate) grpc_sidecars: Sidecars,
    /// Multicast DNS, from the first sidecar on whose resolver it is; `None` in it where that cannot be spoken.
    mdns: OnceLock<Option<Mdns>>,
    sidecars: RwLock<BTreeMap<AppId, Vec<Arc<Core>>>>,
    turns: Mutex<BTreeMap<String, usize>>,
}

impl Shared {
    /// A process without sidecars.
    pub(crate) fn new(events: Events, settings: MeshSettings) -> Self {
        Self {
            hostname: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            directory: settings.directory.clone().map(Directory::new),
            settings,
            events,
            live: Live::default(),
            questions: Questions::default(),
            workers: Arc::new(Workers::start()),
            channels: Channels::default(),
            grpc_sidecars: Sidecars::default(),
            mdns: OnceLock::new(),
            sidecars: RwLock::default(),
            turns: Mutex::default(),
        }
    }

    /// Multicast DNS, which is begun with its first use.
    fn mdns(&self) -> Option<Mdns> {
        let start = || match Mdns::start(self.settings.multicast) {
            Ok(started) => started,
            Err(error) => {
                tracing::warn!("apps of other machines cannot be found: multicast DNS cannot be spoken: {error}");
                None
            }
        };
        self.mdns.get_or_init(start).clone()
    }

    /// A sidecar of this process for an app id. Replicas are used in turn, those first whose app has not ended.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Core>> {
        let sidecars = self.sidecars.read().unwrap_or_else(PoisonError::into_inner);
        let replicas = sidecars.get(id)?;
        if let [only] = replicas.as_slice() {
            return Some(Arc::clone(only));
        }
        let turn = self.turn(id);
        let in_turn = || replicas.iter().cycle().skip(turn % replicas.len().max(1)).take(replicas.len());
        in_turn().find(|replica| !replica.gate.is_gone()).or_else(|| in_turn().next()).cloned()
    }

    /// The app id of a sidecar of this process, shared with it.
    pub(crate) fn known_id(&self, id: &str) -> Option<AppId> {
        let sidecars = self.sidecars.read().unwrap_or_else(PoisonError::into_inner);
        sidecars.get_key_value(id).map(|(id, _)| id.clone())
    }

    /// Counts up with each use by one app id. Asked only for an id of several replicas: callers may invent ids.
    pub(crate) fn turn(&self, id: &str) -> usize {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let next = match turns.get_mut(id) {
            Some(next) => next,
            None => turns.entry(id.to_owned()).or_default(),
        };
        let turn = *next;
        *next = turn.wrapping_add(1);
        turn
    }

    /// Every sidecar of this process.
    pub(crate) fn all(&self) -> Vec<Arc<Core>> {
        self.sidecars.read().unwrap_or_else(PoisonError::into_inner).values().flatten().cloned().collect()
    }

    /// Lets a sidecar be found.
    pub(crate) fn add(&self, core: &Arc<Core>) {
        let mut sidecars = self.sidecars.write().unwrap_or_else(PoisonError::into_inner);
        sidecars.entry(core.settings.app_id.clone()).or_default().push(Arc::clone(core));
    }

    /// Lets a sidecar be found no more.
    pub(crate) fn remove(&self, core: &Arc<Core>) {
        let mut sidecars = self.sidecars.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(replicas) = sidecars.get_mut(&core.settings.app_id) {
            replicas.retain(|replica| !Arc::ptr_eq(replica, core));
        }
        sidecars.retain(|_, replicas| !replicas.is_empty());
    }
}

/// What the parts of one sidecar share.
#[derive(Debug)]
pub(crate) struct Core {
    /// The settings.
    pub(crate) settings: SidecarSettings,
    /// What all sidecars of the process share.
    pub(crate) shared: Arc<Shared>,
    /// Whether the app can be called.
    pub(crate) gate: Gate,
    /// The way to the app; `None` for an app without a port.
    pub(crate) channel: Option<AppChannel>,
    /// The way to the app over gRPC; `None` for an app without a port.
    pub(crate) grpc_app: Option<GrpcApp>,
    /// The ways to the `HTTPEndpoint`s, by name.
    pub(crate) endpoints: HashMap<String, Arc<Endpoint>>,
    /// How apps of other machines are found.
    pub(crate) resolver: Resolver,
    /// The address told to others; empty where it is not known.
    pub(crate) address: String,
    /// The paths that there are at its API.
    pub(crate) routes: Routes,
    /// What is done about traces.
    pub(crate) tracing: Tracing,
    /// The way to the exporter; `None` where no span is exported.
    pub(crate) spans: Option<SpanSender>,
    /// What is said of the caller to the apps that it calls.
    pub(crate) introduction: Introduction,
    /// The app's id as the value of a header.
    pub(crate) name: HeaderValue,
    /// Entries of `extended` in the metadata.
    pub(crate) extended: Mutex<BTreeMap<String, String>>,
    /// The app's port answered once, or there is none: from then on the sidecar is healthy.
    pub(crate) initialized: AtomicBool,
    /// What the API was asked for.
    pub(crate) shutdown: watch::Sender<Option<ShutdownRequest>>,
    external: Mutex<BTreeMap<String, Arc<AppChannel>>>,
    /// The slots of external URLs, apart from the app's own.
    external_slots: Option<Slots>,
}

impl Core {
    /// A sidecar that does not listen yet.
    pub(crate) fn new(
        settings: SidecarSettings,
        endpoints: HashMap<String, Arc<Endpoint>>,
        shared: Arc<Shared>,
        spans: Option<SpanSender>,
    ) -> Arc<Self> {
        let slots = || settings.app_max_concurrency.map(Slots::new);
        let channel = settings.app_port.map(|port| {
            let security = match settings.app_protocol {
                AppProtocol::Https | AppProtocol::Grpcs => Security::AnyCertificate,
                AppProtocol::Http | AppProtocol::H2c | AppProtocol::Grpc => Security::Plain,
            };
            let transport = match settings.app_protocol {
                AppProtocol::Http | AppProtocol::Https => Transport::Http1,
                AppProtocol::H2c | AppProtocol::Grpc | AppProtocol::Grpcs => Transport::Http2,
            };
            let origin = Origin::new(&settings.app_channel_address, port, security, transport);
            AppChannel::new(Arc::new(origin), settings.app_api_token.as_deref(), slots(), settings.read_buffer_size)
        });
        let address = settings.host_address.clone().or_else(detected_address).unwrap_or_default();
        let id = settings.app_id.as_str();
        let introduction = Introduction::new(&address, &shared.hostname, &settings.namespace, id);
        let mdns = if settings.name_resolution == NameResolution::Mdns { shared.mdns() } else { None };
        let name = HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static(""));
        Arc::new(Self {
            gate: Gate::new(settings.supervised),
            channel,
            grpc_app: settings.app_port.map(|port| GrpcApp::new(&settings, port)),
            resolver: Resolver::new(&settings.name_resolution, mdns),
            address,
            routes: Routes::new(&settings.api_access),
            tracing: Tracing::new(&settings.tracing),
            spans,
            introduction,
            name,
            extended: Mutex::default(),
            initialized: AtomicBool::new(false),
            shutdown: watch::Sender::new(None),
            external: Mutex::default(),
            external_slots: slots(),
            endpoints,
            settings,
            shared,
        })
    }

    /// The app's id as text.
    pub(crate) fn id(&self) -> &str {
        self.settings.app_id.as_str()
    }

    /// The way to an external URL (External URL vs `HTTPEndpoint` resource): the properties of the app's client.
    pub(crate) fn external(&self, url: &BaseUrl) -> Arc<AppChannel> {
        let security = match (url.secure, self.settings.app_protocol) {
            (false, _) => Security::Plain,
            (true, AppProtocol::Https) => Security::AnyCertificate,
            (true, _) => Security::Verified,
        };
        let transport = match self.settings.app_protocol {
            AppProtocol::H2c => Transport::Http2,
            AppProtocol::Http | AppProtocol::Https | AppProtocol::Grpc | AppProtocol::Grpcs => Transport::Http1,
        };
        let mut external = self.external.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{} {}", url.secure, url.authority);
        let channel = external.entry(key).or_insert_with(|| {
            let origin = Origin::of_url(url, security, transport, None);
            let token = self.settings.app_api_token.as_deref();
            let slots = self.external_slots.clone();
            Arc::new(AppChannel::new(Arc::new(origin), token, slots, self.settings.read_buffer_size))
        });
        Arc::clone(channel)
    }

    /// Closes connections that have rested for too long, and forgets external URLs that nobody uses.
    pub(crate) fn tidy(&self) {
        if let Some(channel) = &self.channel {
            channel.tidy();
        }
        for endpoint in self.endpoints.values() {
            endpoint.tidy();
        }
        let mut external = self.external.lock().unwrap_or_else(PoisonError::into_inner);
        external.retain(|_, channel| {
            channel.tidy();
            Arc::strong_count(channel) > 1 || channel.origin().has_rested()
        });
    }
}

/// The address of the interface that leads outside: asking the system for a route sends nothing.
fn detected_address() -> Option<String> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("8.8.8.8:80").ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}
