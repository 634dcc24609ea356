//! Dapr's Configuration files: `kind: Configuration` (Configuration).
//!
//! What is read today is `spec.tracing`; the rest of a file is ignored.

mod environment;
mod tracing_spec;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::tracing_spec::TracingSpec;
use crate::TracingSettings;
use crate::documents::{self, Malformed};

/// What one or several Configuration files say together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Configuration {
    /// The name of the last file that has one, `metadata.name`.
    pub name: Option<String>,
    /// `spec.tracing`.
    pub tracing: TracingSettings,
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
        let mut name = None;
        let mut tracing = TracingSpec::default();
        for file in files {
            let path = file.as_ref();
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
            let text = environment::expand(&text, &variable);
            let is_configuration = |kind: Option<&str>| kind.is_none_or(|kind| kind == "Configuration");
            for document in documents::read::<Document>(path, &text, is_configuration)? {
                name = document.metadata.and_then(|metadata| metadata.name).or(name);
                if let Some(later) = document.spec.and_then(|spec| spec.tracing) {
                    tracing.overlay(later);
                }
            }
        }
        Ok(Self { name, tracing: tracing.settings() })
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

#[derive(Deserialize)]
struct Spec {
    tracing: Option<TracingSpec>,
}

#[cfg(test)]
mod tests;
