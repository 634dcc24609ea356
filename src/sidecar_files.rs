//! What a sidecar reads from files: Configurations and resources.

use std::path::PathBuf;

use daptop_mesh::{Configuration, ResourceReader, Resources, SidecarSettings, TracingSettings};

/// Takes over what the files say. Without a Configuration every trace goes to a Zipkin on this machine.
pub(crate) fn apply(
    settings: &mut SidecarSettings,
    configurations: &[PathBuf],
    resources: &[PathBuf],
) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).ok();
    settings.tracing = if configurations.is_empty() {
        TracingSettings::local_default()
    } else {
        Configuration::load(configurations, variable)?.tracing
    };
    let namespace = variable("NAMESPACE").filter(|namespace| !namespace.is_empty());
    let reader = ResourceReader { app_id: settings.app_id.as_str(), namespace: namespace.as_deref() };
    settings.http_endpoints = Resources::load(resources, reader)?.http_endpoints;
    Ok(())
}
