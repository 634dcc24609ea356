//! Dapr sidecars that live in one process.
//!
//! A [`Mesh`] holds the sidecars of a process. Each [`Sidecar`] listens on its app's Dapr ports and behaves towards the
//! app as Dapr's own sidecar does. A call between two sidecars of the mesh is a function call; a call to a sidecar of
//! another process goes over Dapr's sidecar protocol. What passes is told as [`daptop_model::Event`]s through
//! [`Events`], which never makes a call wait.
//!
//! This crate knows nothing of terminals, of run files or of processes.

mod configuration;
mod events;
pub mod export;
mod mesh;
mod settings;
pub mod trace_context;

pub use configuration::{Configuration, ConfigurationError};
pub use events::{Clock, EventReceiver, Events};
pub use mesh::{AppPresence, Mesh, Readiness, ShutdownRequest, Sidecar, StartError};
pub use settings::{
    ApiListener, AppProtocol, HealthSettings, Listeners, MeshSettings, Sampling, SidecarSettings, TracingSettings,
};
