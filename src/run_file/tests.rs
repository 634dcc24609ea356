//! Run files on a real disk: found, resolved, refused.

use std::fs;
use std::time::Duration;

use super::*;
use daptop_mesh::ProtoForm;

use crate::plan::{AppPlan, LogDestination};

/// A folder with files, and a home folder besides.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// Makes files, and folders where a name ends in `/`.
    fn with(names: &[&str]) -> Self {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(disk.path("home")).unwrap();
        for name in names {
            let path = disk.path(name);
            fs::create_dir_all(if name.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
            if !name.ends_with('/') {
                fs::write(&path, "").unwrap();
            }
        }
        disk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings { folder: self.folder.path().into(), home: Some(self.path("home")), runtime_path: None }
    }

    fn load(&self, text: &str) -> Result<Loaded, RunFileError> {
        let file = self.path("dapr.yaml");
        fs::write(&file, text).unwrap();
        load(&file, &self.surroundings(), Duration::from_secs(30), std::io::empty())
    }

    fn apps(&self, text: &str) -> Vec<AppPlan> {
        self.load(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).plan.apps
    }

    fn app(&self, keys: &str) -> AppPlan {
        self.apps(&format!("version: 1\napps:\n- appDirPath: app\n  {}\n", keys.replace('\n', "\n  "))).remove(0)
    }

    fn findings(&self, text: &str) -> Findings {
        match self.load(text) {
            Err(RunFileError::Wrong(found)) => *found,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn unusable(&self, text: &str) -> Vec<String> {
        let Findings { problems, invalid, .. } = self.findings(text);
        assert_eq!(invalid, [], "{text}");
        problems
    }
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}

#[test]
fn the_argument_is_a_file_a_folder_or_standard_input() {
    let disk = Disk::with(&["dapr.yaml", "other.yml", "notes.txt", "none/", "yml/dapr.yml"]);
    let surroundings = disk.surroundings();
    for (argument, found) in [
        (".", "dapr.yaml"),
        ("./none/..", "dapr.yaml"),
        ("dapr.yaml", "dapr.yaml"),
        ("none/../other.yml", "other.yml"),
        ("-", "-"),
    ] {
        assert_eq!(locate(argument, &surroundings), Ok(disk.path(found)), "{argument}");
    }
    let absolute = disk.path("other.yml");
    assert_eq!(locate(absolute.to_str().unwrap(), &surroundings), Ok(absolute));
    for (argument, text) in [
        ("missing.yaml", "error getting file info for missing.yaml: stat missing.yaml: no such file or directory"),
        ("notes.txt", "file \"notes.txt\" is not a YAML file"),
        (
            "./none/",
            "error in validating the file path \"none/dapr.yaml\": error in getting the file info for none/dapr.yaml: \
             stat none/dapr.yaml: no such file or directory",
        ),
        (
            "yml",
            "error in validating the file path \"yml/dapr.yaml\": error in getting the file info for yml/dapr.yaml: \
             stat yml/dapr.yaml: no such file or directory; there is a dapr.yml, which has to be named itself",
        ),
    ] {
        let error = locate(argument, &surroundings).unwrap_err();
        let stderr = format!("❌  Failed to get run file path: {text}\n");
        assert_eq!(error.refusal(), Refusal { stderr, code: 1, ..Refusal::default() }, "{argument}");
    }
}

#[test]
fn standard_input_is_read_as_a_run_file_of_the_current_folder() {
    let disk = Disk::with(&["app/"]);
    let text = "version: 1\nname: shop\napps:\n- appDirPath: app\n";
    let file = disk.path("-");
    let loaded = load(&file, &disk.surroundings(), Duration::ZERO, text.as_bytes()).unwrap();
    assert_eq!((loaded.plan.source, loaded.plan.name.as_deref()), (RunSource::File(file), Some("shop")));
    assert_eq!(loaded.plan.apps[0].folder, disk.path("app"));
}

#[test]
fn an_app_has_the_defaults_of_the_dapr_cli() {
    let disk = Disk::with(&["app/"]);
    let app = disk.app("command: [true]");
    assert_eq!((app.app_id.as_str(), app.folder, app.command), ("app", disk.path("app"), vec!["true".to_owned()]));
    assert_eq!((app.app_port, app.app_channel_address, app.app_protocol_text.as_str()), (None, None, "http"));
    assert_eq!((app.app_log, app.sidecar_log), (LogDestination::FileAndConsole, LogDestination::File));
    assert_eq!((app.resources, app.config_files), (Vec::new(), Vec::new()));
    assert_eq!(app.hold, Duration::from_secs(30));
}

#[test]
fn an_id_that_is_not_written_is_the_last_part_of_the_folder() {
    let disk = Disk::with(&["shop/checkout/", "shop/x/"]);
    let apps = disk.apps("version: 1\napps:\n- appDirPath: ./shop/x/../checkout/\n- appDirPath: .\n");
    assert_eq!(apps[0].app_id.as_str(), "checkout");
    assert_eq!(apps[1].app_id.as_str(), disk.folder.path().file_name().unwrap().to_str().unwrap());
}

#[test]
fn the_first_of_the_places_for_resources_replaces_the_others() {
    let disk = Disk::with(&[
        "own/one/",
        "own/two/",
        "own/.dapr/resources/",
        "folder/.dapr/resources/",
        "plain/",
        "common/",
        "home/.dapr/components/",
    ]);
    let file = |common: &str| {
        format!(
            "version: 1\ncommon: {{{common}}}\napps:\n- {{appDirPath: own, resourcesPath: two, resourcesPaths: [one]}}\n\
             - appDirPath: folder\n- appDirPath: plain\n"
        )
    };
    let found = |text: &str| -> Vec<Vec<PathBuf>> { disk.apps(text).into_iter().map(|app| app.resources).collect() };
    let own = vec![disk.path("own/one"), disk.path("own/two")];
    let folder = vec![disk.path("folder/.dapr/resources")];
    let expected = [own.clone(), folder.clone(), vec![disk.path("common")]];
    assert_eq!(found(&file("resourcesPath: ./common")), expected);
    assert_eq!(found(&file("")), [own, folder, vec![disk.path("home/.dapr/components")]]);
}

#[test]
fn the_first_of_the_places_for_a_configuration_replaces_the_others() {
    let disk = Disk::with(&[
        "own/c.yaml",
        "own/.dapr/config.yaml",
        "folder/.dapr/config.yaml",
        "plain/",
        "common.yaml",
        "home/.dapr/config.yaml",
    ]);
    let file = |common: &str| {
        format!(
            "version: 1\ncommon: {{{common}}}\napps:\n- {{appDirPath: own, configFilePath: c.yaml}}\n\
             - appDirPath: folder\n- appDirPath: plain\n"
        )
    };
    let found = |text: &str| -> Vec<Vec<PathBuf>> { disk.apps(text).into_iter().map(|app| app.config_files).collect() };
    let own = vec![disk.path("own/c.yaml")];
    let folder = vec![disk.path("folder/.dapr/config.yaml")];
    let expected = [own.clone(), folder.clone(), vec![disk.path("common.yaml")]];
    assert_eq!(found(&file("configFilePath: common.yaml")), expected);
    assert_eq!(found(&file("")), [own, folder, vec![disk.path("home/.dapr/config.yaml")]]);
}

#[test]
fn a_runtime_path_has_its_own_defaults() {
    let disk = Disk::with(&["app/rt/.dapr/components/", "app/rt/.dapr/config.yaml", "home/.dapr/components/"]);
    let app = disk.app("runtimePath: rt");
    assert_eq!(app.resources, [disk.path("app/rt/.dapr/components")]);
    assert_eq!(app.config_files, [disk.path("app/rt/.dapr/config.yaml")]);
}

#[test]
fn an_app_overrules_common_only_with_what_is_something() {
    let disk = Disk::with(&["app/"]);
    let text = "version: 1
common:
  appProtocol: grpc
  appMaxConcurrency: 5
  enableApiLogging: true
  logLevel: warn
  daprdLogDestination: console
  maxBodySize: 1Mi
  env: {A: common, B: common}
apps:
- {appDirPath: app, appProtocol: '', appMaxConcurrency: 0, enableApiLogging: false, env: {B: app}}
- {appDirPath: app, appProtocol: h2c, appMaxConcurrency: -1, logLevel: debug, daprdLogDestination: file}
";
    let apps = disk.apps(text);
    let told = |app: &AppPlan| {
        (
            app.app_protocol_text.clone(),
            app.app_max_concurrency,
            app.api_logging,
            app.log_level.clone(),
            app.sidecar_log,
        )
    };
    assert_eq!(told(&apps[0]), ("grpc".to_owned(), Some(5), true, "warn".to_owned(), LogDestination::Console));
    assert_eq!(told(&apps[1]), ("h2c".to_owned(), None, true, "debug".to_owned(), LogDestination::File));
    let env: Vec<(&str, &str)> = apps[0].env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("A", "common"), ("B", "app")]);
    assert_eq!(apps[1].max_body_size, Some(1 << 20));
}

