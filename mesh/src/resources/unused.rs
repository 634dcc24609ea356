//! Resources that Dapr uses and daptop does not, as far as they can be told apart without understanding them.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::ResourceReader;
use crate::documents::{self, Malformed};

/// The kinds that a sidecar of Dapr would have loaded.
const KINDS: [&str; 3] = ["Component", "Resiliency", "Subscription"];

/// A resource that is not used. Its text is the sentence that the log has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnusedResource {
    /// The file that it stands in.
    pub path: PathBuf,
    /// `Component`, `Resiliency` or `Subscription`.
    pub kind: String,
    /// Its `metadata.name`; empty where it has none.
    pub name: String,
    /// What a component is: `state.redis`.
    pub component: Option<String>,
}

impl fmt::Display for UnusedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind, name, component } = self;
        write!(f, "{kind} {name:?}")?;
        if let Some(component) = component {
            write!(f, " ({component})")?;
        }
        write!(f, " is not used, as daptop has no such thing yet: {}", path.display())
    }
}

/// Finds those of a file that are meant for the app. Whatever else is in them, right or wrong, is not looked at.
pub(super) fn read(path: &Path, text: &str, reader: ResourceReader<'_>) -> Result<Vec<UnusedResource>, Malformed> {
    let wanted = |kind: Option<&str>| kind.is_some_and(|kind| KINDS.contains(&kind));
    let documents = documents::read::<Value>(path, text, wanted)?;
    Ok(documents.iter().filter(|document| is_for(document, reader)).map(|document| unused(path, document)).collect())
}

fn is_for(document: &Value, reader: ResourceReader<'_>) -> bool {
    let namespace = document["metadata"]["namespace"].as_str().unwrap_or_default();
    let elsewhere = reader.namespace.is_some_and(|own| !namespace.is_empty() && namespace != own);
    let scopes = document["scopes"].as_sequence().map(Vec::as_slice).unwrap_or_default();
    !elsewhere && (scopes.is_empty() || scopes.iter().any(|scope| scope.as_str() == Some(reader.app_id)))
}

fn unused(path: &Path, document: &Value) -> UnusedResource {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    UnusedResource {
        path: path.to_owned(),
        kind: text(&document["kind"]).unwrap_or_default(),
        name: text(&document["metadata"]["name"]).unwrap_or_default(),
        component: text(&document["spec"]["type"]),
    }
}
