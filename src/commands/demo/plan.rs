//! The demo as a plan: the two apps of the Rust quickstart, as processes of this very binary.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use daptop_mesh::AppProtocol;
use daptop_model::AppId;

use crate::cli::DemoArgs;
use crate::plan::{AppPlan, LogDestination, PortsPlan, RunPlan, RunSource};

/// The time between two orders in milliseconds, slow enough to watch.
const PAUSE_MS: &str = "500";
/// The environment variable of the time between two orders.
const PAUSE: &str = "ORDER_PAUSE_MS";

/// What `daptop demo` runs. The apps run in `folder`.
pub(super) fn demo(args: &DemoArgs, folder: &Path) -> io::Result<RunPlan> {
    let program = std::env::current_exe()?.to_string_lossy().into_owned();
    let port = free_port(order_processor::PORT)?;
    let (port_text, orders) = (port.to_string(), args.orders.to_string());
    let order_processor =
        app("order-processor", &[&program, "demo-app", "order-processor", "--port", &port_text], folder);
    let checkout = app("checkout", &[&program, "demo-app", "checkout", "--orders", &orders], folder);
    let pause = std::env::var(PAUSE).unwrap_or_else(|_| PAUSE_MS.to_owned());
    Ok(RunPlan {
        source: RunSource::Flags,
        name: Some("demo".to_owned()),
        apps: vec![
            AppPlan { app_port: Some(port), ..order_processor },
            AppPlan { env: BTreeMap::from([(PAUSE.to_owned(), pause)]), ..checkout },
        ],
    })
}

/// An app with the defaults of a run file, except that nothing is written to files, and that nothing of `~/.dapr` is
/// used: the demo is the same everywhere.
fn app(id: &str, command: &[&str], folder: &Path) -> AppPlan {
    AppPlan {
        app_id: AppId::from(id),
        folder: folder.to_owned(),
        command: command.iter().map(|&word| word.to_owned()).collect(),
        env: BTreeMap::new(),
        app_port: None,
        app_protocol: AppProtocol::Http,
        app_protocol_text: "http".to_owned(),
        app_channel_address: None,
        app_max_concurrency: None,
        health: None,
        ports: PortsPlan::default(),
        listen_addresses: Vec::new(),
        unix_domain_socket: None,
        max_body_size: Some(4 << 20),
        read_buffer_size: 4 << 10,
        config_files: Vec::new(),
        resources: Vec::new(),
        protos: Vec::new(),
        api_logging: false,
        log_level: "info".to_owned(),
        app_log: LogDestination::Console,
        sidecar_log: LogDestination::File,
        hold: Duration::from_secs(30),
    }
}

/// The wanted port where it is free, else any that is.
fn free_port(wanted: u16) -> io::Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bind(wanted).or_else(|_| bind(0))?.local_addr().map(|address| address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(free_port(port).unwrap(), port);
        drop(taken);
        assert_eq!(free_port(port).unwrap(), port);
    }

    #[test]
    fn checkout_is_told_how_many_orders_and_how_fast() {
        let args = DemoArgs { orders: 7, ..DemoArgs::default() };
        let plan = demo(&args, &std::env::temp_dir()).unwrap();
        let [order_processor, checkout] = &plan.apps[..] else { panic!("{} apps", plan.apps.len()) };
        assert_eq!(checkout.command[1..], ["demo-app", "checkout", "--orders", "7"]);
        assert_eq!(checkout.app_port, None);
        assert!(checkout.env.contains_key(PAUSE));
        let port = order_processor.app_port.unwrap().to_string();
        assert_eq!(order_processor.command[1..], ["demo-app", "order-processor", "--port", &port]);
    }
}
