//! `daptop list`: lists the running apps.

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::streams::{self, Streams};
use super::text;
use crate::cli::{Globals, ListArgs};
use crate::control::proto::{App, AppState, Run};
use crate::control::{Directory, PATIENCE, survey};

/// The longest command that is told whole, in characters.
const LONGEST_COMMAND: usize = 20;

/// Carries the command out.
pub(crate) async fn run(args: ListArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    if args.kubernetes || args.all_namespaces || args.namespace.is_some() {
        anyhow::bail!("daptop runs apps on this machine only: it has no Kubernetes mode");
    }
    streams::on_process(&globals, async |streams| list(&Directory::open()?, &args.output, streams).await).await
}

/// Lists the apps of every daptop process of this user.
async fn list(directory: &Directory, format: &str, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    if !matches!(format, "" | "table" | "json" | "yaml") {
        streams.failure("An invalid output format was specified.")?;
        return Ok(1);
    }
    let survey = survey(directory, PATIENCE).await?;
    let now = jiff::Timestamp::now().as_microsecond();
    let now = u64::try_from(now).unwrap_or_default();
    let rows: Vec<Row> = survey
        .runs
        .iter()
        .flat_map(|(_, run)| run.apps.iter().filter(|app| is_listed(app)).map(|app| Row::new(run, app, now)))
        .collect();
    match format {
        "json" => streams.out.write_all(serde_json::to_string_pretty(&rows)?.as_bytes())?,
        "yaml" => streams.out.write_all(yaml(&rows)?.as_bytes())?,
        _ if rows.is_empty() => writeln!(streams.out, "No Dapr instances found.")?,
        _ => streams.out.write_all(table(&rows).as_bytes())?,
    }
    streams.problems(&survey.problems)?;
    Ok(0)
}

/// YAML whose empty texts are written `""`, as `dapr list` writes them.
fn yaml(rows: &[Row]) -> anyhow::Result<String> {
    let mut text = String::new();
    for line in serde_yaml::to_string(rows)?.lines() {
        // A key stands in the third column; deeper lines are parts of a text.
        let is_key = line.chars().nth(2).is_some_and(|letter| letter != ' ');
        match line.strip_suffix(": ''").filter(|_| is_key) {
            Some(key) => text.extend([key, ": \"\""]),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    Ok(text)
}

/// An app that was stopped on request is gone, as its sidecar's process would be.
pub(super) fn is_listed(app: &App) -> bool {
    app.state() != AppState::Stopped
}

/// An app as `dapr list` tells it. daptop is the process of the sidecar, and the one that was started on the command line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    app_id: String,
    http_port: u32,
    grpc_port: u32,
    app_port: u32,
    metrics_enabled: bool,
    command: String,
    age: String,
    created: String,
    daprd_pid: u32,
    cli_pid: u32,
    app_pid: u32,
    max_request_body_size: u32,
    http_read_buffer_size: u32,
    run_template_path: String,
    app_log_path: String,
    daprd_log_path: String,
    run_template_name: String,
}

impl Row {
    fn new(run: &Run, app: &App, now_unix_micros: u64) -> Self {
        Self {
            app_id: app.id.clone(),
            http_port: app.http_port,
            grpc_port: app.grpc_port,
            app_port: app.app_port,
            metrics_enabled: app.metrics_port != 0,
            command: shortened(&app.command),
            age: age(Duration::from_micros(now_unix_micros.saturating_sub(run.started_unix_micros))),
            created: text::local_time(run.started_unix_micros, "%Y-%m-%d %H:%M.%S"),
            daprd_pid: run.pid,
            // A sidecar of its own was started by no command line.
            cli_pid: if run.bare_sidecar { 0 } else { run.pid },
            app_pid: app.pid,
            // What `dapr list` says of every sidecar, whatever its flags.
            max_request_body_size: 4 << 20,
            http_read_buffer_size: 4 << 10,
            run_template_path: run.run_file.clone(),
            app_log_path: app.app_log_file.clone(),
            daprd_log_path: app.sidecar_log_file.clone(),
            run_template_name: run.run_name.clone(),
        }
    }

    fn cells(&self) -> [String; 14] {
        [
            self.app_id.clone(),
            self.http_port.to_string(),
            self.grpc_port.to_string(),
            self.app_port.to_string(),
            self.command.clone(),
            self.age.clone(),
            self.created.clone(),
            self.daprd_pid.to_string(),
            self.cli_pid.to_string(),
            self.app_pid.to_string(),
            self.run_template_path.clone(),
            self.app_log_path.clone(),
            self.daprd_log_path.clone(),
            self.run_template_name.clone(),
        ]
        .map(|cell| text::line(&cell).into_owned())
    }
}

fn shortened(command: &str) -> String {
    if command.chars().count() <= LONGEST_COMMAND {
        return command.to_owned();
    }
    command.chars().take(LONGEST_COMMAND - 3).chain("...".chars()).collect()
}

fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let (minute, hour, day) = (60, 3_600, 86_400);
    // The limits themselves belong to the smaller unit, to the nanosecond.
    if age <= Duration::from_secs(minute) {
        format!("{seconds}s")
    } else if age <= Duration::from_secs(hour) {
        format!("{}m", seconds / minute)
    } else if age <= Duration::from_secs(day) {
        format!("{}h", seconds / hour)
    } else {
        format!("{}d", seconds / day)
    }
}

/// Columns two spaces apart, two spaces behind the last; a column that is blank in every row is left out.
fn table(rows: &[Row]) -> String {
    let head = [
        "APP ID",
        "HTTP PORT",
        "GRPC PORT",
        "APP PORT",
        "COMMAND",
        "AGE",
        "CREATED",
        "DAPRD PID",
        "CLI PID",
        "APP PID",
        "RUN TEMPLATE PATH",
        "APP LOG PATH",
        "DAPRD LOG PATH",
        "RUNTEMPLATENAME",
    ];
    let rows: Vec<[String; 14]> = rows.iter().map(Row::cells).collect();
    let widths: [Option<usize>; 14] = std::array::from_fn(|column| {
        let widest = rows.iter().map(|row| row[column].width()).max().filter(|width| *width > 0)?;
        Some(widest.max(head[column].width()))
    });
    let mut text = String::new();
    for row in std::iter::once(&head.map(str::to_owned)).chain(&rows) {
        for (cell, width) in row.iter().zip(widths) {
            if let Some(width) = width {
                text.push_str(cell);
                text.push_str(&" ".repeat(width - cell.width() + 2));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
