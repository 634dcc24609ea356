//! Dapr's Configuration files: `kind: Configuration` (Configuration).
//!
//! What is read today is `spec.tracing`, `spec.api`, `spec.logging`, `spec.accessControl` and
//! `spec.nameResolution`; the rest of a file is ignored.

mod access_spec;
mod environment;
mod name_resolution;
mod tracing_spec;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::access_spec::{AccessSpec, ApiLoggingSpec, ApiSpec, LoggingSpec};
use self::name_resolution::NameResolutionSpec;
use self::tracing_spec::TracingSpec;
use crate::documents::{self, Malformed};
use crate::{ApiAccess, NameResolution, TracingSettings};

/// What one or several Configuration files say together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Configuration {
    /// The name of the last file that has one, `metadata.name`.
    pub name: Option<String>,
    /// `spec.tracing`.
    pub tracing: TracingSettings,
    /// `spec.api`, for HTTP.
    pub api_access: ApiAccess,
    /// Which methods of Dapr's service there are at the gRPC API.
    pub grpc_access: ApiAccess,
    /// `spec.logging.apiLogging`.
    pub api_logging: ApiLogging,
    /// Whether `spec.accessControl` denies calls of other apps. Without mTLS callers have no identity, so that this is
    /// for all or for none.
    pub deny_calls: bool,
    /// `spec.nameResolution`.
    pub name_resolution: NameResolution,
}

/// `spec.logging.apiLogging`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ApiLogging {
    /// Log each API call.
    pub enabled: bool,
    /// Log names in place of paths.
    pub obfuscate_urls: bool,
    /// Leave health checks out of the log.
    pub omit_health_checks: bool,
}

/// Why a Configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}; correct `configFilePath` or `--config`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not YAML, or a value is of the wrong kind.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Configuration {
    /// Reads files in order: what a later one says goes over what an earlier one said, key by key. `$NAME` and
    /// `${NAME}` anywhere in a file become what `variable` says, and nothing where it says nothing. In a file of
    /// several documents those of another kind are passed over.
    pub fn load(
        files: &[impl AsRef<Path>],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigurationError> {
        let (mut name, mut resolution) = (None, None);
        let (mut tracing, mut access) = (TracingSpec::default(), AccessSpec::default());
        let (mut api, mut logging) = (ApiSpec::default(), ApiLoggingSpec::default());
        for file in files {
            let path = file.as_ref();
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
            let text = environment::expand(&text, &variable);
            let is_configuration = |kind: Option<&str>| kind.is_none_or(|kind| kind == "Configuration");
            for document in documents::read::<Document>(path, &text, is_configuration)? {
                name = document.metadata.and_then(|metadata| metadata.name).or(name);
                let spec = document.spec.unwrap_or_default();
                tracing.overlay(spec.tracing.unwrap_or_default());
                resolution = spec.name_resolution.or(resolution);
                access.overlay(spec.access_control.unwrap_or_default());
                api.overlay(spec.api.unwrap_or_default());
                logging.overlay(&spec.logging.unwrap_or_default().api_logging.unwrap_or_default());
            }
        }
        Ok(Self {
            name,
            tracing: tracing.settings(),
            api_access: api.settings("http"),
            grpc_access: api.settings("grpc"),
            api_logging: logging.settings(),
            deny_calls: access.denies(),
            name_resolution: resolution.map(|spec| spec.0).unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
struct Document {
    metadata: Option<Metadata>,
    spec: Option<Spec>,
}

#[derive(Deserialize)]
struct Metadata {
    name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Spec {
    tracing: Option<TracingSpec>,
    api: Option<ApiSpec>,
    logging: Option<LoggingSpec>,
    access_control: Option<AccessSpec>,
    name_resolution: Option<NameResolutionSpec>,
}

#[cfg(test)]
mod tests;
