//! From the keys of a run file to plans: paths, precedence, defaults.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::schema::{App, RunFile, Shared};
use crate::assemble::{self, Fault, Resolved};
use crate::paths::{self, Surroundings};
use crate::plan::{AppPlan, LogDestination};
use crate::protos;

/// What is missing or not allowed in a run file, in the words of the Dapr CLI, and where.
pub(super) fn missing(file: &Path, content: &RunFile, surroundings: &Surroundings) -> Vec<String> {
    let mut problems = Vec::new();
    if content.version == 0 {
        let place = match content.line {
            Some(line) => format!("{}:{line}", file.display()),
            None => format!("{} is empty", file.display()),
        };
        problems.push(format!("required field 'version' not found in the provided run template file ({place})"));
    }
    let folder = file.parent().unwrap_or(file);
    problems.extend(shared_problems(file, &content.common, folder, surroundings));
    for app in &content.apps {
        let shared = &app.shared;
        if app.app_dir_path.is_empty() {
            let place = format!("({}:{})", file.display(), app.line);
            problems.push(format!("required field 'appDirPath' not found in the provided app config file {place}"));
        } else {
            let app_folder = surroundings.resolve(folder, &app.app_dir_path);
            match exists(&app_folder) {
                Ok(()) => {
                    problems.extend(shared_problems(file, shared, &app_folder, surroundings));
                    let paths = app.protos.iter().map(|path| surroundings.resolve(&app_folder, path));
                    let unread = paths.filter_map(|path| readable(&path).err());
                    problems.extend(unread.map(|text| text + &place(file, shared, "protos")));
                }
                Err(text) => problems.push(text + &place(file, shared, "appDirPath")),
            }
        }
        let policy = app.container_image_pull_policy.as_str();
        if !["", "Always", "Never", "IfNotPresent"].contains(&policy) {
            let place = place(file, shared, "containerImagePullPolicy");
            problems.push(format!(
                "invalid containerImagePullPolicy: {policy}, allowed values: Always, Never, IfNotPresent{place}"
            ));
        }
    }
    problems
}

fn shared_problems(file: &Path, shared: &Shared, base: &Path, surroundings: &Surroundings) -> Vec<String> {
    let mut problems = Vec::new();
    let paths = [("configFilePath", &shared.config_file_path), ("runtimePath", &shared.runtime_path)];
    let old = shared.line("resourcesPath").and_then(|_| shared.resources_paths.len().checked_sub(1));
    let resources = shared.resources_paths.iter().enumerate();
    let resources =
        resources.map(|(at, path)| (if Some(at) == old { "resourcesPath" } else { "resourcesPaths" }, path));
    for (key, path) in paths.into_iter().chain(resources).filter(|(_, path)| !path.is_empty()) {
        let text = exists(&surroundings.resolve(base, path)).err();
        problems.extend(text.map(|text| text + &place(file, shared, key)));
    }
    for (key, text) in
        [("daprdLogDestination", &shared.daprd_log_destination), ("appLogDestination", &shared.app_log_destination)]
    {
        if !text.is_empty() && destination(text).is_none() {
            problems.push(format!("invalid log destination type: {text}{}", place(file, shared, key)));
        }
    }
    problems
}

/// Where a key stands, as the end of a sentence about its value.
fn place(file: &Path, shared: &Shared, key: &str) -> String {
    shared.line(key).map(|line| format!(" ({}:{line}: {key})", file.display())).unwrap_or_default()
}

fn exists(path: &Path) -> Result<(), String> {
    paths::stat(path).map(drop).map_err(|error| file_info(path, &error))
}

fn readable(path: &Path) -> Result<(), String> {
    protos::check(path).map_err(|error| file_info(path, &error))
}

fn file_info(path: &Path, error: &str) -> String {
    format!("error in getting the file info for {}: {error}", path.display())
}

fn destination(text: &str) -> Option<LogDestination> {
    match text {
        "file" => Some(LogDestination::File),
        "console" => Some(LogDestination::Console),
        "fileAndConsole" => Some(LogDestination::FileAndConsole),
        _ => None,
    }
}

/// The plans of the apps that can be run as they are described, and what is wrong with the others: app id and problem.
pub(super) fn apps(
    file: &Path,
    content: &RunFile,
    surroundings: &Surroundings,
    hold: Duration,
) -> (Vec<AppPlan>, Vec<(String, String)>) {
    let folder = file.parent().unwrap_or(file);
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    for written in content.apps.iter().filter(|app| !app.app_dir_path.is_empty()) {
        let (app, resolved) = resolved(written, &content.common, folder, surroundings);
        let (app_id, is_there) = (resolved.app_id.clone(), resolved.folder.exists());
        // A folder that is not there has been told already.
        let is_new = |fault: &Fault| is_there || fault.key != "appDirPath";
        let told = |Fault { key, text }: Fault| {
            let line = written.shared.line(key).or_else(|| content.common.line(key)).unwrap_or(written.line);
            (app_id.clone(), format!("{text} (line {line}: {key})"))
        };
        match assemble::assemble(&app, resolved, hold) {
            Ok(plan) => plans.push(plan),
            Err(faults) => problems.extend(faults.into_iter().filter(is_new).map(told)),
        }
    }
    (plans, problems)
}

