use serde_json::json;

use super::*;

fn read(yaml: &str) -> Result<NameResolution, String> {
    serde_yaml::from_str::<NameResolutionSpec>(yaml).map(|spec| spec.0).map_err(|error| error.to_string())
}

#[test]
fn multicast_dns_is_what_there_is_unless_something_else_is_named() {
    for yaml in ["{}", "component: mdns", "component: mDNS\nversion: v1"] {
        assert_eq!(read(yaml), Ok(NameResolution::Mdns), "{yaml}");
    }
}

#[test]
fn sqlite_has_the_defaults_of_dapr() {
    let defaults = SqliteResolution {
        connection: "names.db".into(),
        table: "hosts".into(),
        metadata_table: "metadata".into(),
        update_interval: Duration::from_secs(5),
        cleanup_interval: Duration::from_hours(1),
        timeout: Duration::from_secs(1),
        busy_timeout: Duration::from_millis(800),
        write_ahead: true,
    };
    let yaml = "component: sqlite\nconfiguration: {connectionString: names.db}";
    assert_eq!(read(yaml), Ok(NameResolution::Sqlite(defaults.clone())));
    let yaml = "component: sqlite
configuration:
  URL: names.db
  tableName: who
  updateInterval: 1m30s
  timeoutInSeconds: 2
  busyTimeout: \"0.5s\"
  disableWAL: true";
    let changed = SqliteResolution {
        table: "who".into(),
        update_interval: Duration::from_secs(90),
        timeout: Duration::from_secs(2),
        busy_timeout: Duration::from_millis(500),
        write_ahead: false,
        ..defaults
    };
    assert_eq!(read(yaml), Ok(NameResolution::Sqlite(changed)));
}

#[test]
fn consul_has_the_defaults_of_dapr_and_its_own_names_for_what_is_passed_on() {
    let Ok(NameResolution::Consul(plain)) = read("component: consul") else { panic!() };
    assert_eq!((plain.address.as_str(), plain.port_key.as_str()), ("127.0.0.1:8500", "DAPR_PORT"));
    assert!(!plain.self_register && !plain.self_deregister && plain.checks.is_none());
    let yaml = "component: consul
configuration:
  client: {address: \"localhost:8501\", token: secret, datacenter: one}
  selfRegister: true
  selfDeregister: true
  daprPortMetaKey: PORT
  queryOptions: {near: _agent, useCache: true, filter: 'a == b'}
  tags: [x, y]
  meta: {owner: me}
  checks:
    - name: up
      http: http://localhost/up
      interval: 5s";
    let Ok(NameResolution::Consul(full)) = read(yaml) else { panic!("{:?}", read(yaml)) };
    assert_eq!((full.address.as_str(), full.token.as_deref()), ("localhost:8501", Some("secret")));
    assert_eq!(full.query, "&dc=one&near=_agent&filter=a%20%3D%3D%20b&cached=");
    assert!(full.self_register && full.self_deregister);
    assert_eq!(full.checks, Some(json!([{ "Name": "up", "HTTP": "http://localhost/up", "Interval": "5s" }])));
    assert_eq!((full.tags.len(), full.meta["owner"].as_str(), full.port_key.as_str()), (2, "me", "PORT"));
}

#[test]
fn what_is_wrong_is_named_with_what_to_write() {
    let rows = [
        ("component: etcd", "spec.nameResolution.component is `etcd`; write `mdns`, `sqlite` or `consul`"),
        ("component: mdns\nversion: v2", "spec.nameResolution.version is `v2`; there is `v1` alone"),
        ("component: sqlite", "configuration.connectionString is missing; write the path of the SQLite file"),
        (
            "component: sqlite\nconfiguration: {connectionString: a, tableName: 'a;b'}",
            "configuration.tableName is `a;b`; use letters, digits and _",
        ),
        (
            "component: sqlite\nconfiguration: {connectionString: a, timeout: soon}",
            "configuration.timeout is `soon`; write a duration like 5s or 800ms",
        ),
        (
            "component: sqlite\nconfiguration: {connectionString: a, updateInterval: 1s}",
            "needs a timeout of a second at least, and an updateInterval that is longer",
        ),
        (
            "component: sqlite\nconfiguration: {connectionString: a, tabelName: b}",
            "configuration.tabelName is not known",
        ),
        ("component: consul\nconfiguration: [a]", "configuration is no mapping"),
        ("component: consul\nconfiguration: {client: {scheme: https}}", "only `http` is spoken to Consul"),
        (
            "component: consul\nconfiguration: {checks: [{htp: a}]}",
            "configuration.checks.htp is not known; there are CheckID",
        ),
        ("component: consul\nconfiguration: {selfRegister: perhaps}", "selfRegister is `perhaps`; write true or false"),
    ];
    for (yaml, words) in rows {
        let error = read(yaml).unwrap_err();
        assert!(error.contains(words), "{yaml}: {error}");
    }
}
