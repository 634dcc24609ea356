//! What a sidecar reads from files: Configurations and resources.

use std::path::PathBuf;

use daptop_mesh::{Configuration, ResourceReader, Resources, SidecarSettings, TracingSettings};

/// Takes over what the files say. Without a Configuration every trace goes to a Zipkin on this machine. `api_logging` is
/// what a flag says of the API log, which goes over what a Configuration says.
pub(crate) fn apply(
    settings: &mut SidecarSettings,
    configurations: &[PathBuf],
    resources: &[PathBuf],
    api_logging: Option<bool>,
) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).ok();
    let configuration = Configuration::load(configurations, variable)?;
    settings.api_logging = api_logging.unwrap_or(configuration.api_logging.enabled);
    settings.obfuscate_urls = configuration.api_logging.obfuscate_urls;
    settings.omit_health_checks = configuration.api_logging.omit_health_checks;
    settings.api_access = configuration.api_access;
    settings.name_resolution = configuration.name_resolution;
    settings.grpc_access = configuration.grpc_access;
    settings.deny_calls = configuration.deny_calls;
    settings.tracing = if configurations.is_empty() { TracingSettings::local_default() } else { configuration.tracing };
    let namespace = variable("NAMESPACE").filter(|namespace| !namespace.is_empty());
    let reader = ResourceReader { app_id: settings.app_id.as_str(), namespace: namespace.as_deref() };
    let Resources { http_endpoints, unused } = Resources::load(resources, reader)?;
    settings.http_endpoints = http_endpoints;
    settings.unused_resources = unused;
    Ok(())
}
