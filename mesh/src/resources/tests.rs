use std::fs;

use super::*;

const ENDPOINT: &str =
    "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata:\n  name: NAME\nspec:\n  baseUrl: http://h\n";

fn endpoint(name: &str) -> String {
    ENDPOINT.replace("NAME", name)
}

/// Reads files of one folder for the app `checkout` and tells names, or the error without the folder's path.
fn names_in(files: &[(&str, &str)], namespace: Option<&str>) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let found = Resources::load(&[folder.path()], ResourceReader { app_id: "checkout", namespace });
    let names = |found: Resources| found.http_endpoints.iter().map(|endpoint| endpoint.name().to_owned()).collect();
    found.map(names).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

fn error_of(text: &str) -> String {
    names_in(&[("a.yaml", text)], None).unwrap_err()
}

#[test]
fn the_yaml_files_right_in_a_folder_are_read_by_name() {
    let (a, b, hidden) = (endpoint("a"), endpoint("b"), endpoint("hidden"));
    let files = [
        ("2.yml", b.as_str()),
        ("1.yaml", &a),
        ("readme.md", &hidden),
        ("deeper/3.yaml", &hidden),
        ("empty.yaml", ""),
        ("other.yaml", "kind: Component\nspec: [anything, {at: all}]\n---\njust: this\n---\n"),
    ];
    assert_eq!(names_in(&files, None).unwrap(), ["a", "b"]);
    assert_eq!(names_in(&[("all.yaml", &format!("{a}---\nkind: Resiliency\n---\n{b}"))], None).unwrap(), ["a", "b"]);
}

#[test]
fn a_path_may_be_a_file_and_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("endpoint.txt");
    fs::write(&file, endpoint("a")).unwrap();
    let reader = ResourceReader { app_id: "checkout", namespace: None };
    assert_eq!(Resources::load(&[&file], reader).unwrap().http_endpoints.len(), 1);
    assert!(Resources::load(&[""; 0], reader).unwrap().http_endpoints.is_empty());
    let gone = folder.path().join("gone");
    let error = Resources::load(&[&gone], reader).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot read the resources {}: No such file", gone.display())), "{error}");
}

#[test]
fn scopes_and_namespaces_limit_a_resource() {
    let own = |rest: &str| endpoint("a") + rest;
    let in_namespace = |name: &str| endpoint("a").replace("spec:", &format!("  namespace: {name}\nspec:"));
    for (text, namespace, found) in [
        (own(""), None, 1),
        (own("scopes: []"), None, 1),
        (own("scopes: [checkout]"), None, 1),
        (own("scopes:\n- other\n- checkout"), None, 1),
        (own("scopes: [other]"), None, 0),
        (in_namespace("other"), None, 1),
        (in_namespace("other"), Some("default"), 0),
        (in_namespace("default"), Some("default"), 1),
        (own(""), Some("default"), 1),
    ] {
        assert_eq!(names_in(&[("a.yaml", &text)], namespace).unwrap().len(), found, "{text} {namespace:?}");
    }
}

#[test]
fn what_dapr_would_use_and_daptop_does_not_is_named() {
    let store = "kind: Component\nmetadata: {name: statestore}\nspec: {type: state.redis, version: v1}\n";
    let folder = tempfile::tempdir().unwrap();
    let others = [
        "scopes: [checkout]\nkind: Resiliency\nmetadata: {name: patient}",
        "scopes: [other]\nkind: Component\nmetadata: {name: of-another-app}",
        "kind: Component\nmetadata: {name: elsewhere, namespace: other}",
        "kind: Subscription\nmetadata: [odd]\nspec: odd",
        "kind: Configuration\nmetadata: {name: read-elsewhere}",
        "kind: Deployment\nmetadata: {name: of-kubernetes}",
        "just: this",
    ];
    fs::write(folder.path().join("a.yaml"), format!("{}---\n{store}", endpoint("a"))).unwrap();
    fs::write(folder.path().join("b.yaml"), others.join("\n---\n")).unwrap();
    let reader = ResourceReader { app_id: "checkout", namespace: Some("default") };
    let found = Resources::load(&[folder.path()], reader).unwrap();
    let told = found.unused.iter().map(|unused| unused.to_string().replace(&folder.path().display().to_string(), ""));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "Component \"statestore\" (state.redis) is not used, as daptop has no such thing yet: /a.yaml",
            "Resiliency \"patient\" is not used, as daptop has no such thing yet: /b.yaml",
            "Subscription \"\" is not used, as daptop has no such thing yet: /b.yaml",
        ]
    );
    assert_eq!(found.http_endpoints.len(), 1);
}

