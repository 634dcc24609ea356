//! Where an app is (Target id resolution): in this process first, then in the other processes of this user.

mod directory;

use std::sync::Arc;

use daptop_model::FailureKind;

pub(crate) use directory::{Directory, Entry};

use crate::core::Core;
use crate::error::InvokeError;

/// Where a call goes.
#[derive(Debug)]
pub(crate) enum Destination {
    /// The caller's own app.
    Own,
    /// Another sidecar of this process.
    Here(Arc<Core>),
    /// A sidecar of another process.
    There(Entry),
    /// An external URL.
    External {
        /// The host.
        host: String,
        /// The port, or the scheme's.
        port: u16,
        /// Whether it is `https`.
        secure: bool,
        /// The path before the method, without slashes at its ends.
        path: String,
    },
}

/// Finds the target of a call.
pub(crate) async fn resolve(core: &Core, target: &str) -> Result<Destination, InvokeError> {
    for (scheme, port, secure) in [("http://", 80, false), ("https://", 443, true)] {
        if let Some(rest) = target.strip_prefix(scheme) {
            return external(target, rest, port, secure);
        }
    }
    let (id, namespace) = match target.split('.').collect::<Vec<_>>()[..] {
        [id] => (id, None),
        [id, namespace] => (id, Some(namespace)),
        _ => return Err(InvokeError::new(FailureKind::UnknownApp, format!("invalid app id {target}"))),
    };
    let own = id == core.id() && namespace.is_none_or(|namespace| namespace == core.settings.namespace);
    match core.shared.find(id) {
        // One's own id in one's own namespace is one's own app, other replicas or not.
        _ if own => Ok(Destination::Own),
        Some(found) => Ok(Destination::Here(found)),
        None => elsewhere(core, id).await,
    }
}

async fn elsewhere(core: &Core, id: &str) -> Result<Destination, InvokeError> {
    let found = match &core.shared.directory {
        Some(directory) => directory.find(id, core.shared.turn()).await,
        None => None,
    };
    found
        .map(Destination::There)
        .ok_or_else(|| InvokeError::new(FailureKind::UnknownApp, format!("couldn't find service: {id}")))
}

fn external(target: &str, rest: &str, default_port: u16, secure: bool) -> Result<Destination, InvokeError> {
    let unusable = || InvokeError::new(FailureKind::BadRequest, format!("parse \"{target}\": invalid URL"));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority: http::uri::Authority = authority.parse().map_err(|_| unusable())?;
    if authority.host().is_empty() {
        return Err(unusable());
    }
    Ok(Destination::External {
        host: authority.host().to_owned(),
        port: authority.port_u16().unwrap_or(default_port),
        secure,
        path: path.trim_matches('/').to_owned(),
    })
}
