//! The log files of an app. (Log files)

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::plan::{AppPlan, LogDestination};

/// A log file could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the log file {} of app `{app}` cannot be written: {source}; make the folder writable, or set appLogDestination and daprdLogDestination to console", path.display())]
pub(crate) struct LogFileError {
    app: String,
    path: PathBuf,
    source: io::Error,
}

/// The files that an app's lines and its sidecar's lines go to.
#[derive(Debug)]
pub(crate) struct LogFiles {
    /// `<folder>/.dapr/logs`.
    pub(crate) folder: PathBuf,
    /// The app's lines.
    pub(crate) app: Option<LogFile>,
    /// The sidecar's lines.
    pub(crate) sidecar: Option<LogFile>,
}

/// A file that lines are appended to.
#[derive(Debug)]
pub(crate) struct LogFile {
    /// Its absolute path.
    pub(crate) path: PathBuf,
    file: Option<File>,
}

impl LogFiles {
    /// Makes the files of a run that starts at `now`: new ones each time, named after the app and the second.
    pub(crate) fn create(app: &AppPlan, now: &jiff::Zoned) -> Result<Self, LogFileError> {
        let folder = app.folder.join(".dapr").join("logs");
        let refuse = |path: &Path, source| LogFileError { app: app.app_id.to_string(), path: path.to_owned(), source };
        std::fs::create_dir_all(&folder).map_err(|error| refuse(&folder, error))?;
        let second = now.strftime("%Y%m%d%H%M%S");
        let create = |kind: &str, destination: LogDestination| {
            if destination == LogDestination::Console {
                return Ok(None);
            }
            let path = folder.join(format!("{}_{kind}_{second}.log", app.app_id));
            let file = File::options().create(true).append(true).open(&path).map_err(|error| refuse(&path, error))?;
            Ok(Some(LogFile { path, file: Some(file) }))
        };
        let with_command = if app.command.is_empty() { LogDestination::Console } else { app.app_log };
        let (app_file, sidecar) = (create("app", with_command)?, create("daprd", app.sidecar_log)?);
        Ok(Self { folder, app: app_file, sidecar })
    }
}

impl LogFile {
    /// Appends bytes. A file that fails is given up, after one word about it: the app goes on.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(bytes) {
            tracing::error!(%error, "{} cannot be written any more: its lines end here", self.path.display());
            self.file = None;
        }
    }
}
