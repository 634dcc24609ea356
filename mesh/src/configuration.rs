//! Dapr's Configuration files: `kind: Configuration` (Configuration).
//!
//! What is read today is `spec.tracing`; the rest of a file is ignored.

mod environment;
mod tracing_spec;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::tracing_spec::TracingSpec;
use crate::TracingSettings;

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
    #[error("{path}:{line}: {what}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key and what is wrong with it.
        what: String,
    },
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
            for document in documents(path, &environment::expand(&text, &variable))? {
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

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// The documents of a file that are Configurations, or do not say what they are.
fn documents(path: &Path, text: &str) -> Result<Vec<Document>, ConfigurationError> {
    let malformed = |error: serde_yaml::Error| {
        let line = error.location().map_or(1, |location| location.line());
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or(&what).to_owned();
        ConfigurationError::Malformed { path: path.to_owned(), line, what }
    };
    let mut documents = Vec::new();
    let kinds = serde_yaml::Deserializer::from_str(text);
    for (kind, document) in kinds.zip(serde_yaml::Deserializer::from_str(text)) {
        // A first look at the kind alone, because the spec of another kind may have anything in it.
        let kind = Option::<Kind>::deserialize(kind).map_err(malformed)?.and_then(|kind| kind.kind);
        if kind.is_some_and(|kind| kind != "Configuration") {
            continue;
        }
        documents.extend(Option::<Document>::deserialize(document).map_err(malformed)?);
    }
    Ok(documents)
}

#[cfg(test)]
mod tests;
