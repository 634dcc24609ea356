//! What the flags of a single run become.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use daptop_mesh::ProtoForm;

use super::*;
use crate::cli::{self, Command, Invocation};
use crate::plan::AppPlan;

fn arguments(line: &str) -> (RunArgs, Globals) {
    let words = line.split_whitespace().map(OsString::from);
    match cli::parse(words) {
        Ok(Invocation { globals, command: Command::Run(args) }) => (*args, globals),
        other => panic!("{line}: {other:?}"),
    }
}

fn surroundings(folder: &Path) -> Surroundings {
    Surroundings { folder: folder.to_owned(), home: Some(folder.join("home")), runtime_path: None }
}

fn app(line: &str, folder: &Path) -> AppPlan {
    let mut planned = from_flags(&arguments(line).0, &surroundings(folder)).unwrap();
    assert_eq!((planned.plan.source, planned.plan.name, planned.warnings), (RunSource::Flags, None, Vec::new()));
    planned.plan.apps.remove(0)
}

fn problems(line: &str, folder: &Path) -> Vec<String> {
    from_flags(&arguments(line).0, &surroundings(folder)).map(|planned| panic!("{planned:?}")).unwrap_err()
}

#[test]
fn flags_become_a_plan_of_one_app() {
    let folder = tempfile::tempdir().unwrap();
    let line = "daptop run --app-id a --app-port 8001 --app-protocol grpc --app-max-concurrency 3 --dapr-http-port 3501 \
                --max-body-size 8Mi --read-buffer-size 8Ki --log-level debug --enable-api-logging --hold 5s \
                --dapr-listen-addresses 0.0.0.0,::1 --unix-domain-socket s -- python3 app.py --verbose";
    let app = app(line, folder.path());
    assert_eq!((app.app_id.as_str(), app.folder.as_path()), ("a", folder.path()));
    assert_eq!(app.command, ["python3", "app.py", "--verbose"]);
    assert_eq!((app.app_port, app.app_protocol_text.as_str(), app.app_max_concurrency), (Some(8001), "grpc", Some(3)));
    assert_eq!((app.ports.http, app.ports.grpc), (Some(3501), None));
    assert_eq!((app.max_body_size, app.read_buffer_size), (Some(8 << 20), 8 << 10));
    assert_eq!((app.log_level.as_str(), app.api_logging, app.hold), ("debug", true, Duration::from_secs(5)));
    assert_eq!(app.listen_addresses, ["0.0.0.0", "::1"]);
    assert_eq!(app.unix_domain_socket, Some(folder.path().join("s")));
    assert_eq!((app.app_log, app.sidecar_log), (LogDestination::Console, LogDestination::Console));
    assert_eq!(app.app_channel_address.as_deref(), Some("127.0.0.1"));
}

#[test]
fn nothing_needs_to_be_written_and_nothing_needs_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let app = app("daptop run", folder.path());
    assert!(app.app_id.as_str().contains('-'), "{}", app.app_id);
    assert!(app.command.is_empty() && app.resources.is_empty() && app.config_files.is_empty());
}

#[test]
fn the_folder_of_defaults_is_used_where_it_is_there_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let defaults = folder.path().join("home/.dapr");
    fs::create_dir_all(defaults.join("components")).unwrap();
    fs::write(defaults.join("config.yaml"), "").unwrap();
    for name in ["one", "two", "three"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("c.yaml"), "").unwrap();
    let plain = app("daptop run", folder.path());
    assert_eq!(plain.resources, [defaults.join("components")]);
    assert_eq!(plain.config_files, [defaults.join("config.yaml")]);
    let written = app("daptop run --resources-path one,two --components-path three -c c.yaml", folder.path());
    assert_eq!(written.resources, ["one", "two", "three"].map(|name| folder.path().join(name)));
    assert_eq!(written.config_files, [folder.path().join("c.yaml")]);
}

#[test]
fn protos_are_named_one_by_one_and_imports_are_looked_for_up_to_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.proto", "b.proto", "set"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let app = app("daptop run --proto a.proto --descriptor-set set --proto b.proto", folder.path());
    let told: Vec<_> = app.protos.iter().map(|file| (file.path.clone(), file.form)).collect();
    let path = |name: &str| folder.path().join(name);
    let expected = [
        (path("a.proto"), ProtoForm::Source),
        (path("b.proto"), ProtoForm::Source),
        (path("set"), ProtoForm::DescriptorSet),
    ];
    assert_eq!(told, expected);
    assert!(app.protos.iter().all(|file| file.root == folder.path()));
    let gone = path("gone.proto");
    let expected = format!("error loading proto files: stat {}: no such file or directory", gone.display());
    assert_eq!(problems("daptop run --proto gone.proto", folder.path()), [expected]);
}

#[test]
fn what_is_written_has_to_be_there_and_all_problems_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("none.yaml");
    assert_eq!(
        problems("daptop run --resources-path gone -c none.yaml --app-protocol ftp -H 99999", folder.path()),
        [
            "error validating resources path [\"gone\"] : stat gone: no such file or directory".to_owned(),
            format!("error loading configuration: stat {}: no such file or directory", config.display()),
            "invalid configuration for HTTPPort. Port 99999 is not available: the highest port is 65535".to_owned(),
            "invalid value for 'app-protocol': ftp; it can be http, https, h2c, grpc or grpcs".to_owned(),
        ]
    );
}

#[test]
fn flags_beside_a_run_file_are_named_in_the_order_of_the_alphabet() {
    for (line, names) in [
        ("daptop run -f . --log-level info -a x", Some("app-id, log-level")),
        ("daptop run -f . --no-tui --ascii --no-mouse --theme dark --hold 1s --runtime-path /x --log-as-json", None),
        ("daptop run -f . --resources-path a -p 1", Some("app-port, resources-path")),
    ] {
        let text = names.map(|names| {
            format!(
                "The following flags are ignored when using --run-file and should be configured in the run file instead: \
                 {names}"
            )
        });
        assert_eq!(ignored_flags(&arguments(line).0), text, "{line}");
    }
}

#[test]
fn the_plan_of_a_run_file_comes_with_its_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dapr.yaml");
    fs::write(&file, "version: 1\nnam: x\napps:\n- appDirPath: .\n").unwrap();
    let (args, globals) = arguments(&format!("daptop run --app-port 1 -f {}", file.display()));
    let planned = plan(&args, &globals).unwrap();
    assert_eq!(planned.plan.source, RunSource::File(file.clone()));
    assert_eq!(planned.warnings.len(), 2);
    assert!(planned.warnings[0].ends_with("in the run file instead: app-port"), "{planned:?}");
    assert!(planned.warnings[1].starts_with(&format!("{}:2: \"nam\"", file.display())), "{planned:?}");

    fs::write(&file, "version: 0\n").unwrap();
    let refusal = plan(&args, &globals).unwrap_err();
    let lines: Vec<&str> = refusal.stdout.lines().collect();
    assert!(lines[0].starts_with("⚠  The following flags are ignored"), "{refusal:?}");
    assert!(lines[1].starts_with("❌  Error getting apps from config file: required field 'version'"), "{refusal:?}");
}

#[test]
fn kubernetes_is_refused() {
    let (args, globals) = arguments("dapr run -k -f .");
    assert_eq!(plan(&args, &globals).unwrap_err().code, 1);
}
