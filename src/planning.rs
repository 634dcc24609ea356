//! From the arguments of `daptop run` to a plan.

use std::path::PathBuf;

use crate::assemble::{self, Resolved};
use crate::cli::{Globals, RunArgs};
use crate::names;
use crate::paths::{self, Surroundings};
use crate::plan::{LogDestination, RunPlan, RunSource};
use crate::protos;
use crate::refusal::Refusal;
use crate::run_file;
use crate::run_file::schema::{App, Shared};

/// A plan, and what is to be said before it is carried out.
#[derive(Debug)]
pub(crate) struct Planned {
    /// What is to be run.
    pub(crate) plan: RunPlan,
    /// Warnings, in order, each for a line `⚠  …` on standard output.
    pub(crate) warnings: Vec<String>,
}

/// Flags that mean the same with a run file as without.
const FLAGS_OF_BOTH: &[&str] = &[
    "run-file",
    "kubernetes",
    "help",
    "version",
    "runtime-path",
    "log-as-json",
    "no-tui",
    "ascii",
    "no-mouse",
    "high-contrast",
    "theme",
    "replay-at-once",
    "hold",
];

/// Makes the plan of a `daptop run`. May read files and standard input.
pub(crate) fn plan(args: &RunArgs, globals: &Globals) -> Result<Planned, Refusal> {
    if args.kubernetes {
        return Err(Refusal::failure("daptop runs apps on this machine; for Kubernetes there is the Dapr CLI"));
    }
    let surroundings = Surroundings::of_process(globals.runtime_path.clone())
        .map_err(|error| Refusal::failure(&format!("the current folder cannot be used: {}", paths::reason(&error))))?;
    if args.run_file.is_empty() {
        return from_flags(args, &surroundings).map_err(|problems| {
            let lines = problems.iter().map(|problem| crate::refusal::failure_line(problem));
            Refusal { stderr: lines.collect(), code: 1, ..Refusal::default() }
        });
    }
    let ignored = ignored_flags(args);
    let loaded = run_file::locate(&args.run_file, &surroundings)
        .and_then(|file| run_file::load(&file, &surroundings, args.hold, std::io::stdin().lock()))
        .map_err(|error| {
            let mut refusal = error.refusal();
            refusal.stdout.insert_str(0, &ignored.as_ref().map(|text| format!("⚠  {text}\n")).unwrap_or_default());
            refusal
        })?;
    let warnings = ignored.into_iter().chain(loaded.warnings).collect();
    Ok(Planned { plan: loaded.plan, warnings })
}

/// What is said about flags that a run file makes meaningless.
fn ignored_flags(args: &RunArgs) -> Option<String> {
    let ignored: Vec<&str> =
        args.given.iter().map(String::as_str).filter(|flag| !FLAGS_OF_BOTH.contains(flag)).collect();
    (!ignored.is_empty()).then(|| {
        format!(
            "The following flags are ignored when using --run-file and should be configured in the run file instead: {}",
            ignored.join(", ")
        )
    })
}

/// The plan of a single app.
fn from_flags(args: &RunArgs, surroundings: &Surroundings) -> Result<Planned, Vec<String>> {
    let home = surroundings.dapr_home(None);
    let default = |name: &str| home.as_ref().map(|home| home.join(name)).into_iter().filter(|path| path.exists());
    let here = |text: &str| surroundings.resolve(&surroundings.folder, text);
    let mut written = args.resources_path.clone();
    written.extend(Some(args.components_path.clone()));
    written.retain(|path| !path.is_empty());
    let mut problems: Vec<String> =
        written.iter().filter_map(|path| missing_resources(&written, path, &here(path))).collect();
    let resources: Vec<PathBuf> = if written.is_empty() {
        default("components").collect()
    } else {
        written.iter().map(|path| here(path)).collect()
    };
    let config_files: Vec<PathBuf> = match args.config.as_str() {
        "" => default("config.yaml").collect(),
        path => {
            problems
                .extend(paths::stat(&here(path)).err().map(|error| format!("error loading configuration: {error}")));
            vec![here(path)]
        }
    };
    let protos = protos::of_flags(&args.protos, &surroundings.folder, here);
    let unread = protos.iter().filter_map(|file| protos::check(&file.path).err());
    problems.extend(unread.map(|error| format!("error loading proto files: {error}")));
    let resolved = Resolved {
        app_id: if args.app_id.is_empty() { names::generate() } else { args.app_id.clone() },
        folder: surroundings.folder.clone(),
        config_files,
        resources,
        protos,
        unix_domain_socket: Some(args.unix_domain_socket.as_str()).filter(|path| !path.is_empty()).map(here),
        app_log: LogDestination::Console,
        sidecar_log: LogDestination::Console,
    };
    let app = assemble::assemble(&as_keys(args), resolved, args.hold);
    problems.extend(app.as_ref().err().into_iter().flatten().map(|fault| fault.text.clone()));
    match app {
        Ok(app) if problems.is_empty() => {
            let plan = RunPlan { source: RunSource::Flags, name: None, apps: vec![app] };
            Ok(Planned { plan, warnings: Vec::new() })
        }
        _ => Err(problems),
    }
}

fn missing_resources(all: &[String], path: &str, absolute: &std::path::Path) -> Option<String> {
    let error = std::fs::metadata(absolute).err()?;
    let all: Vec<String> = all.iter().map(|path| format!("{path:?}")).collect();
    Some(format!("error validating resources path [{}] : stat {path}: {}", all.join(" "), paths::reason(&error)))
}

/// The flags as the keys of a run file that mean the same.
fn as_keys(args: &RunArgs) -> App {
    App {
        shared: Shared {
            app_protocol: args.app_protocol.clone(),
            api_listen_addresses: args.dapr_listen_addresses.clone(),
            log_level: args.log_level.clone(),
            app_max_concurrency: args.app_max_concurrency,
            app_ssl: args.app_ssl,
            max_body_size: args.max_body_size.clone(),
            read_buffer_size: args.read_buffer_size.clone(),
            enable_app_health_check: args.enable_app_health_check,
            app_health_check_path: args.app_health_check_path.clone(),
            app_health_probe_interval: args.app_health_probe_interval,
            app_health_probe_timeout: args.app_health_probe_timeout,
            app_health_threshold: args.app_health_threshold,
            enable_api_logging: args.enable_api_logging,
            ..Shared::default()
        },
        app_port: args.app_port,
        app_channel_address: args.app_channel_address.clone(),
        dapr_http_port: args.dapr_http_port,
        dapr_grpc_port: args.dapr_grpc_port,
        dapr_internal_grpc_port: args.dapr_internal_grpc_port,
        metrics_port: args.metrics_port,
        command: args.command.clone(),
        ..App::default()
    }
}

#[cfg(test)]
mod tests;
