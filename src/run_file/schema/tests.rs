//! What keys and values mean, and what is said about those that mean nothing.

use super::*;

fn file(text: &str) -> RunFile {
    let (file, issues) = read(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert!(issues.errors.is_empty() && issues.warnings.is_empty(), "{text}: {issues:?}");
    file
}

fn app(keys: &str) -> App {
    file(&format!("apps:\n- {}\n", keys.replace('\n', "\n  "))).apps.remove(0)
}

fn told(issues: &[Issue]) -> Vec<String> {
    issues.iter().map(|issue| format!("{}: {}", issue.line, issue.text)).collect()
}

fn errors(text: &str) -> Vec<String> {
    told(&read(text).unwrap().1.errors)
}

fn warnings(text: &str) -> Vec<String> {
    told(&read(text).unwrap().1.warnings)
}

const EVERY_KEY: &str = "appDirPath: ./a
appID: a
appPort: 1
appChannelAddress: host
daprHTTPPort: 2
daprGRPCPort: 3
daprInternalGRPCPort: 4
metricsPort: 5
profilePort: 6
unixDomainSocket: /s
command: [x, y]
containerImage: i
containerImagePullPolicy: Never
createService: yes
protos: [x.proto]
configFilePath: c
appProtocol: grpc
apiListenAddresses: 0.0.0.0
enableProfiling: on
logLevel: debug
appMaxConcurrency: 7
placementHostAddress: p
schedulerHostAddress: ''
resourcesPath: last
resourcesPaths: [first]
appSSL: true
maxBodySize: 8Mi
readBufferSize: 8Ki
enableAppHealthCheck: y
appHealthCheckPath: /h
appHealthProbeInterval: 8
appHealthProbeTimeout: 9
appHealthThreshold: 10
enableApiLogging: true
runtimePath: r
env: {A: b}
daprdLogDestination: console
appLogDestination: file";

#[test]
fn every_key_of_the_schema_is_read() {
    let app = app(EVERY_KEY);
    let expected = App {
        app_dir_path: "./a".into(),
        app_id: "a".into(),
        app_port: 1,
        app_channel_address: "host".into(),
        dapr_http_port: 2,
        dapr_grpc_port: 3,
        dapr_internal_grpc_port: 4,
        metrics_port: 5,
        unix_domain_socket: "/s".into(),
        command: vec!["x".into(), "y".into()],
        container_image_pull_policy: "Never".into(),
        protos: vec!["x.proto".into()],
        line: 2,
        shared: Shared {
            config_file_path: "c".into(),
            app_protocol: "grpc".into(),
            api_listen_addresses: "0.0.0.0".into(),
            log_level: "debug".into(),
            app_max_concurrency: 7,
            resources_paths: vec!["first".into(), "last".into()],
            app_ssl: true,
            max_body_size: "8Mi".into(),
            read_buffer_size: "8Ki".into(),
            enable_app_health_check: true,
            app_health_check_path: "/h".into(),
            app_health_probe_interval: 8,
            app_health_probe_timeout: 9,
            app_health_threshold: 10,
            enable_api_logging: true,
            runtime_path: "r".into(),
            env: [("A".to_owned(), "b".to_owned())].into(),
            daprd_log_destination: "console".into(),
            app_log_destination: "file".into(),
            lines: app.shared.lines.clone(),
        },
    };
    assert_eq!(app, expected);
}

#[test]
fn the_top_level_is_read() {
    let file = file("version: 1\nname: shop\ncommon:\n  logLevel: warn\napps: []\n");
    assert_eq!((file.version, file.name.as_str(), file.common.log_level.as_str()), (1, "shop", "warn"));
    assert_eq!(super::read("").unwrap().0, RunFile::default());
    let nothing = RunFile { line: Some(1), ..RunFile::default() };
    assert_eq!(super::read("version:\napps:\ncommon: ~\n").unwrap().0, nothing);
}

#[test]
fn texts_take_the_raw_scalar() {
    let app = app("env: {B: true, F: 1.50, N: null, O: 010, Q: \"1\", E: ''}\ncommand: [echo, 1, true, ~]\nappID: 007");
    let env: Vec<(&str, &str)> = app.shared.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("B", "true"), ("E", ""), ("F", "1.50"), ("N", ""), ("O", "010"), ("Q", "1")]);
    assert_eq!(app.command, ["echo", "1", "true", ""]);
    assert_eq!(app.app_id, "007");
}

#[test]
fn numbers_and_bools_are_those_of_yaml_1_1() {
    assert_eq!(app("appPort: 0x10").app_port, 16);
    assert_eq!(app("appPort: 1_000").app_port, 1000);
    assert_eq!(app("appPort: 8.0").app_port, 8);
    assert_eq!(app("appPort:").app_port, 0);
    for (text, on) in [("yes", true), ("On", true), ("n", false), ("off", false), ("~", false)] {
        assert_eq!(app(&format!("appSSL: {text}")).shared.app_ssl, on, "{text}");
    }
}

