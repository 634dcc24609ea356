//! `daptop restart`: restarts one app of a run.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::streams::{self, Streams};
use crate::cli::{Globals, RestartArgs};
use crate::control::proto::{App, AppState, Run};
use crate::control::{ControlError, Directory, PATIENCE, Process, survey, words};

/// How long the app may take to end and to start again.
const LONGEST: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Carries the command out.
pub(crate) async fn run(args: RestartArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    streams::on_process(&globals, async |streams| restart(&Directory::open()?, &args.app_id, streams).await).await
}

/// Restarts an app in every process that runs it. Returns once it was started again.
async fn restart(directory: &Directory, app_id: &str, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let survey = survey(directory, PATIENCE).await?;
    streams.problems(&survey.problems)?;
    let mut restarted = None;
    for (mut process, run) in survey.runs {
        if run.apps.iter().any(|app| app.id == app_id) {
            restarted = Some(restarted.unwrap_or(Ok(())).and(restart_in(&mut process, &run, app_id).await));
        }
    }
    let failed = match restarted {
        Some(Ok(())) => {
            streams.success(&format!("app restarted successfully: {app_id}"))?;
            return Ok(0);
        }
        Some(Err(error)) => error.to_string(),
        None => format!("couldn't find app id {app_id}"),
    };
    streams.failure(&format!("failed to restart app id {app_id}: {failed}"))?;
    Ok(1)
}

/// Why an app was not restarted.
#[derive(Debug, thiserror::Error)]
enum RestartError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("it could not be started: {0}")]
    NotStarted(String),
    #[error("it was not started again within {} s: it is {state}", LONGEST.as_secs())]
    TooSlow { state: &'static str },
}

async fn restart_in(process: &mut Process, before: &Run, app_id: &str) -> Result<(), RestartError> {
    process.restart_app(app_id).await?;
    let end = Instant::now() + LONGEST;
    loop {
        let now = process.describe(PATIENCE).await?;
        let of_id = |run: &Run| run.apps.iter().filter(|app| app.id == app_id).cloned().collect::<Vec<App>>();
        let pairs: Vec<(App, App)> = of_id(before).into_iter().zip(of_id(&now)).collect();
        let failed =
            |(old, new): &&(App, App)| new.state() == AppState::NotStarted && old.state_reason != new.state_reason;
        if let Some((_, app)) = pairs.iter().find(failed) {
            return Err(RestartError::NotStarted(app.state_reason.clone()));
        }
        if pairs.iter().all(|(old, new)| (new.pid != 0 && new.pid != old.pid) || new.restarts > old.restarts) {
            return Ok(());
        }
        if Instant::now() >= end {
            let state = pairs.first().map(|(_, app)| app.state()).unwrap_or_default();
            return Err(RestartError::TooSlow { state: words::app_state(state) });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::streams::captured;
    use crate::control::tests::{Served, directory, run_file};
    use daptop_model::Command;

    #[tokio::test]
    async fn a_restart_is_told_once_the_app_has_another_process() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
        let supervisor = async {
            assert_eq!(shop.commands.recv().await, Some(Command::Restart("checkout".into())));
            shop.set_pid(1, 4_000_009);
        };
        let restarted = captured(async |streams| restart(&directory, "checkout", streams).await);
        let (answer, ()) = tokio::join!(restarted, supervisor);
        assert_eq!(answer, (0, "✅  app restarted successfully: checkout\n".to_owned(), String::new()));
    }

    #[tokio::test]
    async fn an_app_that_is_not_there_cannot_be_restarted() {
        let (_place, directory) = directory();
        let answer = captured(async |streams| restart(&directory, "nobody", streams).await).await;
        let expected = "❌  failed to restart app id nobody: couldn't find app id nobody\n";
        assert_eq!(answer, (1, String::new(), expected.to_owned()));
    }
}
