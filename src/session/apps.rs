//! From the plan of an app to everything that runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use daptop_mesh::{Listeners, Sidecar, SidecarSettings};
use daptop_model::{App, AppPorts, AppState, AppTimes, InstanceId};

use crate::environment;
use crate::headless::{LogFiles, Scene};
use crate::plan::{AppPlan, RunPlan, RunSource};
use crate::sidecar_environment::{self, of_process};
use crate::sidecar_files;
use crate::supervise::{Launch, LaunchWay};

/// An app whose ports are held and whose files are open.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What the store and the viewers see.
    pub(crate) app: App,
    /// How its process is started.
    pub(crate) launch: Launch,
    /// Its sidecar.
    pub(crate) settings: SidecarSettings,
    /// The sidecar's sockets.
    pub(crate) listeners: Listeners,
    /// What its sidecar's metadata tell.
    pub(crate) metadata: BTreeMap<&'static str, String>,
}

/// Whether a plan is a single run: one app, given by flags.
pub(crate) fn is_single(plan: &RunPlan) -> bool {
    plan.source == RunSource::Flags && plan.apps.len() == 1
}

/// What the metadata of every sidecar of a run tell of the run.
pub(crate) fn run_metadata(plan: &RunPlan) -> BTreeMap<&'static str, String> {
    let mut metadata = BTreeMap::from([("cliPID", std::process::id().to_string())]);
    if let RunSource::File(file) = &plan.source {
        metadata.insert("runTemplatePath", file.display().to_string());
    }
    if let Some(name) = &plan.name {
        metadata.insert("runTemplateName", name.clone());
    }
    metadata
}

impl Prepared {
    /// Puts together what runs an app.
    pub(crate) fn new(
        plan: &AppPlan,
        instance: InstanceId,
        way: LaunchWay,
        sockets: (Listeners, AppPorts),
        files: Option<&LogFiles>,
    ) -> anyhow::Result<Self> {
        let (listeners, ports) = sockets;
        let env = environment::added(plan, &ports);
        let log_file = files.and_then(|files| files.app.as_ref()).map(|file| text(&file.path));
        let sidecar_file = files.and_then(|files| files.sidecar.as_ref()).map(|file| text(&file.path));
        let mut metadata = BTreeMap::new();
        if !plan.command.is_empty() {
            metadata.insert("appCommand", plan.command.join(" "));
        }
        metadata.extend(log_file.as_deref().map(|path| ("appLogPath", path.to_owned())));
        metadata.extend(sidecar_file.as_deref().map(|path| ("daprdLogPath", path.to_owned())));
        let app = App {
            instance,
            id: plan.app_id.clone(),
            state: AppState::Waiting,
            ports,
            pid: None,
            command: plan.command.join(" ").into(),
            folder: text(&plan.folder),
            log_file,
            env: env.clone().into_iter().collect(),
            restarts: 0,
            times: AppTimes::default(),
            cpu_percent: None,
            memory: None,
            listens_on: None,
        };
        let env = env.into_iter().collect();
        let launch = Launch { command: plan.command.clone(), folder: plan.folder.clone(), env, way, keys: false };
        Ok(Self { app, launch, settings: settings(plan, instance)?, listeners, metadata })
    }

    /// What the lines about the app need.
    pub(crate) fn scene(&self, plan: &AppPlan, files: Option<LogFiles>) -> Scene {
        let ports = self.app.ports;
        let listens = match &plan.unix_domain_socket {
            None => format!("HTTP Port: {}. gRPC Port: {}", ports.http, ports.grpc),
            Some(folder) => {
                let socket =
                    |api: &str| folder.join(format!("dapr-{}-{api}.socket", plan.app_id)).display().to_string();
                format!("HTTP Socket: {}. gRPC Socket: {}.", socket("http"), socket("grpc"))
            }
        };
        Scene {
            id: plan.app_id.to_string(),
            command: plan.command.join(" "),
            has_port: plan.app_port.is_some(),
            listens,
            http: ports.http,
            grpc: ports.grpc,
            app_log: plan.app_log,
            sidecar_log: plan.sidecar_log,
            files,
        }
    }
}

/// Sets entries of a sidecar's metadata.
pub(crate) fn tell_metadata(sidecar: &Sidecar, metadata: &BTreeMap<&'static str, String>) {
    for (key, value) in metadata {
        sidecar.set_metadata(key, value);
    }
}

fn text(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

fn settings(plan: &AppPlan, instance: InstanceId) -> anyhow::Result<SidecarSettings> {
    let mut settings = SidecarSettings::new(plan.app_id.clone());
    settings.instance = instance;
    settings.app_port = plan.app_port;
    settings.app_protocol = plan.app_protocol;
    settings.app_max_concurrency = plan.app_max_concurrency;
    settings.health.clone_from(&plan.health);
    settings.max_body_size = plan.max_body_size;
    settings.read_buffer_size = plan.read_buffer_size;
    settings.protos.clone_from(&plan.protos);
    settings.supervised = !plan.command.is_empty();
    sidecar_environment::apply(&mut settings, of_process);
    if let Some(address) = &plan.app_channel_address {
        settings.app_channel_address.clone_from(address);
    }
    sidecar_files::apply(&mut settings, &plan.config_files, &plan.resources, plan.api_logging.then_some(true))?;
    Ok(settings)
}