#[test]
fn paths_are_relative_to_the_run_file_in_common_and_to_the_app_in_apps() {
    let disk = Disk::with(&["app/local/", "shared/", "home/mine/"]);
    let app = disk.app("resourcesPaths: [local, ../shared, ~/mine]\nunixDomainSocket: sock");
    assert_eq!(app.resources, [disk.path("app/local"), disk.path("shared"), disk.path("home/mine")]);
    assert_eq!(app.unix_domain_socket, Some(disk.path("app/sock")));
}

#[test]
fn protos_are_relative_to_the_app_and_their_endings_say_what_they_are() {
    let disk = Disk::with(&["app/greeter.proto", "shared/all.binpb"]);
    let app = disk.app("protos: [greeter.proto, ../shared/all.binpb]");
    let told: Vec<_> = app.protos.iter().map(|file| (file.path.clone(), file.form, file.root.clone())).collect();
    let root = disk.path("app");
    assert_eq!(
        told,
        [
            (disk.path("app/greeter.proto"), ProtoForm::Source, root.clone()),
            (disk.path("shared/all.binpb"), ProtoForm::DescriptorSet, root),
        ]
    );
}

#[test]
fn two_apps_may_have_the_same_id() {
    let disk = Disk::with(&["app/"]);
    let apps = disk.apps("version: 2\napps:\n- {appDirPath: app, appID: a}\n- {appDirPath: app, appID: a}\n");
    assert_eq!(apps.len(), 2);
}

