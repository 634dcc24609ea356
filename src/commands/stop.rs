//! `daptop stop`: stops apps or a whole run.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::list::is_listed;
use super::streams::{self, Streams};
use crate::cli::{Globals, StopArgs};
use crate::control::proto::{App, AppState, Run};
use crate::control::{self, ControlError, Directory, PATIENCE, Process, survey};
use crate::paths::Surroundings;
use crate::run_file;

/// How long apps may take to end: what the supervisor gives them, and more for a machine under load.
const LONGEST_END: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Carries the command out.
pub(crate) async fn run(args: StopArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    if args.kubernetes {
        anyhow::bail!("daptop runs apps on this machine only: it has no Kubernetes mode");
    }
    if let Some(argument) = &args.run_file {
        let run_file = match run_file::locate(argument, &Surroundings::of_process(globals.runtime_path.clone())?) {
            Ok(run_file) => run_file,
            Err(error) => return Ok(error.refusal().print()),
        };
        let stop = async |streams: &mut Streams<'_>| stop_run_file(&Directory::open()?, &run_file, streams).await;
        return streams::on_process(&globals, stop).await;
    }
    let app_ids: Vec<&String> = args.app_ids.iter().chain(&args.app_id).collect();
    streams::on_process(&globals, async |streams| stop_apps(&Directory::open()?, &app_ids, streams).await).await
}

/// Stops every run of a run file. Returns once the apps are gone.
async fn stop_run_file(directory: &Directory, run_file: &Path, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let survey = survey(directory, PATIENCE).await?;
    let wanted = run_file.display().to_string();
    let mut found = false;
    let mut code = 0;
    for (mut process, run) in survey.runs {
        if run.run_file != wanted {
            continue;
        }
        found = true;
        let stopped = stop_run(&mut process, &run).await;
        if let Err(error) = stopped {
            streams.failure(&format!("Failed to stop Dapr and app processes: {error}"))?;
            code = 1;
        }
    }
    streams.problems(&survey.problems)?;
    if !found {
        let text = format!("Failed to stop Dapr and app processes: couldn't find apps with run file \"{wanted}\"");
        streams.failure(&text)?;
    } else if code == 0 {
        streams.success("Dapr and app processes stopped successfully")?;
    }
    Ok(code)
}

/// Stops apps by their ids, each in every process that runs it. Returns once they are gone.
async fn stop_apps(directory: &Directory, app_ids: &[&String], streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    if app_ids.is_empty() {
        return Ok(0);
    }
    let mut code = 0;
    for app_id in app_ids {
        // Asked anew for each: to stop one may have ended the run of the next.
        let survey = survey(directory, PATIENCE).await?;
        streams.problems(&survey.problems)?;
        let mut found = false;
        let mut stopped = Ok(());
        for (mut process, run) in survey.runs {
            if run.apps.iter().any(|app| app.id == **app_id && is_listed(app)) {
                found = true;
                stopped = stopped.and(stop_app(&mut process, &run, app_id).await);
            }
        }
        match stopped {
            Ok(()) if found => streams.success(&format!("app stopped successfully: {app_id}"))?,
            Ok(()) => streams.failure(&format!("failed to stop app id {app_id}: couldn't find app id {app_id}"))?,
            Err(error) => {
                streams.failure(&format!("failed to stop app id {app_id}: {error}"))?;
                code = 1;
            }
        }
    }
    Ok(code)
}

/// Why a stop did not do what it should.
#[derive(Debug, thiserror::Error)]
enum StopError {
    /// The process would not hear of it.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// Something still runs.
    #[error("{what} (process {pid}) still runs after {} s; `kill -KILL {pid}` ends it", LONGEST_END.as_secs())]
    StillRuns { what: String, pid: u32 },
}

async fn stop_run(process: &mut Process, run: &Run) -> Result<(), StopError> {
    match process.stop_run().await {
        Ok(()) | Err(ControlError::Gone { .. }) => until_run_is_gone(run).await,
        Err(error) => Err(error.into()),
    }
}

async fn stop_app(process: &mut Process, run: &Run, app_id: &str) -> Result<(), StopError> {
    match process.stop_app(app_id).await {
        // A sidecar alone may be gone before it has answered.
        Ok(true) | Err(ControlError::Gone { .. }) => return until_run_is_gone(run).await,
        Ok(false) => {}
        Err(error) => return Err(error.into()),
    }
    until_apps_are_gone(run, |id| id == app_id).await?;
    until_told_as_gone(process, app_id).await
}