/// An app with what it takes from `common`, its paths resolved by the precedence of the Dapr CLI: first match replaces.
fn resolved(app: &App, common: &Shared, base: &Path, surroundings: &Surroundings) -> (App, Resolved) {
    let folder = surroundings.resolve(base, &app.app_dir_path);
    let own = |text: &String| surroundings.resolve(&folder, text);
    let commons = |text: &String| surroundings.resolve(base, text);
    let runtime_path = [(&app.shared, &folder), (common, &base.to_owned())]
        .into_iter()
        .find(|(shared, _)| !shared.runtime_path.is_empty())
        .map(|(shared, base)| surroundings.resolve(base, &shared.runtime_path));
    let home = surroundings.dapr_home(runtime_path.as_deref());
    let resources = first_of([
        app.shared.resources_paths.iter().map(own).collect(),
        existing(Some(folder.join(".dapr/resources"))),
        common.resources_paths.iter().map(commons).collect(),
        existing(home.as_ref().map(|home| home.join("components"))),
    ]);
    let written = |text: &String| !text.is_empty();
    let config_files = first_of([
        Some(&app.shared.config_file_path).filter(|text| written(text)).map(own).into_iter().collect(),
        existing(Some(folder.join(".dapr/config.yaml"))),
        Some(&common.config_file_path).filter(|text| written(text)).map(commons).into_iter().collect(),
        existing(home.as_ref().map(|home| home.join("config.yaml"))),
    ]);
    let app = App { shared: under(&app.shared, common), ..app.clone() };
    let app_id = match app.app_id.as_str() {
        "" => folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned(),
        id => id.to_owned(),
    };
    let resolved = Resolved {
        app_id,
        config_files,
        resources,
        protos: app.protos.iter().map(|path| protos::of_key(own(path), &folder)).collect(),
        unix_domain_socket: Some(&app.unix_domain_socket).filter(|text| written(text)).map(|text| folder.join(text)),
        app_log: destination(&app.shared.app_log_destination).unwrap_or(LogDestination::FileAndConsole),
        sidecar_log: destination(&app.shared.daprd_log_destination).unwrap_or(LogDestination::File),
        folder,
    };
    (app, resolved)
}

fn existing(path: Option<PathBuf>) -> Vec<PathBuf> {
    path.into_iter().filter(|path| path.exists()).collect()
}

fn first_of<const N: usize>(choices: [Vec<PathBuf>; N]) -> Vec<PathBuf> {
    choices.into_iter().find(|paths| !paths.is_empty()).unwrap_or_default()
}

/// What an app says, and what `common` says where the app says nothing: 0, false and empty are nothing. Variables of
/// the environment are joined one by one.
fn under(app: &Shared, common: &Shared) -> Shared {
    let text = |app: &String, common: &String| if app.is_empty() { common.clone() } else { app.clone() };
    let number = |app: i64, common: i64| if app == 0 { common } else { app };
    let mut env = common.env.clone();
    env.extend(app.env.clone());
    Shared {
        config_file_path: text(&app.config_file_path, &common.config_file_path),
        app_protocol: text(&app.app_protocol, &common.app_protocol),
        api_listen_addresses: text(&app.api_listen_addresses, &common.api_listen_addresses),
        log_level: text(&app.log_level, &common.log_level),
        app_max_concurrency: number(app.app_max_concurrency, common.app_max_concurrency),
        resources_paths: app.resources_paths.clone(),
        app_ssl: app.app_ssl || common.app_ssl,
        max_body_size: text(&app.max_body_size, &common.max_body_size),
        read_buffer_size: text(&app.read_buffer_size, &common.read_buffer_size),
        enable_app_health_check: app.enable_app_health_check || common.enable_app_health_check,
        app_health_check_path: text(&app.app_health_check_path, &common.app_health_check_path),
        app_health_probe_interval: number(app.app_health_probe_interval, common.app_health_probe_interval),
        app_health_probe_timeout: number(app.app_health_probe_timeout, common.app_health_probe_timeout),
        app_health_threshold: number(app.app_health_threshold, common.app_health_threshold),
        enable_api_logging: app.enable_api_logging || common.enable_api_logging,
        runtime_path: text(&app.runtime_path, &common.runtime_path),
        env,
        daprd_log_destination: text(&app.daprd_log_destination, &common.daprd_log_destination),
        app_log_destination: text(&app.app_log_destination, &common.app_log_destination),
        lines: app.lines.clone(),
    }
}