#[test]
fn a_file_without_apps_is_told_so_on_standard_output() {
    let disk = Disk::with(&[]);
    for text in ["version: 1", "version: 1\napps: []"] {
        let error = disk.load(text).unwrap_err();
        assert_eq!(
            error.refusal(),
            Refusal { stdout: "❌  No apps to run\n".to_owned(), code: 1, ..Refusal::default() }
        );
    }
}

#[test]
fn every_problem_of_the_file_is_told_at_once_on_standard_output() {
    let disk = Disk::with(&["app/"]);
    let text = "common: {configFilePath: gone.yaml}
apps:
- appID: a
- appDirPath: nowhere
- appDirPath: app
  resourcesPaths: [gone]
  protos: [gone.proto]
  appLogDestination: printer
  containerImagePullPolicy: Sometimes
";
    let root = disk.folder.path();
    let file = shown(&root.join("dapr.yaml")).to_string();
    let missing = |name: &str, place: &str| {
        let path = root.join(name);
        let stat = format!("stat {}: no such file or directory", shown(&path));
        format!("error in getting the file info for {}: {stat} ({file}:{place})", shown(&path))
    };
    let problems = [
        format!("required field 'version' not found in the provided run template file ({file}:1)"),
        missing("gone.yaml", "1: configFilePath"),
        format!("required field 'appDirPath' not found in the provided app config file ({file}:3)"),
        missing("nowhere", "4: appDirPath"),
        missing("app/gone", "6: resourcesPaths"),
        format!("invalid log destination type: printer ({file}:8: appLogDestination)"),
        missing("app/gone.proto", "7: protos"),
        format!(
            "invalid containerImagePullPolicy: Sometimes, allowed values: Always, Never, IfNotPresent \
             ({file}:9: containerImagePullPolicy)"
        ),
    ];
    assert_eq!(disk.unusable(text), problems);
    let lines = problems.iter().map(|text| failure_line(&format!("Error getting apps from config file: {text}")));
    let stdout = lines.collect();
    let refusal = disk.load(text).unwrap_err().refusal();
    assert_eq!(refusal, Refusal { stdout, code: 1, ..Refusal::default() });
}

#[test]
fn types_syntax_and_encoding_are_told_with_file_and_line() {
    let disk = Disk::with(&["app/"]);
    let file = shown(&disk.path("dapr.yaml")).to_string();
    let parsing = format!("error in parsing the provided app config file: {file}");
    assert_eq!(
        disk.unusable("version: '1'\napps:\n- appDirPath: app\n  appPort: x\n"),
        [
            format!("{parsing}:1: version: expected a whole number, found the text \"1\" (leave the quotes away)"),
            format!("{parsing}:4: apps[0].appPort: expected a whole number, found the text \"x\""),
        ]
    );
    let problems = disk.unusable("version: 1\napps: [\n");
    assert!(problems.len() == 1 && problems[0].starts_with(&format!("{parsing}:3: column 1: ")), "{problems:?}");
    fs::write(disk.path("dapr.yaml"), b"version: 1\nname: \xff\n").unwrap();
    let error = load(&disk.path("dapr.yaml"), &disk.surroundings(), Duration::ZERO, std::io::empty()).unwrap_err();
    assert_eq!(error, unusable(format!("{parsing}:2: this is not UTF-8")));
}

#[test]
fn a_file_that_cannot_be_read_is_told_so() {
    let disk = Disk::with(&["dir.yaml/"]);
    let file = disk.path("dir.yaml");
    let error = load(&file, &disk.surroundings(), Duration::ZERO, std::io::empty()).unwrap_err();
    let text = format!("error in reading the provided app config file: open {}: is a directory", shown(&file));
    assert_eq!(error, unusable(text));
}

