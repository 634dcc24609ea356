//! Run files (`dapr.yaml`): found, read, resolved and checked. Nothing is started before all of it has passed.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::headless::{Status, Style};
use crate::paths::{self, Surroundings};
use crate::plan::{RunPlan, RunSource};
use crate::ports;
use crate::refusal::{Refusal, failure_line};

mod node;
mod reader;
mod resolve;
mod scalar;
pub(crate) mod schema;
#[cfg(test)]
mod tests;

/// A run file's plan, and what is suspicious about the file.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What is to be run.
    pub(crate) plan: RunPlan,
    /// One line each: file, line, what.
    pub(crate) warnings: Vec<String>,
}

/// Why a run file cannot be run.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum RunFileError {
    /// `-f` leads to no run file.
    NotFound(String),
    /// It is not as it must be.
    Wrong(Box<Findings>),
}

/// Everything that is known to be wrong with a run file. Where nothing is, it has no apps.
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Findings {
    /// The run file.
    pub(crate) file: PathBuf,
    /// What is only suspicious, which often is the reason of the rest. One line each: file, line, what.
    pub(crate) warnings: Vec<String>,
    /// What makes the file unusable.
    pub(crate) problems: Vec<String>,
    /// Apps that cannot be run as they are described: app id and what is wrong, in file order.
    pub(crate) invalid: Vec<(String, String)>,
}

impl RunFileError {
    /// The lines and streams of the Dapr CLI.
    pub(crate) fn refusal(&self) -> Refusal {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        match self {
            Self::NotFound(text) => stderr = failure_line(&format!("Failed to get run file path: {text}")),
            Self::Wrong(found) => {
                let line = |text: &String| failure_line(&format!("Error getting apps from config file: {text}"));
                stdout.extend(found.warnings.iter().map(|text| Style::default().with_sign(Status::Warning, text)));
                stdout.extend(found.problems.iter().map(line));
                stderr.extend(found.invalid.iter().map(|(id, text)| invalid_line(id, &found.file, text)));
                if found.problems.is_empty() && found.invalid.is_empty() {
                    stdout += &failure_line("No apps to run");
                }
            }
        }
        Refusal { stdout, stderr, code: 1 }
    }
}

/// The line for an app of a run file that cannot be run.
pub(crate) fn invalid_line(app_id: &str, file: &Path, text: &str) -> String {
    failure_line(&format!("Error validating run config for app {app_id:?} present in {}: {text}", file.display()))
}

/// The absolute path of the run file that `-f` means: a YAML file, the `dapr.yaml` of a folder, or `<folder>/-` for
/// standard input.
pub(crate) fn locate(argument: &str, surroundings: &Surroundings) -> Result<PathBuf, RunFileError> {
    if argument == "-" {
        return Ok(surroundings.folder.join("-"));
    }
    let shown = Path::new(argument);
    let absolute = paths::clean(&surroundings.folder.join(shown));
    let found = std::fs::metadata(&absolute).map_err(|error| {
        let reason = paths::reason(&error);
        RunFileError::NotFound(format!("error getting file info for {argument}: stat {argument}: {reason}"))
    })?;
    if found.is_dir() {
        return in_folder(shown, &absolute);
    }
    match absolute.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => Ok(absolute),
        _ => Err(RunFileError::NotFound(format!("file {argument:?} is not a YAML file"))),
    }
}

fn in_folder(shown: &Path, absolute: &Path) -> Result<PathBuf, RunFileError> {
    let file = absolute.join("dapr.yaml");
    let Err(error) = std::fs::metadata(&file) else { return Ok(file) };
    let shown = paths::clean(&shown.join("dapr.yaml"));
    let shown = shown.display();
    let reason = paths::reason(&error);
    let other = absolute.join("dapr.yml");
    let hint = if other.exists() { "; there is a dapr.yml, which has to be named itself" } else { "" };
    Err(RunFileError::NotFound(format!(
        "error in validating the file path {:?}: error in getting the file info for {shown}: stat {shown}: {reason}{hint}",
        shown.to_string()
    )))
}

/// Reads the run file at an absolute path that [`locate`] found; `stdin` is read where that is the path's meaning.
pub(crate) fn load(
    file: &Path,
    surroundings: &Surroundings,
    hold: Duration,
    mut stdin: impl Read,
) -> Result<Loaded, RunFileError> {
    let text = if file.file_name().is_some_and(|name| name == "-") {
        let mut bytes = Vec::new();
        stdin.read_to_end(&mut bytes).map(|_| bytes).map_err(|error| unreadable(" from stdin", &paths::reason(&error)))
    } else {
        std::fs::read(file)
            .map_err(|error| unreadable("", &format!("open {}: {}", file.display(), paths::reason(&error))))
    }?;
    let text = String::from_utf8(text).map_err(|error| {
        unparsable(file, 1 + line_breaks(error.as_bytes(), error.utf8_error().valid_up_to()), "this is not UTF-8")
    })?;
    let (content, issues) = schema::read(&text)
        .map_err(|error| unparsable(file, error.line, &format!("column {}: {}", error.column, error.text)))?;
    let told = |issue: &reader::Issue| format!("{}:{}: {}", file.display(), issue.line, issue.text);
    let warnings = issues.warnings.iter().map(told).collect();
    let mut problems: Vec<String> = issues.errors.iter().map(|issue| format!("{PARSING}: {}", told(issue))).collect();
    // A field of the wrong type reads as a missing one, which would only confuse.
    let confused = |text: &String| !issues.errors.is_empty() && text.starts_with("required field");
    problems.extend(resolve::missing(file, &content, surroundings).into_iter().filter(|text| !confused(text)));
    let (apps, mut invalid) = resolve::apps(file, &content, surroundings, hold);
    let name = Some(content.name).filter(|name| !name.is_empty());
    let plan = RunPlan { source: RunSource::File(file.to_owned()), name, apps };
    if problems.is_empty() && invalid.is_empty() && !plan.apps.is_empty() {
        return Ok(Loaded { plan, warnings });
    }
    invalid.extend(ports::unavailable(&plan).into_iter().map(|problem| (problem.app_id, problem.text)));
    Err(RunFileError::Wrong(Box::new(Findings { file: file.to_owned(), warnings, problems, invalid })))
}

const PARSING: &str = "error in parsing the provided app config file";

fn unreadable(from: &str, reason: &str) -> RunFileError {
    unusable(format!(
        "error in reading the provided app config{}: {reason}",
        if from.is_empty() { " file" } else { from }
    ))
}

fn unparsable(file: &Path, line: usize, text: &str) -> RunFileError {
    unusable(format!("{PARSING}: {}:{line}: {text}", file.display()))
}

fn unusable(problem: String) -> RunFileError {
    RunFileError::Wrong(Box::new(Findings { problems: vec![problem], ..Findings::default() }))
}

fn line_breaks(bytes: &[u8], until: usize) -> usize {
    bytes.iter().take(until).filter(|byte| **byte == b'\n').count()
}
