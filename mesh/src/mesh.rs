//! The sidecars of a process.

use std::collections::HashMap;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use daptop_model::AppId;
use tokio::sync::watch;

use crate::core::{Core, Shared};
use crate::discover::Entry;
use crate::endpoint::Endpoint;
use crate::export::{ExportError, Exporter, Resource};
use crate::listen::{self, Socket, Tasks, Versions};
use crate::resolve::Instance;
use crate::{ApiListener, Events, Listeners, MeshSettings, SidecarSettings, TlsError, api, grpc, readiness, remote};

/// The sidecars of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct Mesh {
    shared: Arc<Shared>,
    exporter: Exporter,
}

/// Whether an app's process runs, as its supervisor knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppPresence {
    /// It will be started: calls to it are held.
    Expected,
    /// It runs; calls are held until its port answers for the first time.
    Running,
    /// It ended: calls fail at once.
    Gone,
}

/// What a sidecar knows of its app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Its port has not answered yet.
    Waiting,
    /// Its port answered, or it has none.
    Ready,
    /// Its health checks fail.
    Unhealthy,
}

/// A wish of `POST /v1.0/shutdown` (Shutdown).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShutdownRequest {
    /// End in good order.
    Graceful,
    /// End after 100 ms with exit code 1.
    Force,
}

/// Why a sidecar could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A listener could not be used.
    #[error("the {what} listener of app `{app}` cannot be used: {source}")]
    Listener {
        /// Which listener.
        what: &'static str,
        /// Whose.
        app: AppId,
        /// Why.
        source: io::Error,
    },
    /// Other processes could not be told of it.
    #[error(
        "app `{app}` cannot be made known to other daptop processes: {source}; check that the folder can be written"
    )]
    Directory {
        /// Whose.
        app: AppId,
        /// Why.
        source: io::Error,
    },
    /// An `HTTPEndpoint` cannot be used.
    #[error("app `{app}`: the HTTPEndpoint `{endpoint}` cannot be used: {source}")]
    Endpoint {
        /// Whose.
        app: AppId,
        /// Its name.
        endpoint: String,
        /// Why.
        source: TlsError,
    },
    /// Spans cannot be exported.
    #[error("app `{app}`: {source}")]
    Export {
        /// Whose.
        app: AppId,
        /// Why.
        source: ExportError,
    },
}

/// A running sidecar. Dropping it does not stop it; [`Sidecar::close`] does.
#[derive(Debug)]
pub struct Sidecar {
    core: Arc<Core>,
    tasks: Tasks,
    entry: Option<Entry>,
}

impl Mesh {
    /// A mesh without sidecars.
    pub fn new(events: Events, settings: MeshSettings) -> Self {
        let exporter = Exporter::new(events.clone(), Resource::of_environment(|name| std::env::var(name).ok()));
        Self { shared: Arc::new(Shared::new(events, settings)), exporter }
    }

    /// Starts a sidecar: when this returns it listens. Must be called within a Tokio runtime.
    pub fn start_sidecar(&self, settings: SidecarSettings, listeners: Listeners) -> Result<Sidecar, StartError> {
        self.shared.live.start();
        let app = settings.app_id.clone();
        for unused in &settings.unused_resources {
            tracing::warn!(app_id = app.as_str(), scope = "dapr.runtime.processor", "{unused}");
        }
        let spans = self
            .exporter
            .sender(&app, &settings.tracing)
            .map_err(|source| StartError::Export { app: app.clone(), source })?;
        let endpoints = endpoints(&settings)?;
        let core = Core::new(settings, endpoints, Arc::clone(&self.shared), spans);
        let tasks = Tasks::on(&self.shared.workers);
        let entry = entry(&core, &listeners);
        let instance = instance(&core, &listeners);
        listen_all(&core, &tasks, listeners).map_err(|(what, source)| StartError::Listener {
            what,
            app: app.clone(),
            source,
        })?;
        for background in [true, false] {
            let (core, stop) = (Arc::clone(&core), tasks.stop.clone());
            tasks.running.spawn(async move {
                if background {
                    stop.run_until_cancelled(readiness::tidy(core)).await;
                } else {
                    stop.run_until_cancelled(readiness::watch(core)).await;
                }
            });
        }
        let (named, stop) = (Arc::clone(&core), tasks.stop.clone());
        tasks.running.spawn(async move { named.resolver.attend(instance, stop).await });
        self.shared.add(&core);
        if let (Some(directory), Some(entry)) = (&self.shared.directory, &entry) {
            directory.add(entry.clone()).map_err(|source| StartError::Directory { app, source })?;
        }
        Ok(Sidecar { core, tasks, entry })
    }

    /// A sidecar of this process for an app id.
    pub(crate) fn sidecar(&self, id: &str) -> Option<Arc<Core>> {
        self.shared.find(id)
    }

    /// What the sidecars of the process share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Sends the last spans, for up to two seconds. For the end of the process, once every sidecar is closed.
    pub async fn flush_spans(&self) {
        self.exporter.shutdown().await;
    }
}

