//! Where an app is (Target id resolution): in this process first, then in the other processes of this user, then
//! where the resolver of the Configuration finds it.

mod directory;

use std::sync::Arc;

use daptop_model::FailureKind;

pub(crate) use directory::{Directory, Entry};

use crate::base_url::BaseUrl;
use crate::core::Core;
use crate::endpoint::Endpoint;
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
    External(BaseUrl),
    /// An `HTTPEndpoint`.
    Endpoint(Arc<Endpoint>),
}

/// Finds the target of a call.
pub(crate) async fn resolve(core: &Core, target: &str) -> Result<Destination, InvokeError> {
    if target.starts_with("http://") || target.starts_with("https://") {
        let invalid = |_| InvokeError::new(FailureKind::BadRequest, format!("parse \"{target}\": invalid URL"));
        return BaseUrl::parse(target).map(Destination::External).map_err(invalid);
    }
    if let Some(endpoint) = core.endpoints.get(target) {
        return Ok(Destination::Endpoint(Arc::clone(endpoint)));
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
        None => Box::pin(elsewhere(core, id)).await,
    }
}

async fn elsewhere(core: &Core, id: &str) -> Result<Destination, InvokeError> {
    let mut found = match &core.shared.directory {
        Some(directory) => directory.find(id).await,
        None => Vec::new(),
    };
    let index = if found.len() > 1 { core.shared.turn(id) % found.len() } else { 0 };
    if index < found.len() {
        return Ok(Destination::There(found.swap_remove(index)));
    }
    let address = core.resolver.find(id).await.map_err(|text| InvokeError::new(FailureKind::UnknownApp, text))?;
    Ok(Destination::There(Entry { app_id: id.to_owned(), namespace: String::new(), address }))
}
