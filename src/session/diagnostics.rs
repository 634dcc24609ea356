//! Where daptop's own diagnostics go.

use std::collections::HashMap;

use daptop_mesh::Events;
use daptop_model::InstanceId;
use tokio_util::sync::CancellationToken;
use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, Targets, dynamic_filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::headless::SidecarLog;
use crate::plan::RunPlan;
use crate::sidecar_line::{LineFormat, level};
use crate::supervise::Reports;

/// The environment variable that says which of daptop's own diagnostics are printed: `debug`, `daptop_mesh=trace`.
const VARIABLE: &str = "DAPTOP_LOG";

/// Sends the sidecars' lines where the plan says, and daptop's own warnings to the dashboard; once the run is headless
/// they go to standard error, which a dashboard must have for itself.
pub(crate) fn install(plan: &RunPlan, events: &Events, reports: &Reports, json: bool, headless: &CancellationToken) {
    let mut apps = HashMap::new();
    for (index, app) in (0..).zip(&plan.apps) {
        apps.entry(app.app_id.to_string()).or_insert((InstanceId(index), level(&app.log_level)));
    }
    // What no layer wants costs nothing: the libraries below trace every frame.
    let most = apps.values().map(|(_, least)| *least).max().map_or(LevelFilter::OFF, LevelFilter::from_level);
    let of_sidecars = Targets::new().with_target("daptop_mesh", most);
    let format = LineFormat::here(json);
    let sidecars = SidecarLog { apps, events: events.clone(), reports: reports.clone(), format };
    let wanted = EnvFilter::builder().with_env_var(VARIABLE).with_default_directive(LevelFilter::WARN.into());
    // A sidecar's line of an app is told once, by the layer above.
    let lines = headless.clone();
    let own = dynamic_filter_fn(move |metadata, _| metadata.fields().field("app_id").is_none() && lines.is_cancelled());
    let printed = fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false).with_filter(own);
    let least = wanted.from_env_lossy();
    let printed = printed.and_then(tracing_subscriber::layer::Identity::new()).with_filter(least);
    let shown = || daptop_ui::diagnostics_layer(Level::INFO).with_filter(LevelFilter::INFO);
    let shown = (!headless.is_cancelled()).then(shown);
    let sidecars = sidecars.with_filter(of_sidecars);
    // A second session of one process keeps the first one's.
    drop(tracing_subscriber::registry().with(sidecars).with(printed).with(shown).try_init());
}
