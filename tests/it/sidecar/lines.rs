//! The log.

use rustix::process::Signal;

use super::bed::{FREE_PORTS, RUNNING, ask, daprd, http, start};
use crate::port as ports;
use crate::run::daptop::{Daptop, World, wait_until};

#[test]
fn a_life_is_told_from_start_to_shutdown_in_daprs_format() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one"]);
    sidecar.signal(Signal::TERM);
    let ended = sidecar.end();
    let mut rest = ended.out.as_str();
    for message in [
        "Starting Dapr Runtime -- version 1.17.0 -- daptop ",
        "Log level set to: info",
        "standalone mode configured",
        "app id: one",
        "Received signal 'terminated'; beginning shutdown",
        "Daprd shutdown gracefully",
    ] {
        let at =
            rest.find(message).unwrap_or_else(|| panic!("{message:?} is not, or not in its place, in {}", ended.out));
        rest = &rest[at..];
    }
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for line in ended.out.lines() {
        assert!(line.starts_with("time=\"20") && line.contains("\" level="), "{line}");
        let fields = format!(" app_id=one instance={host} scope=");
        assert!(line.contains(&fields) && line.ends_with(" type=log ver=1.17.0"), "{line}");
    }
    assert!(ended.out.contains("scope=dapr.signals"));
    assert_eq!(ended.err, "");
}

#[test]
fn the_wait_for_the_app_is_told() {
    let world = World::new();
    let free = ports::free();
    let port = free.number;
    let text = port.to_string();
    let args = [&FREE_PORTS[..], &["--app-id", "one", "--app-port", &text]].concat();
    let sidecar = Daptop::start(daprd(&world, &args));
    sidecar.wait_for(&format!(
        "application protocol: http. waiting on port {port}.  This will block until the app is listening on that port."
    ));
    assert_eq!(ask(http(&sidecar), "GET", "/v1.0/healthz", "").0, 500, "its app does not listen yet");
    assert_eq!(ask(http(&sidecar), "GET", "/v1.0/healthz/outbound", "").0, 204);
    let _app = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    sidecar.wait_for(&format!("application discovered on port {port}"));
}

#[test]
fn lines_are_json_where_that_is_asked() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one", "--log-as-json"]);
    sidecar.signal(Signal::INT);
    let ended = sidecar.end();
    let lines: Vec<serde_json::Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["app_id"] == "one" && line["type"] == "log" && line["ver"] == "1.17.0"));
    let said = |text: &str| lines.iter().any(|line| line["msg"].as_str().unwrap().starts_with(text));
    assert!(said(RUNNING) && said("Received signal 'interrupt'; beginning shutdown"), "{}", ended.out);
}

#[test]
fn less_than_the_log_level_is_not_told() {
    let world = World::new();
    let args = [&FREE_PORTS[..], &["--app-id", "one", "--log-level", "warn", "--app-ssl"]].concat();
    let sidecar = Daptop::start(daprd(&world, &args));
    sidecar.wait_for("flag --app-ssl is deprecated: use --app-protocol https or grpcs");
    wait_until("it to be listed", || {
        String::from_utf8_lossy(&world.command(&["list"]).output().unwrap().stdout).contains("one")
    });
    let ended = sidecar.stop();
    assert_eq!(ended.out.lines().count(), 1, "{}", ended.out);
    assert!(ended.out.contains(" level=warning "), "{}", ended.out);
}

#[test]
fn a_log_file_takes_the_place_of_standard_output() {
    let world = World::new();
    let file = world.path().join("sidecar.log");
    let args = [&FREE_PORTS[..], &["--app-id", "one", "--log-file", file.to_str().unwrap()]].concat();
    let sidecar = Daptop::start(daprd(&world, &args));
    let text = || std::fs::read_to_string(&file).unwrap_or_default();
    wait_until("the sidecar to run", || text().contains(RUNNING));
    let ended = sidecar.stop();
    assert_eq!((ended.out.as_str(), ended.err.as_str()), ("", ""));
    assert!(text().trim_end().lines().next_back().unwrap().contains("Daprd shutdown gracefully"), "{}", text());
}

#[test]
fn calls_of_the_api_are_logged_with_their_fields_where_that_is_asked() {
    let world = World::new();
    let sidecar = start(&world, &["--app-id", "one", "--enable-api-logging"]);
    assert_eq!(ask(http(&sidecar), "GET", "/v1.0/metadata", "User-Agent: curl/8\r\n").0, 200);
    sidecar.wait_for("msg=\"HTTP API Called\"");
    let ended = sidecar.stop();
    let line = ended.out.lines().find(|line| line.contains("HTTP API Called")).unwrap();
    for field in
        [" code=200 ", " method=\"GET /v1.0/metadata\" ", " useragent=curl/8 ", " scope=dapr.runtime.http-info "]
    {
        assert!(line.contains(field), "{field} in {line}");
    }
}
