//! From the runtime's flags to a sidecar's settings.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use daptop_mesh::{ProtoFile, ProtoForm, SidecarSettings};
use daptop_model::AppId;

use super::Problem;
use crate::assemble;
use crate::cli::SidecarArgs;
use crate::sidecar_environment::{self, of_process};
use crate::sidecar_files;
use crate::{paths, protos, quantity};

/// The grace of a negative `--dapr-graceful-shutdown-seconds`, and the default.
const GRACE: Duration = Duration::from_secs(5);

/// The only mode there is.
const STANDALONE: &str = "standalone";

/// Flags that have been replaced, and by what.
const DEPRECATED: [(&str, &str); 4] = [
    ("app-ssl", "--app-protocol https or grpcs"),
    ("components-path", "--resources-path"),
    ("dapr-http-max-request-size", "--max-body-size"),
    ("dapr-http-read-buffer-size", "--read-buffer-size"),
];

/// How long running calls may take to end: as long as they like for 0. (Shutdown: grace)
pub(super) fn grace(args: &SidecarArgs) -> Option<Duration> {
    match args.dapr_graceful_shutdown_seconds {
        0 => None,
        seconds => Some(u64::try_from(seconds).map_or(GRACE, Duration::from_secs)),
    }
}

/// Says in the log what flags do not do (any more).
pub(super) fn warn_of_flags(args: &SidecarArgs) {
    let app_id = &args.app_id;
    for (flag, instead) in DEPRECATED.iter().filter(|(flag, _)| args.given.contains(*flag)) {
        tracing::warn!(app_id, "flag --{flag} is deprecated: use {instead}");
    }
    if args.enable_mtls {
        tracing::warn!(app_id, "--enable-mtls is not supported: this sidecar speaks to others in clear text");
    }
    if args.enable_profiling {
        tracing::warn!(app_id, "--enable-profiling has no effect: there is nothing to profile");
    }
    if args.dapr_graceful_shutdown_seconds == 0 {
        tracing::warn!(app_id, "Graceful shutdown timeout is infinite, will wait indefinitely to shutdown");
    }
}

/// Reads the flags, the files that they name and the environment.
pub(super) fn read(args: &SidecarArgs, app_port: Option<u16>) -> anyhow::Result<SidecarSettings> {
    check(args)?;
    let mut settings = SidecarSettings::new(AppId::new(&args.app_id));
    settings.app_port = app_port;
    settings.app_protocol = assemble::protocol(&args.app_protocol, args.app_ssl).map_err(Problem::new)?.0;
    if !args.app_channel_address.is_empty() {
        settings.app_channel_address.clone_from(&args.app_channel_address);
    }
    settings.app_max_concurrency = usize::try_from(args.app_max_concurrency).ok().filter(|most| *most > 0);
    settings.health = args.enable_app_health_check.then(|| health(args)).transpose()?;
    let given = |flag: &str| args.given.contains(flag);
    let old_body = (given("dapr-http-max-request-size"), args.dapr_http_max_request_size, 1 << 20);
    let body = size(("max-body-size", &args.max_body_size, given("max-body-size")), old_body)?;
    settings.max_body_size = u64::try_from(body).ok().filter(|size| *size > 0);
    let old_buffer = (given("dapr-http-read-buffer-size"), args.dapr_http_read_buffer_size, 1 << 10);
    let buffer = size(("read-buffer-size", &args.read_buffer_size, given("read-buffer-size")), old_buffer)?;
    if let Some(buffer) = usize::try_from(buffer).ok().filter(|size| *size > 0) {
        settings.read_buffer_size = buffer;
    }
    settings.skip_app_config = args.disable_init_endpoints.iter().any(|name| name.trim() == "config");
    settings.allowed_origins.clone_from(&args.allowed_origins);
    settings.protos = protos(args)?;
    sidecar_environment::apply(&mut settings, of_process);
    let files: Vec<PathBuf> = args.config.iter().map(PathBuf::from).collect();
    sidecar_files::apply(&mut settings, &files, &args.resources(), args.enable_api_logging)?;
    Ok(settings)
}

fn check(args: &SidecarArgs) -> Result<(), Problem> {
    let app_id = &args.app_id;
    if app_id.is_empty() {
        return Err(Problem::new("app-id parameter cannot be empty: write --app-id NAME"));
    }
    if app_id.contains('.') {
        let text =
            format!("parameter app-id cannot contain dots: --app-id is {app_id}; write {}", app_id.replace('.', "-"));
        return Err(Problem::new(text));
    }
    if !args.mode.eq_ignore_ascii_case(STANDALONE) {
        let text = format!("--mode is {}: daptop runs sidecars on this machine only; leave the flag out", args.mode);
        return Err(Problem::new(text));
    }
    Ok(())
}

