//! The folder through which the daptop processes of one user find each other.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The folder of one user's daptop processes: `$XDG_RUNTIME_DIR/daptop`, or else `daptop-<uid>` in the temporary folder.
/// It belongs to the user and nobody else can look into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Directory(PathBuf);

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    /// It could not be made, looked at or read.
    #[error("the folder of daptop's control sockets, {}, cannot be used: {source}", path.display())]
    Unusable {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else has its name.
    #[error("{} is not a folder: daptop keeps its control sockets there; move it away, or set XDG_RUNTIME_DIR", path.display())]
    NotAFolder {
        /// Which path.
        path: PathBuf,
    },
    /// Another user made it.
    #[error(
        "the folder {} belongs to another user (uid {owner}): daptop does not trust it; remove it, or set XDG_RUNTIME_DIR to a folder of your own",
        path.display()
    )]
    OfSomebodyElse {
        /// Which folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// Others could have put sockets there.
    #[error(
        "other users can write to the folder {} (mode {mode:03o}): daptop does not trust what is in it; remove it, daptop makes it anew",
        path.display()
    )]
    OpenToOthers {
        /// Which folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl Directory {
    /// The folder of the user who runs this process, made where it is missing.
    pub(crate) fn open() -> Result<Self, DirectoryError> {
        let own = rustix::process::getuid().as_raw();
        let path = match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
            Some(runtime) if is_runtime_folder(&runtime, own) => runtime.join("daptop"),
            _ => std::env::temp_dir().join(format!("daptop-{own}")),
        };
        Self::open_at(path)
    }

    /// A given folder, made where it is missing, checked where it is there.
    pub(crate) fn open_at(path: PathBuf) -> Result<Self, DirectoryError> {
        let unusable = |source| DirectoryError::Unusable { path: path.clone(), source };
        match std::fs::DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unusable(error)),
            _ => {}
        }
        // Not through a link: whoever made the link would choose the folder.
        let found = std::fs::symlink_metadata(&path).map_err(unusable)?;
        let mode = found.permissions().mode() & 0o777;
        if !found.is_dir() {
            return Err(DirectoryError::NotAFolder { path });
        }
        if found.uid() != rustix::process::getuid().as_raw() {
            return Err(DirectoryError::OfSomebodyElse { path, owner: found.uid() });
        }
        if mode & 0o022 != 0 {
            return Err(DirectoryError::OpenToOthers { path, mode });
        }
        if mode != 0o700 {
            let unusable = |source| DirectoryError::Unusable { path: path.clone(), source };
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).map_err(unusable)?;
        }
        Ok(Self(path))
    }

    /// The folder's path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The socket of a process.
    pub(crate) fn socket(&self, pid: u32) -> PathBuf {
        self.0.join(format!("{pid}.sock"))
    }

    /// The process ids that have a socket here, in order, whether somebody listens on it or not.
    pub(crate) fn pids(&self) -> Result<Vec<u32>, DirectoryError> {
        let unusable = |source| DirectoryError::Unusable { path: self.0.clone(), source };
        let mut pids = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(unusable)? {
            let name = entry.map_err(unusable)?.file_name();
            let pid = name.to_str().and_then(|name| name.strip_suffix(".sock"));
            pids.extend(pid.and_then(|pid| pid.parse::<u32>().ok()));
        }
        pids.sort_unstable();
        Ok(pids)
    }
}

/// The variable counts only where it names an absolute folder of this user; a `sudo` that kept it does not.
fn is_runtime_folder(path: &Path, own: u32) -> bool {
    path.is_absolute() && std::fs::metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_is_made_for_its_user_alone() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open_at(place.path().join("daptop")).unwrap();
        assert_eq!(mode(directory.path()), 0o700);
        assert_eq!(directory.pids().unwrap(), [0; 0]);
    }

    #[test]
    fn a_folder_that_others_can_read_is_closed_to_them() {
        let place = tempfile::tempdir().unwrap();
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Directory::open_at(place.path().to_owned()).unwrap();
        assert_eq!(mode(place.path()), 0o700);
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_refused() {
        let place = tempfile::tempdir().unwrap();
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let error = Directory::open_at(place.path().to_owned()).unwrap_err();
        assert!(matches!(error, DirectoryError::OpenToOthers { mode: 0o777, .. }), "{error}");
    }

    #[test]
    fn a_link_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let link = place.path().join("daptop");
        std::os::unix::fs::symlink(std::env::temp_dir(), &link).unwrap();
        assert!(matches!(Directory::open_at(link), Err(DirectoryError::NotAFolder { .. })));
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        if !rustix::process::getuid().is_root() {
            // Only the superuser can give a folder away.
            return;
        }
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(place.path(), Some(12_345), None).unwrap();
        let error = Directory::open_at(place.path().to_owned()).unwrap_err();
        assert!(error.to_string().contains("belongs to another user (uid 12345)"), "{error}");
        assert!(!is_runtime_folder(place.path(), 0), "nor does it count as the user's runtime folder");
    }

    #[test]
    fn only_names_of_sockets_are_taken_for_processes() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open_at(place.path().join("daptop")).unwrap();
        for name in ["12.sock", "7.sock", "7.sidecars.json", "x.sock", ".9.sock", "9.sock.new"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        assert_eq!(directory.pids().unwrap(), [7, 12]);
    }
}
