//! How apps are found that no other daptop process of this machine tells of (Name resolution). Multicast stays on this
//! machine, and each test has app ids of its own: others may be speaking there.

mod agent;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use agent::Agent;
use daptop_mesh::{ConsulResolution, MeshSettings, Multicast, NameResolution, SidecarSettings, SqliteResolution};
use rusqlite::Connection;

use crate::support::{App, Ask, Bed, Message, Node, Script, settings, wait_until};

fn multicast() -> Bed {
    Bed::with(MeshSettings { multicast: Multicast::Loopback, ..MeshSettings::default() })
}

/// An app id that nobody else has.
fn unique(name: &str) -> String {
    format!("{name}-{:x}-{:x}", std::process::id(), fastrand::u32(..))
}

async fn call(from: &Node, id: &str) -> Message {
    from.ask(Ask::post(&format!("/v1.0/invoke/{id}/method/orders"), "1")).await
}

async fn named_app(name: &str) -> App {
    App::start(Script::default().header("X-App", name)).await
}

#[tokio::test]
async fn an_app_is_found_by_multicast_and_forgotten_with_its_goodbye() {
    let (near, far) = (multicast(), multicast());
    let (one, two) = (named_app("one").await, named_app("two").await);
    let (orders, checkout) = (unique("orders"), unique("checkout"));
    let checkout = near.start_ready(settings(&checkout, None)).await;
    let first = far.start_ready(settings(&orders, one.port)).await;
    // Its name may not have been said yet.
    wait_until("the app is found", async || call(&checkout, &orders).await.status() == 200).await;
    let second = far.start_ready(settings(&orders, two.port)).await;
    let mut names = Vec::new();
    wait_until("replicas take turns", async || {
        names.extend(call(&checkout, &orders).await.header("x-app").map(str::to_owned));
        names.windows(2).any(|pair| pair[0] != pair[1])
    })
    .await;
    first.close().await;
    wait_until("the first is forgotten", async || {
        let mut names = Vec::new();
        for _ in 0..3 {
            names.extend(call(&checkout, &orders).await.header("x-app").map(str::to_owned));
        }
        names == ["two"; 3]
    })
    .await;
    second.close().await;
    let unknown = format!("failed to invoke, id: {orders}, err: couldn't find service: {orders}");
    wait_until("both are forgotten", async || call(&checkout, &orders).await.error() == unknown).await;
}

#[tokio::test]
async fn nobody_answers_for_an_unknown_app_within_a_second() {
    let bed = multicast();
    let checkout = bed.start_ready(settings(&unique("checkout"), None)).await;
    let id = unique("nobody");
    let began = Instant::now();
    let answer = call(&checkout, &id).await;
    assert!(began.elapsed() >= Duration::from_millis(950), "{:?}", began.elapsed());
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.error(), format!("failed to invoke, id: {id}, err: couldn't find service: {id}"));
}

#[tokio::test]
async fn an_app_is_found_at_an_address_of_ipv6() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        println!("skipped: this machine has no IPv6");
        return;
    };
    let (near, far) = (multicast(), multicast());
    let app = named_app("six").await;
    let orders = unique("orders");
    let checkout = near.start_ready(settings(&unique("checkout"), None)).await;
    let _orders = far.start_with(settings(&orders, app.port), |listeners| listeners.internal_grpc = vec![listener]);
    wait_until("the app is found", async || call(&checkout, &orders).await.header("x-app") == Some("six")).await;
}

fn in_file(id: &str, port: Option<u16>, file: &std::path::Path) -> SidecarSettings {
    let resolution = SqliteResolution {
        connection: file.to_string_lossy().into_owned(),
        table: "hosts".into(),
        metadata_table: "metadata".into(),
        update_interval: Duration::from_secs(30),
        cleanup_interval: Duration::from_hours(1),
        timeout: Duration::from_secs(20),
        busy_timeout: Duration::from_secs(10),
        write_ahead: true,
    };
    SidecarSettings { name_resolution: NameResolution::Sqlite(resolution), ..settings(id, port) }
}

