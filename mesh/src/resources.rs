//! Dapr's resource files: what lies in the folders of `--resources-path`.
//!
//! What is read today is `HTTPEndpoint`. Other resources of Dapr are named as unused, so that nobody counts on them;
//! documents of any other kind are passed over.

mod http_endpoint;
mod text;
mod unused;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use self::http_endpoint::HttpEndpoint;
pub use self::unused::UnusedResource;
use crate::documents::{self, Malformed};

/// The resources of one app.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// The `HTTPEndpoint`s, in the order of paths and files.
    pub http_endpoints: Vec<HttpEndpoint>,
    /// What Dapr would use and daptop does not, in the same order.
    pub unused: Vec<UnusedResource>,
}

/// Why resources cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// A file or a folder cannot be read.
    #[error("cannot read the resources {path}: {source}; correct `resourcesPaths` or `--resources-path`")]
    Read {
        /// The file or the folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not YAML, or a value is missing or of the wrong kind.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Two resources have the same name.
    #[error("{path}: there is another {kind} called `{name}`; give one of them another name")]
    Duplicate {
        /// The file of the second one.
        path: PathBuf,
        /// What both are.
        kind: &'static str,
        /// Their name.
        name: String,
    },
}

/// For whom resources are read.
#[derive(Clone, Copy, Debug)]
pub struct ResourceReader<'a> {
    /// The app's id: `scopes` may name others only.
    pub app_id: &'a str,
    /// The app's namespace, where the environment variable `NAMESPACE` names one: resources of others are passed over.
    pub namespace: Option<&'a str>,
}

impl Resources {
    /// Reads files, and the YAML files that lie right in folders, those by name.
    pub fn load(paths: &[impl AsRef<Path>], reader: ResourceReader<'_>) -> Result<Self, ResourceError> {
        let mut found = Self::default();
        let mut names = HashSet::new();
        for path in paths {
            for file in files(path.as_ref())? {
                let text = std::fs::read_to_string(&file).map_err(|source| unreadable(&file, source))?;
                let documents = documents::read::<Document>(&file, &text, |kind| kind == Some("HTTPEndpoint"))?;
                for Document { metadata, scopes, spec, .. } in documents {
                    let elsewhere =
                        |own| metadata.namespace.as_deref().is_some_and(|other| !other.is_empty() && other != own);
                    if reader.namespace.is_some_and(elsewhere) {
                        continue;
                    }
                    let name = metadata.name.0;
                    if names.contains(&name) {
                        return Err(ResourceError::Duplicate { path: file, kind: "HTTPEndpoint", name });
                    }
                    let scopes = scopes.unwrap_or_default();
                    if scopes.is_empty() || scopes.iter().any(|id| id == reader.app_id) {
                        names.insert(name.clone());
                        found.http_endpoints.push(spec.named(name));
                    }
                }
                found.unused.extend(unused::read(&file, &text, reader)?);
            }
        }
        Ok(found)
    }
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "apiVersion")]
    _api_version: text::ApiVersion,
    metadata: Metadata,
    scopes: Option<Vec<String>>,
    spec: http_endpoint::Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: text::Name,
    namespace: Option<String>,
}

fn unreadable(path: &Path, source: std::io::Error) -> ResourceError {
    ResourceError::Read { path: path.to_owned(), source }
}

/// A file itself, or the YAML files of a folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, ResourceError> {
    let is_folder = std::fs::metadata(path).map_err(|source| unreadable(path, source))?.is_dir();
    if !is_folder {
        return Ok(vec![path.to_owned()]);
    }
    let is_yaml = |path: &PathBuf| {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        matches!(extension, "yaml" | "yml") && path.is_file()
    };
    let entries = std::fs::read_dir(path).map_err(|source| unreadable(path, source))?;
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry.map_err(|source| unreadable(path, source))?.path());
    }
    files.retain(is_yaml);
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
