//! The documents of a YAML file, with the place of what is wrong in them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A file that is not YAML, or a value of the wrong kind in it.
#[derive(Debug, thiserror::Error)]
#[error("{path}:{line}: {what}")]
pub struct Malformed {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The key, what is wrong with it and what was expected.
    pub what: String,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Reads those documents of a file whose `kind` is wanted. Nothing else of the others is looked at: they may have
/// anything in them.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    text: &str,
    wanted: impl Fn(Option<&str>) -> bool,
) -> Result<Vec<T>, Malformed> {
    let malformed = |error: serde_yaml::Error| {
        let line = error.location().map_or(1, |location| location.line());
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or(&what).to_owned();
        Malformed { path: path.to_owned(), line, what }
    };
    let mut documents = Vec::new();
    let kinds = serde_yaml::Deserializer::from_str(text);
    for (kind, document) in kinds.zip(serde_yaml::Deserializer::from_str(text)) {
        let kind = Option::<Kind>::deserialize(kind).map_err(malformed)?.and_then(|kind| kind.kind);
        if wanted(kind.as_deref()) {
            documents.extend(Option::<T>::deserialize(document).map_err(malformed)?);
        }
    }
    Ok(documents)
}
