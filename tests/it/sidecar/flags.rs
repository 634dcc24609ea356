//! Flags: what is refused, and what is asked of the binary without a sidecar.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use super::bed::{FREE_PORTS, RUNNING, ask, daprd, http, port, start};
use crate::port as ports;
use crate::run::daptop::{Daptop, PATIENCE, World};

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_flag_that_cannot_be_obeyed_is_named_with_its_value_and_what_to_do() {
    let world = World::new();
    for (args, words) in [
        ("", "app-id parameter cannot be empty: write --app-id NAME"),
        ("--app-id a.b", "parameter app-id cannot contain dots: --app-id is a.b; write a-b"),
        ("--app-id a --mode kubernetes", "--mode is kubernetes: daptop runs sidecars on this machine only"),
        ("--app-id a --app-port 3500", "the 'dapr-http-port' argument value 3500 conflicts with 'app-port'"),
        ("--app-id a --dapr-grpc-port 3500", "--dapr-grpc-port is 3500, and so is --dapr-http-port"),
        ("--app-id a --dapr-http-port 70000", "--dapr-http-port is 70000; it must be a port from 0 to 65535"),
        ("--app-id a --dapr-listen-addresses nowhere.invalid", "--dapr-listen-addresses is nowhere.invalid: "),
        ("--app-id a --app-protocol soap", "invalid value for 'app-protocol': soap"),
        ("--app-id a --config missing.yaml", "missing.yaml"),
    ] {
        let args: Vec<&str> = args.split_whitespace().collect();
        let (code, out, err) = told(&daprd(&world, &args).output().unwrap());
        assert_eq!(code, Some(1), "{args:?}: {out}{err}");
        let last = out.lines().next_back().unwrap_or_default();
        assert!(
            last.contains(" level=fatal msg=\"Fatal error from runtime: ") && last.contains(words),
            "{args:?}: {out}"
        );
        assert_eq!(err, "", "{args:?}");
    }
    for (args, code, words) in [
        ("--app-id a --dapr-graceful-shutdown-seconds soon", 2, "invalid argument \"soon\" for \"--dapr-graceful"),
        ("--app-id", 2, "flag needs an argument: --app-id"),
    ] {
        let args: Vec<&str> = args.split_whitespace().collect();
        let (found, out, err) = told(&daprd(&world, &args).output().unwrap());
        assert_eq!((found, out.as_str()), (Some(code), ""), "{args:?}: {err}");
        assert!(err.starts_with(words), "{args:?}: {err}");
    }
}

#[test]
fn every_refusal_is_a_line_of_the_log_also_as_json() {
    let world = World::new();
    for (args, words) in [
        ("--app-id a --log-level loud", "invalid value for 'log-level': loud; it can be debug, info,"),
        ("--app-id a --log-file no/such/folder", "--log-file is no/such/folder, which cannot be written"),
        ("--app-id a --config missing.yaml", "missing.yaml"),
        ("--app-id a --dapr-http-port 70000", "--dapr-http-port is 70000; it must be a port from 0 to 65535"),
    ] {
        let args: Vec<&str> = args.split_whitespace().collect();
        let (code, out, err) = told(&daprd(&world, &args).output().unwrap());
        assert_eq!((code, err.as_str()), (Some(1), ""), "{args:?}: {out}");
        let last = out.lines().next_back().unwrap_or_default();
        assert!(last.contains(" level=fatal msg=") && last.contains(words), "{args:?}: {out}");
        let (code, out, err) = told(&daprd(&world, &[&args[..], &["--log-as-json"]].concat()).output().unwrap());
        assert_eq!((code, err.as_str()), (Some(1), ""), "{args:?}: {out}");
        let lines = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("only objects"));
        let lines: Vec<_> = lines.collect();
        let last = &lines[lines.len() - 1];
        assert_eq!((&last["level"], &last["app_id"]), (&"fatal".into(), &"a".into()), "{args:?}");
        assert!(last["msg"].as_str().unwrap().contains(words), "{args:?}: {last}");
    }
}

#[test]
fn the_version_is_that_of_the_runtime() {
    let world = World::new();
    assert_eq!(told(&daprd(&world, &["--version"]).output().unwrap()), (Some(0), "1.17.0\n".to_owned(), String::new()));
    let (code, out, _) = told(&daprd(&world, &["--build-info"]).output().unwrap());
    assert!(code == Some(0) && out.starts_with("Version: 1.17.0\nGit Commit: "), "{out}");
}