fn protos(args: &SidecarArgs) -> anyhow::Result<Vec<ProtoFile>> {
    let here = std::env::current_dir().context("the current folder cannot be used")?;
    let files = protos::of_flags(&args.protos, &here, |name| paths::clean(&here.join(name)));
    for file in &files {
        let flag = if file.form == ProtoForm::Source { "--proto" } else { "--descriptor-set" };
        let problem = |error| Problem::new(format!("{flag}: {error}; write the path of a file that can be read"));
        protos::check(&file.path).map_err(problem)?;
    }
    Ok(files)
}

fn health(args: &SidecarArgs) -> Result<daptop_mesh::HealthSettings, Problem> {
    let SidecarArgs { app_health_probe_interval: interval, app_health_probe_timeout: timeout, .. } = args;
    assemble::health_checks(&args.app_health_check_path, *interval, *timeout, args.app_health_threshold)
        .map_err(|text| Problem::new(format!("--app-health-probe-timeout, --app-health-probe-interval: {text}")))
}

/// A size in bytes: the flag's, or, where only that stands there, the number and unit of the flag that it replaced.
fn size((flag, text, given): (&str, &str, bool), (old_given, old, unit): (bool, i64, i64)) -> Result<i64, Problem> {
    if old_given && !given {
        return Ok(old.saturating_mul(unit));
    }
    quantity::parse(text)
        .map_err(|error| Problem::new(format!("--{flag} is {text}: {error}; write 4Mi or a number of bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::sidecar;

    fn sidecar_args(flags: &str) -> SidecarArgs {
        sidecar(&format!("daprd {flags}"))
    }

    fn settings(line: &str) -> SidecarSettings {
        read(&sidecar_args(line), None).unwrap()
    }

    fn refused(line: &str) -> String {
        read(&sidecar_args(line), None).unwrap_err().to_string()
    }

    #[test]
    fn a_flag_wins_over_the_one_that_it_replaced() {
        for (line, body, buffer) in [
            ("--app-id a", Some(4 << 20), 4 << 10),
            ("--app-id a --dapr-http-max-request-size 2 --dapr-http-read-buffer-size 8", Some(2 << 20), 8 << 10),
            ("--app-id a --dapr-http-max-request-size -1", None, 4 << 10),
            ("--app-id a --dapr-http-max-request-size 2 --max-body-size 1Ki", Some(1 << 10), 4 << 10),
            ("--app-id a --max-body-size 0 --read-buffer-size 16Ki", None, 16 << 10),
        ] {
            let settings = settings(line);
            assert_eq!((settings.max_body_size, settings.read_buffer_size), (body, buffer), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_obeyed_is_named_with_its_value_and_a_way_out() {
        for (line, words) in [
            ("", "app-id parameter cannot be empty: write --app-id NAME"),
            ("--app-id a.b", "parameter app-id cannot contain dots: --app-id is a.b; write a-b"),
            ("--app-id a --mode kubernetes", "--mode is kubernetes: daptop runs sidecars on this machine only"),
            ("--app-id a --max-body-size 4mi", "--max-body-size is 4mi: unable to parse quantity's suffix; write 4Mi"),
            ("--app-id a --app-protocol soap", "invalid value for 'app-protocol': soap; it can be http"),
            (
                "--app-id a --enable-app-health-check --app-health-probe-interval 1 --app-health-probe-timeout 2000",
                "--app-health-probe-timeout, --app-health-probe-interval: a health probe may take 2000 ms",
            ),
            ("--app-id a --config /no/such.yaml", "/no/such.yaml"),
            ("--app-id a --proto /no/such.proto", "--proto: stat /no/such.proto: no such file or directory"),
            ("--app-id a --descriptor-set /", "--descriptor-set: read /: is a directory; write the path"),
        ] {
            let told = refused(line);
            assert!(told.contains(words), "{line}: {told}");
        }
    }

    #[test]
    fn the_grace_is_five_seconds_unless_written_and_without_limit_for_zero() {
        for (line, expected) in [
            ("--app-id a", Some(5)),
            ("--app-id a --dapr-graceful-shutdown-seconds 0", None),
            ("--app-id a --dapr-graceful-shutdown-seconds -3", Some(5)),
            ("--app-id a --dapr-graceful-shutdown-seconds 60", Some(60)),
        ] {
            assert_eq!(grace(&sidecar_args(line)), expected.map(Duration::from_secs), "{line}");
        }
    }
}
