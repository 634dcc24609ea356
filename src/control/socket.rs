//! The control socket of this process.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tokio::net::UnixListener;

use super::Directory;

/// Why the control socket could not be made.
#[derive(Debug, thiserror::Error)]
#[error(
    "the control socket {} cannot be made: {source}; `daptop list` and `daptop stop` will not find this process (a shorter XDG_RUNTIME_DIR helps where the path is too long)",
    path.display()
)]
pub(crate) struct SocketError {
    path: PathBuf,
    source: io::Error,
}

/// The path of a bound socket, which goes with this value.
#[derive(Debug)]
pub(crate) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Where it is gone already there is nothing to remove, and nobody is left to tell about anything else.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Listens on the socket of process `pid`, which only its user can open.
///
/// The socket gets its name when it listens already: a client that is refused by a name knows that its process is gone.
pub(crate) fn bind(directory: &Directory, pid: u32) -> Result<(UnixListener, SocketFile), SocketError> {
    let path = directory.socket(pid);
    let unnamed = directory.path().join(format!(".{pid}.new"));
    let listen = || {
        match std::fs::remove_file(&unnamed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&unnamed)?;
        std::fs::set_permissions(&unnamed, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(&unnamed, &path)?;
        Ok(listener)
    };
    match listen() {
        Ok(listener) => Ok((listener, SocketFile(path))),
        Err(source) => Err(SocketError { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_socket_is_for_its_user_alone_and_goes_with_its_owner() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open_at(place.path().join("daptop")).unwrap();
        std::fs::write(directory.socket(77), "left behind by an earlier process of this number").unwrap();
        let (listener, file) = bind(&directory, 77).unwrap();
        let mode = std::fs::metadata(directory.socket(77)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left in the folder");
        drop((listener, file));
        assert!(!directory.socket(77).exists());
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_says_what_helps() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open_at(place.path().join("d".repeat(120))).unwrap();
        let error = bind(&directory, 77).unwrap_err();
        assert!(error.to_string().contains("XDG_RUNTIME_DIR"), "{error}");
    }
}