#[tokio::test]
async fn an_app_is_found_in_a_table_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.db");
    let (near, far) = (Bed::new(), Bed::new());
    let app = named_app("table").await;
    let checkout = near.start_ready(in_file("checkout", None, &file)).await;
    let orders = far.start_ready(in_file("orders", Some(app.port), &file)).await;
    wait_until("the app is found", async || call(&checkout, "orders").await.status() == 200).await;
    let table = Connection::open(&file).unwrap();
    let query = "SELECT address, namespace FROM hosts WHERE app_id = 'orders'";
    let row: (String, String) = table.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(row, (format!("127.0.0.1:{}", orders.internal), String::new()));
    let done: String =
        table.query_row("SELECT value FROM metadata WHERE key = 'nr-migrations'", [], |row| row.get(0)).unwrap();
    assert_eq!(done, "1", "Dapr's own sidecars find the tables as they left them");
    orders.close().await;
    let none = "failed to invoke, id: orders, err: no host found with the given ID";
    assert_eq!(call(&checkout, "orders").await.error(), none);
    // A row that nobody renews is not believed.
    let old = "INSERT INTO hosts VALUES ('x', '127.0.0.1:9', 'orders', '', unixepoch() - 31)";
    table.execute(old, []).unwrap();
    assert_eq!(call(&checkout, "orders").await.error(), none);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_to_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new();
    let checkout = bed.start_ready(in_file("checkout", None, &folder.path().join("no/folder/names.db"))).await;
    let error = call(&checkout, "orders").await.error();
    assert!(error.contains("failed to look up address: database error: unable to open database file"), "{error}");
}

fn at_agent(id: &str, port: Option<u16>, agent: &Agent) -> SidecarSettings {
    let resolution = ConsulResolution {
        address: format!("127.0.0.1:{}", agent.port),
        token: Some("secret".into()),
        query: "&dc=one".into(),
        self_register: port.is_some(),
        self_deregister: true,
        port_key: "DAPR_PORT".into(),
        checks: None,
        tags: vec!["shop".into()],
        meta: [("owner".to_owned(), "me".to_owned())].into(),
        advanced: None,
    };
    SidecarSettings { name_resolution: NameResolution::Consul(Box::new(resolution)), ..settings(id, port) }
}

#[tokio::test]
async fn an_app_is_found_at_a_consul_agent_which_is_told_how_to_check_it() {
    let agent = Agent::start().await;
    let (near, far) = (Bed::new(), Bed::new());
    let app = named_app("agent").await;
    let checkout = near.start_ready(at_agent("checkout", None, &agent)).await;
    let orders = far.start_ready(at_agent("orders", Some(app.port), &agent)).await;
    wait_until("the app is found", async || call(&checkout, "orders").await.header("x-app") == Some("agent")).await;
    let service = agent.service("orders").unwrap();
    let id = format!("orders-127.0.0.1-{}", orders.http);
    assert_eq!((service["ID"].as_str(), service["Address"].as_str()), (Some(id.as_str()), Some("127.0.0.1")));
    assert_eq!(service["Port"], app.port);
    assert_eq!(service["Meta"]["DAPR_PORT"], orders.internal.to_string());
    assert_eq!((&service["Meta"]["owner"], &service["Tags"][0]), (&"me".into(), &"shop".into()));
    let check = &service["Checks"][0];
    let health = format!("http://127.0.0.1:{}/v1.0/healthz?appid=orders", orders.http);
    assert_eq!((&check["Name"], &check["Interval"]), (&"Dapr Health Status".into(), &"15s".into()));
    assert_eq!((&check["CheckID"], &check["HTTP"]), (&format!("daprHealth:{id}").into(), &health.into()));
    orders.close().await;
    let error = call(&checkout, "orders").await.error();
    assert!(error.ends_with("no healthy services found with AppID 'orders'"), "{error}");
    let asked = agent.asked();
    assert!(asked.contains(&"GET /v1/agent/self".to_owned()), "who does not register looks whether the agent is there");
    assert!(asked.contains(&"GET /v1/health/service/orders?passing=1&dc=one".to_owned()), "{asked:?}");
    assert!(asked.contains(&format!("PUT /v1/agent/service/deregister/{id}")), "{asked:?}");
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_told_to_the_caller() {
    let agent = Agent::start().await;
    let told = at_agent("checkout", None, &agent);
    drop(agent);
    let bed = Bed::new();
    let error = call(&bed.start_ready(told).await, "orders").await.error();
    assert!(error.contains("failed to query healthy consul services: Get \"http://127.0.0.1:"), "{error}");
}
