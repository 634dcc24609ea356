//! Which daptop process is meant, where a command is for one and several run.

use super::proto::Run;
use super::{Process, Survey};

/// How the user narrows the choice down.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Wanted {
    /// An app that the process runs.
    pub(crate) app_id: Option<String>,
    /// The process.
    pub(crate) pid: Option<u32>,
}

/// Why no process was chosen.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ChooseError {
    /// None runs at all.
    #[error("no daptop process runs; `daptop run -f .` starts the apps of a dapr.yaml")]
    NoneRuns,
    /// None fits.
    #[error("no daptop process {wanted}; these run:\n{running}")]
    NoneFits {
        /// What was asked for: `has the number 12`.
        wanted: String,
        /// One process a line.
        running: String,
    },
    /// More than one fits.
    #[error("several daptop processes run; choose one with --pid or --app-id:\n{running}")]
    Several {
        /// One process a line.
        running: String,
    },
}

/// Chooses the process that fits; of several the only one that has calls.
pub(crate) fn choose(survey: Survey, wanted: &Wanted) -> Result<(Process, Run), ChooseError> {
    let all = survey.runs;
    if all.is_empty() {
        return Err(ChooseError::NoneRuns);
    }
    let fits: Vec<usize> = (0..all.len()).filter(|index| wanted.fits(&all[*index].1)).collect();
    let with_calls: Vec<usize> = fits.iter().copied().filter(|index| all[*index].1.calls > 0).collect();
    let running = |indexes: &[usize]| lines(indexes.iter().map(|index| &all[*index].1));
    let chosen = match (fits.as_slice(), with_calls.as_slice()) {
        ([], _) => {
            let every: Vec<usize> = (0..all.len()).collect();
            return Err(ChooseError::NoneFits { wanted: wanted.words(), running: running(&every) });
        }
        ([only], _) | (_, [only]) => *only,
        (several, []) | (_, several) => return Err(ChooseError::Several { running: running(several) }),
    };
    all.into_iter().nth(chosen).ok_or(ChooseError::NoneRuns)
}

impl Wanted {
    fn fits(&self, run: &Run) -> bool {
        self.pid.is_none_or(|pid| run.pid == pid)
            && self.app_id.as_deref().is_none_or(|wanted| run.apps.iter().any(|app| app.id == wanted))
    }

    fn words(&self) -> String {
        match (&self.app_id, self.pid) {
            (Some(app_id), Some(pid)) => format!("has the number {pid} and runs the app {app_id}"),
            (Some(app_id), None) => format!("runs the app {app_id}"),
            (None, Some(pid)) => format!("has the number {pid}"),
            (None, None) => "runs".to_owned(),
        }
    }
}

/// One process a line: its number, its apps, its run file, its calls.
fn lines<'a>(runs: impl Iterator<Item = &'a Run>) -> String {
    let line = |run: &Run| {
        let apps: Vec<&str> = run.apps.iter().map(|app| app.id.as_str()).collect();
        let file = if run.run_file.is_empty() { String::new() } else { format!(" of {}", run.run_file) };
        format!("  pid {}: {}{file} ({} calls)", run.pid, apps.join(", "), run.calls)
    };
    runs.map(line).collect::<Vec<_>>().join("\n")
}