/// Waits until daptop has noticed too: the next `list` must not show what this command says has stopped.
async fn until_told_as_gone(process: &mut Process, app_id: &str) -> Result<(), StopError> {
    let end = Instant::now() + LONGEST_END;
    loop {
        let run = match process.describe(PATIENCE).await {
            Ok(run) => run,
            // It was the last of the run's apps.
            Err(ControlError::Gone { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match run.apps.iter().find(|app| app.id == app_id && still_runs(app)) {
            Some(app) if Instant::now() >= end => {
                return Err(StopError::StillRuns { what: format!("the app {}", app.id), pid: app.pid });
            }
            Some(_) => tokio::time::sleep(LOOK_EVERY).await,
            None => return Ok(()),
        }
    }
}

/// One that has just been started may have no process id here yet, and without a command a sidecar is all that runs.
fn still_runs(app: &App) -> bool {
    app.pid != 0 || !matches!(app.state(), AppState::Ended | AppState::NotStarted | AppState::Stopped)
}

/// daptop ends after its apps; their process groups are looked at all the same.
async fn until_run_is_gone(run: &Run) -> Result<(), StopError> {
    if !control::wait_until(LONGEST_END, || !control::runs(run.pid)).await {
        return Err(StopError::StillRuns { what: "daptop".to_owned(), pid: run.pid });
    }
    until_apps_are_gone(run, |_| true).await
}

async fn until_apps_are_gone(run: &Run, which: impl Fn(&str) -> bool) -> Result<(), StopError> {
    for app in run.apps.iter().filter(|app| which(&app.id) && app.pid != 0) {
        if !control::wait_until(LONGEST_END, || !control::group_runs(app.pid)).await {
            return Err(StopError::StillRuns { what: format!("the app {}", app.id), pid: app.pid });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::streams::captured;
    use crate::control::tests::{Served, directory, run_file as shop_file};
    use daptop_model::Command;

    fn id(text: &str) -> String {
        text.to_owned()
    }

    #[tokio::test]
    async fn an_app_that_is_not_there_is_named_and_the_exit_code_is_0() {
        let (_place, directory) = directory();
        let nobody = id("nobody");
        let answer = captured(async |streams| stop_apps(&directory, &[&nobody], streams).await).await;
        let expected = "❌  failed to stop app id nobody: couldn't find app id nobody\n";
        assert_eq!(answer, (0, String::new(), expected.to_owned()));
        let answer = captured(async |streams| stop_apps(&directory, &[], streams).await).await;
        assert_eq!(answer, (0, String::new(), String::new()));
    }

    #[tokio::test]
    async fn a_run_file_that_is_not_running_is_named_and_the_exit_code_is_0() {
        let (_place, directory) = directory();
        let _other = Served::new(&directory, 71, shop_file(), &["checkout"]);
        let path = Path::new("/other/dapr.yaml");
        let answer = captured(async |streams| stop_run_file(&directory, path, streams).await).await;
        let expected =
            "❌  Failed to stop Dapr and app processes: couldn't find apps with run file \"/other/dapr.yaml\"\n";
        assert_eq!(answer, (0, String::new(), expected.to_owned()));
    }

    #[tokio::test]
    async fn an_app_of_several_is_stopped_and_waited_for() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, shop_file(), &["order-processor", "checkout"]);
        let mut app = tokio::process::Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        shop.set_pid(1, app.id().unwrap());
        let supervisor = async {
            assert_eq!(shop.commands.recv().await, Some(Command::Stop("checkout".into())));
            assert!(control::group_runs(app.id().unwrap()));
            app.kill().await.unwrap();
            shop.set_stopped(1);
        };
        let checkout = id("checkout");
        let command = captured(async |streams| stop_apps(&directory, &[&checkout], streams).await);
        let (answer, ()) = tokio::join!(command, supervisor);
        assert_eq!(answer, (0, "✅  app stopped successfully: checkout\n".to_owned(), String::new()));
        assert!(app.try_wait().unwrap().is_some(), "it was gone when the command returned");
    }
}
