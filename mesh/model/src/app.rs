//! Apps: a process and its sidecar.

use std::sync::Arc;

use crate::{AppId, Stamp};

/// Tells two replicas of one app id apart: the number of the app within its run, counted from 0 in file order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct InstanceId(pub u32);

/// A process and its sidecar, as the supervisor knows them.
#[derive(Clone, PartialEq, Debug)]
pub struct App {
    /// Which app of the run.
    pub instance: InstanceId,
    /// Its Dapr app id.
    pub id: AppId,
    /// What it does now.
    pub state: AppState,
    /// The ports of its sidecar, and its own.
    pub ports: AppPorts,
    /// The process id while it runs.
    pub pid: Option<u32>,
    /// The command line, joined by spaces; empty for a sidecar without an app.
    pub command: Arc<str>,
    /// The absolute path of the folder it runs in.
    pub folder: Arc<str>,
    /// The file that its lines are written to, if any.
    pub log_file: Option<Arc<str>>,
    /// The environment that daptop gave it, user's values included, as `(name, value)`, sorted by name.
    pub env: Arc<[(String, String)]>,
    /// How often it was started again.
    pub restarts: u32,
    /// The moments of its latest start.
    pub times: AppTimes,
    /// CPU use in percent of one core, measured over the last seconds; `None` where unknown.
    pub cpu_percent: Option<f32>,
    /// Resident memory in bytes, children included; `None` where unknown.
    pub memory: Option<u64>,
    /// The TCP ports that the process and its children listen on, ascending, as last measured; `None` where unknown.
    pub listens_on: Option<Arc<[u16]>>,
}

/// What an app does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AppState {
    /// Its sidecar listens; the process has not been spawned.
    Waiting,
    /// The process runs; its port does not answer yet.
    Starting,
    /// The process runs and its port, where it has one, answers.
    Ready,
    /// Health checks are on and it fails them.
    Unhealthy,
    /// It was told to stop.
    Stopping,
    /// It ended.
    Ended(ExitReason),
    /// The process could not be spawned; the text says why.
    NotStarted(Arc<str>),
}

/// How a process ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExitReason {
    /// With an exit code.
    Code(i32),
    /// By a signal, named as `SIGTERM`.
    Signal(Arc<str>),
    /// Because daptop was asked to stop it.
    Asked,
}

impl ExitReason {
    /// Whether this is a crash: ended by itself, and not with 0.
    pub fn is_crash(&self) -> bool {
        !matches!(self, ExitReason::Code(0) | ExitReason::Asked)
    }
}

/// The ports of an app and of its sidecar; 0 where there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AppPorts {
    /// The app's own port.
    pub app: u16,
    /// The sidecar's HTTP API.
    pub http: u16,
    /// The sidecar's gRPC API.
    pub grpc: u16,
    /// The sidecar's port for other sidecars.
    pub internal_grpc: u16,
    /// The sidecar's metrics.
    pub metrics: u16,
}

/// The moments of an app's latest start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AppTimes {
    /// The process was spawned.
    pub spawned: Option<Stamp>,
    /// Its port answered.
    pub port_open: Option<Stamp>,
    /// It was ready.
    pub ready: Option<Stamp>,
    /// The first call to or from it.
    pub first_call: Option<Stamp>,
    /// It ended.
    pub ended: Option<Stamp>,
}