#[test]
fn the_old_names_of_sizes_are_read() {
    let shared = app("daprHTTPMaxRequestSize: 16\ndaprHTTPReadBufferSize: 8").shared;
    assert_eq!((shared.max_body_size.as_str(), shared.read_buffer_size.as_str()), ("16Mi", "8Ki"));
    let shared = app("daprHTTPMaxRequestSize: -1\nmaxBodySize: 1Mi").shared;
    assert_eq!((shared.max_body_size.as_str(), shared.read_buffer_size.as_str()), ("1Mi", ""));
    assert_eq!(
        warnings("common:\n  maxBodySize: 1Mi\n  daprHTTPMaxRequestSize: 2"),
        [r#"3: "daprHTTPMaxRequestSize" is the old name of "maxBodySize" and is ignored"#]
    );
}

#[test]
fn a_wrong_type_is_told_with_line_key_and_what_was_expected_all_at_once() {
    let text = "version: '1'
apps:
- appPort: \"3000\"
  appSSL: maybe
  resourcesPaths: ./components
  command: [[a]]
  env: [A=b]
  appID: {a: b}
- daprHTTPPort: true
- text
common: []
";
    assert_eq!(
        errors(text),
        [
            r#"1: version: expected a whole number, found the text "1" (leave the quotes away)"#,
            r#"3: apps[0].appPort: expected a whole number, found the text "3000" (leave the quotes away)"#,
            r#"4: apps[0].appSSL: expected true or false, found the text "maybe""#,
            r#"5: apps[0].resourcesPaths: expected a list of texts, one `- ` line each, found the text "./components""#,
            "6: apps[0].command[0]: expected a text, found a list",
            "7: apps[0].env: expected a map of names and values, found a list",
            "8: apps[0].appID: expected a text, found a map",
            "9: apps[1].daprHTTPPort: expected a whole number, found the bool true",
            r#"10: apps[2]: expected a map of keys and values, found the text "text""#,
            "11: common: expected a map of keys and values, found a list",
        ]
    );
    assert_eq!(errors("- a"), ["1: expected a map of keys and values, found a list"]);
    assert_eq!(errors("apps: 3"), ["1: apps: expected a list of apps, each beginning with `- `, found the number 3"]);
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_the_nearest_key() {
    let text = "version: 1
Version: 1
appPort: 2
common:
  appport: 1
  daprHTTPPort: 1
  loglevel: x
apps:
- appId: a
  appDirpath: b
  appPorts: 3
  comand: [x]
  something: else
  version: 1
";
    assert_eq!(
        warnings(text),
        [
            r#"2: "Version" is not a key of a run file and is ignored; did you mean "version"?"#,
            r#"3: "appPort" is not a key of a run file and is ignored; "appPort" belongs into an app"#,
            r#"5: "appport" is not a key of "common" and is ignored; "appPort" belongs into an app"#,
            r#"6: "daprHTTPPort" is not a key of "common" and is ignored; "daprHTTPPort" belongs into an app"#,
            r#"7: "loglevel" is not a key of "common" and is ignored; did you mean "logLevel"?"#,
            r#"9: "appId" is not a key of an app and is ignored; did you mean "appID"?"#,
            r#"10: "appDirpath" is not a key of an app and is ignored; did you mean "appDirPath"?"#,
            r#"11: "appPorts" is not a key of an app and is ignored; did you mean "appPort"?"#,
            r#"12: "comand" is not a key of an app and is ignored; did you mean "command"?"#,
            r#"13: "something" is not a key of an app and is ignored"#,
            r#"14: "version" is not a key of an app and is ignored; "version" belongs into the top level"#,
        ]
    );
}

#[test]
fn the_last_of_two_keys_counts_and_a_line_says_so() {
    let (file, issues) = read("version: 1\nname: a\nname: b\n").unwrap();
    assert_eq!(file.name, "b");
    assert_eq!(told(&issues.warnings), [r#"3: "name" stands here again after line 2; this one counts"#]);
}

#[test]
fn two_maps_under_one_key_are_joined() {
    let (file, issues) = read("common: {env: {A: 1, B: 1}}\ncommon:\n  env: {B: 2, C: 2}\n").unwrap();
    let env: Vec<(&str, &str)> = file.common.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("A", "1"), ("B", "2"), ("C", "2")]);
    assert_eq!(told(&issues.warnings), [r#"2: "common" stands here again after line 1; both are joined"#]);
    let (file, issues) = read("common: &c {env: {A: 1}}\napps:\n- <<: *c\n  env: {B: 2}\n").unwrap();
    assert_eq!(file.apps[0].shared.env.len(), 2);
    assert!(issues.warnings.is_empty(), "{issues:?}");
}

#[test]
fn merged_maps_and_aliases_are_followed_without_a_word() {
    let (file, issues) = read("common: &c {logLevel: warn, env: {A: b}}\napps:\n- <<: *c\n  logLevel: info\n").unwrap();
    let shared = &file.apps[0].shared;
    assert_eq!((shared.log_level.as_str(), shared.env.get("A").map(String::as_str)), ("info", Some("b")));
    assert!(issues.warnings.is_empty(), "{issues:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        drop(read(&text));
    }

    #[test]
    fn no_yaml_like_text_makes_it_panic(
        pieces in proptest::collection::vec(
            "version|apps|common|env|appPort|command|: |- |\n|\n  |\n- |\\[|\\]|\\{|\\}|, |&a |\\*a|<<|'|\"|\\||>|#|%|!|!!str |\t|\\?|~|yes|0x1|---|\\.\\.\\.",
            0..60,
        ),
    ) {
        drop(read(&pieces.concat()));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        drop(read(&String::from_utf8_lossy(&bytes)));
    }
}
