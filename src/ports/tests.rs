//! Ports are held, never shared, and a port that cannot be had is told with who has it.

use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use super::*;
use crate::assemble::tests::plan as app;
use crate::plan::PortsPlan;

fn run(apps: Vec<AppPlan>) -> RunPlan {
    RunPlan { source: RunSource::Flags, name: None, apps }
}

fn texts(problems: &[PortProblem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.text.as_str()).collect()
}

/// A port that no other test gets: below those that the system gives to whoever asks for any.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 900).unwrap();
    let mut ports = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed)).take(100);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

#[test]
fn no_two_listeners_of_a_run_share_a_port_and_all_of_them_are_held() {
    let held = hold(&run((0..20).map(|number| app(&format!("app-{number}"))).collect())).unwrap();
    let mut all = BTreeSet::new();
    for (listeners, ports) in &held {
        for port in [ports.http, ports.grpc, ports.internal_grpc, ports.metrics] {
            assert!(port > 0 && all.insert(port), "{port} was given out twice");
            assert!(TcpListener::bind(("127.0.0.1", port)).is_err(), "{port} is not held");
            assert!(TcpStream::connect(("127.0.0.1", port)).is_ok(), "{port} takes no connection");
        }
        assert!(!listeners.http.is_empty() && !listeners.internal_grpc.is_empty() && listeners.metrics.is_some());
    }
    assert_eq!(all.len(), 80);
}

#[test]
fn a_written_port_is_had_whatever_the_free_ones_are() {
    let mut pinned = app("pinned");
    let port = free_port();
    pinned.ports.grpc = Some(port);
    let held = hold(&run(vec![app("first"), pinned])).unwrap();
    assert_eq!(held[1].1.grpc, port);
}

#[test]
fn localhost_is_answered_in_both_families_where_the_machine_has_both() {
    let held = hold(&run(vec![app("a")])).unwrap();
    let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
    assert_eq!(held[0].0.http.len(), if has_ipv6 { 2 } else { 1 });
    assert!(!has_ipv6 || TcpStream::connect(("::1", held[0].1.http)).is_ok());
}

#[test]
fn a_port_that_somebody_has_is_told_with_who_it_is() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let mut wanting = app("wanting");
    wanting.ports.http = Some(port);
    let problems = hold(&run(vec![wanting])).unwrap_err();
    let words = format!("invalid configuration for HTTPPort. Port {port} is not available: ");
    let why = problems[0].text.strip_prefix(&words).unwrap_or_else(|| panic!("{problems:?}"));
    if cfg!(target_os = "linux") {
        let who = format!("process {} (", std::process::id());
        assert!(why.starts_with(&who) && why.ends_with(") listens on it"), "{why}");
    }
    let refusal = refusal(&problems, &RunSource::Flags);
    assert_eq!(refusal.stderr, format!("❌  {}\n", problems[0].text));
    let file = RunSource::File(PathBuf::from("/shop/dapr.yaml"));
    let line = format!(
        "❌  Error validating run config for app \"wanting\" present in /shop/dapr.yaml: {}\n",
        problems[0].text
    );
    assert_eq!(super::refusal(&problems, &file), Refusal { stderr: line, code: 1, ..Refusal::default() });
}

#[test]
fn a_port_that_two_apps_want_is_told_with_the_one_that_has_it() {
    let (mut first, mut second, mut third) = (app("first"), app("second"), app("third"));
    let (port, app_port) = (free_port(), free_port());
    first.ports.http = Some(port);
    second.ports = PortsPlan { metrics: Some(port), ..PortsPlan::default() };
    third.ports.grpc = Some(app_port);
    second.app_port = Some(app_port);
    let problems = hold(&run(vec![first, second, third])).unwrap_err();
    assert_eq!(
        texts(&problems),
        [
            format!(
                "invalid configuration for MetricsPort. Port {port} is not available: it is the HTTPPort of app \"first\""
            ),
            format!(
                "invalid configuration for GRPCPort. Port {app_port} is not available: it is the port of app \"second\""
            ),
        ]
    );
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "a run that is refused holds nothing");
}

#[test]
fn a_free_port_is_never_one_to_avoid() {
    let avoid: BTreeSet<u16> = (1..=u16::MAX).filter(|port| port % 2 == 0).collect();
    for _ in 0..20 {
        assert_eq!(bind::any(&avoid, &bind::loopback()).unwrap().port % 2, 1);
    }
}

#[test]
fn addresses_are_those_that_are_written() {
    let mut written = app("a");
    written.listen_addresses = vec!["127.0.0.1".to_owned()];
    assert_eq!(hold(&run(vec![written.clone()])).unwrap()[0].0.http.len(), 1);
    written.listen_addresses = vec!["no such host".to_owned()];
    let problems = hold(&run(vec![written.clone()])).unwrap_err();
    assert!(problems[0].text.starts_with("the listen address \"no such host\" is no address"), "{problems:?}");
    written.listen_addresses = vec!["192.0.2.1".to_owned()];
    let problems = hold(&run(vec![written])).unwrap_err();
    assert!(problems[0].text.starts_with("no free port for HTTPPort: cannot listen on 192.0.2.1:0: "), "{problems:?}");
}

#[test]
fn unix_sockets_replace_the_ports_of_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = app("a");
    plan.unix_domain_socket = Some(folder.path().to_owned());
    let held = hold(&run(vec![plan.clone()])).unwrap();
    let (listeners, ports) = &held[0];
    let path = folder.path().join("dapr-a-http.socket");
    assert!(matches!(&listeners.http[..], [ApiListener::Unix(_, found)] if *found == path));
    assert!(UnixStream::connect(&path).is_ok() && folder.path().join("dapr-a-grpc.socket").exists());
    assert!(ports.http > 0 && TcpStream::connect(("127.0.0.1", ports.http)).is_err());

    let problems = hold(&run(vec![plan.clone()])).unwrap_err();
    let text = format!("cannot listen on the Unix socket {}: another process answers on it", path.display());
    assert_eq!(texts(&problems), [text]);

    drop(held);
    assert!(path.exists(), "a process that dies leaves its socket behind");
    hold(&run(vec![plan.clone()])).unwrap();

    plan.unix_domain_socket = Some(Path::new("/no/such/folder").to_owned());
    let problems = hold(&run(vec![plan])).unwrap_err();
    assert!(problems[0].text.ends_with("no such file or directory"), "{problems:?}");
}
