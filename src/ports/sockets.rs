//! The Unix sockets that replace the ports of the API (Listeners and ports).

use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use daptop_mesh::ApiListener;

use crate::paths;

/// The path of a socket: `DIR/dapr-<app id>-<http or grpc>.socket`.
pub(crate) fn path(folder: &Path, app_id: &str, api: &str) -> PathBuf {
    folder.join(format!("dapr-{app_id}-{api}.socket"))
}

/// Binds a socket. One that a dead process left behind is replaced; one that somebody answers on is not.
pub(crate) fn bind(folder: &Path, app_id: &str, api: &str) -> Result<ApiListener, String> {
    let path = path(folder, app_id, api);
    let refused = |reason: &str| format!("cannot listen on the Unix socket {}: {reason}", path.display());
    let is_socket = std::fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket {
        if UnixStream::connect(&path).is_ok() {
            return Err(refused("another process answers on it"));
        }
        std::fs::remove_file(&path).map_err(|error| refused(&paths::reason(&error)))?;
    }
    let listener = UnixListener::bind(&path).map_err(|error| refused(&paths::reason(&error)))?;
    listener.set_nonblocking(true).map_err(|error| refused(&paths::reason(&error)))?;
    Ok(ApiListener::Unix(listener, path))
}
