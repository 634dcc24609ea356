//! What an app's keys become, and which are refused.

use std::path::Path;

use super::*;
use crate::run_file::schema::Shared;

fn resolved(app_id: &str) -> Resolved {
    Resolved {
        app_id: app_id.to_owned(),
        folder: "/".into(),
        config_files: Vec::new(),
        resources: Vec::new(),
        protos: Vec::new(),
        unix_domain_socket: None,
        app_log: LogDestination::Console,
        sidecar_log: LogDestination::File,
    }
}

/// The plan of an app with nothing but an id, for the tests of others.
pub(crate) fn plan(app_id: &str) -> AppPlan {
    made(&App::default(), app_id).unwrap()
}

fn made(app: &App, app_id: &str) -> Result<AppPlan, Vec<Fault>> {
    assemble(app, resolved(app_id), Duration::from_secs(30))
}

fn problems(app: &App) -> Vec<String> {
    let faults = made(app, "a").map(|plan| panic!("{plan:?}")).unwrap_err();
    faults.into_iter().map(|fault| fault.text).collect()
}

fn shared(shared: Shared) -> App {
    App { shared, ..App::default() }
}

#[test]
fn what_is_not_written_has_the_defaults_of_dapr() {
    let plan = plan("a");
    assert_eq!((plan.app_port, plan.app_protocol, plan.app_protocol_text.as_str()), (None, AppProtocol::Http, "http"));
    assert_eq!((plan.max_body_size, plan.read_buffer_size, plan.log_level.as_str()), (Some(4 << 20), 4096, "info"));
    assert_eq!((plan.app_max_concurrency, plan.health, plan.ports), (None, None, PortsPlan::default()));
    assert!(plan.listen_addresses.is_empty());
}

#[test]
fn protocols_are_those_of_the_runtime_and_tls_has_its_own_names() {
    for (text, ssl, protocol, told) in [
        ("", false, AppProtocol::Http, "http"),
        ("http", true, AppProtocol::Https, "https"),
        ("https", false, AppProtocol::Https, "https"),
        ("h2c", true, AppProtocol::H2c, "h2c"),
        ("GRPC", false, AppProtocol::Grpc, "grpc"),
        ("grpc", true, AppProtocol::Grpcs, "grpcs"),
        ("grpcs", false, AppProtocol::Grpcs, "grpcs"),
    ] {
        let app = shared(Shared { app_protocol: text.into(), app_ssl: ssl, ..Shared::default() });
        let plan = made(&app, "a").unwrap();
        assert_eq!((plan.app_protocol, plan.app_protocol_text.as_str()), (protocol, told), "{text} {ssl}");
    }
}

#[test]
fn sizes_are_quantities_and_what_is_not_positive_is_no_limit() {
    for (text, size) in [("8Mi", Some(8 << 20)), ("100k", Some(100_000)), ("-1", None), ("0", None)] {
        let app = shared(Shared { max_body_size: text.into(), ..Shared::default() });
        assert_eq!(made(&app, "a").unwrap().max_body_size, size, "{text}");
    }
}

#[test]
fn health_checks_take_defaults_for_what_is_not_positive() {
    let app = shared(Shared { enable_app_health_check: true, app_health_probe_interval: -3, ..Shared::default() });
    assert_eq!(made(&app, "a").unwrap().health, Some(HealthSettings::default()));
    let app = shared(Shared {
        enable_app_health_check: true,
        app_health_check_path: "/ready".into(),
        app_health_probe_interval: 2,
        app_health_probe_timeout: 100,
        app_health_threshold: 7,
        ..Shared::default()
    });
    let expected = HealthSettings {
        path: "/ready".into(),
        interval: Duration::from_secs(2),
        timeout: Duration::from_millis(100),
        threshold: 7,
    };
    assert_eq!(made(&app, "a").unwrap().health, Some(expected));
}

#[test]
fn ports_that_are_not_positive_are_any_free_ones() {
    let app = App { dapr_http_port: -1, dapr_grpc_port: 0, metrics_port: 9090, app_port: -1, ..App::default() };
    let plan = made(&app, "a").unwrap();
    assert_eq!(plan.ports, PortsPlan { metrics: Some(9090), ..PortsPlan::default() });
    assert_eq!(plan.app_port, None);
}

#[test]
fn every_problem_is_told_at_once() {
    let app = App {
        app_port: 3500,
        dapr_http_port: 3500,
        dapr_grpc_port: 70_000,
        metrics_port: 9090,
        dapr_internal_grpc_port: 9090,
        command: vec![String::new()],
        shared: Shared {
            max_body_size: "much".into(),
            read_buffer_size: "4ki".into(),
            app_protocol: "ftp".into(),
            log_level: "loud".into(),
            enable_app_health_check: true,
            app_health_probe_timeout: 6000,
            ..Shared::default()
        },
        ..App::default()
    };
    assert_eq!(
        problems(&app),
        [
            "exec: no command: the first word of the command is empty",
            "invalid configuration for GRPCPort. Port 70000 is not available: the highest port is 65535",
            "the 'dapr-http-port' argument value 3500 conflicts with 'app-port'",
            "invalid configuration for InternalGRPCPort. Port 9090 is not available: it is the MetricsPort of the same app",
            "invalid value for 'app-protocol': ftp; it can be http, https, h2c, grpc or grpcs",
            "a health probe may take 6000 ms, which is longer than from one to the next (5000 ms)",
            "invalid max request body size: quantities must match the regular expression \
             '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            "invalid http read buffer size: unable to parse quantity's suffix",
            "invalid value for 'log-level': loud; it can be debug, info, warn, error or fatal",
        ]
    );
}

#[test]
fn the_folder_of_an_app_is_a_folder() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let resolved = Resolved { folder: file.path().into(), ..resolved("a") };
    let problem = format!("chdir {}: not a directory", file.path().display());
    let result = assemble(&App::default(), resolved, Duration::ZERO).map(|_| Path::new(""));
    assert_eq!(result, Err(vec![Fault { key: "appDirPath", text: problem }]));
}