#[test]
fn what_no_app_can_run_with_is_told_for_all_apps_on_standard_error() {
    let disk = Disk::with(&["app/"]);
    let text = "version: 1\napps:\n- {appDirPath: app, appID: a, maxBodySize: lots}\n\
                - {appDirPath: app, appID: b, command: ['']}\n";
    let refusal = disk.load(text).unwrap_err().refusal();
    let file = disk.path("dapr.yaml");
    let line = |id: &str, text: &str| {
        format!("❌  Error validating run config for app \"{id}\" present in {}: {text}\n", shown(&file))
    };
    let stderr = line(
        "a",
        "invalid max request body size: quantities must match the regular expression \
         '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' (line 3: maxBodySize)",
    ) + &line("b", "exec: no command: the first word of the command is empty (line 4: command)");
    assert_eq!(refusal, Refusal { stderr, code: 1, ..Refusal::default() });
}

#[test]
fn an_unknown_key_is_a_warning_with_file_and_line() {
    let disk = Disk::with(&["app/"]);
    let loaded = disk.load("version: 1\napps:\n- appDirPath: app\n  appId: mine\n").unwrap();
    assert_eq!(loaded.plan.apps[0].app_id.as_str(), "app");
    let file = disk.path("dapr.yaml");
    let text = format!("{}:4: \"appId\" is not a key of an app and is ignored; did you mean \"appID\"?", shown(&file));
    assert_eq!(loaded.warnings, [text]);
}

#[test]
fn paths_values_and_ports_are_told_together_and_each_problem_once() {
    let disk = Disk::with(&["app/"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let text = format!(
        "version: 1
common:
  logLevel: loud
apps:
- appDirPath: nowhere
  resourcesPath: gone
- appDirPath: app
  appID: a
  resourcesPath: gone
  daprHTTPPort: 70000
- appDirPath: app
  appID: b
  logLevel: debug
  daprHTTPPort: {port}
"
    );
    let found = disk.findings(&text);
    let file = shown(&found.file).to_string();
    assert_eq!(found.problems.len(), 2, "{found:?}");
    assert!(found.problems[0].ends_with(&format!("nowhere: no such file or directory ({file}:5: appDirPath)")));
    assert!(found.problems[1].ends_with(&format!("gone: no such file or directory ({file}:9: resourcesPath)")));
    let level = "invalid value for 'log-level': loud; it can be debug, info, warn, error or fatal (line 3: logLevel)";
    let highest = "invalid configuration for HTTPPort. Port 70000 is not available: the highest port is 65535";
    let invalid: Vec<_> = found.invalid.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    let (last, values) = invalid.split_last().unwrap();
    assert_eq!(values, [("nowhere", level), ("a", &format!("{highest} (line 10: daprHTTPPort)")), ("a", level)]);
    let words = format!("invalid configuration for HTTPPort. Port {port} is not available: ");
    assert!(last.0 == "b" && last.1.starts_with(&words), "{found:?}");
}

#[test]
fn a_file_that_is_refused_still_names_the_keys_that_it_misspells() {
    let disk = Disk::with(&["app/"]);
    for (text, warning, error) in [
        (
            "version: 1\napps:\n- appdirpath: app\n",
            ":3: \"appdirpath\" is not a key of an app and is ignored; did you mean \"appDirPath\"?",
            "required field 'appDirPath' not found",
        ),
        (
            "version: 1\napp:\n- appDirPath: app\n",
            ":2: \"app\" is not a key of a run file and is ignored; did you mean \"apps\"?",
            "No apps to run",
        ),
        (
            "version: 1\napps:\n- appDirPath: app\n  appId: a\n  logLevel: loud\n",
            ":4: \"appId\" is not a key of an app and is ignored; did you mean \"appID\"?",
            "invalid value for 'log-level'",
        ),
    ] {
        let refusal = disk.load(text).unwrap_err().refusal();
        let first = refusal.stdout.lines().next().unwrap();
        assert!(first.starts_with("⚠  ") && first.ends_with(warning), "{text}: {refusal:?}");
        assert!((refusal.stdout + &refusal.stderr).contains(error), "{text}");
    }
}

#[test]
fn an_empty_file_is_told_as_such() {
    let disk = Disk::with(&[]);
    let file = shown(&disk.path("dapr.yaml")).to_string();
    for text in ["", "# nothing yet\n"] {
        let problem = format!("required field 'version' not found in the provided run template file ({file} is empty)");
        assert_eq!(disk.unusable(text), [problem], "{text:?}");
    }
}
