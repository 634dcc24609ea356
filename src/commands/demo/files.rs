//! The demo's sources, as they are in the Rust quickstart, and how they are written out.

use std::borrow::Cow;
use std::fs::{File, create_dir_all};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file of the Rust quickstart, by its path there.
macro_rules! quickstart {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../quickstarts/service_invocation/rust/http/", $path)))
    };
}

/// What is written, by its path below the folder. The workspace lets the two apps build with one target folder, also
/// where the folder lies inside somebody else's workspace.
const FILES: [(&str, &str); 9] = [
    quickstart!("README.md"),
    quickstart!("dapr.yaml"),
    ("Cargo.toml", include_str!("workspace.toml")),
    quickstart!("order-processor/Cargo.toml"),
    quickstart!("order-processor/src/lib.rs"),
    quickstart!("order-processor/src/main.rs"),
    quickstart!("checkout/Cargo.toml"),
    quickstart!("checkout/src/lib.rs"),
    quickstart!("checkout/src/main.rs"),
];

/// Why the sources were not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Something would have been overwritten.
    #[error("{} exists already, so nothing was written: name a new folder", .0.display())]
    Exists(PathBuf),
    /// A file or folder could not be made.
    #[error("cannot write {}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes the sources below `folder`, which is made if need be, and tells what to do next. Nothing is overwritten: if any
/// of the files exists, none is written.
pub(super) fn write(folder: &Path) -> Result<String, WriteError> {
    let exists = |path: &PathBuf| path.symlink_metadata().is_ok();
    if let Some(path) = FILES.iter().map(|(path, _)| folder.join(path)).find(exists) {
        return Err(WriteError::Exists(path));
    }
    for (path, text) in FILES {
        let path = folder.join(path);
        write_new(&path, text).map_err(|source| WriteError::Io { path, source })?;
    }
    let shown = folder.to_string_lossy();
    Ok(format!("✅  Wrote the demo's {} files to {shown}. Next: daptop run -f {}\n", FILES.len(), shell_word(&shown)))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        create_dir_all(folder)?;
    }
    File::create_new(path)?.write_all(text.as_bytes())
}

/// A word as a shell must read it: quoted where it holds anything unusual.
fn shell_word(word: &str) -> Cow<'_, str> {
    let usual = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(usual) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a quickstart, without what builds and runs leave behind.
    fn sources(folder: &Path, root: &Path, into: &mut Vec<String>) {
        for entry in folder.read_dir().unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_file() {
                into.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            } else if name != "target" && name != ".dapr" {
                sources(&path, root, into);
            }
        }
    }

    #[test]
    fn every_file_of_the_rust_quickstart_is_written() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("quickstarts/service_invocation/rust/http");
        let mut expected = vec!["Cargo.toml".to_owned()];
        sources(&root, &root, &mut expected);
        expected.sort();
        let mut written: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        written.sort_unstable();
        assert_eq!(written, expected);
    }

    #[test]
    fn nothing_is_written_where_one_file_exists() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("checkout/Cargo.toml");
        write_new(&kept, "mine").unwrap();
        let error = write(folder.path()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{} exists already, so nothing was written: name a new folder", kept.display())
        );
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = write(&file.join("below")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot write {}/below/README.md: ", file.display())), "{error}");
    }

    #[test]
    fn the_next_command_can_be_pasted_into_a_shell() {
        for (word, quoted) in [("shop", "shop"), ("/a/my shop", "'/a/my shop'"), ("it's", r"'it'\''s'"), ("", "''")] {
            assert_eq!(shell_word(word), quoted);
        }
    }
}
