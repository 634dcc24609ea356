//! Paths as the Dapr CLI resolves them: joined and cleaned, symbolic links left alone.

use std::io;
use std::path::{Component, Path, PathBuf};

/// What a path depends on besides its text.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// The absolute folder that daptop was started in.
    pub(crate) folder: PathBuf,
    /// The home folder.
    pub(crate) home: Option<PathBuf>,
    /// `--runtime-path`, or the environment variable `DAPR_RUNTIME_PATH`.
    pub(crate) runtime_path: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process(runtime_path: Option<PathBuf>) -> io::Result<Self> {
        let variable = || std::env::var_os("DAPR_RUNTIME_PATH").map(PathBuf::from);
        Ok(Self {
            folder: std::env::current_dir()?,
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            runtime_path: runtime_path.or_else(variable).filter(|path| !path.as_os_str().is_empty()),
        })
    }

    /// A path relative to a folder; `~/` is the home folder.
    pub(crate) fn resolve(&self, base: &Path, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => clean(&home.join(rest)),
            _ => clean(&base.join(text)),
        }
    }

    /// The folder of defaults: `.dapr` in the runtime path (an app's, or the one of the process), else in the home folder.
    pub(crate) fn dapr_home(&self, app_runtime_path: Option<&Path>) -> Option<PathBuf> {
        let parent = app_runtime_path.or(self.runtime_path.as_deref()).or(self.home.as_deref())?;
        Some(clean(&self.folder.join(parent).join(".dapr")))
    }
}

/// Takes `.` and `..` out of a path by its text alone; nothing is left of `.` itself.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match cleaned.components().next_back() {
                Some(Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => cleaned.push(component),
            },
            _ => cleaned.push(component),
        }
    }
    cleaned
}

/// Checks that something is there; the error is in Go's words: `stat /x: no such file or directory`.
pub(crate) fn stat(path: &Path) -> Result<std::fs::Metadata, String> {
    std::fs::metadata(path).map_err(|error| format!("stat {}: {}", path.display(), reason(&error)))
}

/// An error of the system in Go's words: `no such file or directory`.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_cleaned() {
        let surroundings = Surroundings { folder: "/work".into(), home: Some("/home/u".into()), runtime_path: None };
        for (base, text, expected) in [
            ("/shop", "./checkout/", "/shop/checkout"),
            ("/shop", "../other/./x", "/other/x"),
            ("/shop", "/abs/../x", "/x"),
            ("/shop", "~/apps", "/home/u/apps"),
            ("/shop", "~apps", "/shop/~apps"),
            ("/shop", "~", "/shop/~"),
            ("/", "../../x", "/x"),
            ("/shop", ".", "/shop"),
        ] {
            assert_eq!(surroundings.resolve(Path::new(base), text), Path::new(expected), "{base} {text}");
        }
    }

    #[test]
    fn the_folder_of_defaults_is_that_of_the_app_then_of_the_process_then_of_the_user() {
        let mut surroundings =
            Surroundings { folder: "/work".into(), home: Some("/home/u".into()), runtime_path: Some("run".into()) };
        assert_eq!(surroundings.dapr_home(Some(Path::new("/app"))), Some("/app/.dapr".into()));
        assert_eq!(surroundings.dapr_home(None), Some("/work/run/.dapr".into()));
        surroundings.runtime_path = None;
        assert_eq!(surroundings.dapr_home(None), Some("/home/u/.dapr".into()));
        surroundings.home = None;
        assert_eq!(surroundings.dapr_home(None), None);
    }

    #[test]
    fn errors_of_the_system_are_told_in_the_words_of_go() {
        assert_eq!(stat(Path::new("/no/such")).map(|_| ()), Err("stat /no/such: no such file or directory".to_owned()));
    }
}
