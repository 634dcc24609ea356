//! The folder through which the daptop processes of one user find each other.
//!
//! Each process keeps a file with its sidecars, and keeps it locked. The system lets go of the lock when the process ends,
//! however it ends: a file that can be locked belongs to nobody, and what it says is forgotten at once.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// A sidecar as other processes find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// The app's id.
    pub(crate) app_id: String,
    /// The app's namespace.
    pub(crate) namespace: String,
    /// `host:port` of the listener for other sidecars.
    pub(crate) address: String,
}

/// The folder, and this process's file in it.
#[derive(Clone, Debug)]
pub(crate) struct Directory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    own: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    /// Kept open: the lock goes with it.
    file: Option<File>,
}

const SUFFIX: &str = ".sidecars.json";

impl Directory {
    /// A folder that this process has not written to. It is made with the first sidecar.
    pub(crate) fn new(folder: PathBuf) -> Self {
        static MESHES: AtomicU64 = AtomicU64::new(0);
        let number = MESHES.fetch_add(1, Ordering::Relaxed);
        let own = folder.join(format!("{}-{number}{SUFFIX}", std::process::id()));
        Self(Arc::new(Inner { folder, own, state: Mutex::default() }))
    }

    /// Lets other processes find a sidecar.
    pub(crate) fn add(&self, entry: Entry) -> io::Result<()> {
        self.change(|entries| entries.push(entry))
    }

    /// Lets other processes find a sidecar no more.
    pub(crate) fn remove(&self, entry: &Entry) -> io::Result<()> {
        self.change(|entries| {
            if let Some(index) = entries.iter().position(|known| known == entry) {
                entries.remove(index);
            }
        })
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Entry>)) -> io::Result<()> {
        let inner = &*self.0;
        let mut state = inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.entries);
        if state.entries.is_empty() {
            state.file = None;
            return fs::remove_file(&inner.own);
        }
        fs::create_dir_all(&inner.folder)?;
        // Written under another name and locked before it is seen, so that no reader finds half a file or a free one.
        let draft = inner.own.with_extension("draft");
        let mut file = File::options().create(true).truncate(true).write(true).open(&draft)?;
        file.lock()?;
        file.write_all(&serde_json::to_vec(&state.entries)?)?;
        fs::rename(&draft, &inner.own)?;
        state.file = Some(file);
        Ok(())
    }

    /// The sidecars of other processes for an app id, in a steady order.
    pub(crate) async fn find(&self, id: &str) -> Vec<Entry> {
        let (directory, id) = (self.clone(), id.to_owned());
        let found = tokio::task::spawn_blocking(move || {
            let entries = directory.others().into_iter().flat_map(|(_, entries)| entries);
            entries.filter(|entry| entry.app_id == id).collect()
        });
        found.await.unwrap_or_default()
    }

    /// The other processes that have a sidecar for an app id, by their numbers, in a steady order.
    pub(crate) async fn processes(&self, id: &str) -> Vec<u32> {
        let (directory, id) = (self.clone(), id.to_owned());
        let found = tokio::task::spawn_blocking(move || {
            let mut others = directory.others();
            others.retain(|(_, entries)| entries.iter().any(|entry| entry.app_id == id));
            others.into_iter().filter_map(|(path, _)| process(&path)).collect()
        });
        found.await.unwrap_or_default()
    }

    /// The sidecars of all other processes that run, by the process's file, in a steady order.
    fn others(&self) -> Vec<(PathBuf, Vec<Entry>)> {
        let Ok(files) = fs::read_dir(&self.0.folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with(SUFFIX) && *path != self.0.own)
            .collect();
        paths.sort();
        paths.into_iter().filter_map(|path| read(&path).map(|entries| (path, entries))).collect()
    }
}

/// What a process says of its sidecars; `None` where the process has ended.
fn read(path: &Path) -> Option<Vec<Entry>> {
    let mut file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        Ok(()) | Err(TryLockError::Error(_)) => {
            forget(path);
            return None;
        }
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The number of the process that a file is of.
fn process(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.split('-').next()?.parse().ok()
}

/// Removes the file of a process that has ended. One that still runs may just have put a new file in the place of the
/// one that was read, so only the file of a process that is gone is removed.
fn forget(path: &Path) {
    let pid = process(path).and_then(|pid| pid.try_into().ok()).and_then(rustix::process::Pid::from_raw);
    if pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_err()) {
        // Another process may have been quicker.
        drop(fs::remove_file(path));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.file.take().is_some() {
            drop(fs::remove_file(&self.own));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, address: &str) -> Entry {
        Entry { app_id: id.into(), namespace: "default".into(), address: address.into() }
    }

    #[tokio::test]
    async fn processes_find_each_others_sidecars_and_forget_those_that_ended() {
        let folder = tempfile::tempdir().unwrap();
        let one = Directory::new(folder.path().to_owned());
        let two = Directory::new(folder.path().to_owned());
        one.add(entry("orders", "127.0.0.1:1")).unwrap();
        assert_eq!(two.find("orders").await, [entry("orders", "127.0.0.1:1")]);
        assert_eq!(two.find("nobody").await, []);
        assert_eq!((two.processes("orders").await, two.processes("nobody").await), (vec![std::process::id()], vec![]));
        assert_eq!(one.find("orders").await, [], "one's own sidecars are not other processes'");
        one.add(entry("orders", "127.0.0.1:2")).unwrap();
        assert_eq!(two.find("orders").await, [entry("orders", "127.0.0.1:1"), entry("orders", "127.0.0.1:2")]);
        one.remove(&entry("orders", "127.0.0.1:1")).unwrap();
        assert_eq!(two.find("orders").await, [entry("orders", "127.0.0.1:2")]);
        drop(one);
        assert_eq!(two.find("orders").await, []);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_file_that_nobody_locks_is_forgotten_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!("4194304-0{SUFFIX}"));
        fs::write(&left, serde_json::to_vec(&[entry("orders", "127.0.0.1:1")]).unwrap()).unwrap();
        assert_eq!(Directory::new(folder.path().to_owned()).find("orders").await, []);
        assert!(!left.exists());
    }
}