fn endpoints(settings: &SidecarSettings) -> Result<HashMap<String, Arc<Endpoint>>, StartError> {
    let open = |resource: &crate::HttpEndpoint| {
        let endpoint = Endpoint::new(resource, settings.app_max_concurrency);
        let endpoint = endpoint.map_err(|source| StartError::Endpoint {
            app: settings.app_id.clone(),
            endpoint: resource.name().to_owned(),
            source,
        })?;
        Ok((resource.name().to_owned(), Arc::new(endpoint)))
    };
    settings.http_endpoints.iter().map(open).collect()
}

/// What other processes are told of a sidecar.
fn entry(core: &Core, listeners: &Listeners) -> Option<Entry> {
    let mut address = listeners.internal_grpc.first()?.local_addr().ok()?;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    Some(Entry {
        app_id: core.id().to_owned(),
        namespace: core.settings.namespace.clone(),
        address: address.to_string(),
    })
}

/// What a resolver is told of a sidecar: its address is that of the machine, unless it listens on this machine alone.
fn instance(core: &Core, listeners: &Listeners) -> Option<Instance> {
    let internal = listeners.internal_grpc.first()?.local_addr().ok()?;
    let told = core.address.parse().ok().filter(|_| !internal.ip().is_loopback());
    let http_port = listeners.http.iter().find_map(|listener| match listener {
        ApiListener::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
        ApiListener::Unix(..) => None,
    });
    Some(Instance {
        app_id: core.id().to_owned(),
        host: core.shared.hostname.clone(),
        address: told.or_else(|| Some(internal.ip()).filter(|ip| !ip.is_unspecified()))?,
        internal_port: internal.port(),
        http_port,
        app_port: core.settings.app_port,
    })
}

type ListenError = (&'static str, io::Error);

fn listen_all(core: &Arc<Core>, tasks: &Tasks, listeners: Listeners) -> Result<(), ListenError> {
    for listener in listeners.http {
        let socket = Socket::api(listener).map_err(|error| ("HTTP", error))?;
        let core = Arc::clone(core);
        let versions = if core.settings.disable_h2c { Versions::Http1 } else { Versions::All };
        listen::serve(tasks, socket, versions, move |request, peer| api::handle(Arc::clone(&core), request, peer));
    }
    for listener in listeners.grpc {
        let socket = Socket::api(listener).map_err(|error| ("gRPC", error))?;
        grpc::serve_api(core, tasks, socket);
    }
    for listener in listeners.internal_grpc {
        remote::serve(core, tasks, tcp(listener, "internal gRPC")?);
    }
    if let Some(listener) = listeners.metrics {
        listen::serve(tasks, tcp(listener, "metrics")?, Versions::All, |_, _| async { api::no_metrics() });
    }
    if let Some(listener) = listeners.public {
        let core = Arc::clone(core);
        listen::serve(tasks, tcp(listener, "public")?, Versions::All, move |request, _| {
            std::future::ready(api::handle_public(&core, &request))
        });
    }
    Ok(())
}

fn tcp(listener: TcpListener, what: &'static str) -> Result<Socket, ListenError> {
    Socket::tcp(listener).map_err(|error| (what, error))
}

impl Sidecar {
    /// The app's id.
    pub fn id(&self) -> &AppId {
        &self.core.settings.app_id
    }

    /// Tells whether the app's process runs.
    pub fn set_presence(&self, presence: AppPresence) {
        self.core.gate.set_presence(presence);
    }

    /// What the sidecar knows of its app, and each change of it.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.core.gate.readiness()
    }

    /// Sets an entry of `extended` in the metadata, as `PUT /v1.0/metadata/KEY` does.
    pub fn set_metadata(&self, key: &str, value: &str) {
        let mut extended = self.core.extended.lock().unwrap_or_else(PoisonError::into_inner);
        extended.insert(key.to_owned(), value.to_owned());
    }

    /// Waits until the API is asked to shut this sidecar down.
    pub async fn shutdown_requested(&self) -> ShutdownRequest {
        let mut asked = self.core.shutdown.subscribe();
        // The channel cannot close while the sidecar is borrowed.
        let asked = asked.wait_for(Option::is_some).await.ok().and_then(|request| *request);
        asked.unwrap_or(ShutdownRequest::Graceful)
    }

    /// Stops listening, lets running calls end for up to `grace`, then drops them.
    pub async fn close(self, grace: Duration) {
        let Self { core, tasks, entry } = self;
        if let (Some(directory), Some(entry)) = (&core.shared.directory, &entry)
            && let Err(error) = directory.remove(entry)
        {
            tracing::debug!("the file for other daptop processes could not be changed: {error}");
        }
        core.shared.remove(&core);
        tasks.stop.cancel();
        tasks.running.close();
        if tokio::time::timeout(grace, tasks.running.wait()).await.is_err() {
            let left = tasks.running.len();
            tracing::warn!(app_id = core.id(), "{left} connections did not end within {grace:?} and are cut");
            tasks.cut.cancel();
            tasks.running.wait().await;
        }
    }
}
