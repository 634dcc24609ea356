//! Name resolution for what is not found on this machine: the resolver that a sidecar's Configuration names (Name
//! resolution).

mod consul;
mod mdns;
mod sqlite;

use std::net::IpAddr;

use tokio_util::sync::CancellationToken;

pub(crate) use mdns::Mdns;

use self::consul::Consul;
use self::sqlite::Sqlite;
use crate::NameResolution;

/// What others are told of a sidecar.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// The app's id.
    pub(crate) app_id: String,
    /// This machine's name.
    pub(crate) host: String,
    /// Where the sidecar's ports are.
    pub(crate) address: IpAddr,
    /// The port for other sidecars.
    pub(crate) internal_port: u16,
    /// The port of the HTTP API.
    pub(crate) http_port: Option<u16>,
    /// The app's own port.
    pub(crate) app_port: Option<u16>,
}

/// The resolver of one sidecar.
#[derive(Debug)]
pub(crate) enum Resolver {
    /// Multicast DNS; `None` where there is no interface for it.
    Mdns(Option<Mdns>),
    /// A table in a file.
    Sqlite(Sqlite),
    /// A Consul agent.
    Consul(Box<Consul>),
}

impl Resolver {
    /// A resolver that nobody has asked.
    pub(crate) fn new(settings: &NameResolution, mdns: Option<Mdns>) -> Self {
        match settings {
            NameResolution::Mdns => Self::Mdns(mdns),
            NameResolution::Sqlite(settings) => Self::Sqlite(Sqlite::new(settings.clone())),
            NameResolution::Consul(settings) => Self::Consul(Box::new(Consul::new((**settings).clone()))),
        }
    }

    /// The address of another sidecar's port for sidecars. The error is in Dapr's words.
    pub(crate) async fn find(&self, app_id: &str) -> Result<String, String> {
        match self {
            Self::Mdns(Some(mdns)) => mdns.find(app_id).await,
            Self::Mdns(None) => Err(format!("couldn't find service: {app_id}")),
            Self::Sqlite(sqlite) => sqlite.find(app_id).await,
            Self::Consul(consul) => consul.find(app_id).await,
        }
    }

    /// Lets others find a sidecar until it is stopped.
    pub(crate) async fn attend(&self, instance: Option<Instance>, stop: CancellationToken) {
        let Some(instance) = instance else { return };
        let app_id = instance.app_id.clone();
        let kept = match self {
            Self::Mdns(None) => return,
            Self::Mdns(Some(mdns)) => {
                let Instance { app_id, host, address, internal_port, .. } = &instance;
                let registered = mdns.register(app_id, host, *address, *internal_port).await;
                let scope = "dapr.contrib";
                tracing::info!(app_id, scope, "local service entry announced: {app_id} -> {address}:{internal_port}");
                stop.cancelled().await;
                mdns.withdraw(registered).await;
                Ok(())
            }
            Self::Sqlite(sqlite) => sqlite.attend(&instance, stop).await,
            Self::Consul(consul) => consul.attend(&instance, stop).await,
        };
        if let Err(error) = kept {
            tracing::error!(app_id, "Failed to init name resolution: {error}");
        }
    }
}