#[test]
fn wait_returns_once_the_sidecar_lets_calls_out() {
    let world = World::new();
    let free = ports::free();
    let port = free.number.to_string();
    let waiting =
        daprd(&world, &["--wait", "--dapr-http-port", &port]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let _sidecar = start(&world, &["--app-id", "one", "--dapr-http-port", &port]);
    let (code, _, err) = told(&waiting.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains(&format!("url=http://localhost:{port}/v1.0/healthz/outbound")), "{err}");
    assert!(err.ends_with("Dapr is outbound ready!\n"), "{err}");
}

#[test]
fn a_port_that_is_taken_is_tried_for_a_while() {
    let world = World::new();
    let free = ports::free();
    let number = free.number;
    let taken = TcpListener::bind(("::", number)).unwrap();
    let text = number.to_string();
    let args = [&FREE_PORTS[..], &["--app-id", "one", "--dapr-http-port", &text]].concat();
    let sidecar = Daptop::start(daprd(&world, &args));
    sidecar.wait_for(&format!("--dapr-http-port is {number}: process {} (", std::process::id()));
    drop(taken);
    sidecar.wait_for(RUNNING);
    assert_eq!(http(&sidecar), number);
}

#[test]
fn a_port_that_stays_taken_is_named_at_the_end() {
    let world = World::new();
    let taken = TcpListener::bind("[::]:0").unwrap();
    let number = taken.local_addr().unwrap().port().to_string();
    let args = [&FREE_PORTS[..], &["--app-id", "one", "--dapr-grpc-port", &number]].concat();
    let ended = Daptop::start(daprd(&world, &args)).end();
    assert_eq!(ended.status.code(), Some(1));
    let last = ended.out.lines().next_back().unwrap();
    assert!(last.contains(&format!("--dapr-grpc-port is {number}: process ")), "{last}");
    assert!(last.contains("free the port, or give another one (0 for any)"), "{last}");
}

#[test]
fn the_port_for_other_sidecars_stays_the_same_from_run_to_run() {
    let world = World::new();
    let internal = |sidecar: &Daptop| port(sidecar, "Internal gRPC");
    // On a busy machine the port of one name may be in use; then it is any other. Never that of so many names.
    let is_stable = |app_id: &str| {
        let first = start(&world, &["--app-id", app_id]);
        let stable = internal(&first);
        let second = start(&world, &["--app-id", app_id]);
        assert_ne!(internal(&second), stable, "it is taken");
        first.stop();
        let third = start(&world, &["--app-id", app_id]);
        stable >= 47300 && internal(&third) == stable
    };
    assert!((0..10).any(|name| is_stable(&format!("name-{name}"))));
}

#[test]
fn metrics_can_be_turned_off_and_the_public_port_tells_health_and_metadata_only() {
    let world = World::new();
    let free = ports::free();
    let public = free.number;
    let text = public.to_string();
    let sidecar = start(&world, &["--app-id", "one", "--enable-metrics=false", "--dapr-public-port", &text]);
    for (path, status) in [("/v1.0/healthz", 204), ("/v1.0/metadata", 200), ("/v1.0/invoke/one/method/x", 404)] {
        assert_eq!(ask(public, "GET", path, "").0, status, "{path}");
    }
    assert!(!sidecar.out().contains("metrics server"), "{}", sidecar.out());
}

#[test]
fn the_api_token_of_the_environment_is_asked_for() {
    let world = World::new();
    let args = [&FREE_PORTS[..], &["--app-id", "one"]].concat();
    let mut command = daprd(&world, &args);
    command.env("DAPR_API_TOKEN", "secret");
    let sidecar = Daptop::start(command);
    let port = http(&sidecar);
    assert_eq!(ask(port, "GET", "/v1.0/metadata", "").0, 401);
    assert_eq!(ask(port, "GET", "/v1.0/metadata", "dapr-api-token: secret\r\n").0, 200);
}

#[test]
fn http_2_in_clear_text_is_spoken_unless_the_environment_says_no() {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (value, speaks) in [("", true), ("no", true), ("true", false)] {
        let world = World::new();
        let args = [&FREE_PORTS[..], &["--app-id", "one"]].concat();
        let mut command = daprd(&world, &args);
        command.env("DAPR_HTTP_DISABLE_H2C", value);
        let sidecar = Daptop::start(command);
        let mut stream = TcpStream::connect(("127.0.0.1", http(&sidecar))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(preface).unwrap();
        let mut first = Vec::new();
        stream.take(9).read_to_end(&mut first).unwrap();
        let is_settings_frame = first.get(3) == Some(&4);
        assert_eq!(is_settings_frame, speaks, "{value:?}: {first:?}");
        assert_eq!(ask(http(&sidecar), "GET", "/v1.0/healthz", "").0, 204);
    }
}
