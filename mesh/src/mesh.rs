//! The sidecars of a process.

use std::sync::Arc;

use daptop_model::AppId;
use tokio::sync::watch;

use crate::{Events, Listeners, MeshSettings, SidecarSettings};

/// The sidecars of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct Mesh {
    settings: Arc<MeshSettings>,
    events: Events,
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
        source: std::io::Error,
    },
    /// A setting is not allowed.
    #[error("app `{app}`: {text}")]
    Setting {
        /// Whose.
        app: AppId,
        /// What is wrong and what to do.
        text: String,
    },
}

/// A running sidecar. Dropping it does not stop it; [`Sidecar::close`] does.
#[derive(Debug)]
pub struct Sidecar {
    id: AppId,
    readiness: watch::Receiver<Readiness>,
}

impl Mesh {
    /// A mesh without sidecars.
    pub fn new(events: Events, settings: MeshSettings) -> Self {
        Self { settings: Arc::new(settings), events }
    }

    /// Starts a sidecar: when this returns it listens.
    pub async fn start_sidecar(&self, settings: SidecarSettings, listeners: Listeners) -> Result<Sidecar, StartError> {
        drop((listeners, &self.events, &self.settings));
        Ok(Sidecar { id: settings.app_id, readiness: watch::channel(Readiness::Ready).1 })
    }
}

impl Sidecar {
    /// The app's id.
    pub fn id(&self) -> &AppId {
        &self.id
    }

    /// Tells whether the app's process runs.
    pub fn set_presence(&self, presence: AppPresence) {
        let _ = presence;
    }

    /// What the sidecar knows of its app, and each change of it.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.clone()
    }

    /// Sets an entry of `extended` in the metadata, as `PUT /v1.0/metadata/KEY` does.
    pub fn set_metadata(&self, key: &str, value: &str) {
        let _ = (key, value);
    }

    /// Waits until the API is asked to shut this sidecar down.
    pub async fn shutdown_requested(&self) -> ShutdownRequest {
        std::future::pending().await
    }

    /// Stops listening, lets running calls end for up to `grace`, then drops them.
    pub async fn close(self, grace: std::time::Duration) {
        let _ = grace;
    }
}
