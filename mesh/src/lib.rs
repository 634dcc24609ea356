//! Dapr sidecars that live in one process.
//!
//! A [`Mesh`] holds the sidecars of a process. Each [`Sidecar`] listens on its app's Dapr ports and behaves towards the
//! app as Dapr's own sidecar does. A call between two sidecars of the mesh is a function call; a call to a sidecar of
//! another process goes over Dapr's sidecar protocol. What passes is told as [`daptop_model::Event`]s through
//! [`Events`], which never makes a call wait.
//!
//! This crate knows nothing of terminals, of run files or of processes.

mod api;
mod app_channel;
mod base_url;
mod body;
mod callee;
mod capture;
mod configuration;
mod core;
mod describe;
mod discover;
mod documents;
mod endpoint;
mod error;
mod events;
pub mod export;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gate;
mod grpc;
mod headers;
mod invoke;
mod listen;
mod mesh;
mod method;
mod readiness;
mod redirect;
mod remote;
mod replay;
mod resolve;
mod resources;
mod respond;
mod route;
mod settings;
mod slots;
mod sniff;
mod spans;
pub mod trace_context;
mod unread;
mod upstream;
mod workers;

pub use configuration::{ApiLogging, Configuration, ConfigurationError};
pub use documents::Malformed;
pub use events::{Clock, EventReceiver, Events};
pub use mesh::{AppPresence, Mesh, Readiness, ShutdownRequest, Sidecar, StartError};
pub use replay::ReplayError;
pub use resources::{HttpEndpoint, ResourceError, ResourceReader, Resources, UnusedResource};
pub use settings::{
    ApiAccess, ApiListener, ApiRule, AppProtocol, ConsulResolution, HealthSettings, Listeners, MeshSettings, Multicast,
    NameResolution, ProtoFile, ProtoForm, Sampling, SidecarSettings, SqliteResolution, TracingSettings,
};
pub use upstream::TlsError;

/// The version of Dapr's runtime that the sidecars behave as, told in the metadata.
pub const RUNTIME_VERSION: &str = "1.17.0";