#[test]
fn a_name_stands_for_one_resource() {
    let (a, scoped) = (endpoint("a"), endpoint("a") + "scopes: [other]");
    let error = names_in(&[("1.yaml", &a), ("2.yaml", &a)], None).unwrap_err();
    assert_eq!(error, "2.yaml: there is another HTTPEndpoint called `a`; give one of them another name");
    assert_eq!(
        names_in(&[("1.yaml", &scoped), ("2.yaml", &a)], None).unwrap(),
        ["a"],
        "nobody else's name is in the way"
    );
}

#[test]
fn an_error_names_file_line_and_what_was_expected() {
    let with = |spec: &str| endpoint("a").replace("  baseUrl: http://h\n", spec);
    for (text, error) in [
        (
            with("  baseUrl: h:80\n"),
            "a.yaml:6: spec.baseUrl: it is \"h:80\", expected a URL like http://host:port/path or https://host",
        ),
        (
            with("  baseUrl: [1]\n"),
            "a.yaml:6: spec.baseUrl: invalid type: sequence, expected a URL like http://host:port/path or https://host",
        ),
        (with("  headers: []\n"), "a.yaml:6: spec: missing field `baseUrl`"),
        (
            with("  baseUrl: http://h\n  headers:\n  - name: a b\n    value: x\n"),
            "a.yaml:8: spec.headers[0].name: it is \"a b\", expected the name of an HTTP header",
        ),
        (
            with("  baseUrl: http://h\n  headers:\n  - name: a\n    secretKeyRef:\n      name: s\n      key: k\n"),
            "a.yaml:10: spec.headers[0].secretKeyRef: secretKeyRef is not supported: there are no secret stores here; \
             write `value` instead",
        ),
        (
            with("  baseUrl: http://h\n  clientTLS:\n    renegotiation: Always\n"),
            "a.yaml:8: spec.clientTLS.renegotiation: it is \"Always\", expected Never, OnceAsClient or FreelyAsClient",
        ),
        (endpoint("''"), "a.yaml:4: metadata.name: it is empty, expected the name of the resource"),
        (
            endpoint("a").replace("v1alpha1", "v2"),
            "a.yaml:1: apiVersion: it is \"dapr.io/v2\", expected dapr.io/v1alpha1",
        ),
    ] {
        assert_eq!(error_of(&text), error);
    }
    let error = error_of("kind: HTTPEndpoint\nspec: {\n");
    assert!(error.starts_with("a.yaml:"), "{error}");
}

#[test]
fn values_may_be_numbers_and_a_reference_that_is_empty_asks_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    let headers = "  headers:\n  - name: X-Number\n    value: 5\n  - {name: X-Flag, value: true, secretKeyRef: {name: '', key: ''}}\n  - name: X-None\n";
    fs::write(&file, endpoint("a") + headers).unwrap();
    let reader = ResourceReader { app_id: "checkout", namespace: None };
    let found = Resources::load(&[&file], reader).unwrap().http_endpoints.remove(0);
    let headers: Vec<_> = found.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(headers, [("x-number", "5"), ("x-flag", "true"), ("x-none", "")]);
}
