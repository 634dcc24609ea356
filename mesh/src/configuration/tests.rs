use super::*;
use crate::{ApiAccess, ApiRule, Sampling};

fn load(texts: &[&str]) -> Result<Configuration, String> {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let file = folder.path().join(format!("{n}.yaml"));
            std::fs::write(&file, text).unwrap();
            file
        })
        .collect();
    let variable = |name: &str| (name == "RATE").then(|| "0.25".to_owned());
    let folder = folder.path().to_str().unwrap().to_owned();
    Configuration::load(&files, variable).map_err(|error| error.to_string().replace(&format!("{folder}/"), ""))
}

fn tracing(spec: &str) -> TracingSettings {
    let spec = spec.replace('\n', "\n    ");
    load(&[&format!("kind: Configuration\nspec:\n  tracing:\n    {spec}\n")]).unwrap().tracing
}

#[test]
fn the_file_of_dapr_init_is_read() {
    let configuration =
        load(&["apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: daprConfig\nspec:\n  \
                                tracing:\n    samplingRate: \"1\"\n    zipkin:\n      \
                                endpointAddress: http://localhost:9411/api/v2/spans\n"])
        .unwrap();
    assert_eq!(configuration.name.as_deref(), Some("daprConfig"));
    assert_eq!(configuration.tracing, TracingSettings::local_default());
}

#[test]
fn the_rate_is_a_text_or_a_number() {
    for (rate, sampling) in [
        ("\"1\"", Sampling::Rate(1.0)),
        ("1", Sampling::Rate(1.0)),
        ("0.5", Sampling::Rate(0.5)),
        ("'.5'", Sampling::Rate(0.5)),
        ("1e-3", Sampling::Rate(1e-3)),
        ("-1", Sampling::Rate(-1.0)),
        ("$RATE", Sampling::Rate(0.25)),
        ("\"0\"", Sampling::Off),
        ("0", Sampling::Off),
        ("0.0", Sampling::Off),
        ("\"\"", Sampling::Unset),
        ("", Sampling::Unset),
        ("always", Sampling::Rate(1e-4)),
        ("' 1'", Sampling::Rate(1e-4)),
    ] {
        assert_eq!(tracing(&format!("samplingRate: {rate}")).sampling, sampling, "{rate}");
    }
    assert_eq!(tracing("stdout: false").sampling, Sampling::Unset);
}

#[test]
fn what_is_not_read_is_ignored() {
    let settings = tracing("stdout: true\notel:\n  protocol: grpc\nzipkin:\n  endpointAddress: \"\"\nunknown: [1]");
    assert_eq!(settings, TracingSettings { stdout: true, ..TracingSettings::default() });
    for text in ["", "---\n", "kind: Configuration\n", "kind: Configuration\nspec:\n", "spec:\n  tracing:\n"] {
        assert_eq!(load(&[text]).unwrap(), Configuration::default(), "{text:?}");
    }
    assert_eq!(load(&[]).unwrap(), Configuration::default());
}

#[test]
fn later_files_go_over_earlier_ones_key_by_key() {
    let first =
        "metadata: {name: first}\nspec: {tracing: {samplingRate: 1, stdout: true, zipkin: {endpointAddress: a}}}";
    let second = "spec: {tracing: {samplingRate: '0.5', zipkin: {}}}";
    let third = "metadata: {name: third}\nspec: {tracing: {stdout: false}}";
    let configuration = load(&[first, second, third]).unwrap();
    assert_eq!(configuration.name.as_deref(), Some("third"));
    let expected = TracingSettings { sampling: Sampling::Rate(0.5), zipkin: Some("a".to_owned()), stdout: false };
    assert_eq!(configuration.tracing, expected);
}

#[test]
fn documents_of_another_kind_are_passed_over() {
    let text = "kind: Component\nspec: [anything]\n---\nkind: Configuration\nspec: {tracing: {stdout: true}}\n---\n";
    assert!(load(&[text]).unwrap().tracing.stdout);
}

#[test]
fn an_error_names_file_line_and_key() {
    for (text, error) in [
        (
            "kind: Configuration\nspec:\n  tracing:\n    stdout: perhaps\n",
            "0.yaml:4: spec.tracing.stdout: invalid type: string \"perhaps\", expected a boolean",
        ),
        (
            "spec:\n  tracing:\n    samplingRate: [1]\n",
            "0.yaml:3: spec.tracing.samplingRate: invalid type: sequence, expected a number from 0 to 1",
        ),
        ("spec:\n  tracing: 1\n", "0.yaml:2: spec.tracing: invalid type: integer `1`, expected struct TracingSpec"),
    ] {
        assert_eq!(load(&[text]).unwrap_err(), error);
    }
    let error = load(&["spec:\n  tracing: {\n"]).unwrap_err();
    assert!(error.starts_with("0.yaml:"), "{error}");
    let error = Configuration::load(&["/nowhere/config.yaml"], |_| None).unwrap_err().to_string();
    assert!(error.starts_with("cannot read the configuration /nowhere/config.yaml: No such file"), "{error}");
}

fn configured(spec: &str) -> Configuration {
    load(&[&format!("spec:\n  {}\n", spec.replace('\n', "\n  "))]).unwrap()
}

#[test]
fn without_mtls_the_default_action_decides_for_all() {
    let policy = "{appId: a, trustDomain: public, namespace: default, defaultAction: allow}";
    for (spec, denies) in [
        ("{}".to_owned(), false),
        ("{defaultAction: allow}".to_owned(), false),
        ("{defaultAction: Allow}".to_owned(), false),
        ("{defaultAction: deny}".to_owned(), true),
        ("{defaultAction: maybe}".to_owned(), true),
        ("{trustDomain: public}".to_owned(), true),
        ("{policies: []}".to_owned(), false),
        ("{trustDomain: public, policies: []}".to_owned(), false),
        (format!("{{policies: [{policy}]}}"), true),
        (format!("{{defaultAction: allow, policies: [{policy}]}}"), false),
        (format!("{{defaultAction: '', policies: [{policy}]}}"), true),
    ] {
        assert_eq!(configured(&format!("accessControl: {spec}")).deny_calls, denies, "{spec}");
    }
}

#[test]
fn a_policy_needs_its_three_names() {
    for (policy, error) in [
        ("{appId: a, namespace: b}", "0.yaml:4: spec.accessControl.policies[0]: missing field `trustDomain`"),
        ("{trustDomain: a, namespace: b}", "0.yaml:4: spec.accessControl.policies[0]: missing field `appId`"),
        (
            "{appId: a, trustDomain: b, namespace: ''}",
            "0.yaml:4: spec.accessControl.policies[0]: an appId, a trustDomain or a namespace is empty; every policy needs \
             all three",
        ),
    ] {
        assert_eq!(load(&[&format!("spec:\n  accessControl:\n    policies:\n    - {policy}\n")]).unwrap_err(), error);
    }
}

#[test]
fn rules_of_the_http_api_and_of_its_log_are_read() {
    let first = "spec: {api: {allowed: [{name: invoke, version: v1, protocol: HTTP}, {name: state, version: v1, protocol: grpc}]}}";
    let second = "spec: {api: {denied: [{name: metadata, version: v1.0, protocol: http}]}, logging: {apiLogging: {enabled: true}}}";
    let third = "spec: {logging: {apiLogging: {obfuscateURLs: true, omitHealthChecks: true}}}";
    let configuration = load(&[first, second, third]).unwrap();
    let rule = |name: &str, version: &str| ApiRule { name: name.to_owned(), version: version.to_owned() };
    let expected = ApiAccess { allowed: vec![rule("invoke", "v1")], denied: vec![rule("metadata", "v1.0")] };
    assert_eq!(configuration.api_access, expected);
    let expected = ApiLogging { enabled: true, obfuscate_urls: true, omit_health_checks: true };
    assert_eq!(configuration.api_logging, expected);
}
